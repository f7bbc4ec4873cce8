package cadence

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Words are the texts that okrkit ships, a file for each language, such as de.tmpl, to copy
// from for [LoadTongues].
func Words() fs.FS { return wordFiles{} }

// wordFiles are those of the languages: how a notice is put together from them is no word.
type wordFiles struct{}

const frame = "frame.tmpl"

// Open implements [fs.FS].
func (wordFiles) Open(name string) (fs.File, error) {
	if name == frame {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return wordings.Open(path.Join("words", name))
}

// ReadDir implements [fs.ReadDirFS].
func (wordFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := wordings.ReadDir(path.Join("words", name))
	var out []fs.DirEntry
	for _, e := range all {
		if e.Name() != frame {
			out = append(out, e)
		}
	}
	return out, err
}

// LoadTongues reads a folder of templates in the languages that their names say, such as
// de.tmpl or pt-PT.tmpl. Each has what shall be said otherwise in that language
// ([ParseIn]); what it lacks is said as okrkit says it. Every kind of notice is tried, and
// what is wrong with a file is told of all of them at once. A folder that is not there,
// and other files, say nothing.
func LoadTongues(files fs.FS) (Tongues, error) {
	out := Tongues{}
	if files == nil {
		return out, nil
	}
	entries, err := fs.ReadDir(files, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, e := range entries {
		language, ok := strings.CutSuffix(e.Name(), ".tmpl")
		if e.IsDir() || !ok {
			continue
		}
		if first, _, _ := strings.Cut(language, "-"); len(first) < 2 || len(first) > 3 {
			errs = append(errs, fmt.Errorf("%s: %w", e.Name(), invalid("texts", e.Name(), "name the file after its language, such as de.tmpl or pt-PT.tmpl")))
			continue
		}
		text, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, err
		}
		t, err := parseIn(language, e.Name(), string(text))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.Name(), err))
			continue
		}
		out[strings.ToLower(language)] = t
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}
