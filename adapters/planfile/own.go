package planfile

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"go.yaml.in/yaml/v3"
)

// The keys of the own format.
var (
	planKeys       = []string{"cycle", "people", "teams", "objectives"}
	cycleKeys      = []string{"key", "name", "zone", "start", "end", "cadence", "parent", "bands", "grade_objectives", "phases", "sessions"}
	personKeys     = []string{"id", "name", "email", "kind", "left", "team", "zone", "version", "manager", "backup", "away", "language", "region"}
	teamKeys       = []string{"id", "name", "lead", "parent", "cadence", "limit", "version"}
	objectiveKeys  = []string{"key", "title", "description", "committed", "rank", "owner", "team", "parent", "parents", "private", "score", "outcome", "rollup", "key_results"}
	keyResultKeys  = []string{"key", "title", "definition", "rationale", "owner", "role", "kpi", "metric", "curve", "current", "confidence", "weight", "due", "source", "cadence", "initiatives", "checkins", "score", "outcome", "kind", "unit", "baseline", "target"}
	parentKeys     = []string{"key", "weight"}
	rollupKeys     = []string{"driver", "method", "status"}
	sourceKeys     = []string{"kind", "where", "interval", "access"}
	initiativeKeys = []string{"title", "owner", "done", "link"}
)

// readOwn reads okrkit's own plan, strictly: what is not understood is an error.
func readOwn(l *ledger, format Format, s *source, w words) (okr.Plan, error) {
	root, err := parseTree(format, s)
	if err != nil {
		return okr.Plan{}, err
	}
	r := &ownReader{nodes: nodes{src: s, words: w}, l: l}
	if tooDeep(root, 0) {
		return okr.Plan{}, s.at(root.Line, 0, "the file nests too deep", fmt.Sprintf("a plan nests at most %d levels", maxDepth))
	}
	plan := r.plan(root)
	if err := r.bad.err(); err != nil {
		return okr.Plan{}, err
	}
	if err := r.drafts(plan, root); err != nil {
		return okr.Plan{}, err
	}
	l.claimRest()
	return plan, nil
}

// drafts says where the file holds what the desk would refuse, such as a target
// on the wrong side of its baseline.
func (r *ownReader) drafts(plan okr.Plan, root *yaml.Node) error {
	n := 0
	_, _, err := plan.Snapshot(func() string { n++; return strconv.Itoa(n) }, time.Time{})
	var (
		all okr.InvalidErrors
		one *okr.InvalidError
	)
	switch {
	case errors.As(err, &all):
	case errors.As(err, &one):
		all = append(all, one)
	default:
		return err
	}
	var bad problems
	for _, e := range all {
		at := locate(root, e.Field)
		bad.add(r.src.at(at.Line, at.Column, fmt.Sprintf("%s: %q", e.Field, clip(e.Value)), e.Remedy))
	}
	return bad.err()
}

var pathStep = regexp.MustCompile(`[^.\[\]]+`)

// locate is the node of a path such as objectives[0].title, or the nearest one
// above it that stands in the file.
func locate(n *yaml.Node, path string) *yaml.Node {
	for _, step := range pathStep.FindAllString(path, -1) {
		n = resolve(n)
		var next *yaml.Node
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
			next = n.Content[i]
		} else if n.Kind == yaml.MappingNode {
			next = valueOf(n, step)
		}
		if next == nil {
			return n
		}
		n = next
	}
	return resolve(n)
}

// parseTree parses YAML or JSON into nodes with positions.
func parseTree(format Format, s *source) (*yaml.Node, error) {
	if format == JSON {
		return parseJSON(s)
	}
	return parseYAML(s)
}

var yamlErrorLine = regexp.MustCompile(`^line (\d+): `)

func parseYAML(s *source) (*yaml.Node, error) {
	dec := yaml.NewDecoder(strings.NewReader(s.text))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, s.whole("the file holds only comments", "write at least one objective with one key result into it")
		}
		text, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
		if m := yamlErrorLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = text[len(m[0]):]
		}
		return nil, s.at(line, 0, "this is no YAML: "+text, "check the indentation, and put text that holds : or # into quotes")
	}
	switch err := dec.Decode(&next); {
	case err == nil && len(next.Content) > 0:
		return nil, s.at(next.Line, 0, "a second document begins here", "one file is one plan: put them into files of their own")
	case err != nil && !errors.Is(err, io.EOF):
		return nil, s.whole("this is no YAML: "+strings.TrimPrefix(err.Error(), "yaml: "), "remove what stands after ---")
	}
	if len(doc.Content) == 0 {
		return nil, s.whole("the file holds no value", "write at least one objective with one key result into it")
	}
	return doc.Content[0], nil
}

