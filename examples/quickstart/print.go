package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// printer serialises what the story and the adapters print.
type printer struct {
	mu sync.Mutex
	w  io.Writer
}

func (p *printer) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// table prints rows in columns.
func (p *printer) table(rows [][]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := tabwriter.NewWriter(p.w, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, "  "+strings.Join(r, "\t"))
	}
	t.Flush()
}

// indent is the log adapter's end of the printer.
type indent struct{ p *printer }

func (i indent) Write(b []byte) (int, error) {
	i.p.line("      %s", strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

func short(s string) string { return shorten(s, 58) }

func shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimRight(string(r[:most-1]), " ") + "…"
}

func words(s measure.Status) string {
	if s == "" {
		return "–"
	}
	return strings.ReplaceAll(string(s), "_", " ")
}

func percent(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return "unknown"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// pace is how far ahead or behind, in points.
func pace(n measure.Number) string {
	v, ok := n.Value()
	switch {
	case !ok:
		return "–"
	case v > 0.005:
		return fmt.Sprintf("%.0f behind", 100*v)
	case v < -0.005:
		return fmt.Sprintf("%.0f ahead", -100*v)
	}
	return "level"
}

func confidence(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%g/10", v)
}

func freshness(k okr.KeyResultView) string {
	if k.CurrentAt == nil {
		return "no reading"
	}
	age := fmt.Sprintf("%d days old", int(k.Age.Hours()/24))
	switch int(k.Age.Hours() / 24) {
	case 0:
		age = "of today"
	case 1:
		age = "1 day old"
	}
	if !k.Measured.Fresh {
		age += ", stale"
	}
	return age
}
