package storetest

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// world is a tenant with two cycles, three teams, and work that crosses them.
func world(b *book) []okr.Changes {
	parent := func(o okr.Objective, of ...okr.ID) okr.Objective {
		for _, id := range of {
			o.Parents = append(o.Parents, okr.Share{Objective: id})
		}
		return o
	}
	k12 := keyResult("k12", "o1", "q4", "bob")
	k12.Initiatives = []okr.Initiative{{Title: "Call", Owner: "cid"}, {Title: "Write"}}
	k51 := keyResult("k51", "o5", "q5", "")
	k51.Source = &okr.Source{Kind: "sql", Access: []string{"dan", "a group", "oda"}}
	return []okr.Changes{b.write(okr.Changes{
		Cycles: []okr.Cycle{cycle("q3"), cycle("q4"), cycle("q5"), cycle("idle")},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "ann"}, {ID: "ops", Name: "Ops", Lead: "oda"}, {ID: "idle", Name: "Idle", Lead: "gone"}},
		People: []okr.Person{
			{ID: "ann", Name: "Ann", Team: "sales"}, {ID: "bob", Name: "Bob", Team: "sales"}, {ID: "cid", Name: "Cid"},
			{ID: "dan", Name: "Dan"}, {ID: "eve", Name: "Eve", Team: "sales"}, {ID: "oda", Name: "Oda", Team: "ops"},
		},
		Objectives: []okr.Objective{
			objective("o0", "q4", "", "nobody"), parent(objective("o1", "q4", "sales", "ann"), "o0"), parent(objective("o2", "q4", "sales", ""), "o1"),
			parent(objective("o3", "q4", "ops", ""), "o1", "elsewhere"), objective("o4", "q3", "sales", "eve"),
			objective("o5", "q5", "", ""), objective("o6", "q5", "", ""),
		},
		KeyResults: []okr.KeyResult{
			keyResult("k11", "o1", "q4", "ann"), k12, keyResult("k21", "o2", "q4", "dan"), keyResult("k31", "o3", "q4", "ann"),
			keyResult("k32", "o3", "q4", "bob"), keyResult("k41", "o4", "q3", "ann"), k51, keyResult("k52", "o5", "q5", ""), keyResult("k61", "o6", "q5", ""),
		},
		Blockers: []okr.Blocker{{ID: "b1", KeyResult: "k12", OpenedAt: at(0), Owner: "eve"}, {ID: "b2", KeyResult: "k12", OpenedAt: at(0), ClosedAt: ptr(at(1)), Owner: "dan"}},
	})}
}

// hierarchy is a tenant whose teams stand above one another, some in rings.
func hierarchy(b *book) []okr.Changes {
	return []okr.Changes{b.write(okr.Changes{
		Cycles: []okr.Cycle{cycle("q4")},
		Teams: []okr.Team{
			{ID: "south", Parent: "sales", Lead: "ann"}, {ID: "sales", Parent: "all"}, {ID: "all", Parent: "gone", Lead: "oda"}, {ID: "north", Parent: "sales", Lead: "bob"},
			{ID: "ring1", Parent: "ring2"}, {ID: "ring2", Parent: "ring1"}, {ID: "self", Parent: "self"},
		},
		People:     []okr.Person{{ID: "ann"}, {ID: "bob", Team: "sales"}, {ID: "eve", Team: "south"}, {ID: "oda", Team: "all"}},
		Objectives: []okr.Objective{objective("o1", "q4", "south", ""), objective("o2", "q4", "ring1", ""), objective("o3", "q4", "self", "")},
		KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", ""), keyResult("k2", "o2", "q4", ""), keyResult("k3", "o3", "q4", "")},
	})}
}

