package papers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// A person reads notices and papers of the same things: statuses and sessions have one
// name in a language.
func TestPapersAndNoticesCallThingsTheSame(t *testing.T) {
	for _, language := range []string{"en", "de", "fr", "es", "pt"} {
		text, err := os.ReadFile(filepath.Join("words", language+".yaml"))
		require.NoError(t, err)
		var words struct {
			Status map[measure.Status]string
			Event  map[string]string
		}
		require.NoError(t, yaml.Unmarshal(text, &words))
		say := func(i cadence.Item) string {
			i.KeyResult = okr.KeyResultFact{KeyResult: "k", Title: "Raise renewals"}
			said, err := cadence.In(language).Text(cadence.Message{To: "ana", Kind: i.Kind, Items: []cadence.Item{i}})
			require.NoError(t, err)
			return strings.ToLower(said.Title + "\n" + said.Body)
		}
		for _, s := range []measure.Status{measure.AtRisk, measure.OffTrack} {
			require.Contains(t, say(cadence.Item{Kind: cadence.KindStatus, Status: s, Was: measure.OnTrack}), strings.ToLower(words.Status[s]), language)
			require.Contains(t, say(cadence.Item{Kind: cadence.KindStatus, Status: s, Was: measure.OnTrack}), strings.ToLower(words.Status[measure.OnTrack]), language)
		}
		for _, s := range []string{"planning", "checkin", "review"} {
			require.Contains(t, say(cadence.Item{Kind: cadence.KindSession, Session: s, Due: time.Date(2026, 10, 14, 16, 0, 0, 0, time.UTC)}), strings.ToLower(words.Event["session_"+s]), language)
		}
	}
}

// What is wrong with the setting of a language shows in every message: spaces and
// apostrophes of French, and a form of address that changes from text to text.
func TestTextsAreSetAsTheirLanguageSetsThem(t *testing.T) {
	wrong := map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`\d %|  |\.\.\.`),
		"de": regexp.MustCompile(`(?i)\b(du|dir|dich|dein\w*|euch|euer)\b|["“]\w|\d%|  |\.\.\.`),
		"fr": regexp.MustCompile(`(?i)\b(tu|toi|ton|tes)\b|[\w}']'|["“]\w|[^\x{00a0}:/]:( |$)|[^\x{202f}][;!?»]|\d %|  |\.\.\.`),
		"es": regexp.MustCompile(`(?i)(^|\s)(tú|tus?|ti|vos|vosotros|vuestr\w+)(\s|$)|["“]\w|\d%|  |\.\.\.`),
		"pt": regexp.MustCompile(`(?i)(^|\s)(tu|teus?|tuas?|equipas?|ficheiros?|planeamento|nesta altura)(\s|$)|["“]\w|\d %|  |\.\.\.`),
	}
	actions := regexp.MustCompile(`\{\{.*?\}\}`)
	comments := regexp.MustCompile(`(?s)\{\{- /\*.*?\*/ -\}\}`)
	for _, language := range papers.Languages() {
		text, err := os.ReadFile(filepath.Join("..", "words", language+".tmpl"))
		require.NoError(t, err)
		for line := range strings.SplitSeq(comments.ReplaceAllString(string(text), ""), "\n") {
			require.NotRegexp(t, wrong[language], strings.TrimSpace(actions.ReplaceAllString(line, "x")), language)
		}
		for key, p := range papers.Phrases()[language] {
			for _, text := range p.Texts {
				require.NotRegexp(t, wrong[language], strings.TrimSpace(text), "%s: %s", language, key)
			}
		}
		pairs, err := os.ReadFile(filepath.Join("examples", language+".yaml"))
		require.NoError(t, err)
		var examples []map[string]string
		require.NoError(t, yaml.Unmarshal(pairs, &examples))
		for _, x := range examples {
			for _, text := range []string{x["weak"], x["strong"], x["why"]} {
				require.NotRegexp(t, wrong[language], text, language)
			}
		}
	}
}

// An amount and a day read the same on paper as in a notice.
func TestPapersAndNoticesWriteNumbersAndDaysTheSame(t *testing.T) {
	s, err := papers.Load(fstest.MapFS{"templates/checkin.md.tmpl": {Data: []byte(`{{date .On}}{{range .KeyResults}}|{{amount .Current}}|{{amount .Target}}{{end}}`)}})
	require.NoError(t, err)
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ", `\.`, ".", `\-`, "-").Replace
	for _, language := range papers.Languages() {
		for _, day := range []okr.Date{measure.NewDate(2026, time.March, 1), measure.NewDate(2026, time.August, 29), measure.NewDate(2026, time.December, 6)} {
			for _, x := range []struct {
				unit      string
				low, high float64
			}{{"EUR", -1234567.5, 9876.54}, {"%", 0, 45.5}, {"", 123, 1000}, {"customers", 12345.6, 999999}} {
				metric := measure.Metric{Unit: x.unit}
				paper := render(t, s, papers.CheckIn{On: day, KeyResults: []papers.CheckInLine{{Line: papers.Line{
					Current: papers.Amount{Value: measure.N(x.low), Metric: metric}, Target: papers.Amount{Value: measure.N(x.high), Metric: metric},
				}}}}, papers.Options{Language: language})
				said, err := cadence.In(language).Text(cadence.Message{Items: []cadence.Item{{
					Kind: cadence.KindForecast, KeyResult: okr.KeyResultFact{Title: "Raise renewals"}, On: day, Unit: x.unit, Low: measure.N(x.low), High: measure.N(x.high),
				}}})
				require.NoError(t, err)
				for part := range strings.SplitSeq(strings.TrimSpace(plain(paper)), "|") {
					require.Contains(t, plain(said.Body), part, language)
				}
			}
		}
	}
}
