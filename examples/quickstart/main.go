// Command quickstart lives through a quarter of a small company in a few
// seconds: it audits a plan, is refused its activation, activates the mended
// plan, runs weeks of check-ins, and shows the reminders that people get.
//
// Everything is real: SQLite and a NATS JetStream server in a directory, rules
// in CEL, adapters behind the bus. Only the clock is moved by hand. A second run
// on the same directory goes on where the first ended.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "directory that keeps database and events; a second run on it continues (default a fresh temporary one)")
	flag.StringVar(&o.plan, "plan", "", "plan to use instead of the company's own: YAML, JSON, CSV or Markdown")
	flag.IntVar(&o.weeks, "weeks", 5, "weeks of check-ins to live through in this run")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "Usage: go run ./examples/quickstart [--dir DIR] [--plan FILE] [--weeks N]")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1) //nolint:gocritic // stop only restores signals, and the process ends here
	}
}

type options struct {
	dir, plan string
	weeks     int
}

func run(ctx context.Context, w io.Writer, o options) (err error) {
	fresh := o.dir == ""
	if fresh {
		if o.dir, err = os.MkdirTemp("", "okrkit-quickstart-"); err != nil {
			return err
		}
	} else if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	p := &printer{w: w}
	h, err := open(ctx, o.dir, p)
	if err != nil {
		return err
	}
	defer func() {
		if e := h.close(); err == nil {
			err = e
		}
	}()
	if err := h.story(ctx, o); err != nil {
		return err
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	p.line("")
	p.line("Go on from here: go run ./examples/quickstart --dir %s", dir)
	return nil
}