// tree is a tenant whose objectives count their children, in two cycles.
func tree(b *book) []okr.Changes {
	node := func(id, cycle okr.ID, d measure.Driver, of ...okr.ID) okr.Objective {
		o := objective(id, cycle, "", "")
		o.Rollup.Driver = d
		for _, p := range of {
			o.Parents = append(o.Parents, okr.Share{Objective: p})
		}
		return o
	}
	const both, own, children = measure.DriverBoth, measure.Driver(""), measure.DriverChildren
	return []okr.Changes{b.write(okr.Changes{
		Cycles: []okr.Cycle{cycle("q3"), cycle("q4"), cycle("q5")},
		Objectives: []okr.Objective{
			node("top", "q4", both), node("mid", "q3", children, "top"), node("a", "q3", both, "mid"), node("leaf", "q3", own, "a"),
			node("b", "q4", own, "top"), node("beside", "q3", own, "b"), node("ally", "q3", own, "top"),
			node("ring1", "q5", both, "ring2"), node("ring2", "q5", both, "ring1"),
		},
		KeyResults: []okr.KeyResult{
			keyResult("k1", "top", "q4", ""), keyResult("k2", "a", "q3", ""), keyResult("k3", "leaf", "q3", ""), keyResult("k4", "b", "q4", ""),
			keyResult("k5", "ally", "q3", ""), keyResult("k7", "ring1", "q5", ""), keyResult("k8", "ring2", "q5", ""),
		},
	})}
}

