package planfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Fields that only programs keep.
const (
	fCommit      field = "commit"
	fStretch     field = "stretch"
	fCommitZone  field = "commit zone"
	fTargetZone  field = "target zone"
	fStretchZone field = "stretch zone"
	fCheckIns    field = "check-ins"
)

var zoneFields = map[field]measure.Level{fCommitZone: measure.LevelCommit, fTargetZone: measure.LevelTarget, fStretchZone: measure.LevelStretch}

// scale is what a key result says of its own levels, in numbers or in words.
type scale struct {
	line            int
	commit, stretch measure.Number
	ordinal         bool
	zones           map[measure.Level]string
}

// legend is what a file explains once for all its key results.
type legend struct {
	units  map[string]string // by id
	cycles map[string]okr.PlanCycle
}

// readLegend reads the lists of units and of cycles that stand beside the
// objectives, and claims their lines.
func (r *treeReader) readLegend(root *yaml.Node) {
	r.units, r.cycles = map[string]string{}, map[string]okr.PlanCycle{}
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], resolve(root.Content[i+1])
		switch f := treeField(key.Value); {
		case f == fUnit && value.Kind == yaml.MappingNode:
			r.read[key] = true
			r.l.mark(key.Line, Labels)
			for j := 0; j+1 < len(value.Content); j += 2 {
				if u := resolve(value.Content[j+1]); u.Kind == yaml.ScalarNode {
					r.units[value.Content[j].Value] = u.Value
					r.l.mark(value.Content[j].Line, Fields)
				}
			}
		case (f == fCycle || oneOf(plainLabel(key.Value), []string{"quarters", "cycles", "periods"})) && value.Kind == yaml.SequenceNode:
			for _, item := range value.Content {
				r.cycleRow(resolve(item))
			}
			if len(r.cycles) > 0 {
				r.read[key] = true
				r.l.mark(key.Line, Labels)
			}
		}
	}
}

// cycleRow reads a cycle with its label and its days.
func (r *treeReader) cycleRow(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	name, line := "", n.Line
	var start, end okr.Date
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		if value.Kind != yaml.ScalarNode {
			continue
		}
		day, isDay := r.words.date(value.Value)
		switch f := treeField(key.Value); {
		case (f == fTitle || plainLabel(key.Value) == "label") && !empty(value.Value):
			name, line = oneLine(value.Value), key.Line
			r.l.mark(key.Line, Cycles)
		case (f == fStart || f == fBaseline) && isDay:
			start = day
			r.l.mark(key.Line, Cycles)
		case (f == fDue || f == fTarget) && isDay:
			end = day
			r.l.mark(key.Line, Cycles)
		default:
			r.loseKey(key, value)
		}
	}
	if name == "" {
		return
	}
	c := okr.PlanCycle{Key: firstOf(cycleOf(name).Key, slug(name)), Name: name}
	switch {
	case start.IsZero() && end.IsZero():
		if named := cycleOf(name); !named.Start.IsZero() {
			c.Start, c.End = named.Start, named.End
		}
	case start.IsZero() || end.IsZero() || end.Before(start):
		r.l.part(line, name, "dates of a cycle need a first and a last day, in this order")
	default:
		c.Start, c.End = start, end
	}
	r.cycles[strings.ToLower(name)] = c
}

// scaleKey reads a key that says of a key result how far commit, target and
// stretch are.
func (r *treeReader) scaleKey(k *draftKeyResult, s *scale, f field, key, value *yaml.Node) bool {
	if value.Kind != yaml.ScalarNode {
		return false
	}
	text := oneLine(value.Value)
	q, isNumber := r.numberOf(value)
	switch level := zoneFields[f]; {
	case (level != "" || f == fCommit || f == fStretch) && (value.ShortTag() == "!!null" || empty(text)):
		r.l.mark(key.Line, Markup)
		return true
	case (f == fBaseline || f == fTarget || f == fCurrent) && isNumber && value.ShortTag() != "!!str" && value.ShortTag() != "!!null":
		r.setNumber(k, f, q)
	case level != "":
		if s.zones == nil {
			s.zones, s.line = map[measure.Level]string{}, key.Line
		}
		s.zones[level] = value.Value
	case f == fCommit || f == fStretch:
		if !isNumber {
			r.l.part(key.Line, text, "this is no "+string(f)+" that can be read in only one way")
			break
		}
		s.line = key.Line
		if f == fCommit {
			s.commit = q.number
		} else {
			s.stretch = q.number
		}
	case f == fKind && strings.EqualFold(text, "ordinal"):
		s.ordinal = true
	default:
		return false
	}
	r.l.mark(key.Line, Fields)
	return true
}

