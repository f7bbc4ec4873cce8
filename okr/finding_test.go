package okr_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// nagging finds fault, beside what its judge says: with key results of which nobody
// is confident, with check-ins that say nothing, with the owner and the team of a key
// result of which nobody is confident, and
// with the cycle. What it says changes every day.
type nagging struct{ of okr.Judge }

func (n nagging) Starter() []okr.Pack { return n.of.Starter() }

func (n nagging) Needs(packs []okr.Pack, in okr.Intent) okr.Collections {
	return n.of.Needs(packs, in).Union(okr.Collections{CheckIns: 1})
}

func (n nagging) Judge(ctx context.Context, p okr.Proposal) (okr.Verdict, error) {
	v, err := n.of.Judge(ctx, p)
	v.Findings = append(v.Findings, nag(p)...)
	return v, err
}

func nag(p okr.Proposal) []okr.Finding {
	var out []okr.Finding
	i := slices.IndexFunc(p.After.Packs, func(x okr.Pack) bool { return x.Name == "kind" })
	if i < 0 {
		return nil
	}
	pack := p.After.Packs[i]
	find := func(rule string, subject okr.Ref, cycle okr.ID, outcome string) {
		if pack.Version == "2" && rule == "says-something" {
			return // a rule that the next version of the pack lacks
		}
		out = append(out, okr.Finding{
			Rule: rule, Pack: pack.Name, Version: pack.Version, Digest: pack.Digest, Severity: okr.SeverityWarning, Outcome: outcome,
			Subject: subject, Cycle: cycle, Message: fmt.Sprintf("%s says %s on %s", secret, rule, p.Now.Format(time.DateOnly)),
		})
	}
	doubted := map[okr.ID]bool{} // owners
	for _, k := range p.After.KeyResults {
		c, known := k.Confidence.Value()
		if known && c < 4 {
			doubted[k.Owner] = true
		}
	}
	for _, k := range asked(p) {
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		if c, known := k.Confidence.Value(); known && c < 4 {
			find("confident", r, "", okr.OutcomeFail)
		} else if !known {
			find("confident", r, "", okr.OutcomeUnknown)
		}
		if in := p.After.CheckInsOf(k.ID); len(in) > 0 && !in[0].Value.Known() {
			find("says-something", okr.Ref{Kind: okr.KindCheckIn, ID: in[0].ID}, "", okr.OutcomeFail)
		}
	}
	if p.Verb != okr.VerbView || len(p.Subjects) > 0 {
		return out
	}
	for _, who := range p.After.People {
		if doubted[who.ID] {
			find("calm", okr.Ref{Kind: okr.KindOwner, ID: who.ID}, p.After.Cycles[0].ID, okr.OutcomeFail)
			find("calm", okr.Ref{Kind: okr.KindTeam, ID: who.Team}, p.After.Cycles[0].ID, okr.OutcomeFail)
			find("calm", okr.Ref{Kind: okr.KindCycle, ID: p.After.Cycles[0].ID}, "", okr.OutcomeFail)
		}
	}
	return out
}

// ReadPack makes of a number the next version of the pack, and of any other text a
// pack of that name.
func (nagging) ReadPack(text string) (okr.Pack, error) {
	if _, err := strconv.Atoi(text); err == nil {
		return okr.Pack{Name: "kind", Version: text, Digest: "digest of " + text, Text: text}, nil
	}
	return scorer{}.ReadPack(text)
}

func (nagging) CheckPacks(_, _ []okr.Pack) error { return nil }

