package lexicon_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules/lexicon"
)

// TestWordingList holds the reference decision to a list of invented sentences
// in five languages.
func TestWordingList(t *testing.T) {
	b, err := os.ReadFile("testdata/wording.tsv")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(b)) {
		want, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		n++
		w := words(t).Read(text).Wording
		weak, reason := w.Weak()
		if weak != (want == "weak") {
			t.Errorf("%q should be %s: %s %s", text, want, reason, w.Why)
		}
		require.NotEmpty(t, w.Why)
		require.Equal(t, weak, reason != lexicon.Sound)
	}
	require.Greater(t, n, 250)
}

func TestWording(t *testing.T) {
	l := words(t)
	t.Run("a task with an outcome", func(t *testing.T) {
		w := l.Read("Launch the referral page and win 300 buyers").Wording
		require.True(t, w.Task)
		require.Equal(t, "Launch", w.TaskVerb)
		require.True(t, w.Outcome)
		require.Equal(t, "win 300 buyers", w.OutcomeClause)
		require.Equal(t, 2, w.Goals)
	})
	t.Run("output is counted", func(t *testing.T) {
		w := l.Read("Publish 6 articles").Wording
		require.True(t, w.Task)
		require.True(t, w.OutputCount)
		require.True(t, w.HasTarget, "six is a target, of the wrong thing")
		require.False(t, w.Outcome)
		w = l.Read("6 new blog posts").Wording
		require.False(t, w.Task)
		require.True(t, w.OutputCount)
	})
	t.Run("an outcome is counted", func(t *testing.T) {
		w := l.Read("6 hospitals renew").Wording
		require.False(t, w.OutputCount)
		require.True(t, w.HasTarget)
	})
	t.Run("vague", func(t *testing.T) {
		w := l.Read("Significantly better onboarding").Wording
		require.Equal(t, []string{"Significantly", "better"}, w.Vague)
		require.False(t, w.Decidable)
	})
	t.Run("a bare metric", func(t *testing.T) {
		require.True(t, l.Read("Customer satisfaction").Wording.BareMetric)
		require.False(t, l.Read("Customer satisfaction of 80%").Wording.BareMetric)
	})
	t.Run("a question", func(t *testing.T) {
		require.True(t, l.Read("How many of our pilots renew?").Wording.Question)
	})
	t.Run("a state", func(t *testing.T) {
		w := l.Read("Every depot has a fire plan").Wording
		require.True(t, w.State)
		require.True(t, w.Decidable)
		require.False(t, w.Measurable)
		require.Equal(t, lexicon.YesNo, l.Read("Every depot has a fire plan").Measure.Kind)
	})
	t.Run("placeholders", func(t *testing.T) {
		for _, text := range []string{"Grow bookings from X to Y", "Win N hospitals", "Grow bookings by XX%", "Reach [number] hospitals", "Cut waste to ___ %", "Reach <n> hospitals"} {
			s := l.Read(text)
			require.True(t, s.Wording.Placeholder, text)
			require.True(t, s.Wording.HasTarget, text)
			require.True(t, s.Measure.Placeholder, text)
			require.False(t, s.Measure.Target.Known(), text)
		}
		require.True(t, l.Read("Open the shop by [date]").Wording.Placeholder)
		require.False(t, l.Read("Ship module X").Wording.Placeholder, "X is a name here")
	})
	t.Run("redacted", func(t *testing.T) {
		w := l.Read("$M in new bookings").Wording
		require.True(t, w.Redacted)
		require.True(t, l.Read("Reach ███ customers").Wording.Redacted)
	})
	t.Run("several goals", func(t *testing.T) {
		require.Equal(t, 2, l.Read("40 pilots, $20k in bookings").Wording.Goals)
		require.Equal(t, 2, l.Read("Grow bookings to 40 and cut churn to 3%").Wording.Goals)
		require.Equal(t, 1, l.Read("Cut churn among small and medium firms to 3%").Wording.Goals)
		require.Equal(t, 0, l.Read("  ").Wording.Goals)
	})
	t.Run("labels are read over", func(t *testing.T) {
		for _, text := range []string{"KR 1.2: Launch the shop", "- Launch the shop", "1. Launch the shop", "**KR2:** Launch the shop", "[P0] Launch the shop", "Marketing: Launch the shop", "By end of June, launch the shop", "We will launch the shop"} {
			w := l.Read(text).Wording
			require.True(t, w.Task, text)
			require.True(t, strings.EqualFold(w.TaskVerb, "launch"), text)
			require.False(t, w.HasTarget, text)
		}
	})
	t.Run("signals point into the text", func(t *testing.T) {
		s := l.Read("Publish 6 better articles")
		names := map[string]string{}
		for _, g := range s.Wording.Signals {
			require.Equal(t, s.Text[g.Start:g.End], g.Text)
			names[g.Name] = g.Text
		}
		require.Equal(t, "Publish", names[lexicon.SignalTask])
		require.Equal(t, "better", names[lexicon.SignalVague])
	})
}

