package adapters_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

func TestFilterPatterns(t *testing.T) {
	for name, tt := range map[string]struct {
		types []string
		want  []adapters.Pattern
	}{
		"nothing":    {nil, nil},
		"exact":      {[]string{okr.EventCheckInRecorded}, []adapters.Pattern{{Entity: "checkin", Verb: "recorded"}}},
		"twice":      {[]string{okr.EventCheckInRecorded, okr.EventCheckInRecorded}, []adapters.Pattern{{Entity: "checkin", Verb: "recorded"}}},
		"swallowed":  {[]string{okr.EventCheckInRecorded, "okr.v1.checkin.*", okr.EventCheckInMissed}, []adapters.Pattern{{Entity: "checkin", Verb: "*"}}},
		"sorted":     {[]string{"okr.v1.reading.*", okr.EventCheckInMissed, okr.EventCheckInDue}, []adapters.Pattern{{Entity: "checkin", Verb: "due"}, {Entity: "checkin", Verb: "missed"}, {Entity: "reading", Verb: "*"}}},
		"other kind": {[]string{okr.EventStatusChanged}, []adapters.Pattern{{Entity: "key_result", Verb: "status-changed"}}},
	} {
		f, err := adapters.NewFilter(tt.types)
		require.NoError(t, err, name)
		require.Equal(t, tt.want, f.Patterns(), name)
	}
}

func TestFilterMatch(t *testing.T) {
	f, err := adapters.NewFilter([]string{"okr.v1.checkin.*", okr.EventStatusChanged})
	require.NoError(t, err)
	for kind, want := range map[string]bool{
		okr.EventCheckInRecorded: true, okr.EventCheckInMissed: true, okr.EventStatusChanged: true, "okr.v1.checkin.to-come": true,
		okr.EventObjectiveStatus: false, okr.EventReadingRecorded: false, "okr.v1.checkin": false, "checkin": false, "": false,
	} {
		require.Equal(t, want, f.Match(kind), kind)
	}
	require.True(t, adapters.Filter{}.Match("anything"))
}

func TestSplitType(t *testing.T) {
	entity, verb, err := adapters.SplitType(okr.EventConfidenceDropped)
	require.NoError(t, err)
	require.Equal(t, "key_result", entity)
	require.Equal(t, "confidence-dropped", verb)
	for _, bad := range []string{"", "okr.v1.", "okr.v1.a", "okr.v1.a.", "okr.v1..b", "okr.v1.a.b.c", "okr.v1.*.b", "okr.v1.a.>", "okr.v1.a b.c", "okr.v1.a.\x00", "okr.v1.a.\xff", "okr.v2.a.b"} {
		_, _, err := adapters.SplitType(bad)
		require.ErrorIs(t, err, okr.ErrInvalid, "%q", bad)
	}
}

// What a filter was made of it lets through, and no pattern of it can mean more
// to a broker than to us.
func FuzzNewFilter(f *testing.F) {
	for _, s := range []string{okr.EventCheckInRecorded, "okr.v1.checkin.*", "okr.v1.*", "okr.v1.>.x", "okr.v1.a.b.*", "okr.v1.a.*.*", ".*", "okr.v1..*"} {
		f.Add(s, okr.EventCheckInRecorded)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		filter, err := adapters.NewFilter([]string{a, b})
		if err != nil {
			return
		}
		for _, s := range []string{a, b} {
			if !filter.Match(strings.TrimSuffix(s, "*") + strings.Repeat("x", strings.Count(s, "*"))) {
				t.Fatalf("%q does not let through its own", s)
			}
		}
		for _, p := range filter.Patterns() {
			if strings.ContainsAny(p.Entity, ".*> \t\n") || p.Verb != "*" && strings.ContainsAny(p.Verb, ".*> \t\n") {
				t.Fatalf("%q became %+v", []string{a, b}, p)
			}
		}
	})
}