// lives are the events of findings, in words.
func lives(t *testing.T, es []okr.Event) []string {
	t.Helper()
	out := []string{}
	for _, e := range es {
		p, err := e.Payload()
		require.NoError(t, err)
		f, ok := p.(*okr.FindingFact)
		if !ok {
			continue
		}
		s := e.Type[len(okr.EventPrefix+"finding."):] + " " + f.Rule + " " + string(f.Subject.Kind) + " " + f.Since.Format("01-02T15")
		if f.Waived {
			s += " waived"
		}
		if f.Snoozed {
			s += " snoozed"
		}
		if f.RulesChanged {
			s += " rules changed"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func (h house) october(day, hour int) {
	h.clock.Set(time.Date(2026, time.October, day, hour, 0, 0, 0, time.UTC))
}

func confide(t *testing.T, h house, k okr.ID, value measure.Number, confidence float64) okr.Decision {
	t.Helper()
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: value, Confidence: measure.N(confidence)})
	require.NoError(t, err)
	return d
}

// listed are the findings that a query finds, in words.
func listed(t *testing.T, h house, q okr.FindingQuery) []string {
	t.Helper()
	q.Cycle = h.cycle(t).ID
	out := []string{}
	var p okr.Paging
	p.Limit = 2
	for {
		page, err := h.acme.View().Findings(t.Context(), q, p)
		require.NoError(t, err)
		for _, f := range page.Items {
			s := f.Rule + " " + string(f.Subject.Kind) + " " + string(f.Owner)
			if !f.Since.IsZero() {
				s += " " + f.Since.Format("01-02T15")
			}
			if f.Waived != nil {
				s += " waived by " + string(f.Waived.Owner)
			}
			if f.Snoozed != nil {
				s += " snoozed by " + string(f.Snoozed.By.ID)
			}
			out = append(out, s)
		}
		if page.Next == "" {
			return out
		}
		require.Len(t, page.Items, 2)
		p.After = page.Next
	}
}

// A finding is told when it opens and when it is resolved, once each, and is the same
// in between whatever its message says.
func TestAFindingOpensAndIsResolvedOnce(t *testing.T) {
	h := running(t, okr.Config{Judge: nagging{scorer{}}})
	k := h.keyResult(t, "k1")
	require.Empty(t, lives(t, settle(t, h).Events), "that nobody has said how confident they are opens nothing")
	h.october(1, 22)
	settle(t, h)
	h.october(2, 9)
	require.Empty(t, lives(t, confide(t, h, k.ID, measure.Number{}, 3).Events), "a check-in tells of itself")
	require.Equal(t, []string{"opened confident key_result 10-02T09", "opened says-something key_result 10-02T09"}, lives(t, settle(t, h).Events))
	require.Empty(t, lives(t, settle(t, h).Events), "once")
	require.Equal(t, []string{
		"calm cycle ", "confident key_result ana 10-02T09", "says-something key_result ana 10-02T09", "calm owner ana", "calm team ana",
	}, listed(t, h, okr.FindingQuery{}), "what is said of teams and people is found, and not told yet")

	h.october(2, 22) // midnight in Zurich
	require.Equal(t, []string{"opened calm cycle 10-02T22", "opened calm owner 10-02T22", "opened calm team 10-02T22"}, lives(t, settle(t, h).Events))
	for day := 3; day < 9; day++ {
		h.october(day, 22)
		require.Empty(t, lives(t, settle(t, h).Events), "what it says has changed, and it is the same")
	}
	require.Equal(t, []string{"calm team ana 10-02T22"}, listed(t, h, okr.FindingQuery{Subject: ref(okr.KindTeam, "sales"), Owner: "ana"}))
	require.Equal(t, []string{"says-something key_result ana 10-02T09"}, listed(t, h, okr.FindingQuery{Rule: "says-something"}))
	require.Empty(t, listed(t, h, okr.FindingQuery{Owner: "ben"}))

	h.october(9, 9)
	confide(t, h, k.ID, measure.N(75), 8)
	require.Equal(t, []string{"resolved confident key_result 10-02T09", "resolved says-something key_result 10-02T09"}, lives(t, settle(t, h).Events))
	h.october(9, 22)
	require.Equal(t, []string{"resolved calm cycle 10-02T22", "resolved calm owner 10-02T22", "resolved calm team 10-02T22"}, lives(t, settle(t, h).Events))
	require.Empty(t, listed(t, h, okr.FindingQuery{Silent: true}))
	h.october(10, 9)
	confide(t, h, k.ID, measure.N(75), 1)
	require.Equal(t, []string{"opened confident key_result 10-10T09"}, lives(t, settle(t, h).Events), "that is another opening")

	postponed := okr.Postponed
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, State: &postponed, Reason: "not now"})
	require.NoError(t, err)
	require.Equal(t, []string{"resolved confident key_result 10-10T09"}, lives(t, settle(t, h).Events), "what is put aside is held to no rule")
}

