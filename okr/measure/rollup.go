package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Driver says which parts an objective's figures are made of.
type Driver string

// The drivers. "" is [DriverKeyResults].
const (
	DriverKeyResults Driver = "key_results" // its own key results
	DriverChildren   Driver = "children"    // the objectives that contribute to it
	DriverBoth       Driver = "both"        // both, side by side
)

// KeyResults says whether the objective's own key results count.
func (d Driver) KeyResults() bool { return d != DriverChildren }

// Children says whether the objectives that contribute to it count.
func (d Driver) Children() bool { return d == DriverChildren || d == DriverBoth }

// Method says how parts become one figure.
type Method string

// The methods. "" is [MethodMean].
const (
	MethodMean Method = "mean" // the mean of progress by weight
	MethodSum  Method = "sum"  // amounts of one unit are added up, and the sum goes its own way to the sum of the targets
)

// Voice says which status an objective gets.
type Voice string

// The voices. "" is [VoicePace].
const (
	VoicePace    Voice = "pace"    // the worse of what is fresh against the bands, and of what the parts themselves say
	VoiceWeakest Voice = "weakest" // the worst status of any part that counts
)

// RollupPolicy says how an objective's figures are made. Its zero value is the
// mean of its own key results by weight, and a status by pace.
type RollupPolicy struct {
	Driver Driver `json:"driver,omitempty"`
	Method Method `json:"method,omitempty"`
	Status Voice  `json:"status,omitempty"`
}

// Plain is the policy with every default spelled "", so that two policies that
// mean the same are equal.
func (p RollupPolicy) Plain() RollupPolicy {
	if p.Driver == DriverKeyResults {
		p.Driver = ""
	}
	if p.Method == MethodMean {
		p.Method = ""
	}
	if p.Status == VoicePace {
		p.Status = ""
	}
	return p
}

// Problems says which names of the policy are unknown.
func (p RollupPolicy) Problems() []Problem {
	var ps []Problem
	if !slices.Contains([]Driver{"", DriverKeyResults, DriverChildren, DriverBoth}, p.Driver) {
		ps = append(ps, Problem{"rollup.driver", string(p.Driver), "use one of key_results, children, both"})
	}
	if !slices.Contains([]Method{"", MethodMean, MethodSum}, p.Method) {
		ps = append(ps, Problem{"rollup.method", string(p.Method), "use mean or sum"})
	}
	if !slices.Contains([]Voice{"", VoicePace, VoiceWeakest}, p.Status) {
		ps = append(ps, Problem{"rollup.status", string(p.Status), "use pace or weakest"})
	}
	return ps
}

// Amount is a number of something on its way from a baseline to a target: what
// [MethodSum] adds up.
type Amount struct {
	Unit     string `json:"unit,omitempty"`
	Baseline Number `json:"baseline,omitzero"`
	Target   Number `json:"target,omitzero"`
	Value    Number `json:"value,omitzero"`
}

// Part is one member of a rollup: a key result, or an objective that contributes.
type Part struct {
	ID        string
	Weight    float64 // share before normalising; 0 is listed and not counted
	Guardrail bool    // it must hold and does not count: it is listed, whatever its weight
	Hidden    bool    // the reader may not see it: it counts, and its figures are given to nobody
	Progress  Number  // [0,1]
	Expected  Number  // [0,1]
	Gap       Number  // expected minus the progress of what is fresh; unknown is Expected minus Progress
	Status    Status
	Coverage  Number // share of the part that is known, [0,1]; unknown is 1 or 0, as Progress is known or not
	Vouched   Number // share of the part that is known and not stale, [0,1]; unknown is Coverage, or 0 where the status is stale
	Concealed int    // how many hidden parts lie within it
	Amount    Amount // what is added up by MethodSum
}

// Contribution is the part that an objective is of another one. An objective of
// which too little is known counts with what is known, and is silent about pace.
// One that withholds its figures adds none, so the whole gives nothing of it away.
func Contribution(id string, weight float64, r Result) Part {
	p := Part{
		ID: id, Weight: weight, Progress: r.Progress, Expected: r.Expected, Gap: r.Gap, Status: r.Status,
		Coverage: N(r.Coverage), Vouched: N(r.Vouched), Concealed: r.Hidden,
	}
	if r.Amount != nil {
		p.Amount = *r.Amount
	}
	if r.Status == Unknown || r.Status == Stale {
		p.Expected, p.Gap = Number{}, Number{}
	}
	return p
}

