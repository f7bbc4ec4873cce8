package measure

// Answer says whether a key result was hit, and why.
type Answer struct {
	Hit    Number `json:"hit,omitzero"` // 1 yes, 0 no
	Reason string `json:"reason"`
}

// Hit answers "did we hit this?" from what is known as of the input's instant: yes
// or no, or unknown with the reason. It is the same answer for ever when it is
// asked with the readings up to the close.
func (in *Input) Hit() Answer {
	m := &in.Metric
	v := in.current()
	a := Answer{Hit: m.met(v)}
	switch {
	case a.Hit.known:
		a.Reason = m.shown(v) + ", and " + m.want()
	case m.Standstill() && m.Mode != HitRatio:
		a.Reason = "it ends where it started: there was nothing to reach"
	case m.Kind == Baseline:
		a.Reason = "it only learns where one stands: no target was set"
	case len(m.Missing()) > 0:
		a.Reason = "it lacks " + list(m.Missing())
	case !v.known && in.unscheduled():
		a.Reason = "no check-ins are scheduled"
	case !v.known && m.Mode.tallied() && in.Latest.Value.Finite():
		a.Reason = "no reading counts for its mode, " + string(m.Mode)
	case !v.known:
		a.Reason = "there is no reading"
	case !in.known():
		a.Reason = "this version does not know its kind of metric, or its reading mode"
	default:
		a.Reason = m.Format(v) + " is no value that it takes"
	}
	return a
}

// unscheduled says whether the figure is a share of check-ins that nobody asks for.
func (in *Input) unscheduled() bool {
	return in.Metric.Mode == HitRatio && in.Tally.Scheduled <= 0
}

func (in *Input) known() bool { return in.Metric.formula("") != ".unknown" }

func (m *Metric) shown(v Number) string {
	switch m.Mode {
	case HitRatio:
		return m.Format(v) + " of the scheduled check-ins met the target"
	case Average:
		return "its mean is " + m.Format(v)
	case Sum:
		return "its sum is " + m.Format(v)
	}
	return "its value is " + m.Format(v)
}

// want is what makes a hit, in words.
func (m *Metric) want() string {
	if m.Mode == HitRatio {
		return m.Format(N(finiteOnly(m.Need).Or(1))) + " are needed"
	}
	return "a hit is " + m.Goal()
}

// Goal says in words what has to be reached: "4 % or less", "above 45", "2 to 4 %",
// "all milestones"; "" where nothing is set.
func (m Metric) Goal() string {
	switch m.Kind {
	case YesNo:
		return "a yes"
	case Milestones:
		return "all milestones"
	case Zones:
		return "the level target or better"
	case Between:
		if !m.banded() {
			return ""
		}
		places, fixed := m.places()
		return Unit("").with(m.Low, places, fixed) + " to " + m.Format(m.High)
	}
	target := m.Target
	if m.Kind == Points && !target.Finite() {
		if _, last, ok := ends(m.Points); ok {
			target = N(last.Value)
		}
	}
	if !target.Finite() {
		return ""
	}
	switch m.Kind {
	case Above:
		return "above " + m.Format(target)
	case Below:
		return "below " + m.Format(target)
	}
	switch m.direction() {
	case "up":
		return m.Format(target) + " or more"
	case "down":
		return m.Format(target) + " or less"
	}
	return ""
}