// Who settles at the same time, or twice, tells of an opening once.
func TestAFindingIsToldOnceWhoeverLooks(t *testing.T) {
	h := running(t, okr.Config{Judge: nagging{scorer{}}})
	k := h.keyResult(t, "k1")
	settle(t, h)
	h.october(2, 9)
	confide(t, h, k.ID, measure.Number{}, 3)
	h.october(2, 22)
	refs := []okr.Ref{ref(okr.KindKeyResult, k.ID), ref(okr.KindCycle, k.Cycle)}
	results := make(chan []okr.Event, 8)
	for range cap(results) {
		go func() {
			d, err := h.acme.As(okr.Automation("cadence")).Settle(context.WithoutCancel(t.Context()), refs...)
			if err != nil {
				t.Error(err)
			}
			results <- d.Events
		}()
	}
	var all []okr.Event
	for range cap(results) {
		all = append(all, <-results...)
	}
	all = append(all, settle(t, h).Events...)
	require.Equal(t, []string{
		"opened calm cycle 10-02T22", "opened calm owner 10-02T22", "opened calm team 10-02T22",
		"opened confident key_result 10-02T22", "opened says-something key_result 10-02T22",
	}, lives(t, all))
}

// Other rules open and resolve as soon as they are in force, and the event says that
// the rules have changed.
func TestOtherRulesResolveWhatTheyDoNotFind(t *testing.T) {
	h := running(t, okr.Config{Judge: nagging{scorer{}}})
	k := h.keyResult(t, "k1")
	h.october(2, 9)
	confide(t, h, k.ID, measure.Number{}, 3)
	settle(t, h)
	_, err := h.acme.ActivatePack(t.Context(), okr.NewPack{Text: "2"})
	require.NoError(t, err)
	require.Equal(t, []string{"resolved says-something key_result 10-02T09 rules changed"}, lives(t, settle(t, h).Events))
	require.Empty(t, lives(t, settle(t, h).Events))
}

// A snooze silences a finding and opens no gate; on its day the finding is told of
// again, if it is still there.
func TestASnoozedFindingReturnsOnItsDay(t *testing.T) {
	ctx := t.Context()
	h := running(t, okr.Config{Judge: nagging{scorer{}}})
	k := h.keyResult(t, "k1")
	about := ref(okr.KindKeyResult, k.ID)
	settle(t, h)
	h.october(1, 22)
	settle(t, h)
	h.october(2, 9)
	confide(t, h, k.ID, measure.Number{}, 3)
	settle(t, h)
	until := time.Date(2026, time.October, 12, 8, 0, 0, 0, time.UTC)
	d, err := h.acme.As(okr.Someone("ben")).Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: about, Until: until})
	id := made(t, d, err, okr.KindWaiver)
	require.Equal(t, []string{okr.EventFindingSnoozed}, types(d.Events))
	_, err = h.acme.Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: about, Until: until.Add(time.Hour)})
	require.ErrorIs(t, err, okr.ErrConflict, "it is already")
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "says-something", Subject: about, Owner: "ben", Reason: "There is nothing to say", Until: until})
	require.NoError(t, err, "to answer for a finding is another thing")
	_, err = h.acme.Snooze(ctx, okr.Snoozing{Rule: "calm", Subject: ref(okr.KindTeam, "sales"), Cycle: k.Cycle, Until: until})
	require.NoError(t, err)
	require.Empty(t, lives(t, settle(t, h).Events), "they stay open")
	require.Equal(t, []string{"calm cycle ", "calm owner ana"}, listed(t, h, okr.FindingQuery{}))
	require.Equal(t, []string{
		"calm cycle ", "confident key_result ana 10-02T09 snoozed by ben", "says-something key_result ana 10-02T09 waived by ben",
		"calm owner ana", "calm team ana snoozed by ana",
	}, listed(t, h, okr.FindingQuery{Silent: true}))
	waivers, err := h.acme.View().Waivers(ctx, okr.WaiverQuery{Cycle: k.Cycle}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, waivers.Items, 1)
	snoozes, err := h.acme.View().Waivers(ctx, okr.WaiverQuery{Subject: about, Snoozes: true, Holding: true}, okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, id, snoozes.Items[0].ID)

	h.october(2, 22)
	require.Equal(t, []string{"opened calm cycle 10-02T22", "opened calm owner 10-02T22", "opened calm team 10-02T22 snoozed"}, lives(t, settle(t, h).Events))
	h.clock.Set(until.Add(-time.Microsecond))
	require.Empty(t, lives(t, settle(t, h).Events))
	h.clock.Set(until)
	d = settle(t, h)
	require.Equal(t, []string{"returned confident key_result 10-02T09", "returned says-something key_result 10-02T09"}, lives(t, d.Events))
	require.Equal(t, []string{"waiver.expired"}, only(d.Events, okr.EventWaiverExpired), "of who answered for one")
	require.Empty(t, lives(t, settle(t, h).Events), "once")
	h.october(12, 22)
	require.Equal(t, []string{"returned calm team 10-02T22"}, lives(t, settle(t, h).Events), "teams and people at the next midnight")
	require.Len(t, listed(t, h, okr.FindingQuery{}), 5)

	h.october(13, 9)
	d, err = h.acme.Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: about, Until: until.AddDate(0, 0, 20)})
	id = made(t, d, err, okr.KindWaiver)
	require.Empty(t, lives(t, settle(t, h).Events))
	_, err = h.acme.EndWaiver(ctx, okr.WaiverEnd{Waiver: id})
	require.NoError(t, err)
	require.Equal(t, []string{"returned confident key_result 10-02T09"}, lives(t, settle(t, h).Events), "it was ended early")
	_, err = h.acme.Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: about, Until: until.AddDate(0, 0, 20)})
	require.NoError(t, err)
	confide(t, h, k.ID, measure.N(75), 8)
	require.Equal(t, []string{"resolved confident key_result 10-02T09", "resolved says-something key_result 10-02T09"}, lives(t, settle(t, h).Events))
	h.clock.Set(until.AddDate(0, 0, 20))
	require.Empty(t, only(settle(t, h).Events, okr.EventFindingReturned), "what was mended meanwhile does not return")
}