// RollupOptions says how parts are rolled up. Its zero value is the mean by
// weight, with a status by pace against [DefaultBands].
type RollupOptions struct {
	Method Method
	Status Voice
	Bands  Bands // zero value: DefaultBands
	// MinGroup is how many hidden parts at least must stand behind a figure that
	// contains any: with fewer, whoever sees the other parts could subtract them.
	// 0 is [DefaultMinGroup]; below 0 no figure contains a hidden part.
	MinGroup int
	AsOf     time.Time // UTC instant, for the derivations
}

// DefaultMinGroup is the smallest group of hidden parts that a figure may stand
// for.
const DefaultMinGroup = 3

// Rollup makes one result of parts.
//
//	progress = sum(progress * share) / sum(share)   over the parts whose progress is known
//	coverage = sum(weight * part's coverage) / sum(weight)
//	expected = sum(expected * share) / sum(share)   over the parts that are fresh and expected to have come some way
//	gap      = expected - progress of those same parts
//
// For [MethodMean] a part's share is its weight. For [MethodSum] it is the length
// of its way, target - baseline, and progress is not clamped, which is the same
// as
//
//	raw = (sum(value) - sum(baseline)) / (sum(target) - sum(baseline))
//
// over the parts of which all three are known; Result.Amount has the sums. Parts
// of different units, or that go opposite ways, have no sum: the figures are
// unknown, and Result.Reason says why.
//
// With no weight, or nothing known, everything is unknown: neither 0 nor NaN.
// Weights that are negative, NaN or infinite do not count, and neither do
// guardrails. Nothing is rounded.
//
// Pace and status rest on the parts that are not stale: a source that died says
// how far one had come, and not how one is doing. A part that is paused counts
// with what it has reached, and is silent about pace. The status is unknown where
// less than half of the weight is known, and stale where less than half is known
// and fresh. Otherwise it is what the voice says. With [VoiceWeakest] that is the
// worst among the parts: missed, off track, at risk, on track, hit, pending. Parts
// that are unknown, stale or paused do not speak there either.
//
// With [VoicePace] it is the worse of two: the figure that the bands compare, and
// the vote of the parts, since a threshold, a yes or no and a milestone have a
// status and no pace. A part speaks that is hit, on track, at risk, off track or
// missed, each with the weight that is known and fresh:
//
//	red    = sum(weight of what is off track or missed) / sum(weight of what speaks)
//	amber  = sum(weight of what is at risk) / sum(weight of what speaks)
//	vote   = off track where red > 1/2, else at risk where 2 * red + amber > 1/2, else on track
//	spoken = sum(weight of what speaks) / sum(weight of what is known and fresh)
//
// So nothing is on track of which more than a quarter is red. Where neither pace
// nor vote says anything it is pending, and what would be on track is pending
// where less than half has spoken: silence is never green. A part that gets worse
// never makes the whole better.
//
// Hidden parts count like any other while there are enough of them that no
// figure, and no difference of two, speaks of fewer than MinGroup, none of them outweighing the others so
// much that the group is one in disguise: sum(share)^2 / sum(share^2) must exceed
// MinGroup - 1. Otherwise the result is withheld: unknown, with a reason, and with
// the coverage of what can be seen. This guards one rollup and those above it. It
// cannot guard against a reader who compares the rollups of two times between
// which he knows that one hidden part alone has moved; who must, uses a negative
// MinGroup.
func Rollup(parts []Part, o RollupOptions) Result {
	shares, reason := o.shares(parts)
	var (
		t, seen    sums  // of all parts, and of what can be seen of them
		all, had   group // of hidden parts, and of those whose progress is known
		pace, rest group // of the latter, those that are in the figures of pace, and the others
		say, hush  group // of the latter, those that speak for themselves, and the others
		hidden     int
	)
	for i, p := range parts {
		s := shares[i]
		if p.Concealed > 0 && s.weight > 0 {
			hidden += p.Concealed
		}
		if !p.Hidden || s.weight == 0 {
			t.add(s)
			seen.add(s)
			continue
		}
		if p.Concealed == 0 {
			hidden++
		}
		all.add(s.weight)
		if s.known {
			had.add(s.share)
		}
		switch {
		case s.paced:
			pace.add(s.share)
		case s.known:
			rest.add(s.share)
		}
		switch {
		case s.known && speaks(s.gravity):
			say.add(s.weight)
		case s.known:
			hush.add(s.weight)
		}
		t.add(s)
		seen.add(share{weight: s.weight})
	}
	k := o.MinGroup
	if k == 0 {
		k = DefaultMinGroup
	}
	withheld := ""
	switch {
	case k < 0:
		t = seen
	case !all.enough(k) || !had.enough(k):
		t, withheld = seen, fmt.Sprintf("%d hidden: fewer than %d of like weight, so a figure would give one away", all.n, k)
	}
	var f figures
	v := o.verdict()
	t.figures(&v, &f)
	r := f.result()
	if withheld == "" {
		withheld = reason
	}
	switch {
	case withheld != "":
		r = Result{Status: Unknown, Coverage: r.Coverage, Vouched: r.Vouched, Reason: withheld}
	case k > 0 && !(pace.enough(k) && (pace.n == 0 || rest.enough(k))):
		// Progress speaks of all, pace of some: their difference speaks of the rest.
		r.Expected, r.Gap, r.Ratio, r.Status = Number{}, Number{}, Number{}, Unknown
		r.Vote, r.Spoken = "", Number{}
		r.Reason = fmt.Sprintf("%d hidden: pace is known of too few of them, or of all but too few: fewer than %d", all.n, k)
	case k > 0 && !v.weakest && !(say.enough(k) && (say.n == 0 || hush.enough(k))):
		r.Vote, r.Spoken, r.Status = "", Number{}, Unknown
		r.Reason = fmt.Sprintf("%d hidden: too few of them speak, or all but too few: fewer than %d", all.n, k)
	}
	if o.Method == MethodSum && r.Raw.Known() {
		r.Over = Over(r.Raw)
		r.Amount = added(parts, shares, k < 0)
		r.Current = r.Amount.Value
	}
	r.Hidden, r.rolled = hidden, &rolled{parts: parts, options: &o}
	return r
}

