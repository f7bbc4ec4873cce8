package audit_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
)

// drafts is the snapshot of the fixture's plan, with the starter packs in force.
func drafts(t *testing.T, j *audit.Judge) *okr.Snapshot {
	t.Helper()
	s := input(t, plan()).Snapshot
	s.Packs = j.Starter()
	return s
}

func keyResult(t *testing.T, s *okr.Snapshot, key string) *okr.KeyResult {
	t.Helper()
	i := slices.IndexFunc(s.KeyResults, func(k okr.KeyResult) bool { return k.Key == key })
	require.GreaterOrEqual(t, i, 0, key)
	return &s.KeyResults[i]
}

func refOf(k *okr.KeyResult) okr.Ref { return okr.Ref{Kind: okr.KindKeyResult, ID: k.ID} }

func judge(t *testing.T, j *audit.Judge, verb okr.Verb, before, after *okr.Snapshot, subjects ...okr.Ref) okr.Verdict {
	t.Helper()
	v, err := j.Judge(context.Background(), okr.Proposal{
		Intent: okr.Intent{Verb: verb, Subjects: subjects}, Before: before, After: after, Measured: after.Measure(friday), Now: friday,
	})
	require.NoError(t, err)
	return v
}

// gates lists the rules in whose name a verdict holds something back.
func gates(v okr.Verdict, r okr.Ref) []string {
	var out []string
	for _, f := range v.Findings {
		if f.Gate && f.Subject == r {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return out
}

func activated(s *okr.Snapshot) *okr.Snapshot {
	s = s.Clone()
	for i := range s.KeyResults {
		at := friday.Add(-30 * 24 * time.Hour)
		s.KeyResults[i].State, s.KeyResults[i].ActivatedAt = okr.Active, &at
	}
	for i := range s.Objectives {
		s.Objectives[i].State = okr.Active
	}
	return s
}

func TestAnActivationIsToldEverythingThatIsMissing(t *testing.T) {
	j := starter(t)
	before := drafts(t, j)
	before.Cycles[0].Cadence = nil
	bare := keyResult(t, before, "happy")
	bare.OwnerText = ""
	after := activated(before)

	v := judge(t, j, okr.VerbActivate, before, after, refOf(bare))
	require.True(t, v.Refused)
	require.Equal(t, []string{"measurable", "owner-named", "source-declared"}, gates(v, refOf(bare)))
	require.Equal(t, []string{"cycle-has-rhythm"}, gates(v, okr.Ref{Kind: okr.KindCycle, ID: bare.Cycle}))
	before.KeyResults[1].Cadence = okrtest.Weekly()
	v = judge(t, j, okr.VerbActivate, before, activated(before), refOf(bare))
	require.Equal(t, []string{"measurable", "owner-named", "rhythm-declared", "source-declared"}, gates(v, refOf(bare)), "another one has a rhythm")
}

func TestWhatIsReadyBecomesActive(t *testing.T) {
	j := starter(t)
	before := drafts(t, j)
	after := activated(before)
	for _, key := range []string{"paying", "reply"} {
		ref := refOf(keyResult(t, after, key))
		v := judge(t, j, okr.VerbActivate, before, after, ref)
		require.False(t, v.Refused, "%v", v.Findings)
		require.Empty(t, gates(v, ref))
	}
}

func TestAnActivationIsRefusedWhileAGateCannotTell(t *testing.T) {
	j := starter(t)
	before := drafts(t, j)
	k := keyResult(t, before, "paying")
	k.Owner = "stranger" // an id of whom the directory knows nothing
	after := activated(before)
	v := judge(t, j, okr.VerbActivate, before, after, refOf(k))
	require.True(t, v.Refused)
	require.Equal(t, []string{"one-human-owner", "owner-active"}, gates(v, refOf(k)))
	i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "owner-active" && f.Subject == refOf(k) })
	require.Equal(t, okr.OutcomeUnknown, v.Findings[i].Outcome)
	require.Equal(t, []string{"owner.active"}, v.Findings[i].Unknown)
}

func TestMendingOneThingIsNotHeldBackByAnother(t *testing.T) {
	j := starter(t)
	before := activated(drafts(t, j))
	k := keyResult(t, before, "paying")
	k.Owner, k.Source = "ivo", nil // he has left, and there is no source

	after := before.Clone()
	mended := keyResult(t, after, "paying")
	mended.Owner = "mara"
	v := judge(t, j, okr.VerbChange, before, after, refOf(k))
	require.False(t, v.Refused)
	require.Empty(t, gates(v, refOf(k)))
	require.Contains(t, failed(v, refOf(k)), "source-declared", "it is still said")

	worse := before.Clone()
	keyResult(t, worse, "paying").Metric.Target = measure.N(12)
	v = judge(t, j, okr.VerbChange, before, worse, refOf(k))
	require.True(t, v.Refused)
	require.Equal(t, []string{"baseline-differs"}, gates(v, refOf(k)))

	draft := drafts(t, j)
	open := draft.Clone()
	keyResult(t, open, "paying").Owner = ""
	v = judge(t, j, okr.VerbChange, draft, open, refOf(k))
	require.False(t, v.Refused, "a draft may lack anything")
}

