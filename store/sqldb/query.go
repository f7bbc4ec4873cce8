package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// each calls f for each row of a query.
func each(ctx context.Context, c Conn, query string, f func(Rows) error, args ...any) error {
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// text is the first column of a query's first row.
func text(ctx context.Context, c Conn, query string, args ...any) (value string, found bool, err error) {
	err = each(ctx, c, query, func(r Rows) error {
		found = true
		return r.Scan(&value)
	}, args...)
	return value, found, err
}

// send runs a batch in one round trip where the connection can.
func send(ctx context.Context, c Conn, batch []Statement) error {
	if len(batch) == 0 {
		return nil
	}
	if p, ok := c.(Pipeline); ok && len(batch) > 1 {
		return p.Send(ctx, batch)
	}
	for _, s := range batch {
		if s.Row != nil {
			if err := each(ctx, c, s.SQL, s.Row, s.Args...); err != nil {
				return err
			}
			continue
		}
		n, err := c.Exec(ctx, s.SQL, s.Args...)
		if err != nil {
			return err
		}
		if s.Affected != nil {
			if err := s.Affected(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// list is a parameter for {in $n} and {each $n}. A string that holds NUL is in no table, and
// PostgreSQL would refuse to look for it.
func list[T ~string](ids []T) string {
	clean := make([]string, 0, len(ids))
	for _, id := range ids {
		if !strings.Contains(string(id), "\x00") {
			clean = append(clean, string(id))
		}
	}
	b, err := json.Marshal(clean)
	if err != nil {
		return "[]" // strings always marshal
	}
	return string(b)
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

func nullMicros(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMicro()
}

func nullInstant(us sql.NullInt64) *time.Time {
	if !us.Valid {
		return nil
	}
	t := instant(us.Int64)
	return &t
}

func nullNumber(n measure.Number) any {
	if v, ok := n.Value(); ok {
		return v
	}
	return nil
}

func number(v sql.NullFloat64) measure.Number {
	if !v.Valid {
		return measure.Number{}
	}
	return measure.N(v.Float64)
}

func date(s string) (okr.Date, error) {
	var d okr.Date
	err := d.UnmarshalText([]byte(s))
	return d, err
}

// document is v as JSON without HTML escapes.
func document(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// parameter is "$n".
func parameter(n int) string { return "$" + strconv.Itoa(n) }

// parameters is "$1, $2, …" up to n.
func parameters(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = parameter(i + 1)
	}
	return strings.Join(out, ", ")
}