// added is the sum of the amounts that count.
func added(parts []Part, shares []share, seen bool) *Amount {
	var b, t, v float64
	sum := Amount{}
	for i, p := range parts {
		if !shares[i].known || seen && p.Hidden {
			continue
		}
		sum.Unit = p.Amount.Unit
		b += p.Amount.Baseline.value
		t += p.Amount.Target.value
		v += p.Amount.Value.value
	}
	sum.Baseline, sum.Target, sum.Value = finite(b), finite(t), finite(v)
	return &sum
}

// finite is the number v, unknown where the arithmetic left the range of float64.
func finite(v float64) Number {
	if !isFinite(v) {
		return Number{}
	}
	return N(v)
}

// group tells whether hidden parts are a crowd.
type group struct {
	n          int
	sum, sumSq float64
}

func (g *group) add(w float64) {
	g.n++
	g.sum += w
	g.sumSq += float64(w * w)
}

// enough says whether nobody is in the group, or so many that none can be told
// from the others: Kish's effective size, sum^2 / sum of squares, exceeds k-1.
func (g group) enough(k int) bool {
	if g.n == 0 {
		return true
	}
	return g.n >= k && (k == 1 || g.sum*g.sum > float64(k-1)*g.sumSq*(1+slack))
}

// share is what one part adds to the sums.
type share struct {
	weight float64 // in coverage; 0 does not count
	share  float64 // in the mean: its weight, or the length of its way
	outcome
}

// outcome is what is known of a part. Its zero value is that nothing is.
type outcome struct {
	progress float64
	coverage float64 // share of the part that is known
	vouched  float64 // share of the part that is known and fresh
	expected float64
	made     float64 // progress of what is fresh
	known    bool
	paced    bool  // something is expected of what is fresh
	gravity  uint8 // of its status
}