// tooDeep says whether the nodes nest beyond the bound. Aliases count with what
// they stand for, so a loop is found too.
func tooDeep(n *yaml.Node, depth int) bool {
	visited := 0
	var walk func(n *yaml.Node, depth int) bool
	walk = func(n *yaml.Node, depth int) bool {
		if visited++; depth > maxDepth || visited > maxValues {
			return true
		}
		if n.Kind == yaml.AliasNode {
			return walk(n.Alias, depth+1)
		}
		for _, c := range n.Content {
			if walk(c, depth+1) {
				return true
			}
		}
		return false
	}
	return walk(n, depth)
}

// ownReader turns nodes into a plan.
type ownReader struct {
	nodes
	l  *ledger
	of okr.PlanCycle
}

func (r *ownReader) plan(n *yaml.Node) okr.Plan {
	o := r.object(r.follow(n), "", planKeys...)
	p := okr.Plan{Cycle: r.cycle(o)}
	r.of = p.Cycle
	for i, n := range o.list("people") {
		p.People = append(p.People, r.person(n, o.item("people", i)))
	}
	for i, n := range o.list("teams") {
		p.Teams = append(p.Teams, r.team(n, o.item("teams", i)))
	}
	for i, n := range o.list("objectives") {
		p.Objectives = append(p.Objectives, r.objective(n, o.item("objectives", i)))
	}
	r.parents(o, p)
	if len(r.bad.list) == 0 && len(p.Objectives) == 0 && len(p.People) == 0 && len(p.Teams) == 0 {
		r.fail(n, "", "the file holds no objective", "list them under objectives:")
	}
	return p
}

// parents refuses parents that are not there: a typing error would cut a tree in
// two.
func (r *ownReader) parents(plan object, p okr.Plan) {
	known := map[string]bool{}
	for _, o := range p.Objectives {
		known[o.Key], known[o.Title] = true, true
	}
	for i, o := range p.Objectives {
		n := r.follow(plan.list("objectives")[i])
		path := plan.item("objectives", i)
		missing := func(at *yaml.Node, path, key string) {
			if !known[key] || key == o.Key || key == o.Title {
				r.fail(r.follow(at), path, fmt.Sprintf("%q is no other objective of this file", clip(key)), "write the key or the title of another objective, or leave it out")
			}
		}
		if o.Parent != "" {
			missing(valueOf(n, "parent"), path+".parent", o.Parent)
		}
		for j, x := range o.Parents {
			missing(r.follow(valueOf(n, "parents")).Content[j], fmt.Sprintf("%s.parents[%d]", path, j), x.Key)
		}
	}
}

// title is the title of an objective or a key result; without one there is
// nothing to speak of.
func (r *ownReader) title(o object) string {
	title := o.text("title")
	if o.at != nil && o.at.Kind == yaml.MappingNode && !o.faulty && strings.TrimSpace(title) == "" {
		r.fail(o.at, o.child("title"), "is missing", "say in one sentence what it is")
	}
	return title
}

func (r *ownReader) cycle(plan object) okr.PlanCycle {
	n := r.follow(plan.values["cycle"])
	if n == nil {
		return okr.PlanCycle{}
	}
	if n.Kind == yaml.ScalarNode {
		r.l.mark(n.Line, Cycles)
		return cycleOf(n.Value)
	}
	o := r.object(n, "cycle", cycleKeys...)
	r.markAll(o, Cycles)
	c := okr.PlanCycle{
		Key: o.text("key"), Name: o.text("name"), Zone: r.zone(o),
		Start: o.date("start"), End: o.date("end"), Cadence: r.schedule(o, "cadence"), Parent: o.text("parent"), Bands: r.bands(o),
	}
	if r.follow(o.values["grade_objectives"]) != nil {
		graded := o.truth("grade_objectives")
		c.GradeObjectives = &graded
	}
	for i, n := range o.list("phases") {
		c.Phases = append(c.Phases, r.phase(n, o.item("phases", i)))
	}
	for i, n := range o.list("sessions") {
		c.Sessions = append(c.Sessions, r.session(n, o.item("sessions", i)))
	}
	if !o.has("start") && !o.has("end") {
		known := cycleOf(c.Key)
		if known.Start.IsZero() {
			known = cycleOf(c.Name)
		}
		c.Start, c.End = known.Start, known.End
	}
	if !c.Start.IsZero() && !c.End.IsZero() && c.End.Before(c.Start) {
		r.fail(r.follow(o.values["end"]), "cycle.end", fmt.Sprintf("%s is before the first day %s", c.End, c.Start), "swap the two, or correct one")
	}
	return c
}

