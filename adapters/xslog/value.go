package xslog

import (
	"log/slog"

	xslog "golang.org/x/exp/slog"
)

// convertAttrs leaves out what no handler is to write: attributes that are
// wholly empty, and groups in which nothing is left.
func convertAttrs(attrs []slog.Attr) []xslog.Attr {
	out := make([]xslog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Equal(slog.Attr{}) {
			continue
		}
		v := convert(a.Value)
		if v.Kind() == xslog.KindGroup && len(v.Group()) == 0 {
			continue
		}
		out = append(out, xslog.Attr{Key: a.Key, Value: v})
	}
	return out
}

func convert(v slog.Value) xslog.Value {
	switch v.Kind() {
	case slog.KindBool:
		return xslog.BoolValue(v.Bool())
	case slog.KindDuration:
		return xslog.DurationValue(v.Duration())
	case slog.KindFloat64:
		return xslog.Float64Value(v.Float64())
	case slog.KindInt64:
		return xslog.Int64Value(v.Int64())
	case slog.KindString:
		return xslog.StringValue(v.String())
	case slog.KindTime:
		return xslog.TimeValue(v.Time())
	case slog.KindUint64:
		return xslog.Uint64Value(v.Uint64())
	case slog.KindGroup:
		return xslog.GroupValue(convertAttrs(v.Group())...)
	case slog.KindLogValuer:
		return xslog.AnyValue(valuer{v})
	}
	// KindAny, and any kind that a later standard library may add.
	return xslog.AnyValue(v.Any())
}

// valuer keeps a value's own LogValue waiting until the handler behind asks for
// it, and not before: it may be costly, or read what changes. The standard
// library's Resolve bounds how often it is asked and survives its panic.
type valuer struct{ v slog.Value }

var _ xslog.LogValuer = valuer{}

// LogValue is the value in the terms of x/exp/slog.
func (l valuer) LogValue() xslog.Value { return convert(l.v.Resolve()) }
