package storetest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// conflictTests write what somebody else was faster with. Nothing of it stays.
func conflictTests() []unitTest {
	tests := map[string]struct {
		about  okr.Ref
		change func(b *book) okr.Changes
	}{
		"a row that exists and should not": {ref(okr.KindKeyResult, "k1"), func(b *book) okr.Changes {
			delete(b.versions, ref(okr.KindKeyResult, "k1"))
			return okr.Changes{KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann")}}
		}},
		"a row that should exist and does not": {ref(okr.KindTeam, "ops"), func(b *book) okr.Changes {
			b.versions[ref(okr.KindTeam, "ops")] = 1
			return okr.Changes{Teams: []okr.Team{{ID: "ops", Name: "Ops"}}}
		}},
		"a later version": {ref(okr.KindObjective, "o1"), func(b *book) okr.Changes {
			b.versions[ref(okr.KindObjective, "o1")] = 7
			return okr.Changes{Objectives: []okr.Objective{objective("o1", "q4", "", "")}}
		}},
		"a version that is only expected": {ref(okr.KindCycle, "q4"), func(*book) okr.Changes {
			return okr.Changes{Expect: map[okr.Ref]int64{ref(okr.KindCycle, "q4"): 2}}
		}},
		"an absence that is only expected": {ref(okr.KindPerson, "ann"), func(*book) okr.Changes {
			return okr.Changes{Expect: map[okr.Ref]int64{ref(okr.KindPerson, "ann"): 0}}
		}},
		"a presence that is only expected": {ref(okr.KindPerson, "bob"), func(*book) okr.Changes {
			return okr.Changes{Expect: map[okr.Ref]int64{ref(okr.KindPerson, "bob"): 1}}
		}},
		"a turn that is over": {ref(okr.KindCycle, "q4"), func(*book) okr.Changes {
			return okr.Changes{Meet: map[okr.ID]int64{"q4": 1}}
		}},
		"a turn of nobody": {ref(okr.KindCycle, "other"), func(*book) okr.Changes {
			return okr.Changes{Meet: map[okr.ID]int64{"other": 0}}
		}},
		"a cycle's key": {ref(okr.KindCycle, "other"), func(*book) okr.Changes {
			c := cycle("other")
			c.Key = cycle("q4").Key
			return okr.Changes{Cycles: []okr.Cycle{c}}
		}},
		"an objective's key": {ref(okr.KindObjective, "o2"), func(*book) okr.Changes {
			o := objective("o2", "q4", "", "")
			o.Key = "o1"
			return okr.Changes{Objectives: []okr.Objective{o}}
		}},
		"a key result's key": {ref(okr.KindKeyResult, "k2"), func(*book) okr.Changes {
			k := keyResult("k2", "o1", "q4", "")
			k.Key = "k1"
			return okr.Changes{KeyResults: []okr.KeyResult{k}}
		}},
		"an event's id": {ref(okr.KindPerson, "bob"), func(b *book) okr.Changes {
			b.events = 0
			return okr.Changes{People: []okr.Person{{ID: "bob", Name: "Bob"}}}
		}},
	}
	var out []unitTest
	for name, test := range tests {
		out = append(out, unitTest{"conflict: " + name, func(b *book) []okr.Changes { return []okr.Changes{b.small()} }, func(t *testing.T, u okr.Unit, b *book) {
			ctx := t.Context()
			in, err := u.Nested(ctx)
			require.NoError(t, err)
			c := test.change(b)
			c.Standings = []okr.Standing{{Subject: test.about, Kind: "status", Value: "x", Since: at(0)}}
			c.Remember = &okr.Remembered{Key: "key", Content: "c", Decision: []byte("{}"), At: at(0)}
			c.Activate = []okr.Pack{{Name: "p", Version: "1", Digest: "d", Text: "t"}}
			err = in.Write(ctx, b.tenant, b.write(c))
			requireConflict(t, err, name)
			require.NoError(t, in.Rollback(ctx))
			got, err := u.Load(ctx, b.tenant, everything("q4"))
			require.NoError(t, err)
			require.Len(t, got.KeyResults, 1)
			require.Len(t, got.Objectives, 1)
			require.Len(t, got.People, 1)
			require.Empty(t, got.Standings)
			require.Empty(t, got.Packs)
			m, err := u.Recall(ctx, b.tenant, "key")
			require.NoError(t, err)
			require.Nil(t, m)
		}})
	}
	return append(out, unitTest{"keys that are free, or empty", func(b *book) []okr.Changes { return []okr.Changes{b.small()} }, func(t *testing.T, u okr.Unit, b *book) {
		ctx := t.Context()
		// The same key in another cycle or objective, and no key at all, are free.
		o2, k2 := objective("o2", "q3", "", ""), keyResult("k2", "o2", "q3", "")
		o2.Key, k2.Key = "o1", "k1"
		bare := []okr.KeyResult{keyResult("k3", "o1", "q4", ""), keyResult("k4", "o1", "q4", "")}
		bare[0].Key, bare[1].Key = "", ""
		require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{
			Cycles: []okr.Cycle{cycle("q3")}, Objectives: []okr.Objective{o2}, KeyResults: append(bare, k2)})))
		// A key that was given up is free as well, and its own row keeps it.
		k1 := keyResult("k1", "o1", "q4", "")
		k1.Key = "renamed"
		require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{k1}})))
		k5 := keyResult("k5", "o1", "q4", "")
		k5.Key = "k1"
		require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{k5}})))
		require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{k5}})))
		// A change of key meets one that is taken.
		in, err := u.Nested(ctx)
		require.NoError(t, err)
		k1.Key = "k1"
		requireConflict(t, in.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{k1}})), "a key that is taken")
		require.NoError(t, in.Rollback(ctx))
		_, err = u.Load(ctx, b.tenant, okr.Need{Cycle: "q4"})
		require.NoError(t, err)
	}})
}