func loadTests() []unitTest {
	type loaded struct{ cycles, teams, people, objectives, keyResults []okr.ID }
	kr := func(ids ...okr.ID) okr.Need {
		var n okr.Need
		for _, id := range ids {
			n.Refs = append(n.Refs, ref(okr.KindKeyResult, id))
		}
		return n
	}
	with := func(n okr.Need, c okr.Collections) okr.Need {
		n.Collections = c
		return n
	}
	of := func(k okr.Kind, id okr.ID) okr.Need { return okr.Need{Refs: []okr.Ref{ref(k, id)}} }
	list := func(ids ...okr.ID) []okr.ID { return ids }
	tests := map[string]struct {
		need okr.Need
		want loaded
	}{
		"nothing":     {okr.Need{}, loaded{}},
		"the tenant":  {of(okr.KindTenant, "acme"), loaded{}},
		"a cycle":     {of(okr.KindCycle, "q4"), loaded{cycles: list("q4")}},
		"a person":    {of(okr.KindPerson, "ann"), loaded{people: list("ann")}},
		"a team":      {of(okr.KindTeam, "sales"), loaded{teams: list("sales"), people: list("ann", "bob", "eve")}},
		"an idle one": {of(okr.KindTeam, "idle"), loaded{teams: list("idle")}},
		"a key result": {kr("k12"), loaded{
			cycles: list("q4"), teams: list("sales"), people: list("ann", "bob", "cid"), objectives: list("o1"), keyResults: list("k11", "k12")}},
		"two of two objectives": {kr("k12", "k31"), loaded{
			cycles: list("q4"), teams: list("ops", "sales"), people: list("ann", "bob", "cid", "oda"), objectives: list("o1", "o3"), keyResults: list("k11", "k12", "k31", "k32")}},
		"the same twice": {kr("k41", "k41"), loaded{
			cycles: list("q3"), teams: list("sales"), people: list("ann", "eve"), objectives: list("o4"), keyResults: list("k41")}},
		"an objective": {of(okr.KindObjective, "o1"), loaded{
			cycles: list("q4"), teams: list("ops", "sales"), people: list("ann", "bob", "cid", "oda"), objectives: list("o0", "o1", "o2", "o3"), keyResults: list("k11", "k12")}},
		"a child": {of(okr.KindObjective, "o3"), loaded{
			cycles: list("q4"), teams: list("ops", "sales"), people: list("ann", "bob", "oda"), objectives: list("o1", "o3"), keyResults: list("k31", "k32")}},
		"a whole cycle": {okr.Need{Cycle: "q4"}, loaded{
			cycles: list("q4"), teams: list("ops", "sales"), people: list("ann", "bob", "cid", "dan", "oda"), objectives: list("o0", "o1", "o2", "o3"),
			keyResults: list("k11", "k12", "k21", "k31", "k32")}},
		"a cycle and a key result of another": {okr.Need{Cycle: "q4", Refs: []okr.Ref{ref(okr.KindKeyResult, "k41")}}, loaded{
			cycles: list("q3", "q4"), teams: list("ops", "sales"), people: list("ann", "bob", "cid", "dan", "eve", "oda"), objectives: list("o0", "o1", "o2", "o3", "o4"),
			keyResults: list("k11", "k12", "k21", "k31", "k32", "k41")}},
		"an idle cycle": {okr.Need{Cycle: "idle"}, loaded{cycles: list("idle")}},
		"everyone":      {okr.Need{Everyone: true}, loaded{teams: list("idle", "ops", "sales"), people: list("ann", "bob", "cid", "dan", "eve", "oda")}},
		"all cycles":    {okr.Need{Cycles: true, Refs: []okr.Ref{ref(okr.KindCycle, "q3")}}, loaded{cycles: list("idle", "q3", "q4", "q5")}},
		"the team's other objectives": {with(kr("k11"), okr.Collections{TeamObjectives: true}), loaded{
			cycles: list("q4"), teams: list("sales"), people: list("ann", "bob", "cid", "dan"), objectives: list("o1", "o2"), keyResults: list("k11", "k12", "k21")}},
		"the owners' other key results": {with(kr("k11"), okr.Collections{OwnerKeyResults: true}), loaded{
			cycles: list("q4"), teams: list("ops", "sales"), people: list("ann", "bob", "cid", "oda"), objectives: list("o1", "o3"), keyResults: list("k11", "k12", "k31", "k32")}},
		"both, in the other cycle": {with(kr("k41"), okr.Collections{OwnerKeyResults: true, TeamObjectives: true}), loaded{
			cycles: list("q3"), teams: list("sales"), people: list("ann", "eve"), objectives: list("o4"), keyResults: list("k41")}},
		"a team's objectives in a cycle": {with(okr.Need{Refs: []okr.Ref{ref(okr.KindTeam, "sales"), ref(okr.KindCycle, "q3")}}, okr.Collections{TeamObjectives: true}), loaded{
			cycles: list("q3"), teams: list("sales"), people: list("ann", "bob", "eve"), objectives: list("o4"), keyResults: list("k41")}},
		"a person's key results in a cycle": {with(okr.Need{Refs: []okr.Ref{ref(okr.KindPerson, "ann"), ref(okr.KindCycle, "q3")}}, okr.Collections{OwnerKeyResults: true}), loaded{
			cycles: list("q3"), teams: list("sales"), people: list("ann", "eve"), objectives: list("o4"), keyResults: list("k41")}},
		"blockers bring who shall remove them": {with(kr("k12"), okr.Collections{Blockers: true}), loaded{
			cycles: list("q4"), teams: list("sales"), people: list("ann", "bob", "cid", "eve"), objectives: list("o1"), keyResults: list("k11", "k12")}},
		"who can read a source": {kr("k51"), loaded{cycles: list("q5"), people: list("dan", "oda"), objectives: list("o5"), keyResults: list("k51", "k52")}},
		"and where they are at home": {with(kr("k51"), okr.Collections{Homes: true}), loaded{
			cycles: list("q5"), teams: list("ops"), people: list("dan", "oda"), objectives: list("o5"), keyResults: list("k51", "k52")}},
		"a key result and its whole cycle": {with(kr("k51"), okr.Collections{Whole: true}), loaded{
			cycles: list("q5"), people: list("dan", "oda"), objectives: list("o5", "o6"), keyResults: list("k51", "k52", "k61")}},
		"locked": {okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k41"), ref(okr.KindObjective, "o4"), ref(okr.KindCycle, "q3"), ref(okr.KindTeam, "sales"), ref(okr.KindPerson, "eve")}, Lock: true}, loaded{
			cycles: list("q3"), teams: list("sales"), people: list("ann", "bob", "eve"), objectives: list("o4"), keyResults: list("k41")}},
	}
	var out []unitTest
	for name, test := range tests {
		out = append(out, unitTest{"load " + name, world, func(t *testing.T, u okr.Unit, b *book) {
			s, err := u.Load(t.Context(), b.tenant, test.need)
			require.NoError(t, err)
			var got loaded
			for _, x := range s.Cycles {
				got.cycles = append(got.cycles, x.ID)
			}
			for _, x := range s.Teams {
				got.teams = append(got.teams, x.ID)
			}
			for _, x := range s.People {
				got.people = append(got.people, x.ID)
			}
			for _, x := range s.Objectives {
				got.objectives = append(got.objectives, x.ID)
			}
			for _, x := range s.KeyResults {
				got.keyResults = append(got.keyResults, x.ID)
			}
			require.Equal(t, test.want, got)
			require.Equal(t, b.tenant, s.Tenant)
		}})
	}
	out = append(out, unitTest{"load the teams above", hierarchy, func(t *testing.T, u okr.Unit, b *book) {
		for name, test := range map[string]struct {
			need          okr.Need
			teams, people []okr.ID
		}{
			"of a key result": {kr("k1"), list("all", "sales", "south"), list("ann", "oda")},
			"of a team":       {of(okr.KindTeam, "south"), list("all", "sales", "south"), list("ann", "eve", "oda")},
			"of a home":       {with(of(okr.KindPerson, "eve"), okr.Collections{Homes: true}), list("all", "sales", "south"), list("eve")},
			"in a ring":       {kr("k2"), list("ring1", "ring2"), nil},
			"of itself":       {kr("k3"), list("self"), nil},
			"everybody there": {with(kr("k1"), okr.Collections{TeamPeople: true}), list("all", "sales", "south"), list("ann", "bob", "eve", "oda")},
		} {
			s, err := u.Load(t.Context(), b.tenant, test.need)
			require.NoError(t, err, name)
			var teams, people []okr.ID
			for _, x := range s.Teams {
				teams = append(teams, x.ID)
			}
			for _, x := range s.People {
				people = append(people, x.ID)
			}
			require.Equal(t, test.teams, teams, name)
			require.Equal(t, test.people, people, name)
		}
	}}, unitTest{"load the policy with everything", world, func(t *testing.T, u okr.Unit, b *book) {
		set := func(p okr.Policy) {
			c := b.write(okr.Changes{Items: []okr.Item{item(okr.PolicyRef(), okr.PolicyRef(), "")}})
			p.Version = c.Items[0].Version
			doc, err := json.Marshal(p)
			require.NoError(t, err)
			c.Items[0].Doc = doc
			require.NoError(t, u.Write(t.Context(), b.tenant, c))
		}
		read := func(n okr.Need) *okr.Policy {
			s, err := u.Load(t.Context(), b.tenant, n)
			require.NoError(t, err)
			return s.Policy
		}
		require.Nil(t, read(kr("k12")))
		for i, p := range []okr.Policy{{Ladder: []okr.Rung{{To: okr.ToLead, After: 2}}}, {AskLive: true}} {
			p.Version = int64(i) + 1
			set(p)
			for _, n := range []okr.Need{{}, kr("k12"), {Cycle: "q4"}, {Everyone: true}, {Refs: []okr.Ref{okr.PolicyRef()}}} {
				got := read(n)
				require.NotNil(t, got)
				require.Equal(t, p, *got)
			}
		}
		s, err := u.Load(t.Context(), "elsewhere", okr.Need{})
		require.NoError(t, err)
		require.Nil(t, s.Policy)
	}})
	return append(out, unitTest{"load what counts its children", tree, func(t *testing.T, u okr.Unit, b *book) {
		for name, test := range map[string]struct {
			need                   okr.Need
			objectives, keyResults []okr.ID
		}{
			"from the top, through other cycles, down to the last":  {of(okr.KindObjective, "top"), list("a", "ally", "b", "leaf", "mid", "top"), list("k1", "k2", "k3", "k4", "k5")},
			"from its own key result":                               {kr("k1"), list("a", "ally", "b", "leaf", "mid", "top"), list("k1", "k2", "k3", "k4", "k5")},
			"from the middle, and not those beside":                 {of(okr.KindObjective, "mid"), list("a", "leaf", "mid", "top"), list("k2", "k3")},
			"what does not count its children comes without theirs": {of(okr.KindObjective, "b"), list("b", "beside", "top"), list("k4")},
			"its cycle":   {okr.Need{Cycle: "q4"}, list("a", "ally", "b", "leaf", "mid", "top"), list("k1", "k2", "k3", "k4", "k5")},
			"a lower one": {okr.Need{Cycle: "q3"}, list("a", "ally", "beside", "leaf", "mid"), list("k2", "k3", "k5")},
			"a ring":      {of(okr.KindObjective, "ring1"), list("ring1", "ring2"), list("k7", "k8")},
		} {
			s, err := u.Load(t.Context(), b.tenant, test.need)
			require.NoError(t, err, name)
			var objectives, keyResults []okr.ID
			for _, x := range s.Objectives {
				objectives = append(objectives, x.ID)
			}
			for _, x := range s.KeyResults {
				keyResults = append(keyResults, x.ID)
			}
			require.Equal(t, test.objectives, objectives, name)
			require.Equal(t, test.keyResults, keyResults, name)
		}
	}},
		unitTest{"load what is not there", world, func(t *testing.T, u okr.Unit, b *book) {
			for _, r := range []okr.Ref{
				ref(okr.KindKeyResult, "K11"), ref(okr.KindKeyResult, "o1"), ref(okr.KindObjective, "k11"), ref(okr.KindCycle, "q6"),
				ref(okr.KindPerson, "nobody"), ref(okr.KindTeam, "ann"), ref(okr.KindTeam, ""),
			} {
				_, err := u.Load(t.Context(), b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k11"), r}})
				require.ErrorIs(t, err, okr.ErrNotFound)
				var missing *okr.NotFoundError
				require.ErrorAs(t, err, &missing)
				require.Equal(t, r, missing.Ref)
			}
			_, err := u.Load(t.Context(), b.tenant, okr.Need{Cycle: "q6"})
			require.ErrorIs(t, err, okr.ErrNotFound)
			for _, k := range []okr.Kind{okr.KindReading, okr.KindCheckIn, okr.KindBlocker, okr.KindNotice, "else"} {
				_, err := u.Load(t.Context(), b.tenant, okr.Need{Refs: []okr.Ref{ref(k, "x")}})
				require.ErrorIs(t, err, okr.ErrInvalid, k)
			}
		}},
		unitTest{"what is loaded is the caller's own", world, func(t *testing.T, u okr.Unit, b *book) {
			need := okr.Need{Cycle: "q4", Collections: okr.Collections{Blockers: true}}
			first, err := u.Load(t.Context(), b.tenant, need)
			require.NoError(t, err)
			first.KeyResult("k12").Initiatives[0].Title = "changed"
			first.Objective("o1").Parents[0].Objective = "changed"
			second, err := u.Load(t.Context(), b.tenant, need)
			require.NoError(t, err)
			require.Equal(t, "Call", second.KeyResult("k12").Initiatives[0].Title)
			require.Equal(t, okr.ID("o0"), second.Objective("o1").Parents[0].Objective)
		}},
		unitTest{"an objective that moves takes its relations along", world, func(t *testing.T, u okr.Unit, b *book) {
			moved := objective("o2", "q3", "ops", "")
			moved.Parents = []okr.Share{{Objective: "o4", Weight: measure.N(0.5)}, {Objective: "o4"}}
			require.NoError(t, u.Write(t.Context(), b.tenant, b.write(okr.Changes{Objectives: []okr.Objective{moved}})))
			s, err := u.Load(t.Context(), b.tenant, of(okr.KindObjective, "o4"))
			require.NoError(t, err)
			require.NotNil(t, s.Objective("o2"))
			s, err = u.Load(t.Context(), b.tenant, of(okr.KindObjective, "o1"))
			require.NoError(t, err)
			require.Nil(t, s.Objective("o2"))
			s, err = u.Load(t.Context(), b.tenant, with(kr("k41"), okr.Collections{TeamObjectives: true}))
			require.NoError(t, err)
			require.Nil(t, s.Objective("o2"))
		}},
	)
}

