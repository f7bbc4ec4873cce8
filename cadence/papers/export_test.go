package papers

import "reflect"

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
