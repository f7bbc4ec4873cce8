package simulate

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
)

// Section is the key of a scenario file under which stands what is rehearsed. Beside
// it stand the keys of a plan.
const Section = "rehearse"

// File is a scenario as a file holds it: a plan in okrkit's own YAML, with a section
// [Section] that says what is rehearsed.
type File struct {
	Scenario          // without its plan; its seed is 1 where the file does not say
	Company  *Company // a company that is made up; nil: the plan's
	Chances  Chances  // what befalls the plan's key results
	PlanFile string   // the file that holds the plan, "" is this one

	// Text is that of the plan: the file without the section, its lines where they
	// were, so that whatever is wrong is told with the line of the file.
	Text []byte
	// HasPlan says whether the file names objectives itself.
	HasPlan bool
	// HasCycle says whether it has a cycle of its own.
	HasCycle bool

	name  string
	lines map[string]int // of values, by field
}

// Placed says where in the file stands what an error of the scenario speaks of, such as
// one of [Scenario.Check]: a [*FileError] with the line. Other errors are as they are.
func (f *File) Placed(err error) error {
	var bad *okr.InvalidError
	if !errors.As(err, &bad) {
		return err
	}
	first := Section + "." + strings.FieldsFunc(bad.Field+".", func(c rune) bool { return c == '.' || c == '[' })[0]
	if _, here := f.lines[first]; !here {
		return err
	}
	if e, ok := placed(f.name, Section, f.lines, bad); ok {
		return e
	}
	return err
}

// IsFile says whether the text has the section, and so is a scenario and no plain plan.
func IsFile(src []byte) bool {
	for line := range strings.Lines(string(src)) {
		if rest, ok := strings.CutPrefix(line, Section); ok && strings.HasPrefix(strings.TrimLeft(rest, " "), ":") {
			return true
		}
	}
	return false
}

// FileError says where a scenario file cannot be used, why, and what to do about it.
// It matches [okr.ErrInvalid].
type FileError struct {
	File    string
	Line    int // from 1; 0 is the file as a whole
	Problem string
	Hint    string
}

// Error is one line: file:line: problem: hint.
func (e *FileError) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return at + ": " + e.Problem + ": " + e.Hint
}

// Is matches [okr.ErrInvalid].
func (e *FileError) Is(target error) bool { return target == okr.ErrInvalid }

// maxFile bounds a scenario; a plan of its own may be longer.
const maxFile = 4 << 20

// Read reads a scenario file, strictly: what it does not know is an error, and so is
// what no rehearsal could use. All that is wrong comes at once, each as a [*FileError],
// joined.
func Read(name string, src []byte) (File, error) {
	r := &reader{file: name, section: Section, zone: time.UTC, lines: map[string]int{}}
	if len(src) > maxFile {
		return File{}, r.whole("the file is too long", fmt.Sprintf("a scenario holds at most %d MiB; keep a large plan in a file of its own, and name it under plan", maxFile>>20))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return File{}, r.whole("this is no YAML: "+strings.TrimPrefix(err.Error(), "yaml: "), "check the indentation, and put text that holds : or # into quotes")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode || doc.Content[0].Style&yaml.FlowStyle != 0 {
		return File{}, r.whole("there is no section "+Section, "write it at the beginning of a line, beside cycle and objectives")
	}
	var (
		root    = doc.Content[0]
		section *yaml.Node
		from    int
		to      = len(strings.Split(string(src), "\n")) + 1
		out     File
		beside  []*yaml.Node // keys that are neither the section nor objectives nor cycle
	)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if section != nil && to > key.Line && key.Line > from {
			to = key.Line
		}
		switch key.Value {
		case Section:
			if section != nil {
				return File{}, r.at(key, "rehearse stands here a second time", "keep one")
			}
			section, from = value, key.Line
		case "objectives":
			out.HasPlan = true
		case "cycle":
			out.HasCycle = true
			r.zoneOf(value)
		default:
			beside = append(beside, key)
		}
	}
	if section == nil {
		return File{}, r.whole("there is no section "+Section, "write it at the beginning of a line, beside cycle and objectives")
	}
	out.Text = blanked(src, from, to)
	r.lines[Section] = from
	r.scenario(section, &out)
	out.name, out.lines = name, r.lines
	if out.PlanFile != "" || out.Company != nil {
		for _, key := range beside {
			r.fail(key, key.Value, "this would be read by nobody, since the plan is not in this file", "leave it out, or keep the plan in this file")
		}
	}
	return out, errors.Join(r.bad...)
}