func testList(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	var c okr.Changes
	c.Cycles = []okr.Cycle{cycle("q3"), cycle("q4")}
	for i, o := range []struct {
		id, cycle, team okr.ID
		rank            int
	}{{"oc", "q4", "sales", 1}, {"ob", "q4", "sales", 2}, {"oa", "q4", "ops", 2}, {"od", "q4", "", 0}, {"oe", "q3", "sales", 10}} {
		x := objective(o.id, o.cycle, o.team, "")
		x.Rank, x.Private = o.rank, o.id == "oe"
		c.Objectives = append(c.Objectives, x)
		for j := range 3 {
			k := keyResult(okr.ID(string(rune('z'-i-5*j))), o.id, o.cycle, []okr.ID{"ann", "bob", ""}[j])
			if j == 1 {
				k.State = okr.Draft
			}
			c.KeyResults = append(c.KeyResults, k)
		}
	}
	rand.Shuffle(len(c.KeyResults), func(i, j int) { c.KeyResults[i], c.KeyResults[j] = c.KeyResults[j], c.KeyResults[i] })
	require.NoError(t, u.Write(ctx, b.tenant, b.write(c)))

	// By rank, those without one last, then objective, then key result.
	all := []okr.ID{"p", "u", "z", "n", "s", "x", "o", "t", "y", "l", "q", "v", "m", "r", "w"}
	got, err := u.List(ctx, b.tenant, okr.Query{})
	require.NoError(t, err)
	require.Equal(t, all, got)
	for name, test := range map[string]struct {
		query okr.Query
		want  []okr.ID
	}{
		"cycle":            {okr.Query{Cycle: "q3"}, []okr.ID{"l", "q", "v"}},
		"team":             {okr.Query{Team: "sales"}, []okr.ID{"p", "u", "z", "o", "t", "y", "l", "q", "v"}},
		"owner":            {okr.Query{Owner: "bob"}, []okr.ID{"u", "s", "t", "q", "r"}},
		"objective":        {okr.Query{Objective: "oa"}, []okr.ID{"n", "s", "x"}},
		"state":            {okr.Query{State: okr.Draft, Cycle: "q4"}, []okr.ID{"u", "s", "t", "r"}},
		"all of them":      {okr.Query{Cycle: "q4", Team: "sales", Owner: "ann", Objective: "oc", State: okr.Active}, []okr.ID{"z"}},
		"nothing":          {okr.Query{Cycle: "Q4"}, nil},
		"after":            {okr.Query{After: "z"}, all[3:]},
		"after within":     {okr.Query{After: "s", Cycle: "q4"}, []okr.ID{"x", "o", "t", "y", "m", "r", "w"}},
		"after, elsewhere": {okr.Query{After: "q", Cycle: "q4"}, []okr.ID{"m", "r", "w"}}, // the cursor's own row need not match
		"after the last":   {okr.Query{After: "w"}, nil},
		"limit":            {okr.Query{Limit: 2, Team: "sales", After: "u"}, []okr.ID{"z", "o"}},
	} {
		got, err := u.List(ctx, b.tenant, test.query)
		require.NoError(t, err, name)
		require.Equal(t, test.want, got, name)
	}
	for limit := 1; limit <= len(all)+1; limit++ {
		var paged []okr.ID
		q := okr.Query{Limit: limit}
		for {
			page, err := u.List(ctx, b.tenant, q)
			require.NoError(t, err)
			paged = append(paged, page...)
			if len(page) < limit {
				break
			}
			q.After = string(page[len(page)-1])
		}
		require.Equal(t, all, paged, "in pages of %d", limit)
	}
	for _, after := range []string{"?", "Z", "oa"} {
		_, err := u.List(ctx, b.tenant, okr.Query{After: after})
		require.ErrorIs(t, err, okr.ErrInvalid)
	}
	testListObjectives(t, u, b)
	none, err := u.List(ctx, "globex", okr.Query{})
	require.NoError(t, err)
	require.Empty(t, none)
}