func TestASnoozeOpensNoGate(t *testing.T) {
	h, ctx := planned(t, okr.Config{Judge: gates{}}), t.Context()
	cycle := h.cycle(t).ID
	for _, key := range []string{"k1", "k2", "k3"} {
		for _, rule := range []string{"defined", "reasoned"} {
			_, err := h.acme.Snooze(ctx, okr.Snoozing{Rule: rule, Subject: ref(okr.KindKeyResult, h.keyResult(t, key).ID), Until: h.clock.Now().AddDate(0, 0, 7)})
			require.NoError(t, err)
		}
	}
	_, err := h.acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.Len(t, findings(t, err), 7, "all of them hold")
}

func TestWhatCannotBeSnoozed(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	end := h.cycle(t).End.AddDays(1).In(zurich(t))
	for field, n := range map[string]okr.Snoozing{
		"rule":         {},
		"subject.kind": {Rule: "x", Subject: ref(okr.KindPerson, "ana")},
		"cycle":        {Rule: "x", Subject: ref(okr.KindOwner, "ana"), Until: end},
		"until":        {Rule: "x", Subject: ref(okr.KindKeyResult, k.ID), Until: end.Add(time.Second)},
	} {
		_, err := h.acme.Snooze(t.Context(), n)
		require.Equal(t, field, invalidField(t, err))
	}
	_, err := h.acme.Snooze(t.Context(), okr.Snoozing{Rule: "x", Subject: ref(okr.KindKeyResult, k.ID), Until: h.clock.Now()})
	require.Equal(t, "until", invalidField(t, err))
	_, err = h.acme.Snooze(t.Context(), okr.Snoozing{Rule: "x", Subject: ref(okr.KindKeyResult, k.ID)})
	require.Equal(t, "until", invalidField(t, err))
	_, err = h.acme.Snooze(t.Context(), okr.Snoozing{Rule: "x", Subject: ref(okr.KindTeam, "sales"), Cycle: "another", Until: end})
	require.Error(t, err)
	_, err = h.acme.Snooze(t.Context(), okr.Snoozing{Rule: "x", Subject: ref(okr.KindKeyResult, "nobody"), Until: end})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.Snooze(t.Context(), okr.Snoozing{Rule: "x", Subject: ref(okr.KindKeyResult, k.ID), Until: end})
	require.NoError(t, err, "to the last second of the cycle")
}

// Since when a finding is open is known of any past day.
func TestAFindingOfAPastDay(t *testing.T) {
	h := running(t, okr.Config{Judge: nagging{scorer{}}})
	k := h.keyResult(t, "k1")
	h.october(2, 9)
	confide(t, h, k.ID, measure.N(75), 3)
	settle(t, h)
	h.october(2, 22)
	settle(t, h)
	q := okr.FindingQuery{Cycle: k.Cycle, Silent: true}
	then, err := h.acme.View().Findings(t.Context(), q, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, then.Items, 4)
	cut, err := h.acme.Cut(t.Context())
	require.NoError(t, err)
	h.october(9, 9)
	confide(t, h, k.ID, measure.N(75), 8)
	settle(t, h)
	h.october(9, 22)
	settle(t, h)
	now, err := h.acme.View().Findings(t.Context(), q, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, now.Items)
	again, err := h.acme.AsOf(cut).Findings(t.Context(), q, okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, then, again)
}