// blanked is the text without what the lines from up to to hold.
func blanked(src []byte, from, to int) []byte {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(src)) {
		if n++; n >= from && n < to {
			b.WriteByte('\n')
			continue
		}
		b.WriteString(line)
	}
	return []byte(b.String())
}

func (r *reader) scenario(n *yaml.Node, f *File) {
	s := &f.Scenario
	s.Seed = 1
	r.object(n, Section, fields{
		"seed":   func(n *yaml.Node, at string) { s.Seed = uint64(r.whole64(n, at)) },
		"weeks":  func(n *yaml.Node, at string) { s.Weeks = r.number(n, at, 1, maxWeeks) },
		"after":  func(n *yaml.Node, at string) { s.After = r.number(n, at, 0, maxWeeks*7) },
		"every":  func(n *yaml.Node, at string) { s.Every = r.interval(n, at) },
		"plan":   func(n *yaml.Node, at string) { f.PlanFile = r.text(n, at) },
		"habit":  func(n *yaml.Node, at string) { s.Habit = r.text(n, at) },
		"path":   func(n *yaml.Node, at string) { s.Path = r.path(n, at) },
		"habits": func(n *yaml.Node, at string) { s.Own = each(r, n, at, r.habit) },
		"people": func(n *yaml.Node, at string) {
			s.Habits = map[okr.ID]string{}
			for who, habit := range each(r, n, at, r.text) {
				s.Habits[okr.ID(who)] = habit
			}
		},
		"paths": func(n *yaml.Node, at string) { s.Paths = each(r, n, at, r.path) },
		"feeds": func(n *yaml.Node, at string) { s.Feeds = each(r, n, at, r.feed) },
		"holidays": func(n *yaml.Node, at string) {
			s.Holidays = each(r, n, at, func(n *yaml.Node, at string) (days []okr.Date) {
				r.list(n, at, func(n *yaml.Node, at string) { days = append(days, r.date(n, at)) })
				return days
			})
		},
		"policy":        func(n *yaml.Node, at string) { s.Policy = r.policy(n, at) },
		"tell_managers": func(n *yaml.Node, at string) { s.TellManagers = r.truth(n, at) },
		"company":       func(n *yaml.Node, at string) { f.Company = r.company(n, at) },
		"chances": func(n *yaml.Node, at string) {
			r.object(n, at, fields{
				"stalled": r.chanceOf(&f.Chances.Stalled), "falling": r.chanceOf(&f.Chances.Falling),
				"live": r.chanceOf(&f.Chances.Live), "dying": r.chanceOf(&f.Chances.Dying),
			})
		},
		"down": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) {
				var o Outage
				r.object(n, at, fields{
					"from": func(n *yaml.Node, at string) { o.From = r.instant(n, at) },
					"to":   func(n *yaml.Node, at string) { o.To = r.instant(n, at) },
				})
				s.Down = append(s.Down, o)
			})
		},
		"script": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { s.Script = append(s.Script, r.step(n, at)) })
		},
	})
	r.blame(s.checkHabits())
	r.blame(checkPolicy(s.policy(), s.TellManagers))
	for i, o := range s.Down {
		if !o.From.Before(o.To) {
			r.blame(invalid(fmt.Sprintf("down[%d].to", i), o.To.Format(time.RFC3339), "an outage ends after it begins"))
		}
	}
	switch {
	case f.PlanFile != "" && f.HasPlan:
		r.blame(invalid("plan", f.PlanFile, "the file holds objectives itself: keep one of the two"))
	case f.Company != nil && (f.HasPlan || f.PlanFile != ""):
		r.blame(invalid("company", "", "a company that is made up has no plan: keep one of the two"))
	case f.Company == nil && !f.HasPlan && f.PlanFile == "":
		r.blame(invalid(Section, "", "say who is rehearsed: a company, a plan in another file, or objectives beside this section"))
	}
}

