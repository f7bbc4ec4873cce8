package rules

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Source gives the texts of packs. Everything that it does not give is not there; an
// error says that nothing can be said of what is there.
type Source interface {
	// Files are the packs, and the files of their tests (see [TestFileSuffix]), in an
	// order that is the same as long as they are: of
	// several with a score or a status that applies, the last is asked first.
	Files(ctx context.Context) ([]File, error)
}

// SourceFunc is a function of the host as a [Source].
type SourceFunc func(ctx context.Context) ([]File, error)

// Files calls f.
func (f SourceFunc) Files(ctx context.Context) ([]File, error) { return f(ctx) }

// Folder is a folder as a [Source], on disk or embedded: every *.yaml and *.yml file in
// it and below it, by path. Names that begin with a dot are passed over.
func Folder(folder fs.FS) Source { return folderSource{folder} }

type folderSource struct{ fs.FS }

func (s folderSource) Files(ctx context.Context) ([]File, error) {
	var files []File
	limit := DefaultLimits().FileBytes
	err := fs.WalkDir(s.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
			return nil
		}
		info, err := fs.Stat(s.FS, name) // follows links
		if err != nil {
			return err
		}
		if info.IsDir() {
			return nil
		}
		if info.Size() > int64(limit) {
			return tooLong(name, info.Size(), limit)
		}
		text, err := fs.ReadFile(s.FS, name)
		if err != nil {
			return err
		}
		files = append(files, File{name, text})
		return nil
	})
	return files, err
}

func tooLong(name string, size int64, limit int) error {
	return fmt.Errorf("%s has %d bytes, the limit is %d", name, size, limit)
}
