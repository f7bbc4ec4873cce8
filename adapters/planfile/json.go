package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parseJSON parses JSON into the same nodes as YAML, with positions. JSON is not
// quite YAML: escapes of surrogate pairs differ, and tabs may indent.
func parseJSON(s *source) (*yaml.Node, error) {
	p := &jsonParser{src: s, dec: json.NewDecoder(strings.NewReader(s.text)), line: 1, col: 1}
	p.dec.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		line, col := p.position(p.start())
		return nil, s.at(line, col, "something stands after the value", "one file is one plan: remove it")
	}
	return n, nil
}

type jsonParser struct {
	src *source
	dec *json.Decoder

	// Where the offset at stands. Offsets only grow, so that a file on one long
	// line is counted once.
	at, line, col int
}

// start is the offset of the next token: past spaces and separators.
func (p *jsonParser) start() int {
	at := int(p.dec.InputOffset())
	for at < len(p.src.text) && strings.IndexByte(" \t\r\n,:", p.src.text[at]) >= 0 {
		at++
	}
	return at
}

// position is line and column of a byte offset, from 1.
func (p *jsonParser) position(at int) (line, col int) {
	at = min(max(at, 0), len(p.src.text))
	if at < p.at {
		p.at, p.line, p.col = 0, 1, 1
	}
	for _, r := range p.src.text[p.at:at] {
		if p.col++; r == '\n' {
			p.line, p.col = p.line+1, 1
		}
	}
	p.at = at
	return p.line, p.col
}

func (p *jsonParser) value(depth int) (*yaml.Node, error) {
	line, col := p.position(p.start())
	if depth > maxDepth {
		return nil, p.src.at(line, col, "the file nests too deep", fmt.Sprintf("a plan nests at most %d levels", maxDepth))
	}
	token, err := p.dec.Token()
	if err != nil {
		return nil, p.fault(err)
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: line, Column: col}
	switch t := token.(type) {
	case nil:
		n.Tag, n.Value = "!!null", "null"
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	case json.Number:
		n.Tag, n.Value = "!!float", t.String()
	case string:
		n.Tag, n.Value = "!!str", t
	case json.Delim:
		n.Kind = yaml.SequenceNode
		if t == '{' {
			n.Kind = yaml.MappingNode
		}
		for p.dec.More() {
			child, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		if _, err := p.dec.Token(); err != nil {
			return nil, p.fault(err)
		}
	}
	return n, nil
}

func (p *jsonParser) fault(err error) error {
	at := int(p.dec.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		// The offset is sometimes that of the character, and sometimes behind it.
		if at = int(syntax.Offset) - 1; at < 0 || !strings.Contains(err.Error(), fmt.Sprintf("'%c'", p.src.text[min(at, len(p.src.text)-1)])) {
			at = p.start()
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line, col := p.position(len(strings.TrimRight(p.src.text, " \t\n")))
		return p.src.at(line, col, "the JSON ends too early", "a bracket or a quote is not closed")
	}
	line, col := p.position(at)
	return p.src.at(line, col, "this is no JSON: "+strings.TrimPrefix(err.Error(), "json: "), "check commas, quotes and brackets here and just before")
}