func testListObjectives(t *testing.T, u okr.Unit, b *book) {
	all := []okr.ID{"oc", "oa", "ob", "oe", "od"}
	for name, test := range map[string]struct {
		query okr.Query
		want  []okr.ID
	}{
		"all":          {okr.Query{}, all},
		"cycle":        {okr.Query{Cycle: "q4"}, []okr.ID{"oc", "oa", "ob", "od"}},
		"team":         {okr.Query{Team: "sales"}, []okr.ID{"oc", "ob", "oe"}},
		"owner":        {okr.Query{Owner: "ann"}, nil},
		"state":        {okr.Query{State: okr.Draft}, nil},
		"after":        {okr.Query{After: "oa", Limit: 2}, []okr.ID{"ob", "oe"}},
		"after within": {okr.Query{After: "oa", Cycle: "q4"}, []okr.ID{"ob", "od"}},
		"the end":      {okr.Query{After: "od"}, nil},
		"private":      {okr.Query{Private: true}, []okr.ID{"oe"}},
	} {
		got, err := u.Objectives(t.Context(), b.tenant, test.query)
		require.NoError(t, err, name)
		require.Equal(t, test.want, got, name)
	}
	_, err := u.Objectives(t.Context(), b.tenant, okr.Query{After: "z"})
	require.ErrorIs(t, err, okr.ErrInvalid)
	none, err := u.Objectives(t.Context(), "globex", okr.Query{})
	require.NoError(t, err)
	require.Empty(t, none)
}

