package papers_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// What English says, the other four say, with the same places to fill in, and
// nothing else.
func TestEveryLanguageIsComplete(t *testing.T) {
	all := papers.Phrases()
	require.Len(t, all, 5)
	require.Equal(t, papers.Languages(), papers.Shipped().Languages())
	for _, l := range []string{"de", "es", "fr", "pt"} {
		for key, want := range all["en"] {
			got, ok := all[l][key]
			require.True(t, ok, "%s lacks %s", l, key)
			if !strings.HasPrefix(key, "date.") { // each language writes its own parts of a date
				require.Equal(t, want.Places, got.Places, "%s: %s", l, key)
			}
			require.Equal(t, want.Numbered, got.Numbered, "%s: %s", l, key)
			for _, text := range got.Texts {
				require.True(t, strings.TrimSpace(text) != "" || key == "date.first", "%s: %s says nothing", l, key)
			}
		}
		for key := range all[l] {
			require.Contains(t, all["en"], key, "%s has %s, which nothing says", l, key)
		}
	}
}

// A text that is the same in two languages is usually one that was forgotten.
func TestWordsAreTranslated(t *testing.T) {
	all := papers.Phrases()
	for _, l := range []string{"de", "es", "fr", "pt"} {
		for key, want := range all["en"] {
			for i, text := range all[l][key].Texts {
				require.False(t, len(strings.Fields(text)) > 3 && i < len(want.Texts) && text == want.Texts[i], "%s: %s is English", l, key)
			}
		}
	}
}

// The words for what a rule asks for are those of the shipped rules.
func TestFixesAreThoseOfTheRules(t *testing.T) {
	fixes := map[string]string{}
	names, err := fs.Glob(pack.Starter, "*.yaml")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(pack.Starter, name)
		require.NoError(t, err)
		var p struct{ Rules []struct{ ID, Fix string } }
		require.NoError(t, yaml.Unmarshal(text, &p), name)
		for _, r := range p.Rules {
			fixes[r.ID] = r.Fix
		}
	}
	seen := 0
	for key, p := range papers.Phrases()["en"] {
		if rule, ok := strings.CutPrefix(key, "fix."); ok {
			require.Equal(t, fixes[rule], p.Texts[0], rule)
			seen++
		}
	}
	require.Greater(t, seen, 20)
}

func TestPluralsNumbersAndDates(t *testing.T) {
	for _, c := range []struct {
		language                          string
		none, one, many                   string
		date, day, first, number, percent string
	}{
		{"en", "0 minutes", "1 minute", "2 minutes", "Friday, 9 October 2026", "9 Oct 2026", "Thursday, 1 October 2026", "12,345.6", "45.5%"},
		{"de", "0 Minuten", "1 Minute", "2 Minuten", "Freitag, 9. Oktober 2026", "09.10.2026", "Donnerstag, 1. Oktober 2026", "12.345,6", "45,5\u00a0%"},
		{"de-CH", "0 Minuten", "1 Minute", "2 Minuten", "Freitag, 9. Oktober 2026", "09.10.2026", "Donnerstag, 1. Oktober 2026", "12’345.6", "45.5\u00a0%"},
		{"fr", "0 minute", "1 minute", "2 minutes", "vendredi 9 octobre 2026", "09/10/2026", "jeudi 1er octobre 2026", "12\u00a0345,6", "45,5\u202f%"},
		{"es", "0 minutos", "1 minuto", "2 minutos", "viernes 9 de octubre de 2026", "09/10/2026", "jueves 1 de octubre de 2026", "12.345,6", "45,5\u00a0%"},
		{"pt", "0 minuto", "1 minuto", "2 minutos", "sexta-feira, 9 de outubro de 2026", "09/10/2026", "quinta-feira, 1º de outubro de 2026", "12.345,6", "45,5%"},
		{"it", "0 minutes", "1 minute", "2 minutes", "Friday, 9 October 2026", "9 Oct 2026", "Thursday, 1 October 2026", "12,345.6", "45.5%"}, // no words: English
	} {
		t.Run(c.language, func(t *testing.T) {
			s, err := papers.Load(fstest.MapFS{"templates/checkin.md.tmpl": {Data: []byte(
				`{{count "word.minutes" 0}}|{{count "word.minutes" 1}}|{{count "word.minutes" 2}}|{{date .On}}|{{day .On}}|{{date .Cycle.Start}}|{{range .KeyResults}}{{amount .Current}}|{{amount .Target}}|{{end}}`)}})
			require.NoError(t, err)
			got := render(t, s, papers.CheckIn{
				On: measure.NewDate(2026, time.October, 9), Cycle: papers.Cycle{Start: measure.NewDate(2026, time.October, 1)},
				KeyResults: []papers.CheckInLine{{Line: papers.Line{
					Current: papers.Amount{Value: measure.N(12345.6)},
					Target:  papers.Amount{Value: measure.N(45.5), Metric: measure.Metric{Unit: "%"}},
				}}},
			}, papers.Options{Language: c.language})
			require.Equal(t, strings.Join([]string{c.none, c.one, c.many, c.date, c.day, c.first, c.number, c.percent, ""}, "|")+"\n",
				strings.NewReplacer(`\.`, ".", `\-`, "-", `\|`, "|").Replace(got))
		})
	}
}

