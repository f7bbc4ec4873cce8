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
