package measure

import (
	"fmt"
	"strings"
)

// rolled is what a result was rolled up from: parts, or an objective of a forest.
type rolled struct {
	parts   []Part
	options *RollupOptions
	forest  *Forest
	at      int32 // place in the forest
	changes uint64
}

// up is what was rolled up and how; not current if it has changed since.
func (r *rolled) up() (parts []Part, o RollupOptions, current bool) {
	if r.forest == nil {
		if r.options != nil {
			o = *r.options
		}
		return r.parts, o, true
	}
	if r.forest.changes != r.changes {
		return nil, o, false
	}
	o = *r.forest.options(r.at)
	o.AsOf = r.forest.AsOf
	return r.forest.parts(r.at), o, true
}

// deriveRollup explains a rollup. Of hidden parts it shows what the figures show
// anyway: how many they are, and what they come to together where they are a
// crowd. A figure of a forest that was changed often may differ from its
// derivation in the last bits, see [Forest].
func (r Result) deriveRollup() []Derivation {
	parts, o, current := r.rolled.up()
	if !current {
		return nil
	}
	l := listed{share: "weight", hidden: fmt.Sprintf("%d hidden", r.Hidden)}
	if o.Method == MethodSum {
		l.share = "way"
	}
	shares, _ := o.shares(parts)
	var crowd sums
	for i, p := range parts {
		if p.Hidden {
			crowd.add(shares[i])
			continue
		}
		l.add(p, shares[i], o.Method == MethodSum)
	}
	if crowd.total > 0 {
		l.crowd(crowd, r, o.MinGroup >= 0)
	}
	progress := Derivation{Of: "progress", FormulaID: "rollup.mean", Formula: "sum(progress * weight) / sum(weight), over known progress, within 0 and 1", Inputs: l.progress}
	if o.Method == MethodSum {
		progress.FormulaID, progress.Formula = "rollup.sum", "sum(progress * way) / sum(way), which is (sum(value) - sum(baseline)) / (sum(target) - sum(baseline)), within 0 and 1"
	}
	raw := Derivation{Of: "raw", FormulaID: "rollup.raw." + l.share, Formula: strings.TrimSuffix(progress.Formula, ", within 0 and 1"), Inputs: l.progress}
	if r.Reason != "" && !r.Progress.known {
		progress, raw = r.withheld("progress"), r.withheld("raw")
	}
	pace := func(of, formula string) Derivation {
		if r.Reason != "" && !r.Gap.known {
			return r.withheld(of)
		}
		return Derivation{Of: of, FormulaID: "rollup." + of + "." + l.share, Formula: fmt.Sprintf(formula, l.share, l.share), Inputs: l.pace}
	}
	out := []Derivation{
		progress,
		raw,
		{Of: "coverage", FormulaID: "rollup.coverage", Formula: "sum(known * weight) / sum(weight)", Inputs: l.coverage},
		{Of: "vouched", FormulaID: "rollup.vouched", Formula: "sum(fresh * weight) / sum(weight)", Inputs: l.vouched},
		pace("expected", "sum(expected * %s) / sum(%s), over what is fresh"),
		pace("gap", "sum((expected - progress) * %s) / sum(%s), over what is fresh"),
		pace("ratio", "sum(progress * %s) / sum(expected * %s), over what is fresh"),
	}
	for i := range out {
		out[i].Value, _, _ = Recompute(out[i])
	}
	if r.Amount != nil {
		out = append(out, Derivation{Of: "current", FormulaID: "rollup.amount", Formula: "sum(value)", Inputs: l.amounts, Value: r.Amount.Value},
			Derivation{Of: "over", FormulaID: "over", Formula: "what raw exceeds 1 by", Inputs: []Named{{Name: "raw", Value: r.Raw}}, Value: r.Over})
	}
	if r.Reason == "" && o.Status != VoiceWeakest {
		out = append(out,
			Derivation{Of: "vote", FormulaID: "rollup.vote", Inputs: l.votes, Text: string(r.Vote),
				Formula: "off track where sum(red) / sum(spoken) > 1/2, else at risk where sum(2 * red + amber) / sum(spoken) > 1/2, else on track"},
			Derivation{Of: "spoken", FormulaID: "rollup.spoken", Inputs: l.votes, Formula: "sum(spoken) / sum(fresh)"})
		v := &out[len(out)-1]
		v.Value, _, _ = Recompute(*v)
	}
	out = append(out, o.deriveStatus(r, l.statuses))
	for i := range out {
		out[i].AsOf = o.AsOf
	}
	return out
}

// withheld says of a figure that it is not given, and why: nothing that it would
// follow from is listed.
func (r Result) withheld(of string) Derivation {
	why := "unknown: "
	if r.Hidden > 0 {
		why = "withheld: "
	}
	return Derivation{Of: of, FormulaID: "rollup.withheld", Formula: why + r.Reason}
}