// item is the node of an item of a list, nil if the item is empty.
func (r *ownReader) item(at *yaml.Node, path string) *yaml.Node {
	n := r.follow(at)
	if n == nil || n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) == "" {
		r.fail(at, path, "is empty", "write what belongs here, or remove the line")
		return nil
	}
	return n
}

func (r *ownReader) person(n *yaml.Node, path string) okr.Person {
	if n = r.item(n, path); n == nil {
		return okr.Person{}
	}
	if n.Kind == yaml.ScalarNode {
		r.l.mark(n.Line, People)
		return okr.Person{ID: okr.ID(n.Value), Name: n.Value}
	}
	o := r.object(n, path, personKeys...)
	r.markAll(o, People)
	p := okr.Person{
		ID: okr.ID(o.text("id")), Name: o.text("name"), Email: o.text("email"),
		Kind: okr.PersonKind(r.choice(o, "kind", string(okr.Human), string(okr.Group))), Left: o.truth("left"),
		Team: okr.ID(o.text("team")), Zone: r.zone(o), Version: o.integer("version", 0, math.MaxInt64),
		Manager: okr.ID(o.text("manager")), Backup: okr.ID(o.text("backup")), Away: r.spans(o, "away"),
		Language: o.text("language"), Region: o.text("region"),
	}
	if !o.has("id") {
		p.ID = okr.ID(firstOf(p.Email, p.Name))
	}
	if !o.has("name") {
		p.Name = firstOf(p.Email, string(p.ID))
	}
	return p
}

func (r *ownReader) team(n *yaml.Node, path string) okr.Team {
	if n = r.item(n, path); n == nil {
		return okr.Team{}
	}
	if n.Kind == yaml.ScalarNode {
		r.l.mark(n.Line, Teams)
		return okr.Team{ID: okr.ID(n.Value), Name: n.Value}
	}
	o := r.object(n, path, teamKeys...)
	r.markAll(o, Teams)
	t := okr.Team{
		ID: okr.ID(o.text("id")), Name: o.text("name"), Lead: okr.ID(o.text("lead")), Parent: okr.ID(o.text("parent")),
		Cadence: r.schedule(o, "cadence"), Limit: int(o.integer("limit", 0, 200)), Version: o.integer("version", 0, math.MaxInt64),
	}
	if !o.has("id") {
		t.ID = okr.ID(t.Name)
	}
	if !o.has("name") {
		t.Name = string(t.ID)
	}
	return t
}

func (r *ownReader) objective(n *yaml.Node, path string) okr.PlanObjective {
	if n = r.item(n, path); n == nil {
		return okr.PlanObjective{}
	}
	o := r.object(n, path, objectiveKeys...)
	r.l.mark(n.Line, Objectives)
	r.markAll(o, Fields)
	out := okr.PlanObjective{
		Key: o.text("key"), Title: r.title(o), Committed: o.truth("committed"), Rank: int(o.integer("rank", 0, math.MaxInt32)),
		Description: o.text("description"), Owner: o.text("owner"), Team: o.text("team"), Parent: o.text("parent"),
		Private: o.truth("private"), Score: o.upTo("score", mostScore), Outcome: o.text("outcome"),
	}
	for i, n := range o.list("parents") {
		out.Parents = append(out.Parents, r.parent(n, o.item("parents", i)))
	}
	out.At = r.l.position(n.Line)
	out.Rollup = r.rollup(o)
	for i, n := range o.list("key_results") {
		out.KeyResults = append(out.KeyResults, r.keyResult(n, o.item("key_results", i)))
	}
	return out
}

// parent reads a parent of an objective, which may be its key alone.
func (r *ownReader) parent(n *yaml.Node, path string) okr.PlanParent {
	if n = r.item(n, path); n == nil {
		return okr.PlanParent{}
	}
	if n.Kind == yaml.ScalarNode {
		return okr.PlanParent{Key: n.Value}
	}
	o := r.object(n, path, parentKeys...)
	return okr.PlanParent{Key: o.text("key"), Weight: o.upTo("weight", math.Inf(1))}
}

func (r *ownReader) rollup(objective object) measure.RollupPolicy {
	if !objective.has("rollup") {
		return measure.RollupPolicy{}
	}
	o := r.object(objective.values["rollup"], objective.child("rollup"), rollupKeys...)
	return measure.RollupPolicy{
		Driver: measure.Driver(r.choice(o, "driver", string(measure.DriverKeyResults), string(measure.DriverChildren), string(measure.DriverBoth))),
		Method: measure.Method(r.choice(o, "method", string(measure.MethodMean), string(measure.MethodSum))),
		Status: measure.Voice(r.choice(o, "status", string(measure.VoicePace), string(measure.VoiceWeakest))),
	}
}