func failed(v okr.Verdict, r okr.Ref) []string {
	var out []string
	for _, f := range v.Findings {
		if f.Outcome == okr.OutcomeFail && f.Subject == r {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return out
}

func TestAReadingIsNeverRefused(t *testing.T) {
	j := starter(t)
	s := activated(drafts(t, j))
	for _, verb := range []okr.Verb{okr.VerbCheckIn, okr.VerbRecord, okr.VerbSettle, okr.VerbPropose, okr.VerbClose, okr.VerbView, okr.VerbSyncPeople} {
		for _, k := range s.KeyResults {
			require.False(t, judge(t, j, verb, s, s, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}).Refused, "%s %s", verb, k.Key)
		}
	}
}

const noteGate = `
apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - id: says-something
    on: checkin
    mode: gate
    check: checkin.note != ""
    message: "“{kr.title}” was checked in without a word"
`

// with is a judge whose host has a folder of packs beside the starter packs.
func with(t *testing.T, texts ...string) *audit.Judge {
	t.Helper()
	folder := fstest.MapFS{}
	for i, text := range texts {
		folder[string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	live, err := rules.Open(env(), pack.Starter, folder)
	require.NoError(t, err)
	return audit.New(live)
}

func TestACheckInIsRefusedOnlyByAPackThatSpeaksOfCheckIns(t *testing.T) {
	j := with(t, noteGate)
	s := activated(drafts(t, j))
	k := keyResult(t, s, "happy") // which fails several gates of its own
	s.CheckIns = []okr.CheckInRecord{{ID: "c1", KeyResult: k.ID, Author: okr.Someone("mara"), OccurredAt: friday, RecordedAt: friday}}
	v := judge(t, j, okr.VerbCheckIn, s, s, refOf(k))
	require.True(t, v.Refused)
	require.Equal(t, []string{"says-something"}, gates(v, okr.Ref{Kind: okr.KindCheckIn, ID: "c1"}))

	late := s.Clone()
	late.CheckIns = append(late.CheckIns, okr.CheckInRecord{ID: "c0", KeyResult: k.ID, OccurredAt: friday.AddDate(0, 0, -7), RecordedAt: friday})
	late.Sort()
	v = judge(t, j, okr.VerbCheckIn, s, late, refOf(k))
	require.True(t, v.Refused, "a check-in may tell of last week")
	require.Empty(t, gates(v, okr.Ref{Kind: okr.KindCheckIn, ID: "c1"}), "what was taken before is not judged again")
	require.Equal(t, []string{"says-something"}, gates(v, okr.Ref{Kind: okr.KindCheckIn, ID: "c0"}))

	s.CheckIns[0].Note = "Two interviews done."
	require.False(t, judge(t, j, okr.VerbCheckIn, s, s, refOf(k)).Refused)
	require.False(t, judge(t, j, okr.VerbRecord, s, s, refOf(k)).Refused)
}

func packOf(text string) okr.Pack {
	sum := sha256.Sum256([]byte(text))
	return okr.Pack{Name: "acme", Version: "1.0.0", Digest: hex.EncodeToString(sum[:]), Text: text}
}

func TestAPackOfTheTenantJudgesByItsText(t *testing.T) {
	j := starter(t)
	s := activated(drafts(t, j))
	p := packOf(noteGate)
	s.Packs = append(s.Packs, p)
	s.Sort()
	k := keyResult(t, s, "paying")
	s.CheckIns = []okr.CheckInRecord{{ID: "c1", KeyResult: k.ID, OccurredAt: friday, RecordedAt: friday}}
	require.True(t, judge(t, j, okr.VerbCheckIn, s, s, refOf(k)).Refused)

	for i := range s.Packs {
		s.Packs[i].Text = ""
	}
	require.True(t, judge(t, j, okr.VerbCheckIn, s, s, refOf(k)).Refused, "it is compiled by now")

	_, err := starter(t).Judge(context.Background(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbCheckIn}, Before: s, After: s, Now: friday})
	require.ErrorIs(t, err, audit.ErrNoText)
	require.ErrorContains(t, err, "acme")
}

func TestAPackThatDoesNotCompileStopsNobody(t *testing.T) {
	j := starter(t)
	s := activated(drafts(t, j))
	s.Packs = append(s.Packs, packOf("name: acme"))
	s.Sort()
	k := keyResult(t, s, "paying")
	v := judge(t, j, okr.VerbActivate, s, s, refOf(k))
	require.False(t, v.Refused)
	i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "pack-compiles" })
	require.GreaterOrEqual(t, i, 0)
	require.Equal(t, okr.OutcomeError, v.Findings[i].Outcome)
}

