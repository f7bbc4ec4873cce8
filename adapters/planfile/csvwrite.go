package planfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// csvColumns are the columns of a plan as a table. Those that hold nothing are
// left out, but for the ones that a plan needs.
var csvColumns = []struct {
	name   string
	always bool
}{
	{"cycle", false}, {"objective_key", false}, {"objective", true}, {"objective_owner", false}, {"team", false}, {"parent", false}, {"committed", false},
	{"objective_description", false}, {"objective_score", false}, {"objective_outcome", false},
	{"key_result_key", false}, {"key_result", true}, {"definition", false}, {"rationale", false}, {"owner", true},
	{"kind", true}, {"unit", true}, {"baseline", true}, {"target", true}, {"current", false}, {"confidence", false}, {"weight", false},
	{"due", true}, {"source", true}, {"cadence", false}, {"initiatives", false}, {"score", false}, {"outcome", false},
}

// writeCSV writes a row for each key result, and one for each objective that has
// none. What it could not keep is found by reading the table again.
func writeCSV(plan okr.Plan) ([]byte, []okr.Unread, error) {
	if _, err := json.Marshal(plan); err != nil {
		return nil, nil, &okr.InvalidError{Field: "plan", Value: err.Error(), Remedy: "numbers must be finite; leave out what is not known"}
	}
	var rows []map[string]string
	titles := map[string]string{}
	for _, o := range plan.Objectives {
		titles[o.Key] = o.Title
	}
	for _, o := range plan.Objectives {
		of := map[string]string{
			"cycle": firstOf(plan.Cycle.Key, plan.Cycle.Name), "objective_key": o.Key, "objective": o.Title, "objective_owner": o.Owner, "team": o.Team,
			"objective_description": o.Description, "objective_score": csvScore(o.Score, o.Outcome), "objective_outcome": o.Outcome,
			"parent": firstOf(titles[o.Parent], o.Parent),
		}
		if o.Committed {
			of["committed"] = "committed"
		}
		if o.Parent == "" {
			of["parent"] = ""
		}
		for _, k := range o.KeyResults {
			row := keyResultRow(k)
			for name, value := range of {
				row[name] = value
			}
			rows = append(rows, row)
		}
		if len(o.KeyResults) == 0 {
			rows = append(rows, of)
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var names []string
	for _, c := range csvColumns {
		if c.always || slices.ContainsFunc(rows, func(r map[string]string) bool { return r[c.name] != "" }) {
			names = append(names, c.name)
		}
	}
	records := [][]string{names}
	for _, r := range rows {
		var cells []string
		for _, name := range names {
			cells = append(cells, harmless(r[name]))
		}
		records = append(records, cells)
	}
	if err := w.WriteAll(records); err != nil {
		return nil, nil, fmt.Errorf("planfile: write: %w", err)
	}
	if len(plan.Objectives) == 0 {
		return out.Bytes(), nil, nil
	}
	again, err := ReadAs(CSV, "", out.Bytes())
	if err != nil {
		return nil, nil, fmt.Errorf("planfile: the plan cannot be written: %w", err)
	}
	lost, err := difference(plan, again, "a table has no place for it")
	return out.Bytes(), lost, err
}

func keyResultRow(k okr.PlanKeyResult) map[string]string {
	row := map[string]string{
		"key_result_key": k.Key, "key_result": k.Title, "definition": k.Definition, "rationale": k.Rationale, "owner": k.Owner,
		"kind": string(k.Metric.Kind), "unit": k.Metric.Unit, "baseline": csvNumber(k.Metric.Baseline), "target": csvNumber(k.Metric.Target),
		"current": csvNumber(k.Current), "score": csvScore(k.Score, k.Outcome), "outcome": k.Outcome, "weight": csvNumber(k.Weight), "due": k.Due.String(), "cadence": scheduleText(k.Cadence),
	}
	if k.Confidence.Known() {
		row["confidence"] = k.Confidence.String() + "/10"
	}
	if k.Source != nil {
		row["source"] = k.Source.Where
	}
	var titles []string
	for _, i := range k.Initiatives {
		titles = append(titles, strings.ReplaceAll(i.Title, ";", ","))
	}
	row["initiatives"] = strings.Join(titles, "; ")
	return row
}

// csvNumber is a number that cannot be taken for another one: three digits behind
// the point could be thousands.
func csvNumber(n measure.Number) string {
	if !n.Known() {
		return ""
	}
	text := n.String()
	if at := strings.IndexByte(text, '.'); at >= 0 && len(text)-at == 4 {
		text += "0"
	}
	return text
}

// csvScore is a score: as a number where that passes for a share of the way, as a
// percentage beyond. Words that are no score have a sign beside them that says so.
func csvScore(n measure.Number, words string) string {
	v, known := n.Value()
	switch {
	case !known && words != "":
		return "?"
	case !known || v <= mostBare:
		return csvNumber(n)
	}
	return strconv.FormatFloat(v*100, 'f', -1, 64) + "%"
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, ok := plainQuantity(cell); ok {
		return cell
	}
	return "'" + cell
}

// withoutGuard takes the apostrophe of [harmless] away again.
func withoutGuard(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

// difference names what the first plan says and the second does not.
func difference(want, got okr.Plan, reason string) ([]okr.Unread, error) {
	d := &differ{reason: reason}
	plain := func(p okr.Plan) (map[string]any, error) {
		raw, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("planfile: write: %w", err)
		}
		var out map[string]any
		return out, json.Unmarshal(raw, &out)
	}
	a, err := plain(want)
	if err != nil {
		return nil, err
	}
	b, err := plain(got)
	if err != nil {
		return nil, err
	}
	d.where = func(path string) okr.Position {
		var o, k int
		if n, _ := fmt.Sscanf(path, "objectives[%d].key_results[%d]", &o, &k); n == 2 && k < len(want.Objectives[o].KeyResults) {
			return want.Objectives[o].KeyResults[k].At
		} else if n >= 1 {
			return want.Objectives[o].At
		}
		return okr.Position{}
	}
	d.compare("", a, b)
	return d.lost, nil
}

type differ struct {
	lost   []okr.Unread
	reason string
	where  func(path string) okr.Position
}

func (d *differ) compare(path string, want, got any) {
	switch want := want.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		names := make([]string, 0, len(want))
		for name := range want {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			d.compare(strings.TrimPrefix(path+"."+name, "."), want[name], have[name])
		}
	case []any:
		have, _ := got.([]any)
		for i := range want {
			var other any
			if i < len(have) {
				other = have[i]
			}
			d.compare(fmt.Sprintf("%s[%d]", path, i), want[i], other)
		}
	default:
		if want == got || want == nil || want == "" || want == false || want == 0.0 && strings.HasSuffix(path, ".version") {
			return
		}
		d.lost = append(d.lost, okr.Unread{Position: d.where(path), Text: fmt.Sprintf("%s: %v", path, want), Reason: d.reason})
	}
}
