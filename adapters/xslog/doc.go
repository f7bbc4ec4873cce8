// Package xslog is the bridge to golang.org/x/exp/slog, for hosts whose logger
// is not the standard library's yet: [NewHandler] lets okrkit log through such a
// logger, with its groups, levels, source positions and values of every kind as
// they were.
//
//	desk, err := okr.New(store, okr.Config{Log: xslog.NewLogger(host.Logger)})
//
// Events are logged through it by the adapter of package
// [github.com/okrkit/okrkit/adapters/log]:
//
//	router.Add(log.New(xslog.NewLogger(host.Logger)))
package xslog
