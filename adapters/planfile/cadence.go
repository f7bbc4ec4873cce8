package planfile

import (
	"fmt"

	"github.com/okrkit/okrkit/okr"
)

// ParseCadence reads a cadence in the words that a plan may use, such as "weekly",
// "biweekly", "monthly", "every friday at 16:00". Others are an [*okr.InvalidError] of
// the field.
func ParseCadence(field, words string) (okr.Schedule, error) {
	s, ok := scheduleOf(words)
	if !ok {
		return okr.Schedule{}, &okr.InvalidError{
			Field: field, Value: clip(words),
			Remedy: fmt.Sprintf("write weekly, biweekly, monthly, quarterly, or %q", "friday 16:00"),
		}
	}
	return s, nil
}