// numberOf reads a scalar. What the format itself says is a number is one; in
// quotes it is text.
func (r *treeReader) numberOf(n *yaml.Node) (quantity, bool) {
	switch n.ShortTag() {
	case "!!int", "!!float":
		q, ok := plainQuantity(n.Value)
		return q, ok && q.unit == ""
	case "!!null":
		return quantity{}, false // in German, null is a number
	}
	return r.words.quantity(n.Value)
}

// scaled gives a key result the metric that its levels make. Where a file gives
// the start and the stretch goal alone, the commit lies at 30 % of the way and
// the target at 70 %: so the tool draws them that keeps them this way (puzzle/okr).
func (r *treeReader) scaled(k *draftKeyResult, s scale) {
	switch {
	case len(s.zones) > 0 || s.ordinal:
		r.zoned(k, s)
	case s.stretch.Known() || s.commit.Known():
		r.stretched(k, s)
	}
}

func (r *treeReader) zoned(k *draftKeyResult, s scale) {
	k.Metric, k.metric = measure.Metric{Kind: measure.Zones}, true
	for _, l := range measure.Levels() {
		if text := strings.TrimSpace(s.zones[l]); text != "" && !empty(text) {
			k.Metric.Zones = append(k.Metric.Zones, measure.Zone{Level: l, Text: r.short(text, maxTitle, s.line)})
		}
	}
	if !slices.ContainsFunc(k.Metric.Zones, func(z measure.Zone) bool { return z.Level == measure.LevelTarget }) {
		for _, z := range k.Metric.Zones {
			r.l.part(s.line, z.Text, "zones without a target: nobody can tell a hit from a miss")
		}
		k.Metric.Zones = nil
	}
}

func (r *treeReader) stretched(k *draftKeyResult, s scale) {
	m := &k.Metric
	m.Kind, k.metric = measure.CommitTargetStretch, true
	m.Commit, m.Stretch = s.commit, s.stretch
	b, from := m.Baseline.Value()
	top, to := m.Stretch.Value()
	switch {
	case from && to && b == top:
		// It starts where it ends: both numbers stay, and nothing is measured.
		if m.Commit.Known() || m.Target.Known() {
			r.l.part(s.line, strings.Trim(m.Commit.String()+", "+m.Target.String(), ", "), "commit and target between a start and a stretch goal that are the same")
		}
		*m = measure.Metric{Kind: measure.Increase, Unit: m.Unit, Baseline: m.Baseline, Target: m.Stretch}
	case from && to:
		if !m.Commit.Known() {
			m.Commit = between(b, top, 0.3)
		}
		if !m.Target.Known() {
			m.Target = between(b, top, 0.7)
		}
	}
}

// between is the value at a share of the way, as a person would write it.
func between(from, to, share float64) measure.Number {
	v := from + share*(to-from)
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64); err == nil {
		v = rounded
	}
	return measure.N(v)
}

// draftCheckIn is a check-in as it is being read.
type draftCheckIn struct {
	okr.PlanCheckIn
	line   int
	scaled bool // its confidence says its scale
}

// Keys of check-ins, in the order in which they are believed.
var (
	momentKeys = []string{"at", "occurredat", "date", "timestamp", "checkedinat", "createdon", "createdat", "created", "recordedat"}
	valueKeys  = []string{"value", "valuemetric", "current", "currentvalue", "actual", "reading", "newvalue"}
	noteKeys   = []string{"note", "notes", "comment", "commentary", "changeinfo", "text", "message"}
	byKeys     = []string{"author", "by", "owner", "createdby", "user", "person"}
)

