package papers

import "reflect"

// cleaned is the data with every text safe to show on one line, so that templates
// need not think of it. What the vocabulary of okr holds is left as it is.
func cleaned(d Data) Data {
	v := reflect.New(reflect.TypeOf(d)).Elem()
	v.Set(reflect.ValueOf(d))
	clean(v)
	out, _ := v.Interface().(Data)
	return out
}

var ours = reflect.TypeFor[Link]().PkgPath()

func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(plain(v.String()))
	case reflect.Slice:
		if v.Len() == 0 {
			return
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(copied, v)
		v.Set(copied)
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		if v.Type().PkgPath() != ours || v.Type() == reflect.TypeFor[Link]() {
			return // an address is followed as it is, or not at all
		}
		for i := range v.NumField() {
			clean(v.Field(i))
		}
	}
}
