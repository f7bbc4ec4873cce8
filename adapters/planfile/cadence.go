package planfile

import "github.com/okrkit/okrkit/okr"

// ParseCadence reads a cadence in the words that a plan may use, such as "weekly",
// "every 2 weeks on tuesday", "last friday of the month at 16:00". Others are an [*okr.InvalidError] of
// the field.
func ParseCadence(field, words string) (okr.Schedule, error) {
	s, ok := scheduleOf(words)
	if !ok {
		return okr.Schedule{}, &okr.InvalidError{
			Field: field, Value: clip(words), Remedy: scheduleRemedy,
		}
	}
	return s, nil
}