func TestAHostSaysItOtherwise(t *testing.T) {
	s, err := papers.Load(fstest.MapFS{
		"words/en.yaml":               {Data: []byte("checkin:\n  title: Monday round\n")},
		"words/de.yaml":               {Data: []byte("word:\n  minutes: {one: \"{n} Minütchen\", other: \"{n} Minütchen\"}\n")},
		"words/de-AT.yaml":            {Data: []byte("date:\n  months: [Jänner, Feber, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember]\n")},
		"words/it.yaml":               {Data: []byte("checkin:\n  title: Riunione settimanale\nown:\n  motto: Avanti\n")},
		"words/fr.yml":                {Data: []byte("own:\n  motto: En avant\n")},
		"templates/review.md.tmpl":    {Data: []byte("# {{say \"own.motto\"}} {{say \"review.title\"}}\n")},
		"examples/it.yaml":            {Data: []byte("- {rule: measurable, weak: Clienti felici, strong: Portare il NPS da 31 a 45, why: Si conta}\n")},
		"templates/planning.md.tmpl":  {Data: []byte("{{range pairs}}{{.Weak}}{{end}}\n")},
		"README.md":                   {Data: []byte("other files are left alone")},
		"templates/announcement.html": {Data: []byte("{{nonsense")},
	})
	require.ErrorContains(t, err, `no language has words for "own.motto"`, "a template of one's own needs words in English, which is what stands in for others")
	require.Nil(t, s)
	s, err = papers.Load(fstest.MapFS{
		"words/en.yaml":              {Data: []byte("checkin:\n  title: Monday round\nown:\n  motto: Onward\n")},
		"words/de.yaml":              {Data: []byte("word:\n  minutes: {one: \"{n} Minütchen\", other: \"{n} Minütchen\"}\n")},
		"words/de-AT.yaml":           {Data: []byte("date:\n  months: [Jänner, Feber, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember]\n")},
		"words/it.yaml":              {Data: []byte("checkin:\n  title: Riunione settimanale\nown:\n  motto: Avanti\n")},
		"templates/review.md.tmpl":   {Data: []byte("# {{say \"own.motto\"}} {{say \"review.title\"}}\n")},
		"examples/it.yaml":           {Data: []byte("- {rule: measurable, weak: Clienti felici, strong: Portare il NPS da 31 a 45, why: Si conta}\n")},
		"templates/planning.md.tmpl": {Data: []byte("{{range pairs}}{{.Weak}}{{end}}\n")},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"en", "de", "de-AT", "es", "fr", "it", "pt"}, s.Languages())
	checkIn := papers.CheckIn{On: measure.NewDate(2026, time.January, 12)}
	require.Contains(t, render(t, s, checkIn, papers.Options{}), "# Monday round\n")
	require.Contains(t, render(t, s, checkIn, papers.Options{Language: "de"}), "# Wöchentlicher Check-in\n", "what is not said otherwise stays")
	require.Contains(t, render(t, s, checkIn, papers.Options{Language: "de"}), "15 Minütchen")
	require.Contains(t, render(t, s, checkIn, papers.Options{Language: "de-AT"}), "Montag, 12. Jänner 2026")
	require.Contains(t, render(t, s, checkIn, papers.Options{Language: "de-AT"}), "15 Minütchen", "a region says the rest as its language does")
	require.Contains(t, render(t, s, checkIn, papers.Options{Language: "it"}), "# Riunione settimanale\n")
	require.Contains(t, render(t, s, checkIn, papers.Options{Language: "it"}), "**Date:**", "what a language lacks is said in English")
	require.Equal(t, "# Avanti Review at the end of the cycle\n", render(t, s, papers.Review{}, papers.Options{Language: "it"}))
	require.Equal(t, "# Onward Bilan de fin de cycle\n", render(t, s, papers.Review{}, papers.Options{Language: "fr"}))
	require.Equal(t, "Clienti felici\n", render(t, s, papers.Planning{}, papers.Options{Language: "it"}))
}

