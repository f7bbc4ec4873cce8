package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/okrkit/okrkit/okr"
)

// errBadConn makes database/sql throw a connection away.
var errBadConn = driver.ErrBadConn

// Dialect is the database's own way of saying things.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"   // 3.51.3 or later in WAL mode: earlier ones can corrupt the log when it is reset
	Postgres Dialect = "postgres" // 15 or later
)

// The SQL of this package is written once. What differs stands in braces:
//
//	{in $1}     is one of the strings of a JSON array
//	{each $1}   the strings of a JSON array, as a table with the column value
//	{update}    locks the rows of a query for writing
//	{skip}      locks them, and passes over those that somebody else has locked
var braces = regexp.MustCompile(`\{(\w+)(?: (\$\d+))?\}`)

var translated sync.Map // Dialect and text → text

type source struct {
	dialect Dialect
	text    string
}

// sql is the statement in the dialect's words.
func (d Dialect) sql(text string) string {
	key := source{d, text}
	if t, ok := translated.Load(key); ok {
		return t.(string)
	}
	out := d.translate(text)
	translated.Store(key, out)
	return out
}

func (d Dialect) translate(text string) string {
	text = braces.ReplaceAllStringFunc(text, func(s string) string {
		m := braces.FindStringSubmatch(s)
		switch m[1] {
		case "in":
			if d == SQLite {
				return "IN (SELECT value FROM json_each(" + m[2] + "))"
			}
			// As an array, for which the planner uses an index; of a set it expects
			// too many rows.
			return "= ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(" + m[2] + ` AS jsonb)) COLLATE "C"))`
		case "each":
			if d == SQLite {
				return "json_each(" + m[2] + ")"
			}
			return `(SELECT e COLLATE "C" AS value FROM jsonb_array_elements_text(CAST(` + m[2] + " AS jsonb)) AS e)"
		case "update":
			if d == Postgres {
				return "FOR UPDATE"
			}
		case "skip":
			if d == Postgres {
				return "FOR UPDATE SKIP LOCKED"
			}
		}
		return ""
	})
	if d == SQLite {
		return questionMarks(text)
	}
	return text
}

var numbered = regexp.MustCompile(`\$(\d+)`)

// questionMarks writes ? where the parameters come once each in their order, and
// ?1, ?2, … otherwise: drivers bind the former faster.
func questionMarks(text string) string {
	n := 0
	inOrder := true
	for _, m := range numbered.FindAllStringSubmatch(text, -1) {
		n++
		inOrder = inOrder && m[1] == strconv.Itoa(n)
	}
	if inOrder {
		return numbered.ReplaceAllLiteralString(text, "?")
	}
	return strings.ReplaceAll(text, "$", "?")
}

// Codes of SQLite, https://sqlite.org/rescode.html, and of PostgreSQL, appendix A
// of its manual.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteIOError    = 10
	sqliteFull       = 13
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

// mapped turns a driver's error into one of package okr where it says something
// that a caller can act upon.
func (d Dialect) mapped(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("%w: %w", okr.ErrTxDone, err)
	}
	if e := ctx.Err(); e != nil && !errors.Is(err, e) {
		return fmt.Errorf("%w: %w", e, err)
	}
	var pg interface{ SQLState() string }
	if errors.As(err, &pg) {
		return mapState(pg.SQLState(), err)
	}
	var lite interface{ Code() int }
	if errors.As(err, &lite) {
		return mapCode(lite.Code(), err)
	}
	return mapText(err)
}

func mapState(state string, err error) error {
	switch state {
	case "23505", "40001", "40P01": // unique violation, serialization failure, deadlock
		return &okr.ConflictError{Ref: somebody, Reason: err.Error()}
	case "55P03", "57014": // lock not available, query cancelled
		return fmt.Errorf("%w: %w", okr.ErrBusy, err)
	case "42P01", "42703", "3F000": // undefined table, column, schema
		return fmt.Errorf("%w: %w", okr.ErrSchema, err)
	case "25P02": // an earlier statement of the transaction failed
		return fmt.Errorf("%w: %w", okr.ErrTxDone, err)
	case "22021", "22P05": // text that is not UTF-8, or holds NUL
		return fmt.Errorf("%w: %w", okr.ErrInvalid, err)
	}
	return err
}

func mapCode(code int, err error) error {
	switch {
	case code&0xff == sqliteBusy, code&0xff == sqliteLocked:
		return fmt.Errorf("%w: %w", okr.ErrBusy, err)
	case code&0xff == sqliteFull, code&0xff == sqliteIOError:
		return fmt.Errorf("sqldb: SQLite could not write or read its file: make room on the disk that holds the database, or see to the disk: %w", err)
	case code == sqlitePrimaryKey, code == sqliteUnique:
		return &okr.ConflictError{Ref: somebody, Reason: err.Error()}
	}
	return mapText(err)
}

// mapText is for drivers whose errors tell no code, and for what SQLite has no
// code for.
func mapText(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "no such table"), strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return fmt.Errorf("%w: %w", okr.ErrSchema, err)
	case strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return fmt.Errorf("%w: %w", okr.ErrBusy, err)
	case strings.Contains(text, "UNIQUE constraint failed"):
		return &okr.ConflictError{Ref: somebody, Reason: text}
	}
	return err
}

// somebody stands for the row where a database does not say which one it was.
var somebody = okr.Ref{Kind: "row", ID: "unknown"}
