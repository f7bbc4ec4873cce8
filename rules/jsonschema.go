package rules

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// JSONSchema describes the packs of the environment's level to an editor: keys with
// what they mean, the words that they take, the facts that a test can give. It is of
// draft 7, which editors know best. What it refuses is wrong; what it lets pass,
// [Load] has the last word on: expressions are texts to it.
func (e *Env) JSONSchema() ([]byte, error) {
	b := schemaBuilder{e}
	root := b.object("pack")
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "okrkit rule pack"
	root["description"] = "Rules, scores and statuses of OKRs, with their tests."
	defs := shape{"scalar": shape{"type": []string{"string", "number", "boolean"}}}
	for _, in := range []string{"base", "overlay", "rule", "score", "status", "test", "step", "expectation"} {
		defs[in] = b.object(in)
	}
	for _, t := range e.schema.Types {
		defs["fact_"+t.Name] = b.facts(e.types[t.Name])
	}
	root["definitions"] = defs
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(root)
	return out.Bytes(), err
}

// shape is a part of a JSON Schema.
type shape = map[string]any

type schemaBuilder struct{ e *Env }

// object describes what may stand in one place.
func (b schemaBuilder) object(in string) shape {
	properties, required := shape{}, []string{}
	for _, k := range Keys() {
		if k.In != in {
			continue
		}
		p := b.key(k)
		p["description"] = k.Doc + "\n\n" + k.Example
		if k.Default != "" {
			p["default"] = k.Default
			if k.Takes == takesBool {
				p["default"] = k.Default == "true"
			}
		}
		properties[k.Name] = p
		if k.Required && (in != "test" || k.Name != "expect") {
			required = append(required, k.Name)
		}
	}
	out := shape{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	if in == "test" { // what it expects may stand in its steps alone
		out["anyOf"] = []shape{{"required": []string{"expect"}}, {"required": []string{"steps"}}}
	}
	return out
}

func refTo(name string) shape { return shape{"$ref": "#/definitions/" + name} }

func listOf(item shape) shape { return shape{"type": "array", "items": item} }

// names are a mapping with names of one's own.
func names(pattern string, value shape) shape {
	return shape{"type": "object", "propertyNames": shape{"pattern": pattern}, "additionalProperties": value}
}

// key describes what stands behind a key.
func (b schemaBuilder) key(k Key) shape {
	expression := shape{"type": []string{"string", "boolean", "number"}}
	params := names(identPattern.String(), shape{"anyOf": []shape{refTo("scalar"), {"type": "array", "minItems": 1, "items": refTo("scalar")}}})
	switch k.In + "." + k.Name {
	case "pack.env":
		return shape{"type": "integer", "minimum": 1, "maximum": b.e.schema.Level}
	case "pack.name":
		return shape{"type": "string", "pattern": namePattern.String(), "maxLength": maxName}
	case "pack.version", "base.version":
		return shape{"type": []string{"string", "number"}}
	case "pack.params", "base.params", "test.params":
		if k.In != "pack" {
			params["additionalProperties"] = shape{"anyOf": []shape{refTo("scalar"), {"type": "array", "items": refTo("scalar")}}}
		}
		return params
	case "pack.extends":
		return listOf(shape{"anyOf": []shape{{"type": "string"}, refTo("base")}})
	case "pack.rules", "pack.scores", "pack.statuses", "pack.tests":
		return listOf(refTo(map[string]string{"rules": "rule", "scores": "score", "statuses": "status", "tests": "test"}[k.Name]))
	case "base.rules", "base.scores", "base.statuses":
		return names(idPattern.String(), refTo("overlay"))
	case "rule.id", "score.id", "status.id":
		return shape{"type": "string", "pattern": idPattern.String(), "maxLength": maxName}
	case "rule.on", "score.on", "status.on":
		var on, docs []string
		for _, s := range b.e.schema.Subjects {
			on, docs = append(on, s.Name), append(docs, s.Doc)
		}
		return shape{"type": "string", "enum": on, "enumDescriptions": docs}
	case "status.status":
		if len(b.e.schema.Statuses) > 0 {
			return shape{"anyOf": []shape{{"enum": b.e.schema.Statuses}, {"type": "string"}}}
		}
	case "test.given", "step.given":
		return b.given()
	case "test.expect", "step.expect":
		return shape{"type": "object", "additionalProperties": shape{"anyOf": []shape{
			{"enum": []string{"pass", "fail", "skip", "unknown", "error"}}, {"type": []string{"string", "number"}}, refTo("expectation"),
		}}}
	case "test.steps":
		return listOf(refTo("step"))
	}
	switch {
	case k.In == "expectation" && k.Name == "mentions": // one may stand by itself
		return shape{"anyOf": []shape{refTo("scalar"), listOf(refTo("scalar"))}}
	case k.Name == "vars":
		return names(identPattern.String(), expression)
	case k.Name == "help":
		return shape{"type": "string", "pattern": "^https?://."}
	case k.Takes == takesBool:
		return shape{"type": "boolean"}
	case len(k.Values) > 0:
		return shape{"type": "string", "enum": k.Values}
	case k.Takes == takesExpression:
		return expression
	case k.Takes == takesMapping:
		return shape{"type": "object"}
	case k.Takes == takesList:
		return listOf(shape{"type": "string"})
	case k.Takes == takesText, k.Takes == takesMessage, k.Takes == takesInstant:
		return shape{"type": []string{"string", "number", "boolean"}}
	}
	return shape{}
}

// given is what a test can give: facts by variable.
func (b schemaBuilder) given() shape {
	vars := shape{}
	for _, name := range slices.Sorted(maps.Keys(b.e.subjects)) {
		for _, v := range b.e.subjects[name].vars {
			if v.name == reservedVars[0] {
				continue
			}
			if v.of != nil {
				vars[v.name] = shape{"anyOf": []shape{refTo("fact_" + v.of.Name), {"type": "null"}}}
			} else {
				vars[v.name] = scalarNode(v.kind)
			}
		}
	}
	return shape{"type": "object", "additionalProperties": false, "properties": vars}
}

// facts are those of a type, as a test gives them.
func (b schemaBuilder) facts(t *objType) shape {
	properties := shape{}
	for name, f := range t.fields {
		var n shape
		switch {
		case f.Kind == Object:
			n = refTo("fact_" + f.of.Name)
		case f.Kind == List && f.of != nil:
			n = shape{"type": "array", "maxItems": f.max, "items": refTo("fact_" + f.of.Name)}
		case f.Kind == List:
			n = shape{"type": "array", "maxItems": f.max, "items": scalarNode(f.item.Kind)}
		default:
			n = scalarNode(f.Kind)
			if len(f.Values) > 0 {
				n["enum"] = f.Values
			}
		}
		if f.MayBeUnknown {
			n = shape{"anyOf": []shape{n, {"type": "null"}}}
		}
		if f.Doc != "" {
			n = shape{"allOf": []shape{n}, "description": f.Doc}
		}
		properties[name] = n
	}
	return shape{"type": "object", "additionalProperties": false, "properties": properties, "description": t.Doc}
}

func scalarNode(k FieldKind) shape {
	switch k {
	case Bool:
		return shape{"type": "boolean"}
	case Int:
		return shape{"type": "integer"}
	case Double:
		return shape{"type": "number"}
	}
	return shape{"type": "string"}
}
