package papers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/cadence"
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
