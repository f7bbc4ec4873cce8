package sqldb_test

import (
	"fmt"
	"io/fs"

	"github.com/okrkit/okrkit/store/sqldb"
)

// A host that migrates with a tool of its own takes the plain SQL, and calls Adopt
// after it.
func ExampleMigrations() {
	files, err := fs.Glob(sqldb.Migrations(sqldb.Postgres), "*.sql")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		fmt.Println(f)
	}
	// Output:
	// 0001_tables.sql
}
