package system_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
)

// waits is what waits for people when a rehearsal ends.
func waits(t *testing.T, s simulate.Scenario, store okr.Store) map[hearing]int {
	desk, err := okr.New(store, okr.Config{})
	require.NoError(t, err)
	out := map[hearing]int{}
	for _, p := range s.Plan.People {
		xs, err := desk.For("acme").As(okr.Automation("test")).View().Waiting(t.Context(), p.ID)
		require.NoError(t, err)
		for _, x := range xs {
			out[hearing{p.ID, x.Event.ID}]++
		}
	}
	return out
}

// accounted holds that the ledger alone says what became of everything that anybody was
// to be told: of each event each person whom it concerns, or to whom it was handed on,
// got one notice, or it was dropped for a reason, once, or it waits still.
func accounted(t *testing.T, s simulate.Scenario, all []okr.Event, waiting map[hearing]int, out *tally) {
	leads := map[okr.ID]okr.ID{}
	for _, x := range s.Plan.Teams {
		leads[x.ID] = x.Lead
	}
	announced, ends, facts := map[hearing]int{}, map[hearing]int{}, map[string]okr.Event{}
	for _, e := range all {
		facts[e.ID] = e
		for _, who := range concerned(t, e, leads) {
			announced[hearing{who, e.ID}]++
		}
		switch p := payload(t, e).(type) {
		case *okr.NoticeFact:
			for _, id := range p.About {
				ends[hearing{p.To, id}]++
			}
		case *okr.NoticeDropped:
			out.Rows++
			for _, x := range p.Untold {
				out.Dropped++
				require.NotEmpty(t, x.Reason)
				require.Equal(t, facts[x.Event].Type, x.Type)
				ends[hearing{p.To, x.Event}]++
				for _, who := range x.Instead {
					announced[hearing{who, x.Event}]++
				}
			}
		}
	}
	for at, n := range waiting {
		out.Waiting += n
		ends[at] += n
	}
	for at, n := range announced {
		if ends[at] != n {
			t.Errorf("of %s, %d times for %s, the ledger accounts for %d", describe(t, facts[at.event]), n, at.who, ends[at])
		}
	}
	for at, n := range ends {
		if announced[at] == 0 {
			t.Errorf("%s was told, not told or is to be told %d times of what is not theirs: %s", at.who, n, describe(t, facts[at.event]))
		}
	}
}