// adder turns parts into shares, one by one, and sees whether they go together.
type adder struct {
	method   Method
	unit     string
	begun    bool
	mixed    bool // different units
	up, down bool
}

// share is what the part adds by the method.
func (a *adder) share(p Part) share {
	s := p.share()
	if a.method != MethodSum || s.weight == 0 {
		return s
	}
	way, raw, ok := p.Amount.gone()
	if !ok {
		return share{weight: s.weight}
	}
	a.mixed = a.mixed || a.begun && a.unit != p.Amount.Unit
	a.begun, a.unit = true, p.Amount.Unit
	a.up, a.down = a.up || way > 0, a.down || way < 0
	if !s.known {
		p.Progress = N(unit(raw))
		s = p.share()
	}
	s.share, s.progress = math.Abs(way), raw
	if s.paced && !p.Gap.Finite() {
		s.made = raw
	}
	return s
}

// fits says whether what was added goes together.
func (a *adder) fits() bool { return !a.mixed && !(a.up && a.down) }

// shares are what the parts add, and why nothing can be made of them.
func (o RollupOptions) shares(parts []Part) (all []share, reason string) {
	a := adder{method: o.Method}
	all = make([]share, len(parts))
	for i, p := range parts {
		if p.Hidden && o.MinGroup < 0 {
			all[i] = share{weight: p.share().weight}
			continue
		}
		all[i] = a.share(p)
	}
	switch {
	case a.mixed:
		var units []string
		for i, p := range parts {
			u := p.Amount.Unit
			switch {
			case p.Hidden:
				u = "one that is hidden"
			case u == "":
				u = "no unit"
			}
			if all[i].known && !slices.Contains(units, u) {
				units = append(units, u)
			}
		}
		slices.Sort(units)
		return all, "there is no sum of different units: " + strings.Join(units, ", ")
	case !a.fits():
		return all, "there is no sum of amounts of which some shall grow and some shrink"
	}
	return all, ""
}

// gone is the way from baseline to target, and the share of it that lies behind.
func (a Amount) gone() (way, raw float64, ok bool) {
	if !a.Baseline.Finite() || !a.Target.Finite() || !a.Value.Finite() {
		return 0, 0, false
	}
	way = a.Target.value - a.Baseline.value
	raw = (a.Value.value - a.Baseline.value) / way
	return way, raw, way != 0 && finite(way).known && finite(raw).known
}

// share is what the part adds by its weight.
func (p Part) share() share {
	if p.Guardrail || !(p.Weight > 0) || p.Weight > maxWeight {
		return share{}
	}
	s := share{weight: p.Weight, share: p.Weight}
	if !p.Progress.Finite() {
		return s
	}
	s.known, s.gravity = true, gravity(code(p.Status))
	s.progress, s.coverage = p.Progress.value, 1
	if p.Coverage.Finite() {
		s.coverage = unit(p.Coverage.value)
	}
	switch {
	case p.Vouched.Finite():
		s.vouched = min(unit(p.Vouched.value), s.coverage)
	case p.Status != Stale:
		s.vouched = s.coverage
	}
	if p.Expected.Finite() && p.Status != Stale && p.Status != Paused {
		s.paced, s.expected, s.made = true, p.Expected.value, s.progress
		if p.Gap.Finite() {
			s.made = s.expected - p.Gap.value
		}
	}
	return s
}

func unit(v float64) float64 { return min(1, max(0, v)) }

// sums are what the parts of one objective add up to.
type sums struct {
	total, covered, fresh float64 // of weights
	known, sum            float64 // of the shares whose progress is known, and of progress by share
	paced, expected, made float64 // of the shares with an expectation, and of expectation and progress by share
	spoken, red, amber    float64 // of the weights of what speaks, of what is off track or missed, and of what is at risk
	nKnown, nPaced        int32
	nSpoken               int32
	worst                 uint8 // gravity of the worst part that is known
}

func (t *sums) add(s share) {
	if s.weight == 0 {
		return
	}
	t.total += s.weight
	if s.known {
		t.count(s.weight, s.share, &s.outcome)
	}
}

