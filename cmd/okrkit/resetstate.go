package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
)

// resetVersion names the format of the state of a reset.
const resetVersion = "okr.reset/v1"

// resetFile is the state of a reset, as its file keeps it. Key results go by the keys
// that they had when they were put on the worksheet: objective/key_result.
type resetFile struct {
	APIVersion string         `json:"apiVersion"`
	Plan       string         `json:"plan"`                 // where the plan is, from where this file is
	Rules      []string       `json:"rules,omitempty"`      // that judge beside the starter packs, as Plan, or presets
	Words      []string       `json:"words,omitempty"`      // folders of word lists, as Plan
	NoStarter  bool           `json:"no_starter,omitempty"` // the starter packs do not judge
	Matched    []resetMatched `json:"matched,omitempty"`
	TakenBack  []resetUndone  `json:"taken_back,omitempty"`
	Reset      okr.Reset      `json:"reset"`
	Ended      *resetEnded    `json:"ended,omitempty"`

	read []byte // what the file held when it was read; nil: there was none
}

// resetUndone is something vouched for that somebody took back.
type resetUndone struct {
	Vouched okr.Vouched `json:"vouched"`
	Reason  string      `json:"reason,omitempty"`
	By      okr.Actor   `json:"by"`
	At      time.Time   `json:"at"` // UTC instant
}

// resetEnded is how everything stood when the reset ended: whatever becomes of the plan
// later is no matter of it.
type resetEnded struct {
	CycleName string              `json:"cycle_name"`
	File      string              `json:"file,omitempty"`
	Rows      []okr.ResetStanding `json:"rows"`
}

// end keeps how everything stands at the end.
func (f *resetFile) end(v okr.ResetView) {
	f.Ended = &resetEnded{CycleName: v.CycleName, File: v.File, Rows: v.Rows}
}

// view is a reset that has ended, as it stood then.
func (f *resetFile) view() okr.ResetView {
	x := f.Reset
	last := x.Steps[len(x.Steps)-1]
	v := okr.ResetView{Reset: x, CycleName: f.Ended.CycleName, File: f.Ended.File, Rows: f.Ended.Rows, Counts: last.Counts, Now: last.At, Today: last.On}
	for week := okr.WeekAudit; week <= okr.WeekCheckIn; week++ {
		from, to := x.Days(week)
		v.Weeks = append(v.Weeks, okr.ResetWeek{Week: week, From: from, To: to, Opened: x.Opened(week)})
	}
	return v
}

// mayGoOn says why nothing more can be decided at an instant, nil if it can.
func (f *resetFile) mayGoOn(name string, now time.Time) error {
	x := &f.Reset
	if x.State != okr.ResetOpen {
		return fmt.Errorf("%s: the reset is %s, and stays as it was decided: start another one with --state FILE", name, x.State)
	}
	if last := x.Steps[len(x.Steps)-1].At; now.Before(last) {
		return fmt.Errorf("--now %s: the last step was taken at %s: give a time after it", now.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	return nil
}

// resetMatched says what a key result is called in the plan now.
type resetMatched struct {
	Was   okr.ID `json:"was"` // on the worksheet
	Is    okr.ID `json:"is"`
	Title string `json:"title"`
	How   string `json:"how"` // it was found; Is and Title are empty where it has gone
}

// note keeps what a step was decided on, and puts what is new on the worksheet.
func (f *resetFile) note(p *resetPlan, a okr.Assessment, today okr.Date, now time.Time, by string, end okr.ResetState) {
	x := &f.Reset
	for _, r := range a.Rows {
		if x.Row(r.KeyResult) == nil && !r.Aside {
			x.Worksheet = append(x.Worksheet, okr.ResetRow{KeyResult: r.KeyResult, Objective: r.In, Work: r.Work, Before: r.Now})
			for _, k := range p.all {
				if k.id == r.KeyResult && k.key != k.id {
					f.Matched = append(f.Matched, resetMatched{Was: k.id, Is: k.key, Title: k.title, How: matchedApart})
				}
			}
		}
	}
	x.Steps = append(x.Steps, okr.ResetStep{Week: x.Week, State: end, At: now, On: today, By: okr.Someone(okr.ID(by)), Counts: a.Counts, Packs: a.Packs})
}

// write keeps the state: all of it, or what was there before. What somebody else wrote
// since it was read is not lost: it is an error.
func (f *resetFile) write(name string) error {
	text, err := f.yaml()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".reset-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(text); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if f.read == nil {
		// Unlike a rename, it does not take the place of one that is there meanwhile.
		if err := os.Link(tmp.Name(), name); errors.Is(err, fs.ErrExist) {
			return keptAlready(name)
		} else if err == nil {
			return nil
		}
		return os.Rename(tmp.Name(), name)
	}
	// Who waited for the lock of a file that was replaced meanwhile finds another text.
	lock := flock.New(name, flock.SetFlag(os.O_RDWR))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("%s: it cannot be locked: %w", name, err)
	}
	defer lock.Close()
	is, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(is, f.read) {
		return fmt.Errorf("%s: somebody else has changed it meanwhile: look at what was decided, and do it again", name)
	}
	if runtime.GOOS == "windows" {
		if err := lock.Close(); err != nil { // an open file cannot be replaced there
			return err
		}
	}
	return os.Rename(tmp.Name(), name)
}