func TestOwner(t *testing.T) {
	for text, want := range map[string]lexicon.OwnerKind{
		"":                       lexicon.OwnerEmpty,
		"  - ":                   lexicon.OwnerEmpty,
		"TBD":                    lexicon.OwnerEmpty,
		"n/a":                    lexicon.OwnerEmpty,
		"???":                    lexicon.OwnerEmpty,
		"to be defined":          lexicon.OwnerEmpty,
		"noch offen":             lexicon.OwnerEmpty,
		"por definir":            lexicon.OwnerEmpty,
		"Ana Lima":               lexicon.OwnerPerson,
		"Lima, Ana":              lexicon.OwnerPerson,
		"ana":                    lexicon.OwnerPerson,
		"@ana":                   lexicon.OwnerPerson,
		"ana.lima@example.org":   lexicon.OwnerPerson,
		"Ana Lima <ana@example>": lexicon.OwnerPerson,
		"Jörg Müller":            lexicon.OwnerPerson,
		"José Ortega y Gasset":   lexicon.OwnerSeveral, // joined by a word that joins people: asked about, not guessed
		"李雷":                     lexicon.OwnerPerson,
		"the team":               lexicon.OwnerGroup,
		"Team Phoenix":           lexicon.OwnerGroup,
		"Platform team":          lexicon.OwnerGroup,
		"Sales":                  lexicon.OwnerGroup,
		"Sales & Marketing":      lexicon.OwnerGroup,
		"marketing@example.org":  lexicon.OwnerGroup,
		"all":                    lexicon.OwnerGroup,
		"everyone":               lexicon.OwnerGroup,
		"Head of Sales":          lexicon.OwnerGroup,
		"CEO":                    lexicon.OwnerGroup,
		"Vertrieb":               lexicon.OwnerGroup,
		"équipe produit":         lexicon.OwnerGroup,
		"Equipo de ventas":       lexicon.OwnerGroup,
		"#platform":              lexicon.OwnerGroup,
		"@platform-team":         lexicon.OwnerGroup,
		"Ana / Bob":              lexicon.OwnerSeveral,
		"Ana and Bob":            lexicon.OwnerSeveral,
		"Ana Lima, Bob Ray":      lexicon.OwnerSeveral,
		"Ana, Bob, Cem":          lexicon.OwnerSeveral,
		"@ana @bob":              lexicon.OwnerSeveral,
		"Ana & TBD":              lexicon.OwnerPerson,
	} {
		got := words(t).Owner(text)
		require.Equal(t, want, got.Kind, "%q: %s", text, got.Why)
		require.NotEmpty(t, got.Why)
	}
	require.Equal(t, []string{"Ana", "Bob"}, words(t).Owner("Ana / Bob").People)
}

func TestAVerbOfDirectionWithANumberIsNotVague(t *testing.T) {
	l, err := lexicon.New()
	require.NoError(t, err)
	require.Empty(t, l.Read("Lower parts cost per bike from 38 to 29 EUR a month").Wording.Vague)
	require.NotEmpty(t, l.Read("Lower parts cost").Wording.Vague)
	require.NotEmpty(t, l.Read("Significantly raise sign-ups from 200 to 300").Wording.Vague)
}

func TestFromToInLanguagesThatShareWords(t *testing.T) {
	l, err := lexicon.New()
	require.NoError(t, err)
	for text, unit := range map[string]string{
		"Subir a nota de 45 para 60":    "",
		"Aumentar o NPS de 45 para 60":  "",
		"Aumentar el NPS de 45 a 60":    "",
		"Punktzahl von 45 auf 60 heben": "",
		"NPS von 45 auf 60 steigern":    "",
	} {
		m := l.Read(text).Measure
		require.NotNil(t, m, text)
		b, _ := m.Baseline.Float()
		g, _ := m.Target.Float()
		require.Equal(t, []any{45.0, 60.0, unit}, []any{b, g, m.Unit}, text)
	}
}
