package planfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"go.yaml.in/yaml/v3"
)

// Write writes a plan in the format: [YAML], [JSON], [CSV] or [Markdown]. What is written in
// YAML or JSON reads back as the same plan, but for positions, okr.Plan.Unread
// and okr.Plan.Key, which are of the file and of the call. CSV and Markdown keep less: lost
// names each value that the format could not keep, with the reason.
//
// A plan that could not be read back, such as one with a number that is not
// finite, is refused before anything is written; the error matches
// [okr.ErrInvalid].
func Write(w io.Writer, format Format, plan okr.Plan) (lost []okr.Unread, err error) {
	var out []byte
	switch format {
	case YAML, JSON:
		out, err = writeOwn(format, plan)
	case CSV:
		out, lost, err = writeCSV(plan)
	case Markdown:
		out, lost, err = writeMarkdown(plan)
	default:
		return nil, &okr.InvalidError{Field: "format", Value: string(format), Remedy: "a plan can be written as yaml, json, csv or markdown"}
	}
	if err != nil {
		return nil, err
	}
	_, err = w.Write(out)
	return lost, err
}

func writeOwn(format Format, plan okr.Plan) ([]byte, error) {
	raw, err := json.Marshal(plan)
	if err != nil {
		return nil, &okr.InvalidError{Field: "plan", Value: err.Error(), Remedy: "numbers must be finite; leave out what is not known"}
	}
	s := &source{text: string(raw), lines: []string{string(raw)}}
	root, err := parseJSON(s)
	if err != nil {
		return nil, fmt.Errorf("planfile: write: %w", err)
	}
	lex, err := embeddedLexicon()
	if err != nil {
		return nil, fmt.Errorf("planfile: %w", err)
	}
	sayWhatIsMissing(root, plan, words{lex})
	var out bytes.Buffer
	if format == JSON {
		writeJSON(&out, root, 0)
		out.WriteByte('\n')
	} else {
		plainScalars(root, "")
		enc := yaml.NewEncoder(&out)
		enc.SetIndent(2)
		if err := enc.Encode(root); err != nil {
			return nil, fmt.Errorf("planfile: write: %w", err)
		}
		if err := enc.Close(); err != nil {
			return nil, fmt.Errorf("planfile: write: %w", err)
		}
	}
	if len(plan.Objectives)+len(plan.People)+len(plan.Teams) == 0 {
		return out.Bytes(), nil // an empty plan is a form to be filled in
	}
	if _, err := ReadAs(format, "", out.Bytes()); err != nil {
		return nil, fmt.Errorf("planfile: the plan cannot be written: %w", err)
	}
	return out.Bytes(), nil
}

// sayWhatIsMissing writes null where the reader would otherwise fill a gap from
// what stands beside it.
func sayWhatIsMissing(root *yaml.Node, p okr.Plan, w words) {
	cycle := valueOf(root, "cycle")
	if p.Cycle.Start.IsZero() && p.Cycle.End.IsZero() && (!cycleOf(p.Cycle.Key).Start.IsZero() || !cycleOf(p.Cycle.Name).Start.IsZero()) {
		setNull(cycle, "start")
	}
	sayWeekday(valueOf(cycle, "cadence"), p.Cycle.Cadence)
	for i, session := range p.Cycle.Sessions {
		sayWeekday(valueOf(valueOf(cycle, "sessions").Content[i], "schedule"), session.Schedule)
	}
	for i := range p.People {
		leaveOut(valueOf(root, "people").Content[i], "version", "0")
		leaveOut(valueOf(root, "people").Content[i], "kind", "")
	}
	for i, t := range p.Teams {
		leaveOut(valueOf(root, "teams").Content[i], "version", "0")
		sayWeekday(valueOf(valueOf(root, "teams").Content[i], "cadence"), t.Cadence)
	}
	for i, o := range p.Objectives {
		for j, k := range o.KeyResults {
			n := valueOf(valueOf(root, "objectives").Content[i], "key_results").Content[j]
			sayWeekday(valueOf(n, "cadence"), k.Cadence)
			filled := k
			w.fill(&filled, p.Cycle, true, true)
			if metric := valueOf(n, "metric"); metric == nil {
				if !filled.Metric.Equal(k.Metric) {
					setNull(n, "metric")
				}
			} else if k.Metric.Kind == "" && impliedKind(k.Metric) != "" {
				setNull(metric, "kind")
			}
			if filled.Due != k.Due {
				setNull(n, "due")
			}
		}
	}
}

// sayWeekday writes the weekdays of a schedule by name: JSON leaves Sunday out,
// because it is 0.
func sayWeekday(n *yaml.Node, s *okr.Schedule) {
	if s == nil {
		return
	}
	if days := valueOf(n, "work_days"); days != nil {
		for i, d := range s.WorkDays {
			days.Content[i].Tag, days.Content[i].Value = "!!str", strings.ToLower(d.String())
		}
	}
	if v := valueOf(n, "weekday"); v != nil {
		v.Tag, v.Value = "!!str", strings.ToLower(s.Weekday.String())
	} else if s.Frequency == okr.Weekly || s.Frequency == okr.Monthly && s.Week != 0 {
		n.Content = append(n.Content, scalar("!!str", "weekday"), scalar("!!str", strings.ToLower(time.Sunday.String())))
	}
}

// leaveOut removes a key that holds its zero value.
func leaveOut(n *yaml.Node, key, zero string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i+1].Value == zero {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

func setNull(n *yaml.Node, key string) {
	n.Content = append(n.Content, scalar("!!str", key), scalar("!!null", "null"))
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// plainScalars lets numbers and dates stand without quotes and tags, and writes
// short mappings of a key result on one line, as a person would.
func plainScalars(n *yaml.Node, key string) {
	n.Line, n.Column = 0, 0
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!float" {
			n.Tag = ""
		}
		if oneOf(key, []string{"start", "end", "due", "anchor", "from", "to", "on"}) && n.Tag == "!!str" {
			n.Tag = "!!timestamp"
		}
	case yaml.MappingNode:
		if oneOf(key, []string{"metric", "cadence", "schedule"}) && !nests(n) {
			n.Style = yaml.FlowStyle
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			plainScalars(n.Content[i], "")
			plainScalars(n.Content[i+1], n.Content[i].Value)
		}
	default:
		for _, c := range n.Content {
			plainScalars(c, "")
		}
	}
}

func writeJSON(b *bytes.Buffer, n *yaml.Node, depth int) {
	newline := func(depth int) {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat("  ", depth))
	}
	opening, closing, step := byte('['), byte(']'), 1
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!str" {
			b.Write(jsonString(n.Value))
			return
		}
		b.WriteString(n.Value)
		return
	case yaml.MappingNode:
		opening, closing, step = '{', '}', 2
	}
	b.WriteByte(opening)
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			b.WriteByte(',')
		}
		newline(depth + 1)
		if step == 2 {
			b.Write(jsonString(n.Content[i].Value))
			b.WriteString(": ")
		}
		writeJSON(b, n.Content[i+step-1], depth+1)
	}
	if len(n.Content) > 0 {
		newline(depth)
	}
	b.WriteByte(closing)
}

// jsonString is a JSON string in which <, > and & stay readable.
func jsonString(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return []byte(`""`) // a string always encodes
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