func (r *reader) habit(n *yaml.Node, at string) (h Habit) {
	r.object(n, at, fields{
		"unprompted": func(n *yaml.Node, at string) { h.Unprompted = r.share(n, at, 1) },
		"answers":    func(n *yaml.Node, at string) { h.Answers = r.share(n, at, 1) },
		"blocked":    func(n *yaml.Node, at string) { h.Blocked = r.share(n, at, 1) },
		"median":     func(n *yaml.Node, at string) { h.Median = r.interval(n, at) },
		"slow":       func(n *yaml.Node, at string) { h.Slow = r.interval(n, at) },
	})
	r.blame(h.check(at))
	return h
}

func (r *reader) path(n *yaml.Node, at string) (p Path) {
	r.object(n, at, fields{
		"pace": func(n *yaml.Node, at string) {
			if p.Pace = r.share(n, at, 10); p.Pace == 0 {
				p.Pace = math.SmallestNonzeroFloat64 // it stands still; the zero of a Path is another
			}
		},
		"noise":  func(n *yaml.Node, at string) { p.Noise = r.share(n, at, 1) },
		"stalls": func(n *yaml.Node, at string) { p.Stalls = r.date(n, at) },
		"falls":  func(n *yaml.Node, at string) { p.Falls = r.truth(n, at) },
	})
	r.blame(p.check(at))
	return p
}

func (r *reader) feed(n *yaml.Node, at string) (f Feed) {
	r.object(n, at, fields{
		"every": func(n *yaml.Node, at string) { f.Every = okr.Interval(r.interval(n, at)) },
		"dies":  func(n *yaml.Node, at string) { f.Dies = r.date(n, at) },
		"mends": func(n *yaml.Node, at string) { f.Mends = r.date(n, at) },
	})
	r.blame(f.check(at))
	return f
}

func (r *reader) company(n *yaml.Node, at string) *Company {
	c := new(Company)
	r.object(n, at, fields{
		"people":      func(n *yaml.Node, at string) { c.People = r.number(n, at, 1, maxPeople) },
		"team":        func(n *yaml.Node, at string) { c.Team = r.number(n, at, 1, 1000) },
		"objectives":  func(n *yaml.Node, at string) { c.Objectives = r.number(n, at, 1, 20) },
		"key_results": func(n *yaml.Node, at string) { c.KeyResults = r.number(n, at, 1, 20) },
		"zones": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { c.Zones = append(c.Zones, r.text(n, at)) })
		},
		"regions": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { c.Regions = append(c.Regions, r.text(n, at)) })
		},
		"away":    r.chanceOf(&c.Away),
		"stalled": r.chanceOf(&c.Stalled),
		"falling": r.chanceOf(&c.Falling),
		"live":    r.chanceOf(&c.Live),
		"dying":   r.chanceOf(&c.Dying),
	})
	r.blame(c.complete().check())
	return c
}

// chanceOf reads a share of which 0 is none, and not what is usual.
func (r *reader) chanceOf(share *float64) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		if *share = r.share(n, at, 1); *share == 0 {
			*share = -1
		}
	}
}

func (r *reader) step(n *yaml.Node, at string) (x Step) {
	r.object(n, at, fields{
		"at":         func(n *yaml.Node, at string) { x.At = r.instant(n, at) },
		"key_result": func(n *yaml.Node, at string) { x.KeyResult = r.text(n, at) },
		"checkin":    func(n *yaml.Node, at string) { x.CheckIn = okr.ID(r.text(n, at)) },
		"blocker":    func(n *yaml.Node, at string) { x.Blocker = r.text(n, at) },
		"reading":    func(n *yaml.Node, at string) { x.Reading = r.value(n, at) },
		"fails":      func(n *yaml.Node, at string) { x.Fails = r.text(n, at) },
		"leaves":     func(n *yaml.Node, at string) { x.Leaves = okr.ID(r.text(n, at)) },
	})
	return x
}