// checkIns reads the list of check-ins of a key result.
func (r *treeReader) checkIns(k *draftKeyResult, list *yaml.Node) {
	for _, n := range list.Content {
		if n = resolve(n); n.Kind != yaml.MappingNode {
			r.loseAll(n)
			continue
		}
		r.checkIn(k, n)
	}
}

func (r *treeReader) checkIn(k *draftKeyResult, n *yaml.Node) {
	c := draftCheckIn{line: n.Line}
	r.l.mark(n.Line, CheckIns)
	best := map[string]int{}
	pick := func(what string, names []string, plain string) (bool, int) {
		at := slices.Index(names, plain)
		return at >= 0 && (best[what] == 0 || at+1 < best[what]), at + 1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		if value.Kind != yaml.ScalarNode {
			r.loseKey(key, value)
			continue
		}
		plain, text := plainLabel(splitCamel(key.Value)), oneLine(value.Value)
		if value.ShortTag() == "!!null" || text == "" {
			r.l.mark(key.Line, Markup)
			continue
		}
		used := true
		if ok, rank := pick("at", momentKeys, plain); ok {
			if at, isInstant := instantOf(text); isInstant {
				c.At, best["at"], c.line = at, rank, key.Line
			} else {
				used = false
			}
		} else if ok, rank := pick("value", valueKeys, plain); ok {
			if q, isNumber := r.numberOf(value); isNumber && (q.unit == "" || k.Metric.Unit == "" || q.unit == k.Metric.Unit) {
				c.Value, best["value"] = q.number, rank
			} else {
				used = false
			}
		} else if ok, rank := pick("note", noteKeys, plain); ok {
			c.Note, best["note"] = value.Value, rank
		} else if ok, rank := pick("by", byKeys, plain); ok {
			c.Author, best["by"] = text, rank
		} else {
			switch {
			case plain == "zone" || plain == "level":
				c.Zone = measure.Level(strings.ToLower(text))
				if used = c.Zone.Number().Known(); !used {
					c.Zone = ""
				}
			case plain == "confidence" || plain == "conf":
				q, isNumber := r.numberOf(value)
				if used = isNumber && r.confidence(&c, q); used {
					r.confidences = append(r.confidences, q)
				}
			default:
				used = false
			}
		}
		if !used {
			r.loseKey(key, value)
			continue
		}
		r.l.mark(key.Line, CheckIns)
	}
	switch {
	case c.At.IsZero():
		r.l.part(n.Line, "a check-in", "it does not say when it was taken")
	case c.At.Year() < 1900 || c.At.Year() > 9999:
		r.l.part(c.line, c.At.Format(time.RFC3339), "a check-in before 1900 or after 9999")
	default:
		k.history = append(k.history, c)
	}
}

// confidence takes 7, 7/10 and 70 %; which scale bare numbers are on, the file
// tells as a whole.
func (r *treeReader) confidence(c *draftCheckIn, q quantity) bool {
	v, known := q.number.Value()
	switch {
	case !known || v < 0:
		return false
	case q.unit == "%" || q.unit == "/100":
		v /= 10
	case q.unit != "" && q.unit != "/10":
		return false
	}
	if v > 10 {
		return false
	}
	c.Confidence, c.scaled = measure.N(v), q.unit != ""
	return true
}

// settleHistory gives a key result the check-ins that its metric can take.
func (d *draft) settleHistory(out *okr.PlanKeyResult, k *draftKeyResult) {
	slices.SortStableFunc(k.history, func(a, b draftCheckIn) int { return a.At.Compare(b.At) })
	if n := len(k.history) - maxHistory; n > 0 {
		d.l.part(k.line, fmt.Sprintf("%d check-ins", n), fmt.Sprintf("the oldest ones: a key result brings at most %d along", maxHistory))
		k.history = k.history[n:]
	}
	d.otherUnit(out.Metric, k)
	for _, c := range k.history {
		c.Author, c.Note = d.short(c.Author, maxName, c.line), d.note(c.Note, c.line)
		switch {
		case c.Zone != "" && out.Metric.Kind != measure.Zones:
			d.l.part(c.line, string(c.Zone), "a zone, and the key result describes none")
			c.Zone = ""
		case c.Zone != "" && !out.Metric.Raw(c.Zone.Number()).Known():
			d.l.part(c.line, string(c.Zone), "a zone that the key result does not describe")
			c.Zone = ""
		case c.Zone != "" && c.Value.Known():
			d.l.part(c.line, c.Value.String(), "a value beside a zone")
			c.Value = measure.Number{}
		}
		if v, ok := c.Value.Value(); ok && !takes(out.Metric, v) {
			d.l.part(c.line, c.Value.String(), "a value that a metric of kind "+string(out.Metric.Kind)+" cannot take")
			c.Value = measure.Number{}
		}
		out.CheckIns = append(out.CheckIns, c.PlanCheckIn)
	}
}

