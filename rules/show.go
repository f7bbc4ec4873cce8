package rules

import (
	"context"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Show evaluates expressions as a rule on a subject would, on the examples of the
// schema with what is given, by variable, laid over them, at [Schema.Now]. It gives
// what a message would show of each. An expression that does not compile, or that a
// message cannot show, is [Errors].
func (e *Env) Show(ctx context.Context, subject string, given map[string]any, expressions ...string) ([]string, error) {
	sub := e.subjects[subject]
	if sub == nil {
		return nil, fmt.Errorf("rules: there is no subject %q", subject)
	}
	type rule struct {
		ID      string `yaml:"id"`
		On      string `yaml:"on"`
		Check   string `yaml:"check"`
		Message string `yaml:"message"`
	}
	text := struct {
		APIVersion string `yaml:"apiVersion"`
		Env        int    `yaml:"env"`
		Name       string `yaml:"name"`
		Version    string `yaml:"version"`
		Rules      []rule `yaml:"rules"`
	}{APIVersion, e.schema.Level, "shown", "1", nil}
	for i, x := range expressions {
		text.Rules = append(text.Rules, rule{fmt.Sprintf("x%d", i), subject, "false", "{" + x + "}"})
	}
	b, err := yaml.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	set, err := Load(e, File{Name: "shown", Text: b})
	if err != nil {
		return nil, err
	}
	vars := map[string]any{}
	for _, v := range sub.vars {
		of, there := given[v.name]
		switch {
		case v.name == reservedVars[0]:
		case v.of == nil && there:
			vars[v.name] = of
		case v.of != nil:
			m, ok := of.(map[string]any)
			if there && !ok {
				return nil, fmt.Errorf("rules: %s is %T, it has to be a map", v.name, of)
			}
			facts, err := v.of.normal(m, v.name)
			if err != nil {
				return nil, fmt.Errorf("rules: %w", err)
			}
			vars[v.name] = v.of.record(facts)
		}
	}
	results, err := set.Evaluate(ctx, subject, vars, Options{Now: e.schema.Now})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(results))
	for i, r := range results {
		if r.Err != nil {
			return nil, fmt.Errorf("rules: %s: %w", expressions[i], r.Err)
		}
		out[i] = r.Message
	}
	return out, nil
}