func (r *ownReader) keyResult(n *yaml.Node, path string) okr.PlanKeyResult {
	if n = r.item(n, path); n == nil {
		return okr.PlanKeyResult{}
	}
	r.l.mark(n.Line, KeyResults)
	if n.Kind == yaml.ScalarNode {
		k := okr.PlanKeyResult{Title: n.Value, At: r.l.position(n.Line)}
		r.words.fill(&k, r.of, true, true)
		return k
	}
	o := r.object(n, path, keyResultKeys...)
	r.markAll(o, Fields)
	k := okr.PlanKeyResult{
		Key: o.text("key"), Title: r.title(o), Definition: o.text("definition"), Rationale: o.text("rationale"), Owner: o.text("owner"),
		Role: okr.Role(r.choice(o, "role", string(okr.Guardrail))), KPI: o.text("kpi"), Curve: r.curve(o), Confidence: o.upTo("confidence", 10), Weight: o.upTo("weight", math.Inf(1)),
		Due: o.date("due"), Source: r.source(o), Cadence: r.schedule(o, "cadence"), At: r.l.position(n.Line),
		Score: o.upTo("score", mostScore), Outcome: o.text("outcome"),
	}
	k.Metric = r.metric(o)
	current := o.number("current")
	k.Current = current.number
	for i, n := range o.list("initiatives") {
		k.Initiatives = append(k.Initiatives, r.initiative(n, o.item("initiatives", i)))
	}
	for i, n := range o.list("checkins") {
		k.CheckIns = append(k.CheckIns, r.checkIn(n, o.item("checkins", i), k.Metric))
	}
	r.words.fill(&k, r.of, !hasMetric(o), !o.has("due"))
	if k.Metric.Unit == "" {
		k.Metric.Unit = current.unit
	}
	return k
}

func hasMetric(o object) bool {
	for _, key := range append([]string{"metric"}, endKeys...) {
		if o.has(key) {
			return true
		}
	}
	return false
}

func (r *ownReader) curve(o object) measure.Curve {
	n := r.follow(o.values["curve"])
	if n == nil || n.Kind == yaml.ScalarNode && n.Value == "" {
		return measure.DefaultCurve
	}
	text := ""
	if n.Kind == yaml.ScalarNode {
		text = strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(n.Value), " ")), "-loaded", "_loaded")
	}
	c, err := measure.ParseCurve(text)
	if err != nil || c == measure.DefaultCurve {
		r.fail(n, o.child("curve"), fmt.Sprintf("%s is not known", show(n)), "%s", `use linear, step, back_loaded, none, or dated shares such as "phases 2026-10-31:0.2 2026-11-30:0.6"`)
		return measure.DefaultCurve
	}
	return c
}

// choice is one of a few names; case, spaces and hyphens do not matter.
func (r *ownReader) choice(o object, key string, names ...string) string {
	n := r.follow(o.values[key])
	if n == nil || n.Kind == yaml.ScalarNode && n.Value == "" {
		return ""
	}
	if n.Kind == yaml.ScalarNode {
		if got := strings.NewReplacer(" ", "_", "-", "_", "/", "_").Replace(strings.ToLower(strings.TrimSpace(n.Value))); oneOf(got, names) {
			return got
		}
	}
	r.fail(n, o.child(key), fmt.Sprintf("%s is not known", show(n)), "%s", nearestHint(n.Value, names))
	return ""
}

func (r *ownReader) source(kr object) *okr.Source {
	n := r.follow(kr.values["source"])
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		if n.Value == "" {
			return nil
		}
		return &okr.Source{Where: n.Value}
	}
	o := r.object(n, kr.child("source"), sourceKeys...)
	r.markAll(o, Fields)
	return &okr.Source{Kind: o.text("kind"), Where: o.text("where"), Interval: o.interval("interval"), Access: o.texts("access")}
}

func (r *ownReader) initiative(n *yaml.Node, path string) okr.Initiative {
	if n = r.item(n, path); n == nil {
		return okr.Initiative{}
	}
	r.l.mark(n.Line, Initiatives)
	if n.Kind == yaml.ScalarNode {
		return okr.Initiative{Title: n.Value}
	}
	o := r.object(n, path, initiativeKeys...)
	r.markAll(o, Initiatives)
	return okr.Initiative{Title: o.text("title"), Owner: okr.ID(o.text("owner")), Done: o.truth("done"), Link: o.text("link")}
}

// markAll gives the lines of an object's values a role, where they have none.
func (r *ownReader) markAll(o object, role Role) {
	for _, v := range o.values {
		if v.Kind == yaml.ScalarNode {
			r.l.mark(v.Line, role)
		}
	}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