// deriveStatus explains the status of a rollup.
func (o RollupOptions) deriveStatus(r Result, statuses []Named) Derivation {
	d := Derivation{Of: "status", Text: string(r.Status)}
	known := []Named{{Name: "progress", Value: r.Progress}, {Name: "coverage", Value: N(r.Coverage)}, {Name: "vouched", Value: N(r.Vouched)}}
	switch {
	case r.Reason != "":
		d.FormulaID, d.Formula = "rollup.withheld.status", r.withheld("").Formula
	case o.Status == VoiceWeakest:
		d.FormulaID, d.Formula = "rollup.weakest", "unknown below half coverage, else stale below half vouched, else the worst status of the parts that speak"
		d.Inputs = append(known, statuses...)
	default:
		d.FormulaID, d.Formula = "rollup.pace", "unknown below half coverage, else stale below half vouched, else the worse of what the bands compare against the bands and of the vote; pending where there is neither, or where less than half has spoken of what would be on track"
		d.Inputs = append(known, Named{Name: "gap", Value: r.Gap}, Named{Name: "ratio", Value: r.Ratio}, Named{Name: "bands", Text: o.Bands.String()},
			Named{Name: "vote", Text: string(r.Vote)}, Named{Name: "spoken", Value: r.Spoken})
	}
	return d
}

// listed are the inputs of a rollup's derivations.
type listed struct {
	share, hidden                                               string
	progress, coverage, vouched, pace, statuses, votes, amounts []Named
	worst                                                       uint8
}

func (l *listed) add(p Part, s share, amounts bool) {
	of := func(name string, v Number) Named { return Named{Name: name, Value: v, Source: p.ID} }
	way := shown(s.known, s.progress)
	if s.weight == 0 && p.Progress.Finite() {
		way = p.Progress // listed, not counted
	}
	l.progress = append(l.progress, of("progress", way), of(l.share, N(s.share)))
	l.coverage = append(l.coverage, of("known", N(s.coverage)), of("weight", N(s.weight)))
	l.vouched = append(l.vouched, of("fresh", N(s.vouched)), of("weight", N(s.weight)))
	if s.paced {
		l.pace = append(l.pace, of("expected", N(s.expected)), of("progress", N(s.made)), of(l.share, N(s.share)))
	}
	if s.known && s.weight > 0 {
		var t sums
		w := float64(s.weight * s.vouched)
		t.hear(w, s.gravity)
		l.voted(p.ID, w, &t)
	}
	if s.known {
		l.statuses = append(l.statuses, Named{Name: "status", Text: string(p.Status), Source: p.ID})
		l.worst = max(l.worst, s.gravity)
		if amounts {
			l.amounts = append(l.amounts, of("value", p.Amount.Value))
		}
	}
}

// voted lists what is fresh of parts, and what of it speaks.
func (l *listed) voted(id string, fresh float64, t *sums) {
	for _, x := range []Named{{Name: "fresh", Value: finite(fresh)}, {Name: "spoken", Value: finite(t.spoken)}, {Name: "red", Value: finite(t.red)}, {Name: "amber", Value: finite(t.amber)}} {
		x.Source = id
		l.votes = append(l.votes, x)
	}
}

// crowd lists hidden parts as one, or, where the figures do not contain them, as
// nothing but weight.
func (l *listed) crowd(t sums, r Result, count bool) {
	of := func(name string, v Number) Named { return Named{Name: name, Value: v, Source: l.hidden} }
	known, fresh := N(0), N(0)
	if count && r.Progress.known {
		known, fresh = finite(t.coverage()), finite(t.vouched())
		if t.nKnown > 0 {
			l.progress = append(l.progress, of("progress", finite(t.sum/t.known)), of(l.share, N(t.known)))
		}
		if t.nPaced > 0 && r.Gap.known {
			l.pace = append(l.pace, of("expected", finite(t.expected/t.paced)), of("progress", finite(t.made/t.paced)), of(l.share, N(t.paced)))
		}
		if r.Reason == "" {
			l.voted(l.hidden, t.fresh, &t)
		}
		if t.worst > l.worst {
			l.statuses = append(l.statuses, Named{Name: "status", Text: string(codes[t.worst]), Source: l.hidden})
		}
		if r.Amount != nil && r.Amount.Value.known {
			seen := 0.0
			for _, a := range l.amounts {
				seen += a.Value.value
			}
			l.amounts = append(l.amounts, of("value", finite(r.Amount.Value.value-seen)))
		}
	}
	l.coverage = append(l.coverage, of("known", known), of("weight", N(t.total)))
	l.vouched = append(l.vouched, of("fresh", fresh), of("weight", N(t.total)))
}

