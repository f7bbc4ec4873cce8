package lexicon_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules/lexicon"
)

// measures generates every kind of measure that has a canonical form.
func measures(t *rapid.T) lexicon.Measure {
	m := lexicon.Measure{
		Metric: rapid.SampledFrom([]string{"churn", "7-day activation", "p95 latency", "cost per order", "weekly active teams", "trial-to-paid conversion", "NPS", "share of wallet in tier 1", "revenue", "click-through rate", "SOC 2 findings", "stock on hand", "time to first value"}).Draw(t, "metric"),
	}
	unit := rapid.SampledFrom([]string{"", "%", "pp", "points", "USD", "EUR", "BRL", "x", "ms", "seconds", "minutes", "hours", "days", "weeks", "kg", "/5", "/10", "business days"}).Draw(t, "unit")
	level := rapid.Custom(func(t *rapid.T) float64 {
		if unit == "/5" {
			return float64(rapid.IntRange(0, 50).Draw(t, "fifths")) / 10
		}
		if unit == "/10" {
			return float64(rapid.IntRange(0, 10).Draw(t, "tenths"))
		}
		whole := rapid.IntRange(0, 2_000_000).Draw(t, "whole")
		if rapid.Bool().Draw(t, "fraction") {
			return float64(whole)/100 + 0.01
		}
		return float64(whole)
	})
	m.Unit = unit
	target := level.Draw(t, "target")
	base := level.Draw(t, "baseline")
	m.Target = lexicon.N(target)
	dated := rapid.SampledFrom([]lexicon.Date{{},
		{Year: 2026, Month: 6, Day: 30, Deadline: true}, {Month: 9, Day: 1, Deadline: true}, {Year: 2027, Month: 3, Deadline: true},
		{Quarter: 2, Deadline: true}, {Quarter: 4, Year: 2026, Deadline: true}, {Half: 1, Year: 2026, Deadline: true},
		{Year: 2028, Deadline: true}, {Relative: "quarter", Deadline: true}, {Quarter: 2, Year: 2023, Fiscal: true, Deadline: true}, {Quarter: 3}, {Month: 5, Deadline: true}})
	m.Due = dated.Draw(t, "due")
	m.Strict = rapid.Bool().Draw(t, "strict")
	switch rapid.IntRange(0, 6).Draw(t, "shape") {
	case 0: // from–to
		if base == target {
			base = target + 1
			if unit == "/5" || unit == "/10" {
				base, target = 1, 2
				m.Target = lexicon.N(target)
			}
		}
		m.Baseline, m.Kind, m.Direction = lexicon.N(base), lexicon.Increase, lexicon.Up
		if target < base {
			m.Kind, m.Direction = lexicon.Decrease, lexicon.Down
		}
	case 1: // a change
		m.Relative, m.Strict = true, false
		m.Kind, m.Direction = lexicon.Increase, lexicon.Up
		if rapid.Bool().Draw(t, "down") {
			m.Kind, m.Direction = lexicon.Decrease, lexicon.Down
		}
		switch unit {
		case "/5", "/10":
			m.Unit = "%"
		case "x": // a factor has its direction in itself
			m.Kind, m.Direction, m.Target = lexicon.Increase, lexicon.Up, lexicon.N(target+1.5)
			if target < 1 {
				m.Kind, m.Direction, m.Target = lexicon.Decrease, lexicon.Down, lexicon.N(0.5)
			}
		}
	case 2:
		m.Kind, m.Direction = lexicon.ReachLeast, lexicon.Up
	case 3:
		m.Kind, m.Direction = lexicon.ReachAtMost, lexicon.Down
	case 4:
		m.Kind, m.Direction = lexicon.ReachLeast, lexicon.Keep
	case 5:
		m.Kind, m.Direction = lexicon.ReachAtMost, lexicon.Keep
	case 6:
		m.Kind, m.Direction, m.Strict = lexicon.Between, lexicon.Keep, false
		m.Upper = lexicon.N(target + 1)
		if unit == "/5" || unit == "/10" {
			m.Unit = "%"
		}
	}
	return m
}

// TestPrintedMeasureReadsBack is the round trip: what Print writes, Read reads
// as the same measure, and prints as the same text.
func TestPrintedMeasureReadsBack(t *testing.T) {
	l := words(t)
	rapid.Check(t, func(t *rapid.T) {
		m := measures(t)
		text := lexicon.Print(m)
		got := l.Read(text).Measure
		require.NotNil(t, got, text)
		due := got.Due
		due.Text = ""
		got.Due = due
		require.Equal(t, m, *got, text)
		require.Equal(t, text, lexicon.Print(*got))
	})
}

func TestPrintRefusesWhatIsOpen(t *testing.T) {
	l := words(t)
	for _, text := range []string{"Grow bookings from X to Y", "Raise the index to 1.000", "Reduce waste from 7%"} {
		require.Empty(t, lexicon.Print(*l.Read(text).Measure), text)
	}
	require.Equal(t, "Reduce churn from 5% to 3% by 30 June", lexicon.Print(*l.Read("reduce churn from 5 % to 3 % by 30 Jun").Measure))
	require.Equal(t, "Increase Umsatz from EUR 2000000 to EUR 3000000", lexicon.Print(*l.Read("Umsatz von 2 Mio. € auf 3 Mio. € steigern").Measure))
}