// count adds what is known of a part.
func (t *sums) count(weight, share float64, x *outcome) {
	// The conversions keep products from being fused into the sums, which not every
	// processor does: a figure has the same last bits everywhere.
	w := float64(weight * x.vouched)
	t.covered += float64(weight * x.coverage)
	t.fresh += w
	t.known += share
	t.sum += float64(x.progress * share)
	t.nKnown++
	t.worst = max(t.worst, x.gravity)
	t.hear(w, x.gravity)
	if x.paced {
		t.paced += share
		t.expected += float64(x.expected * share)
		t.made += float64(x.made * share)
		t.nPaced++
	}
}

// hear counts the vote of a part that speaks.
func (t *sums) hear(weight float64, gravity uint8) {
	if !speaks(gravity) {
		return
	}
	t.nSpoken++
	t.spoken += weight
	switch {
	case gravity >= offTrackCode:
		t.red += weight
	case gravity == atRiskCode:
		t.amber += weight
	}
}

// discount takes away what was counted before, but for the worst. Sums of nothing
// are exactly 0 again.
func (t *sums) discount(weight, share float64, x *outcome) {
	w := float64(weight * x.vouched)
	t.covered -= float64(weight * x.coverage)
	t.fresh -= w
	t.known -= share
	t.sum -= float64(x.progress * share)
	if t.nKnown--; t.nKnown == 0 {
		t.covered, t.fresh, t.known, t.sum = 0, 0, 0, 0
	}
	if speaks(x.gravity) {
		t.spoken -= w
		switch {
		case x.gravity >= offTrackCode:
			t.red -= w
		case x.gravity == atRiskCode:
			t.amber -= w
		}
		if t.nSpoken--; t.nSpoken == 0 {
			t.spoken, t.red, t.amber = 0, 0, 0
		}
	}
	if x.paced {
		t.paced -= share
		t.expected -= float64(x.expected * share)
		t.made -= float64(x.made * share)
		if t.nPaced--; t.nPaced == 0 {
			t.paced, t.expected, t.made = 0, 0, 0
		}
	}
}

// figures are what sums come to.
type figures struct {
	raw               float64
	expected, made    float64 // of what is fresh, where something is expected
	coverage, vouched float64
	spoken            float64 // share of what is fresh that speaks
	known, paced      bool
	code, vote        uint8 // the status, and what the parts say, by their place in codes
}

// figures fills in what the sums come to.
func (t *sums) figures(v *verdict, f *figures) {
	f.code, f.coverage, f.vouched = unknownCode, t.coverage(), t.vouched()
	if t.nKnown == 0 {
		return
	}
	f.raw = t.sum / t.known
	if f.known = isFinite(f.raw); !f.known {
		return
	}
	if t.nPaced > 0 {
		// Pace compares like with like: only the parts of which something is
		// expected by now.
		f.expected, f.made = t.expected/t.paced, t.made/t.paced
		f.paced = isFinite(f.expected) && isFinite(f.made)
	}
	if f.vote = vote(t.spoken, t.red, t.amber); f.vote != pendingCode {
		f.spoken = t.spoken / t.fresh
	}
	switch {
	case f.coverage < halfKnown-slack:
	case f.vouched < halfKnown-slack:
		f.code = staleCode
	case v.weakest:
		f.code = t.worst
	default:
		f.code = heard(v.pace(f), f.vote, f.spoken)
	}
}

// speaks says whether a part whose status has the gravity says how it is doing.
func speaks(gravity uint8) bool { return gravity > pendingCode }

// vote is what parts say together, by the weights of those that speak, of the red
// and of the amber ones; pending where none speaks.
func vote(spoken, red, amber float64) uint8 {
	switch {
	case !(spoken > 0):
		return pendingCode
	case red/spoken > 0.5+slack:
		return offTrackCode
	case (2*red+amber)/spoken > 0.5+slack:
		return atRiskCode
	}
	return onTrackCode
}

// heard is the worse of pace and vote, and never green by silence.
func heard(pace, vote uint8, spoken float64) uint8 {
	s := max(pace, vote)
	if s == onTrackCode && spoken < halfKnown-slack {
		return pendingCode
	}
	return s
}

