package rules

// File is the text of one pack.
type File struct {
	// Name is only used in messages.
	Name string
	Text []byte
}

// Load parses and compiles. Unlike [Parse] and [Compile] one after the other,
// it also reads the expressions of a pack whose shape is wrong, so that an
// author sees every mistake of every file at once. The error is [Errors].
func Load(env *Env, files ...File) (*Set, error) {
	var errs Errors
	var packs []*Pack
	for _, f := range files {
		p, wrong := parse(f.Name, f.Text)
		errs = append(errs, wrong...)
		if p != nil {
			packs = append(packs, p)
		}
	}
	set, wrong := compile(env, packs, nil)
	if err := append(errs, wrong...).orNil(); err != nil {
		return nil, err
	}
	return set, nil
}
