package papers

import (
	"embed"
	"io/fs"
)

//go:embed templates words examples
var shipped embed.FS

// Files are the templates, words and examples that okrkit ships, in the folders in
// which [Load] looks for a host's own.
func Files() fs.FS { return shipped }

// Languages are the languages that okrkit ships words for, English first.
func Languages() []string { return []string{"en", "de", "es", "fr", "pt"} }