// refusalTests write what no store can keep. Each says which field is wrong.
func refusalTests() []unitTest {
	k1 := ref(okr.KindKeyResult, "k1")
	tests := map[string]struct {
		field string
		spoil func(c *okr.Changes)
	}{
		"a row without an expected version":  {"expect", func(c *okr.Changes) { delete(c.Expect, k1) }},
		"a version that is not the events'":  {"key_result.version", func(c *okr.Changes) { c.KeyResults[0].Version = 9 }},
		"an entry without its row":           {"key_result", func(c *okr.Changes) { c.KeyResults = nil }},
		"a reading of another key result":    {"expect", func(c *okr.Changes) { c.Readings = []okr.Reading{reading("r", "k9", 1, at(0), at(0))} }},
		"a check-in of another key result":   {"expect", func(c *okr.Changes) { c.CheckIns = []okr.CheckInRecord{checkIn("c", "k9", at(0))} }},
		"a blocker of another key result":    {"expect", func(c *okr.Changes) { c.Blockers = []okr.Blocker{{ID: "b", KeyResult: "k9"}} }},
		"a gap in the numbers":               {"entry.seq", func(c *okr.Changes) { c.Entries[0].Seq++; rehash(c) }},
		"a hash that is not the entry's":     {"entry.hash", func(c *okr.Changes) { c.Entries[0].State = []byte(`{}`) }},
		"an entry of another tenant":         {"entry.tenant", func(c *okr.Changes) { c.Entries[0].Tenant = "globex"; rehash(c) }},
		"an instant finer than microseconds": {"entry.time", func(c *okr.Changes) { c.Entries[0].Time = start.Add(time.Nanosecond); rehash(c) }},
		"a value that is not a number":       {"key_result.current", func(c *okr.Changes) { c.KeyResults[0].Current = measure.N(math.NaN()) }},
		"an infinite target":                 {"key_result.metric.target", func(c *okr.Changes) { c.KeyResults[0].Metric.Target = measure.N(math.Inf(1)) }},
		"an infinite reading": {"reading.value", func(c *okr.Changes) {
			c.Readings = []okr.Reading{reading("r", "k1", math.Inf(-1), at(0), at(0))}
		}},
		"NUL in an id":      {"reading.id", func(c *okr.Changes) { c.Readings = []okr.Reading{reading("r\x00", "k1", 1, at(0), at(0))} }},
		"NUL in a standing": {"standing", func(c *okr.Changes) { c.Standings = []okr.Standing{{Subject: k1, Kind: "x", Value: "a\x00"}} }},
		"a pack without a digest": {"pack.digest", func(c *okr.Changes) {
			c.Activate = []okr.Pack{{Name: "p", Version: "1"}}
		}},
	}
	var out []unitTest
	for name, test := range tests {
		out = append(out, unitTest{"refused: " + name, func(b *book) []okr.Changes { return []okr.Changes{b.small()} }, func(t *testing.T, u okr.Unit, b *book) {
			ctx := t.Context()
			c := b.write(okr.Changes{KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "bob")}})
			test.spoil(&c)
			in, err := u.Nested(ctx)
			require.NoError(t, err)
			err = in.Write(ctx, b.tenant, c)
			require.ErrorIs(t, err, okr.ErrInvalid)
			var invalid *okr.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, test.field, invalid.Field)
			require.NotEmpty(t, invalid.Remedy)
			require.NoError(t, in.Rollback(ctx))
			got, err := u.Load(ctx, b.tenant, everything("q4"))
			require.NoError(t, err)
			require.Equal(t, okr.ID("ann"), got.KeyResults[0].Owner)
		}})
	}
	return out
}

func rehash(c *okr.Changes) {
	for i := range c.Entries {
		c.Entries[i].Hash = c.Entries[i].Sum()
	}
}
