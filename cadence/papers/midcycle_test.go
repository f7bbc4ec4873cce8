package papers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// What is announced late counts the check-ins of the whole cycle, and says how many of
// them are still to come.
func TestAnAnnouncementInMidCycleCountsTheWholeCycle(t *testing.T) {
	c := newCompany(t)
	a, err := papers.AnnouncementOf(t.Context(), c.mira.View(), cadence.New(), c.cycle, at("2026-11-06 08:00"))
	require.NoError(t, err)
	got := render(t, papers.Shipped(), a, papers.Options{})
	require.Contains(t, got, "Next: 6 Nov 2026, 13 Nov 2026, 20 Nov 2026 and 27 Nov 2026. 13 check-ins in all. 8 of them are still to come.")
	require.Contains(t, got, "3 check-ins in all. 2 of them are still to come.\n  - Lift the cupping score from 82 to 86\n", "of two rhythms it is said what follows which")
	for l, want := range map[string]string{
		"de": "Insgesamt 13 Check-ins. Davon stehen noch 8 bevor.", "fr": "13 check-ins en tout. Il en reste 8.",
		"es": "13 check-ins en total. Quedan 8.", "pt": "13 check-ins ao todo. Ainda faltam 8.",
	} {
		require.Contains(t, strings.ReplaceAll(render(t, papers.Shipped(), a, papers.Options{Language: l}), `\`, ""), want)
	}
}

// Whoever owns a key result takes part, though the objective has no owner.
func TestOwnersOfKeyResultsTakePart(t *testing.T) {
	goals := func(g papers.Goal) string {
		return render(t, papers.Shipped(), papers.Announcement{Teams: []papers.TeamGoals{{Name: "Shop", Objectives: []papers.Goal{g}}}}, papers.Options{})
	}
	require.Contains(t, goals(papers.Goal{Title: "O", Owners: []string{"Tom Abel", "Ines Duarte"}, KeyResults: 3}), "- O — Tom Abel and Ines Duarte, 3 key results")
	require.Contains(t, goals(papers.Goal{Title: "O", KeyResults: 1}), "- O — nobody, 1 key result")
}

// While the cycle runs, nothing is missed, and what is missing for its close is named.
func TestAReviewInMidCycle(t *testing.T) {
	c := newCompany(t)
	c.running()
	r, err := papers.ReviewOf(t.Context(), c.mira.View(), cadence.New(), c.cycle, "")
	require.NoError(t, err)
	require.True(t, r.Underway)
	require.Empty(t, r.Missed)
	require.NotEmpty(t, r.Running)
	got := render(t, papers.Shipped(), r, papers.Options{})
	require.Contains(t, got, "The cycle still runs, until Thursday, 31 December 2026: the figures are those of today, and nothing is missed yet.")
	require.Contains(t, got, "## Still running\n")
	require.NotContains(t, got, "## Missed")
	require.NotContains(t, got, "## Unknown")
	require.Contains(t, got, "entries are missing before the cycle can be closed:\n\n- Q4 2026: not reviewed yet\n")
	require.Contains(t, got, "\n- Cut parcels that arrive late from 7.5 % to 2.5 %: not reviewed yet\n")
	require.NotContains(t, got, "it is not said why")
	for _, l := range papers.Languages() {
		require.NotContains(t, render(t, papers.Shipped(), r, papers.Options{Language: l}), "review-held", l)
	}

	over := newCompany(t)
	over.over()
	r, err = papers.ReviewOf(t.Context(), over.mira.View(), cadence.New(), over.cycle, "")
	require.NoError(t, err)
	require.False(t, r.Underway)
	require.Len(t, r.Missed, 2)
}

// The second Tuesday is the second Tuesday, in every language and of either gender.
func TestWeekdaysOfAMonth(t *testing.T) {
	for l, want := range map[string][3]string{
		"en": {"every month, on the second Tuesday of the month, by 10:00", "every 2 months, on the last Friday of the month, by 10:00", "on the first Saturday of the month"},
		"de": {"jeden Monat am zweiten Dienstag, bis 10:00 Uhr", "alle 2 Monate am letzten Freitag, bis 10:00 Uhr", "am ersten Samstag"},
		"fr": {"chaque mois, le deuxième mardi du mois, avant 10:00", "tous les 2 mois, le dernier vendredi du mois, avant 10:00", "le premier samedi du mois"},
		"es": {"cada mes, el segundo martes del mes, antes de las 10:00", "cada 2 meses, el último viernes del mes, antes de las 10:00", "el primer sábado del mes"},
		"pt": {"todo mês, na segunda terça-feira do mês, até as 10:00", "a cada 2 meses, na última sexta-feira do mês, até as 10:00", "no primeiro sábado do mês"},
	} {
		for i, s := range []okr.Schedule{
			{Frequency: okr.Monthly, Week: 2, Weekday: time.Tuesday, At: "10:00"}, {Frequency: okr.Monthly, Every: 2, Week: -1, Weekday: time.Friday, At: "10:00"},
			{Frequency: okr.Monthly, Week: 1, Weekday: time.Saturday, At: "10:00"},
		} {
			got := render(t, papers.Shipped(), papers.Announcement{Rhythms: []papers.Rhythm{{Schedule: s, Zone: "UTC"}}}, papers.Options{Language: l})
			got = strings.NewReplacer("\u00a0h\u00a0", ":", `\-`, "-").Replace(got)
			require.Contains(t, got, want[i], l)
		}
	}
}

// What is done or not is measurable: there is nothing to add.
func TestAWorksheetSaysYesOnce(t *testing.T) {
	row := papers.WorksheetRow{Line: papers.Line{Title: "T", Target: papers.Amount{Metric: measure.Metric{Kind: measure.YesNo}}}, Measurable: "yes"}
	for _, f := range papers.Formats() {
		got := render(t, papers.Shipped(), papers.Worksheet{Rows: []papers.WorksheetRow{row}}, papers.Options{Language: "de", Format: f})
		require.NotContains(t, got, "ja: ja", f)
		require.NotContains(t, got, "<small>ja", f)
	}
}