// A mistake is found when the files are read, and named by file and line.
func TestMistakesAreNamed(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"a key that nothing says", "words/de.yaml", "checkin:\n  title: Runde\n  titel: Runde\n", `words/de.yaml:3: nothing says "checkin.titel"`},
		{"a place that nothing fills", "words/de.yaml", "\ncheckin:\n  expected: \"{share} von {all}\"\n", `words/de.yaml:3: "checkin.expected" has no place {all}: it has {share}`},
		{"no plural", "words/de.yaml", "word:\n  minutes: Minuten\n", `words/de.yaml:2: "word.minutes" is said with a number`},
		{"a plural too many", "words/de.yaml", "checkin:\n  title: {other: Runde}\n", `words/de.yaml:2: "checkin.title" is said without a number`},
		{"no such form", "words/de.yaml", "word:\n  minutes: {one: a, several: b, other: c}\n", `words/de.yaml:2: "several" is no plural form`},
		{"no other", "words/de.yaml", "word:\n  minutes: {one: a}\n", `words/de.yaml:2: word.minutes has no form other`},
		{"twice", "words/de.yaml", "checkin:\n  title: a\n  title: b\n", `words/de.yaml:3: `},
		{"no text", "words/de.yaml", "checkin:\n  title:\n", `words/de.yaml:2: the text is missing`},
		{"a list of sections", "words/de.yaml", "- checkin\n", `words/de.yaml:1: write keys with their texts below`},
		{"no YAML", "words/de.yaml", "checkin: [\n", `words/de.yaml: yaml: line 1`},
		{"no language", "words/deutsch-words.yaml", "checkin: {title: a}\n", `words/deutsch-words.yaml`},
		{"a template that cannot be read", "templates/checkin.md.tmpl", "# a\n{{if}}\n", `templates/checkin.md.tmpl:2: missing value for if`},
		{"a template that cannot be filled", "templates/checkin.md.tmpl", "# a\n\n{{.Nobody}}\n", `templates/checkin.md.tmpl:3:2: executing`},
		{"a page that cannot be filled", "templates/review.html.tmpl", "{{template \"begin\" (page \"a\")}}\n{{.Nobody}}", `templates/review.html.tmpl:2:2: executing`},
		{"a page that cannot be escaped", "templates/review.html.tmpl", "<a href='{{if .Team}}'{{end}}>", `templates/review.html.tmpl:1`},
		{"a word that nobody has", "templates/checkin.md.tmpl", "{{say \"own.word\"}}", `templates/checkin.md.tmpl:1:2: executing`},
		{"neither Markdown nor HTML", "templates/checkin.tmpl", "a", `name a template after its kind and format`},
		{"a pair without a why", "examples/de.yaml", "- {weak: a, strong: b, why: c}\n- {weak: a, strong: b}\n", `examples/de.yaml:2: the pair has no why`},
		{"no pairs", "examples/de.yaml", "weak: a\n", `examples/de.yaml: write a list of pairs`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := papers.Load(fstest.MapFS{c.file: {Data: []byte(c.text)}})
			require.ErrorContains(t, err, c.want)
		})
	}
	s := papers.Shipped()
	for _, o := range []papers.Options{{Language: "no such"}, {Format: "pdf"}, {Size: "a5"}} {
		require.ErrorIs(t, s.Render(new(strings.Builder), papers.CheckIn{}, o), okr.ErrInvalid)
	}
	require.ErrorIs(t, s.Render(new(strings.Builder), nil, papers.Options{}), okr.ErrInvalid)
}

// In every language the weak one of a pair is weak, by the rule that the pair
// names, and the strong one is strong.
func TestExamplesAreJudgedAsTheySay(t *testing.T) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	judge := audit.New(live)
	s := papers.Shipped()
	english, err := s.Examples("en")
	require.NoError(t, err)
	for _, l := range s.Languages() {
		pairs, err := s.Examples(l)
		require.NoError(t, err)
		require.Len(t, pairs, len(english), "%s has the pairs that English has", l)
		for i, p := range pairs {
			require.Equal(t, english[i].Rule, p.Rule, "%s: pair %d", l, i+1)
			weak, err := judge.Draft(context.Background(), p.Weak)
			require.NoError(t, err)
			require.Equal(t, audit.DraftWeak, weak.Verdict, "%s: %q", l, p.Weak)
			var by []string
			for _, f := range weak.Findings {
				by = append(by, f.Rule)
			}
			require.Contains(t, by, p.Rule, "%s: %q", l, p.Weak)
			strong, err := judge.Draft(context.Background(), p.Strong)
			require.NoError(t, err)
			require.Equal(t, audit.DraftStrong, strong.Verdict, "%s: %q: %v", l, p.Strong, strong.Findings)
			require.NotEmpty(t, p.Why)
		}
	}
}
