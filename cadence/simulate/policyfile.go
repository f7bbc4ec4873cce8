package simulate

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
)

// PolicyFile is what a file says of how the tenant keeps its rhythm.
type PolicyFile struct {
	Policy       okr.Policy
	TellManagers bool // as of [okr.Config]
}

// ReadPolicy reads a policy, strictly: a file with the keys of one, or a scenario, of
// which only its policy is taken. All that is wrong comes at once, each as a
// [*FileError], joined.
func ReadPolicy(name string, src []byte) (PolicyFile, error) {
	r := &reader{file: name, section: sectionPolicy, lines: map[string]int{}}
	var (
		doc yaml.Node
		out PolicyFile
	)
	if len(src) > maxFile {
		return out, r.whole("the file is too long", fmt.Sprintf("a policy takes a few lines; %d MiB are the most", maxFile>>20))
	}
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return out, r.whole("this is no YAML: "+strings.TrimPrefix(err.Error(), "yaml: "), "check the indentation, and put text that holds : or # into quotes")
	}
	if len(doc.Content) != 1 || follow(doc.Content[0]).Kind != yaml.MappingNode {
		return out, r.whole("there is no policy", "write its keys: budget, ladder, ask_live")
	}
	root := doc.Content[0]
	if !IsFile(src) {
		out.Policy = r.policyWith(root, sectionPolicy, fields{"tell_managers": func(n *yaml.Node, at string) { out.TellManagers = r.truth(n, at) }})
		r.blame(checkPolicy(out.Policy, out.TellManagers))
		return out, errors.Join(r.bad...)
	}
	f, err := Read(name, src)
	switch {
	case err != nil:
		return out, err
	case f.Policy == nil:
		return out, r.whole("this scenario has no policy", "write one under "+Section+".policy, or name another file")
	}
	return PolicyFile{*f.Policy, f.TellManagers}, nil
}

// sectionPolicy is how errors name what a file with nothing but a policy holds.
const sectionPolicy = "policy"

// policy reads a policy, under the names that it has everywhere.
func (r *reader) policy(n *yaml.Node, at string) *okr.Policy {
	p := r.policyWith(n, at, nil)
	return &p
}

func (r *reader) policyWith(n *yaml.Node, at string, further fields) (p okr.Policy) {
	known := fields{
		"budget":   func(n *yaml.Node, at string) { p.Budget = r.budget(n, at) },
		"ask_live": func(n *yaml.Node, at string) { p.AskLive = r.truth(n, at) },
		"ladder": func(n *yaml.Node, at string) {
			if n = follow(n); n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
				r.fail(n, at, "nobody stands there", "write [{to: owner}] where nobody but the owner hears of silence, or leave the key out for what is usual")
			}
			r.list(n, at, func(n *yaml.Node, at string) { p.Ladder = append(p.Ladder, r.rung(n, at)) })
		},
		"cadence": func(n *yaml.Node, at string) {
			r.fail(n, at, "a rehearsal has one cycle", "write the rhythm under cadence of the cycle, or name it with --cadence and --against")
		},
	}
	for key, read := range further {
		known[key] = read
	}
	r.object(n, at, known)
	return p
}

func (r *reader) rung(n *yaml.Node, at string) (x okr.Rung) {
	r.object(n, at, fields{
		"to":    func(n *yaml.Node, at string) { x.To = okr.RungRole(r.text(n, at)) },
		"after": func(n *yaml.Node, at string) { x.After = r.number(n, at, 0, 250) },
	})
	return x
}

func (r *reader) budget(n *yaml.Node, at string) (b okr.Budget) {
	ceiling := func(most *int, usual int) func(*yaml.Node, string) {
		return func(n *yaml.Node, at string) {
			if *most = r.number(n, at, -1, 1000); *most == 0 && follow(n).Value == "0" {
				r.fail(n, at, "0 would be what is usual", fmt.Sprintf("write 1 to 1000, -1 for no limit, or leave it out for %d", usual))
			}
		}
	}
	usual := okr.DefaultBudget()
	r.object(n, at, fields{
		"per_day":  ceiling(&b.PerDay, usual.PerDay),
		"per_week": ceiling(&b.PerWeek, usual.PerWeek),
		"off_days": func(n *yaml.Node, at string) { b.OffDays = r.truth(n, at) },
		"digest":   func(n *yaml.Node, at string) { b.Digest = r.text(n, at) },
		"quiet": func(n *yaml.Node, at string) {
			b.Quiet = []okr.QuietHours{}
			r.list(n, at, func(n *yaml.Node, at string) {
				var q okr.QuietHours
				r.object(n, at, fields{
					"from": func(n *yaml.Node, at string) { q.From = r.text(n, at) },
					"to":   func(n *yaml.Node, at string) { q.To = r.text(n, at) },
				})
				b.Quiet = append(b.Quiet, q)
			})
		},
	})
	return b
}

// checkPolicy is what the desk would say of the policy, under the name that a scenario
// has for it.
func checkPolicy(p okr.Policy, tellManagers bool) error {
	for i, rung := range p.Ladder {
		if rung.To == okr.ToManager && !tellManagers {
			return invalid(fmt.Sprintf("policy.ladder[%d].to", i), string(rung.To), "a reminder about a person is appraisal data, and the host must allow it first: say tell_managers: true if yours does")
		}
	}
	err := p.Check()
	var bad *okr.InvalidError
	if errors.As(err, &bad) {
		return invalid("policy."+bad.Field, bad.Value, bad.Remedy)
	}
	return err
}