// verdict is how figures become a status: options, ready for use.
type verdict struct {
	weakest     bool
	compare     uint8   // what of the figures
	ascending   bool    // small is good
	middle, bad float64 // the last figure of on track, and of at risk; the first where large is good
}

func (o RollupOptions) verdict() verdict {
	b := o.Bands.or()
	v := verdict{weakest: o.Status == VoiceWeakest, ascending: b.Compare == CompareGap}
	switch b.Compare {
	case CompareGap:
		v.compare = byGap
	case CompareRatio:
		v.compare = byRatio
	case CompareProgress:
		v.compare = byProgress
	}
	away, out := slack, math.Inf(1)
	if !v.ascending {
		away, out = -slack, math.Inf(-1)
	}
	v.middle, v.bad = b.AtRisk+away, b.OffTrack+away
	if b.Strict {
		// The limit itself is at risk.
		v.middle = math.Nextafter(b.AtRisk-away, -out)
	}
	return v
}

const (
	byGap uint8 = iota + 1
	byRatio
	byProgress
)

// pace is what [Bands.Of] says of the figure that the bands compare.
func (v *verdict) pace(f *figures) uint8 {
	var x float64
	switch v.compare {
	case byGap:
		if !f.paced {
			return pendingCode
		}
		x = f.expected - f.made
	case byRatio:
		if !f.paced || !(f.expected > 0) {
			return pendingCode
		}
		x = f.made / f.expected
	case byProgress:
		x = unit(f.raw)
	default:
		return pendingCode
	}
	switch {
	case v.ascending && x <= v.middle, !v.ascending && x >= v.middle:
		return onTrackCode
	case v.ascending && x <= v.bad, !v.ascending && x >= v.bad:
		return atRiskCode
	}
	return offTrackCode
}

func (f *figures) result() Result {
	r := Result{Coverage: f.coverage, Vouched: f.vouched, Status: codes[f.code]}
	if f.known {
		r.Raw = N(f.raw)
		r.Progress = Clamp(r.Raw)
	}
	if f.known {
		r.Spoken = N(f.spoken)
		if f.vote != pendingCode {
			r.Vote = codes[f.vote]
		}
	}
	if f.paced {
		r.Expected, r.Gap = N(f.expected), finite(f.expected-f.made)
		if f.expected > 0 {
			r.Ratio = finite(f.made / f.expected)
		}
	}
	return r
}

// coverage is the share of the weight that is known.
func (t *sums) coverage() float64 {
	if t.total == 0 {
		return 0
	}
	return t.covered / t.total
}

// vouched is the share of the weight that is known and fresh.
func (t *sums) vouched() float64 {
	if t.total == 0 {
		return 0
	}
	return t.fresh / t.total
}

// codes are the statuses of parts and of wholes in one byte; any other is the
// first. Those that may speak for a whole stand in the order of their gravity.
var codes = [...]Status{Unknown, Pending, Hit, OnTrack, AtRisk, OffTrack, Missed, Stale, Paused}

const (
	unknownCode uint8 = iota
	pendingCode
	hitCode
	onTrackCode
	atRiskCode
	offTrackCode
	_
	staleCode
	pausedCode
)

func code(s Status) uint8 {
	switch s {
	case Pending:
		return pendingCode
	case Hit:
		return hitCode
	case OnTrack:
		return onTrackCode
	case AtRisk:
		return atRiskCode
	case OffTrack:
		return offTrackCode
	case Missed:
		return 6
	case Stale:
		return staleCode
	case Paused:
		return pausedCode
	}
	return unknownCode
}

// gravity is how much a status with the code speaks for a whole, 0 where it does
// not. Where nothing speaks, the whole is unknown.
func gravity(code uint8) uint8 {
	if code >= staleCode {
		return 0
	}
	return code
}

const (
	maxWeight = 1e12
	// halfKnown is the coverage below which an objective's status is unknown: a
	// minority cannot speak for the whole, and silence is never green.
	halfKnown = 0.5
)

func shown(known bool, v float64) Number {
	if !known {
		return Number{}
	}
	return N(v)
}