func TestARuleThatBreaksRefusesNothing(t *testing.T) {
	j := with(t, `
apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - {id: breaks, on: key_result, mode: gate, check: 1.0 / (kr.weight - kr.weight) > 0.0, message: never}
scores:
  - {id: breaks-too, on: key_result, score: 1.0 / (kr.weight - kr.weight)}
`)
	s := activated(drafts(t, j))
	k := keyResult(t, s, "paying")
	v := judge(t, j, okr.VerbActivate, s, s, refOf(k))
	require.False(t, v.Refused)
	require.Empty(t, gates(v, refOf(k)))
	require.Equal(t, okr.Judged{Rule: "breaks-too", Pack: "acme", Digest: v.Scores[k.ID].Digest}, v.Scores[k.ID], "a broken score is unknown, and no other takes its place")
	broken := 0
	for _, f := range v.Findings {
		if f.Outcome == okr.OutcomeError && f.Subject == refOf(k) {
			broken++
		}
	}
	require.Equal(t, 2, broken)
}

const doubled = `
apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
scores:
  - {id: doubled, on: key_result, when: 'kr.unit == "%"', score: 2.0 * kr.progress}
statuses:
  - {id: pessimist, on: key_result, when: 'kr.unit == "%"', status: at_risk}
`

func TestAPackOfOnesOwnIsAskedFirst(t *testing.T) {
	host := with(t, doubled)
	tenant := starter(t)
	for name, j := range map[string]*audit.Judge{"in a folder of the host": host, "in force for the tenant": tenant} {
		t.Run(name, func(t *testing.T) {
			s := activated(drafts(t, j))
			if j == tenant {
				s.Packs = append(s.Packs, packOf(doubled))
				s.Sort()
			}
			paying, reply := keyResult(t, s, "paying"), keyResult(t, s, "reply")
			v := judge(t, j, okr.VerbView, s, s)
			score, known := v.Scores[paying.ID].Score.Value()
			require.True(t, known)
			require.InDelta(t, 2.0/3, score, 1e-12)
			require.Equal(t, "doubled", v.Scores[paying.ID].Rule)
			require.Equal(t, measure.AtRisk, v.Statuses[paying.ID])
			require.Equal(t, "key-result-progress", v.Scores[reply.ID].Rule)
			require.Equal(t, measure.OnTrack, v.Statuses[reply.ID])
		})
	}
}

func TestWhatMustBeLoadedIsReadOffTheRules(t *testing.T) {
	j := starter(t)
	start := j.Starter()
	for _, p := range start {
		sum := sha256.Sum256([]byte(p.Text))
		require.Equal(t, hex.EncodeToString(sum[:]), p.Digest)
	}
	ref := []okr.Ref{{Kind: okr.KindKeyResult, ID: "k"}}

	light := j.Needs(start, okr.Intent{Verb: okr.VerbCheckIn, Subjects: ref})
	require.LessOrEqual(t, light.Readings, 32, "a check-in loads no more than the desk looks at itself")
	require.LessOrEqual(t, light.CheckIns, 32)
	light.Readings, light.CheckIns = 0, 0
	require.Equal(t, okr.Collections{Homes: true, Rhythm: true}, light)
	full := j.Needs(start, okr.Intent{Verb: okr.VerbActivate, Subjects: ref})
	require.True(t, full.TeamObjectives)
	require.True(t, full.OwnerKeyResults)

	own := with(t, `
apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - {id: falls, on: key_result, check: "!kr.readings.falling(3)", message: It falls.}
  - {id: stuck, on: key_result, check: '!kr.blockers.exists(b, b.open)', message: It is stuck.}
`)
	c := own.Needs(own.Starter(), okr.Intent{Verb: okr.VerbRecord, Subjects: ref})
	require.Equal(t, 100, c.Readings)
	require.True(t, c.Blockers)
	require.Equal(t, 60, c.CheckIns, "as far back as blockers were closed")

	p := packOf(doubled)
	p.Text = ""
	c = j.Needs(append(start, p), okr.Intent{Verb: okr.VerbCheckIn, Subjects: ref})
	require.Equal(t, []string{p.Digest}, c.PackTexts)
	require.Positive(t, c.Readings, "nobody knows yet what it reads")
	require.Positive(t, c.CheckIns)
}

