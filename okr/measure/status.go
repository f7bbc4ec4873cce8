package measure

import "time"

// Status is what was computed of a key result or an objective, as opposed to
// what a person stated. The set is open at the end.
type Status string

// The statuses.
const (
	Unknown  Status = "unknown"   // there is nothing to tell it from
	Pending  Status = "pending"   // nothing is expected yet
	OnTrack  Status = "on_track"  //
	AtRisk   Status = "at_risk"   //
	OffTrack Status = "off_track" //
	Stale    Status = "stale"     // the newest reading is older than the source's interval allows
	Paused   Status = "paused"    // excused for now: postponed, or its owner is away
	Hit      Status = "hit"       // closed, and the target was reached
	Missed   Status = "missed"    // closed, and it was not
)

// Override is a status that a person put in the place of the computed one, with
// the reason and until when. It is not what a person states in a check-in, which
// stands beside the computed status and never in its place.
type Override struct {
	Status Status    `json:"status,omitempty"` // on_track, at_risk or off_track
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"`
	Until  time.Time `json:"until,omitzero"` // UTC instant from which it no longer holds
}

// IsZero says whether there is no override; it serves encoders that leave out
// zero values.
func (o Override) IsZero() bool { return o == Override{} }

// Holds says whether the override is in force at the instant. Without a reason or
// an end it never is.
func (o *Override) Holds(now time.Time) bool {
	return o.Status != "" && len(o.problems(nil)) == 0 && now.Before(o.Until)
}

// Problems says what is wrong with the override.
func (o Override) Problems() []Problem {
	if o.IsZero() {
		return nil
	}
	return o.problems(nil)
}

func (o *Override) problems(ps problems) problems {
	switch o.Status {
	case OnTrack, AtRisk, OffTrack:
	default:
		ps.add("override.status", string(o.Status), "use on_track, at_risk or off_track")
	}
	if o.Reason == "" {
		ps.add("override.reason", "", "say why the computed status does not fit")
	}
	if o.Until.IsZero() {
		ps.add("override.until", "", "say until when it holds: an override expires")
	}
	return ps
}

// Ruling is the status that a rule of a pack gave, in the place of the computed one.
type Ruling struct {
	Status Status `json:"status,omitempty"`
	Rule   string `json:"rule,omitempty"`   // id of the rule
	Pack   string `json:"pack,omitempty"`   // name and version of its pack: "status-default@1.0.0"
	Digest string `json:"digest,omitempty"` // of the pack's text
}

// Replaces says whether the ruling stands in the place of the computed status. A
// rule may judge harder than the arithmetic; it does not wake what is paused, nor
// call on track what nobody has measured of late.
func (r Ruling) Replaces(computed Status) bool {
	switch computed {
	case Paused:
		return false
	case Unknown, Stale:
		return r.Status != "" && r.Status != OnTrack
	}
	return r.Status != ""
}

// formulaRuled is how a status came about that a rule gave.
const formulaRuled = "rule: a rule in force said so"

// precedence is the place of the first thing that decides the status: a closed
// outcome, then pause, then, unless a person put another status in its place, a
// rule, as far as [Ruling.Replaces] lets it; then nothing to tell it from, stale, an
// override, level or pace, and pending.
type precedence struct {
	closed, paused    bool
	hit               answer
	current, progress Number
	collecting        bool // a baseline key result: readings, and no target yet
	fresh             bool
	ahead, over       bool // the last day is still to come; it has come
	overridden, ruled Status
	leveled, yesNo    bool
	inAmber, amber    bool
	compared          Number // the figure that the bands compare
	bands             Bands
	unscheduled       bool // a share of the scheduled check-ins, and none is scheduled
}

// dates says whether the last day of the curve is still to come, or has.
func (p *precedence) dates(first, last, today Date) {
	f, l, t := first.number(), last.number(), today.number()
	p.ahead = t < l
	p.over = t >= l && f <= l && !first.IsZero() && !last.IsZero() && !today.IsZero()
}

// formula names what decided.
func (p *precedence) formula() string {
	switch {
	case p.closed && p.hit == untold:
		return "unknown: it is closed, and nobody can tell whether it was hit"
	case p.closed:
		return "closed: hit or missed"
	case p.paused:
		return "paused: it is put off or given up, or excused for now"
	case p.rules(p.computed()):
		return formulaRuled
	case !p.current.known && p.unscheduled:
		return "unknown: no check-ins are scheduled"
	case !p.current.known:
		return "unknown: there is no reading"
	case !p.progress.known && !p.collecting:
		return "unknown: the metric gives no progress"
	case !p.fresh:
		return "stale: the reading is older than the limit"
	case p.collecting:
		return "pending: the target is still to be learnt"
	case p.overridden != "":
		return "override: a person said so, with a reason and an end"
	case p.leveled:
		return "level: on track while it holds; then at risk within the amber zone or with time left, and off track beyond"
	case !p.compared.known && p.hit == yes:
		return "on track: it is hit, and no pace is expected"
	case !p.compared.known:
		return "pending: nothing is expected yet"
	}
	return string(p.bands.Compare) + " against the bands"
}

func (p *precedence) status() Status {
	if computed := p.computed(); !p.rules(computed) {
		return computed
	}
	return p.ruled
}

// rules says whether a rule's status stands in the place of the computed one.
func (p *precedence) rules(computed Status) bool {
	return p.ruled != "" && !p.closed && p.overridden == "" && Ruling{Status: p.ruled}.Replaces(computed)
}

func (p *precedence) computed() Status {
	switch {
	case p.closed && p.hit == yes:
		return Hit
	case p.closed && p.hit == no:
		return Missed
	case p.closed:
		return Unknown
	case p.paused:
		return Paused
	case !p.current.known, !p.progress.known && !p.collecting:
		return Unknown
	case !p.fresh:
		return Stale
	case p.collecting:
		return Pending
	case p.overridden != "":
		return p.overridden
	case p.leveled:
		return p.level()
	case !p.compared.known && p.hit == yes:
		return OnTrack
	case !p.compared.known:
		return Pending
	}
	return p.bands.of(p.compared)
}

// level judges where the value stands. With time left, what does not hold yet may
// still be restored.
func (p *precedence) level() Status {
	switch {
	case p.hit == yes:
		return OnTrack
	case p.hit == untold:
		return Unknown
	case p.over, p.amber && !p.inAmber:
		return OffTrack
	case p.yesNo, !p.ahead:
		return Pending
	}
	return AtRisk
}