// maxHistory is how many check-ins of a key result a plan takes.
const maxHistory = 1000

// takes says whether a reading of the metric may have the value.
func takes(m measure.Metric, v float64) bool {
	switch m.Kind {
	case measure.YesNo:
		return v == 0 || v == 1
	case measure.Milestones:
		return v >= 0 && v <= 1
	case measure.Zones:
		return m.Raw(measure.N(v)).Known()
	}
	return !math.IsInf(v, 0) && !math.IsNaN(v)
}

// note is a text of several lines, as long as a plan takes.
func (d *draft) note(s string, line int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	r := []rune(s)
	if len(r) <= maxNote {
		return s
	}
	d.l.part(line, string(r[maxNote-1:]), fmt.Sprintf("the end of a text with more than %d characters", maxNote))
	return string(r[:maxNote-1]) + "…"
}

// farBeyond is how many times its whole way a reading may lie beyond the goal: three
// where one was wanted is a success, eighty-five is a percentage.
const farBeyond = 10

// otherUnit takes readings away that are in another unit than the metric: they lie
// far off its way, and on it once they are multiplied or divided by a hundred, a
// thousand or a million. If the newest is, none says where the key result stands.
func (d *draft) otherUnit(m measure.Metric, k *draftKeyResult) {
	ends := []measure.Number{m.Baseline, m.Target, m.Stretch}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, e := range ends {
		if v, ok := e.Value(); ok {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	way := hi - lo
	if !(way > 0) || math.IsInf(way, 0) {
		return
	}
	newest := -1
	foreign := func(c draftCheckIn) bool {
		v, ok := c.Value.Value()
		if !ok || v == 0 || v >= lo-way && v <= hi+way {
			return false
		}
		for _, by := range []float64{1e2, 1e3, 1e6} {
			up, down := v*by, v/by
			if up >= lo && up <= hi && v < lo/50 || down >= lo && down <= hi && v-hi > farBeyond*way {
				return true
			}
		}
		return false
	}
	for i, c := range k.history {
		if c.Value.Known() {
			newest = i
		}
	}
	if newest < 0 {
		return
	}
	all := foreign(k.history[newest])
	for i := range k.history {
		c := &k.history[i]
		switch {
		case !c.Value.Known():
			continue
		case foreign(*c):
			d.l.part(c.line, c.Value.String(), fmt.Sprintf("a reading in another unit: the way goes from %s to %s", measure.N(lo), measure.N(hi)))
		case all:
			d.l.part(c.line, c.Value.String(), "a reading before one in another unit")
		default:
			continue
		}
		c.Value = measure.Number{}
	}
}

// scaleConfidences brings the confidences of a file onto the scale from 0 to 10:
// where none is above 1 and some are fractions, they are shares.
func (r *treeReader) scaleConfidences() {
	highest, fraction := 0.0, false
	for _, q := range r.confidences {
		if v, _ := q.number.Value(); q.unit == "" {
			highest, fraction = max(highest, v), fraction || v != math.Trunc(v)
		}
	}
	if highest > 1 || !fraction {
		return
	}
	for _, o := range r.objectives {
		for _, k := range o.krs {
			for i := range k.history {
				if v, ok := k.history[i].Confidence.Value(); ok && !k.history[i].scaled {
					k.history[i].Confidence = measure.N(v * 10)
				}
			}
		}
	}
}