func TestTimeAloneAsksForAnotherLook(t *testing.T) {
	j := starter(t)
	s := activated(drafts(t, j))
	k := keyResult(t, s, "paying")
	at := friday.Add(-24 * time.Hour)
	k.CurrentAt = &at

	// A daily source with a day of grace is stale 48 hours after its reading. At
	// midnight the desk looks anyhow.
	v := judge(t, j, okr.VerbSettle, s, s, refOf(k))
	require.Equal(t, []okr.Look{{Subject: refOf(k), At: friday.Add(24*time.Hour + time.Microsecond)}}, v.Look)
	at = friday.Add(-49 * time.Hour)
	v = judge(t, j, okr.VerbSettle, s, s, refOf(k))
	require.Equal(t, []okr.Look{{Subject: refOf(k), At: friday.Add(47*time.Hour + time.Microsecond)}}, v.Look, "then its source is dead after three days and the grace")
	k.CurrentAt, k.ActivatedAt = nil, nil
	require.Empty(t, judge(t, j, okr.VerbSettle, s, s, refOf(k)).Look, "of what nothing is known, nothing grows old")
	k.CurrentAt = &at

	k.State = okr.Done
	require.Empty(t, judge(t, j, okr.VerbSettle, s, s, refOf(k)).Look)
}

func TestLimitsAreJudgedWithWhatIsAdded(t *testing.T) {
	p := plan()
	for _, title := range []string{"Partners sell for us", "Nobody waits for us"} {
		p.Objectives = append(p.Objectives, okr.PlanObjective{Title: title, Team: "sales"})
	}
	j := starter(t)
	s, _, err := p.Snapshot(okrtest.SequentialIDs(), friday)
	require.NoError(t, err)
	s.Packs = j.Starter()
	o := s.Objectives[0]
	v := judge(t, j, okr.VerbPropose, s, s, okr.Ref{Kind: okr.KindObjective, ID: o.ID})
	team := okr.Ref{Kind: okr.KindTeam, ID: "sales"}
	require.Equal(t, []string{"objectives-per-team", "ranked"}, failed(v, team))
	i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "objectives-per-team" })
	require.Equal(t, "Sales has 4 objectives, the limit is 3: “Companies that try us stay”, “Customers love us”, “Partners sell for us”, “Nobody waits for us”", v.Findings[i].Message)
}

func TestOneJudgeServesManyAtOnce(t *testing.T) {
	j := starter(t)
	s := activated(drafts(t, j))
	tenants := []string{noteGate, doubled}
	want := judge(t, j, okr.VerbView, s, s)
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			own := s.Clone()
			if i%2 == 1 {
				own.Packs = append(own.Packs, packOf(tenants[i/2%2]))
				own.Sort()
			}
			for range 5 {
				v, err := j.Judge(context.Background(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: own, After: own, Measured: own.Measure(friday), Now: friday})
				if err != nil || i%2 == 0 && !reflect.DeepEqual(want, v) {
					t.Errorf("judge %d: %v", i, err)
				}
				j.Needs(own.Packs, okr.Intent{Verb: okr.VerbActivate})
			}
		})
	}
	g.Wait()
}

func TestATeamIsJudgedInEachOfItsCycles(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	next := s.Cycles[0]
	next.ID, next.Key, next.Name = "d", "2027-Q1", "Q1 2027"
	next.Start, next.End = measure.NewDate(2027, 1, 1), measure.NewDate(2027, 3, 31)
	s.Cycles = append(s.Cycles, next)
	for i := range 4 {
		s.Objectives = append(s.Objectives, okr.Objective{ID: okr.ID(fmt.Sprint("next", i)), Cycle: "d", Title: fmt.Sprint("Next ", i), Team: "sales", Rank: i + 1, State: okr.Draft})
	}
	s.Sort()
	now := oct(20)
	got := found(t, j, s, now, "objectives-per-team")
	require.Len(t, got, 1)
	require.Equal(t, okr.ID("d"), got[0].Cycle)
	e, err := j.Explain(t.Context(), proposal(s, now), audit.AskOf(got[0]))
	require.NoError(t, err)
	require.Equal(t, got[0].Message, e.Trace.Message)
	e, err = j.Explain(t.Context(), proposal(s, now), audit.Ask{Subject: got[0].Subject, Cycle: "c", Of: rules.TraceOfRule, Pack: "focus", Rule: "objectives-per-team"})
	require.NoError(t, err)
	require.Equal(t, rules.OutcomePass, e.Trace.Outcome)
	r, err := j.Report(t.Context(), audit.Input{Snapshot: s, Now: now, Explain: true})
	require.NoError(t, err)
	i := slices.IndexFunc(r.Findings, func(f audit.Finding) bool { return f.Rule == "objectives-per-team" })
	require.Equal(t, rules.OutcomeFail, r.Findings[i].Trace.Outcome)
}