// Of what is private the world hears that a rule finds something, and nothing of what.
func TestAFindingOfWhatIsPrivate(t *testing.T) {
	ctx := t.Context()
	h := open(t, okr.Config{Judge: nagging{scorer{}}})
	p := okrtest.Plan()
	p.Objectives[0].Private = true
	p.People = append(p.People, okr.Person{ID: "zoe", Name: "Zoe Ash"})
	_, err := h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.october(1, 9)
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	k := h.keyResult(t, "k1")
	confide(t, h, k.ID, measure.N(75), 3)
	settle(t, h)
	kept, err := h.acme.View().Events(ctx, ref(okr.KindKeyResult, k.ID), 0)
	require.NoError(t, err)
	i := slices.IndexFunc(kept, func(e okr.Event) bool { return e.Type == okr.EventFindingOpened })
	require.GreaterOrEqual(t, i, 0)
	payload, err := kept[i].Payload()
	require.NoError(t, err)
	f := payload.(*okr.FindingFact)
	require.True(t, f.Private)
	require.Empty(t, f.Title)
	require.Contains(t, listed(t, h, okr.FindingQuery{}), "confident key_result ana 10-01T09")
	h.october(1, 22)
	require.Empty(t, lives(t, settle(t, h).Events), "nor does it hear of the team and the owner")
	require.Contains(t, listed(t, h, okr.FindingQuery{}), "calm team ana", "who may see it does")
	zoe := h
	zoe.acme = h.desk.For("acme").As(okr.Someone("zoe"))
	require.Empty(t, listed(t, zoe, okr.FindingQuery{Subject: ref(okr.KindKeyResult, k.ID), Silent: true}))
	_, err = zoe.acme.Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: ref(okr.KindKeyResult, k.ID), Until: h.clock.Now().Add(time.Hour)})
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// twofold finds what nagging finds of confidence once more, by a pack that is strict
// with those who are not confident at all.
type twofold struct{ nagging }

func (j twofold) Judge(ctx context.Context, p okr.Proposal) (okr.Verdict, error) {
	v, err := j.nagging.Judge(ctx, p)
	for _, f := range v.Findings {
		if k := p.After.KeyResult(f.Subject.ID); f.Rule == "confident" && f.Outcome == okr.OutcomeFail && k != nil {
			if c, _ := k.Confidence.Value(); c < 2 {
				f.Pack, f.Digest, f.Severity = "strict", "digest of strict", okr.SeverityError
				v.Findings = append(v.Findings, f)
			}
		}
	}
	return v, err
}

// Rules of one name in two packs are two rules: each opens, is waived and is resolved
// by itself.
func TestRulesOfOneNameInTwoPacks(t *testing.T) {
	h := running(t, okr.Config{Judge: twofold{nagging{scorer{}}}})
	k := h.keyResult(t, "k1")
	about := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
	packs := func(d okr.Decision) []string {
		out := []string{}
		for _, e := range d.Events {
			p, err := e.Payload()
			require.NoError(t, err)
			if f, ok := p.(*okr.FindingFact); ok && f.Rule == "confident" {
				out = append(out, e.Type[len(okr.EventPrefix+"finding."):]+" "+f.Pack)
			}
		}
		return out
	}
	settle(t, h)
	h.october(2, 9)
	confide(t, h, k.ID, measure.N(50), 3)
	require.Equal(t, []string{"opened kind"}, packs(settle(t, h)))
	h.october(3, 9)
	confide(t, h, k.ID, measure.N(50), 1)
	require.Equal(t, []string{"opened strict"}, packs(settle(t, h)))

	_, err := h.acme.Waive(t.Context(), okr.Waiving{Rule: "strict/confident", Subject: about, Owner: "ana", Reason: "new here"})
	require.NoError(t, err)
	page, err := h.acme.View().Findings(t.Context(), okr.FindingQuery{Cycle: h.cycle(t).ID, Rule: "confident", Silent: true}, okr.Paging{})
	require.NoError(t, err)
	waived := map[string]bool{}
	for _, f := range page.Items {
		waived[f.Pack] = f.Waived != nil
	}
	require.Equal(t, map[string]bool{"kind": false, "strict": true}, waived)

	h.october(4, 9)
	confide(t, h, k.ID, measure.N(50), 3)
	require.Equal(t, []string{"resolved strict"}, packs(settle(t, h)))
}
