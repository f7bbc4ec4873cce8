package papers

import (
	"reflect"

	"golang.org/x/text/feature/plural"
)

// Stuffed is a filled paper of a kind in which every text that people write is the
// given one.
func Stuffed(k Kind, title string) Data {
	d := specimen(k)
	v := reflect.New(reflect.TypeOf(d)).Elem()
	v.Set(reflect.ValueOf(d))
	stuff(v, title)
	out, _ := v.Interface().(Data)
	return out
}

func stuff(v reflect.Value, title string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(title)
		}
	case reflect.Slice:
		for i := range v.Len() {
			stuff(v.Index(i), title)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Amount]() {
			v.FieldByName("Metric").FieldByName("Unit").SetString(title)
			return
		}
		if v.Type().PkgPath() != ours || v.Type() == reflect.TypeFor[Link]() {
			if v.Type() == reflect.TypeFor[Link]() {
				v.FieldByName("Text").SetString(title)
			}
			return
		}
		for i := range v.NumField() {
			stuff(v.Field(i), title)
		}
	}
}

// Phrase is a shipped phrase, as tests look at it.
type Phrase struct {
	Texts    []string // other first
	Places   []string
	Numbered bool
}

// Phrases are the shipped phrases by language and key.
func Phrases() map[string]map[string]Phrase {
	out := map[string]map[string]Phrase{}
	for tag, c := range Shipped().catalogues {
		in := map[string]Phrase{}
		for k, p := range c.phrases {
			texts := p.all()
			if p.forms != nil {
				texts = []string{p.forms[plural.Other], p.forms[plural.One]}
			}
			in[k] = Phrase{texts, p.args(), p.forms != nil}
		}
		out[tag.String()] = in
	}
	return out
}

// Plain is plain.
var Plain = plain