// rollupFormulas compute the figures of a rollup from its listed parts.
func rollupFormulas() map[string]evaluator {
	number := func(f func(a *args) Number) evaluator {
		return func(a *args) (Number, string) { return f(a), "" }
	}
	out := map[string]evaluator{
		"rollup.coverage": number(func(a *args) Number { return shareOf(a, "known") }),
		"rollup.vouched":  number(func(a *args) Number { return shareOf(a, "fresh") }),
		"rollup.mean":     number(func(a *args) Number { return Clamp(weighed(a, "weight", "progress")) }),
		"rollup.sum":      number(func(a *args) Number { return Clamp(weighed(a, "way", "progress")) }),
		"rollup.amount": number(func(a *args) Number {
			v := 0.0
			for _, x := range a.all("value") {
				v += x.Value.value
			}
			return finite(v)
		}),
		"rollup.raw.weight":      number(func(a *args) Number { return weighed(a, "weight", "progress") }),
		"rollup.raw.way":         number(func(a *args) Number { return weighed(a, "way", "progress") }),
		"rollup.withheld":        func(*args) (Number, string) { return Number{}, "" },
		"rollup.withheld.status": func(a *args) (Number, string) { return Number{}, a.ruled(Unknown) },
		"rollup.vote": func(a *args) (Number, string) {
			if v := vote(a.total("spoken"), a.total("red"), a.total("amber")); v != pendingCode {
				return Number{}, string(codes[v])
			}
			return Number{}, ""
		},
		"rollup.spoken": number(func(a *args) Number {
			if len(a.all("fresh")) == 0 {
				return Number{}
			}
			if s := a.total("spoken"); s > 0 {
				return finite(s / a.total("fresh"))
			}
			return N(0)
		}),
		"rollup.weakest": func(a *args) (Number, string) {
			worst := unknownCode
			for _, x := range a.all("status") {
				worst = max(worst, gravity(code(Status(x.Text))))
			}
			return Number{}, a.speak(codes[worst])
		},
		"rollup.pace": func(a *args) (Number, string) {
			b := a.bands("bands")
			pace, vote := pendingCode, pendingCode
			if x := b.Figure(a.number("gap"), a.number("ratio"), a.number("progress")); x.known {
				pace = code(b.Of(x))
			}
			if v := a.text("vote"); v != "" {
				vote = code(Status(v))
			}
			return Number{}, a.speak(codes[heard(pace, vote, a.number("spoken").value)])
		},
	}
	for _, share := range []string{"weight", "way"} {
		out["rollup.expected."+share] = number(func(a *args) Number { return weighed(a, share, "expected") })
		out["rollup.gap."+share] = number(func(a *args) Number { return Gap(weighed(a, share, "expected"), weighed(a, share, "progress")) })
		out["rollup.ratio."+share] = number(func(a *args) Number {
			e, p := weighed(a, share, "expected"), weighed(a, share, "progress")
			if !e.known || !p.known || e.value <= 0 {
				return Number{}
			}
			return finite(p.value / e.value)
		})
	}
	return out
}

// total is the sum of an input.
func (a *args) total(name string) float64 {
	v := 0.0
	for _, x := range a.all(name) {
		v += x.Value.value
	}
	return v
}

// speak is the status where enough is known for one.
func (a *args) speak(s Status) string {
	coverage, vouched := a.number("coverage"), a.number("vouched")
	switch {
	case !a.number("progress").known || coverage.value < halfKnown-slack:
		s = Unknown
	case vouched.value < halfKnown-slack:
		s = Stale
	}
	return a.ruled(s)
}

// ruled is the status that a rule gave, where it replaces the computed one.
func (a *args) ruled(computed Status) string {
	if in, ok := a.find("ruled"); ok && (Ruling{Status: Status(in.Text)}).Replaces(computed) {
		return in.Text
	}
	return string(computed)
}

// weighed is the mean of an input by another, over those that are known.
func weighed(a *args, by, of string) Number {
	shares := a.all(by)
	sum, all, n := 0.0, 0.0, 0
	for i, x := range a.all(of) {
		if i >= len(shares) {
			a.fail(by, "is missing for some")
			return Number{}
		}
		if w := shares[i].Value.value; x.Value.known && w > 0 {
			sum += float64(x.Value.value * w)
			all += w
			n++
		}
	}
	if n == 0 {
		return Number{}
	}
	return finite(sum / all)
}

// shareOf is the mean of an input by weight, 0 where nothing weighs.
func shareOf(a *args, of string) Number {
	weights := a.all("weight")
	sum, all := 0.0, 0.0
	for i, x := range a.all(of) {
		if i >= len(weights) {
			a.fail("weight", "is missing for some")
			return Number{}
		}
		sum += float64(x.Value.value * weights[i].Value.value)
		all += weights[i].Value.value
	}
	if all == 0 {
		return N(0)
	}
	return finite(sum / all)
}