func testLinks(t *testing.T, u okr.Unit, b *book) {
	k := keyResult("k1", "o1", "q4", "ann")
	find := func(q okr.Query) []okr.ID {
		ids, err := u.List(t.Context(), b.tenant, q)
		require.NoError(t, err)
		return ids
	}
	for _, test := range []struct {
		initiatives  []okr.Initiative
		link, helper []okr.ID
	}{
		{[]okr.Initiative{{Title: "a", Link: "T-1", Owner: "bob"}, {Title: "b", Link: "T-1"}}, []okr.ID{"k1"}, []okr.ID{"k1"}},
		{[]okr.Initiative{{Title: "a", Link: "t-1", Owner: "bob"}}, nil, []okr.ID{"k1"}},
		{nil, nil, nil},
		{[]okr.Initiative{{Title: "b", Link: "T-1"}}, []okr.ID{"k1"}, nil},
	} {
		k.Initiatives = test.initiatives
		require.NoError(t, u.Write(t.Context(), b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{k}})))
		require.Equal(t, test.link, find(okr.Query{Link: "T-1"}))
		require.Equal(t, test.helper, find(okr.Query{Helper: "bob", Cycle: "q4"}))
	}
	require.Empty(t, find(okr.Query{Link: "T-1", State: okr.Draft}))
}
