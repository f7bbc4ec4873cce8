package cadence

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

type failing struct{}

func (failing) Holiday(string, okr.Date) (bool, error) { return false, errors.New("down") }

// Nobody from outside can make the asking end before the waiting begins.
func TestAYearThatFailedBeforeItWasWaitedForIsToldOf(t *testing.T) {
	var told []HolidayFailure
	c := New(Holidays(failing{}, HolidayPatience(time.Hour), OnHolidayFailure(func(f HolidayFailure) { told = append(told, f) })))
	key := regionYear{"CH", 2026}
	<-c.holidays.begin(key, nil).done
	for range 2 {
		_, err := c.holidays.year(key)
		require.ErrorIs(t, err, ErrHolidays)
	}
	require.Len(t, told, 1)
	require.Equal(t, 2026, told[0].Year)
}
