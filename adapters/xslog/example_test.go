package xslog_test

import (
	"os"

	expslog "golang.org/x/exp/slog"

	"github.com/okrkit/okrkit/adapters/xslog"
)

func ExampleNewLogger() {
	host := expslog.New(expslog.NewTextHandler(os.Stdout, &expslog.HandlerOptions{
		ReplaceAttr: func(_ []string, a expslog.Attr) expslog.Attr {
			if a.Key == expslog.TimeKey {
				return expslog.Attr{} // so that the example prints the same every day
			}
			return a
		},
	}))

	log := xslog.NewLogger(host) // for okr.Config.Log
	log.WithGroup("okr").Info("settled", "tenant", "acme", "subjects", 12)
	// Output:
	// level=INFO msg=settled okr.tenant=acme okr.subjects=12
}
