package papers

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

// Pair is a weak key result and a strong one that says what the weak one meant.
type Pair struct {
	Rule   string `yaml:"rule"` // of the starter packs, that the weak one breaks
	Weak   string `yaml:"weak"`
	Strong string `yaml:"strong"`
	Why    string `yaml:"why"` // what is wrong with the weak one, and what the strong one does about it
}

// Examples are the pairs of a language; where it has none, the English ones. A tag
// that cannot be read is an [*okr.InvalidError].
func (s *Set) Examples(name string) ([]Pair, error) {
	v, err := s.voice(name)
	if err != nil {
		return nil, err
	}
	return append([]Pair(nil), v.examples...), nil
}

func parsePairs(file string, text []byte) (language.Tag, []Pair, error) {
	tag, err := language.Parse(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	if err != nil {
		return tag, nil, invalid("examples", file, "name the file after its language, such as de.yaml or pt-PT.yaml")
	}
	var nodes []yaml.Node
	if err := yaml.Unmarshal(text, &nodes); err != nil {
		return tag, nil, fmt.Errorf("%s: write a list of pairs, each with rule, weak, strong and why: %w", file, err)
	}
	out := make([]Pair, len(nodes))
	for i, n := range nodes {
		if err := n.Decode(&out[i]); err != nil {
			return tag, nil, fmt.Errorf("%s:%d: %w", file, n.Line, err)
		}
		for _, f := range []struct{ name, value string }{{"weak", out[i].Weak}, {"strong", out[i].Strong}, {"why", out[i].Why}} {
			if strings.TrimSpace(f.value) == "" {
				return tag, nil, fmt.Errorf("%s:%d: the pair has no %s", file, n.Line, f.name)
			}
		}
	}
	return tag, out, nil
}