func keptAlready(name string) error {
	return fmt.Errorf("%s: a reset is kept there already: go on with it, or name another file with --state", name)
}

const resetHeader = `# The state of a 30-day reset, written by okrkit reset. Key results go by the
# keys that they had in week 1. Go on with: okrkit reset next
`

// yaml is the state in YAML.
func (f *resetFile) yaml() ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	unflow(&doc)
	var out bytes.Buffer
	out.WriteString(resetHeader)
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(&doc), enc.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// unflow writes JSON as people write YAML.
func unflow(n *yaml.Node) {
	n.Style = 0
	for _, c := range n.Content {
		unflow(c)
	}
}

// parseReset reads the state of a reset. What it does not know is an error: a state
// that is read wrongly would forget what was decided.
func parseReset(in input) (*resetFile, error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", in.name, fmt.Sprintf(format, args...))
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(in.text))
	if err := dec.Decode(&doc); err != nil {
		return nil, bad("it is no YAML: %v", err)
	}
	if dec.Decode(new(yaml.Node)) == nil {
		return nil, bad("it holds several documents: keep one reset in it")
	}
	value, err := plainYAML(doc.Content[0], 0)
	if err != nil {
		return nil, bad("%v", err)
	}
	b, err := json.Marshal(value)
	if err != nil {
		return nil, bad("%v", err)
	}
	f := new(resetFile)
	strict := json.NewDecoder(bytes.NewReader(b))
	strict.DisallowUnknownFields()
	if err := strict.Decode(f); err != nil {
		return nil, bad("it is not the state of a reset: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if err := f.check(); err != nil {
		return nil, bad("%v", err)
	}
	f.read = in.text
	return f, nil
}

// plainYAML is a node as JSON takes it. A date is text.
func plainYAML(n *yaml.Node, depth int) (any, error) {
	if depth > 20 {
		return nil, fmt.Errorf("line %d: it is nested too deeply", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" {
				return nil, fmt.Errorf("line %d: a key must be a word", k.Line)
			}
			if _, twice := out[k.Value]; twice {
				return nil, fmt.Errorf("line %d: %q stands twice", k.Line, k.Value)
			}
			v, err := plainYAML(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			out[k.Value] = v
		}
		return out, nil
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			v, err := plainYAML(c, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		if n.Tag == "!!timestamp" || n.Tag == "!!str" {
			return n.Value, nil
		}
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, fmt.Errorf("line %d: %q cannot be read", n.Line, n.Value)
		}
		switch v.(type) {
		case nil, bool, int, int64, uint64, float64:
			return v, nil
		}
		return nil, fmt.Errorf("line %d: %q is of a type that has no place here", n.Line, n.Value)
	}
	return nil, fmt.Errorf("line %d: write it out: an alias has no place here", n.Line)
}

// check refuses a state that no reset can have.
func (f *resetFile) check() error {
	x := &f.Reset
	switch {
	case f.APIVersion != resetVersion:
		return fmt.Errorf("apiVersion: %q: this version reads %s", f.APIVersion, resetVersion)
	case f.Plan == "":
		return errors.New("plan: say where the plan is")
	case x.Week < okr.WeekAudit || x.Week > okr.WeekCheckIn:
		return fmt.Errorf("reset.week: %d: a reset has the weeks 1 to 4", x.Week)
	case !slices.Contains([]okr.ResetState{okr.ResetOpen, okr.ResetFinished, okr.ResetAbandoned}, x.State):
		return fmt.Errorf("reset.state: %q: use open, finished or abandoned", x.State)
	case x.Start.IsZero() || x.Cycle == "":
		return errors.New("reset.start: it has neither a first day nor a cycle: begin anew with okrkit reset start")
	case len(x.Worksheet) == 0:
		return errors.New("reset.worksheet: it is empty: begin anew with okrkit reset start")
	}
	for week := okr.WeekAudit; week <= x.Week; week++ {
		if x.Opened(week) == nil {
			return fmt.Errorf("reset.steps: week %d is open, and week %d never was", x.Week, week)
		}
	}
	seen := map[okr.ID]bool{}
	for i, r := range x.Worksheet {
		if r.KeyResult == "" || r.Objective == "" || r.Before.Title == "" || seen[r.KeyResult] {
			return fmt.Errorf("reset.worksheet[%d]: %q: each row names its key result, once, with objective and title", i, r.KeyResult)
		}
		seen[r.KeyResult] = true
	}
	was, is := map[okr.ID]bool{}, map[okr.ID]bool{}
	for i, m := range f.Matched {
		if !seen[m.Was] || was[m.Was] || (m.Is == "") != (m.How == matchedNone) || m.Is != "" && is[m.Is] {
			return fmt.Errorf("matched[%d]: %q → %q: match each key result of the worksheet with one of the plan, once", i, m.Was, m.Is)
		}
		was[m.Was], is[m.Is] = true, true
	}
	if (x.State == okr.ResetOpen) != (f.Ended == nil) {
		return fmt.Errorf("ended: a reset that is %s has none, or one that has ended has to have it", x.State)
	}
	for i, v := range x.Vouched {
		if v.KeyResult == "" || !slices.Contains(okr.VouchKinds(), v.For) || v.Reason == "" && v.For != okr.VouchSource {
			return fmt.Errorf("reset.vouched[%d]: %q for %q: name a key result, what for, and why", i, v.KeyResult, v.For)
		}
	}
	return nil
}
