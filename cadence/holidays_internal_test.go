package cadence

import (
	"errors"
	"testing"
	"testing/synctest"
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

// The time to ask again may come before anybody does.
func TestAYearThatMayBeAskedForAgainIsToldOfAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []HolidayFailure
		c := New(Holidays(failing{}, HolidayRetry(time.Minute), OnHolidayFailure(func(f HolidayFailure) { told = append(told, f) })))
		key := regionYear{"CH", 2026}
		<-c.holidays.begin(key, nil).done
		for range 3 {
			time.Sleep(time.Hour)
			_, err := c.holidays.year(key)
			require.ErrorIs(t, err, ErrHolidays)
		}
		require.Len(t, told, 1)
	})
}

// Whoever is told may look what the calendar says now, and keeps nobody waiting.
func TestWhoIsToldOfAYearMayAskForIt(t *testing.T) {
	for name, early := range map[string]bool{"failed before": true, "fails while waited for": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := make(chan HolidayFailure)
				var c *Calendar
				key := regionYear{"CH", 2026}
				c = New(Holidays(failing{}, OnHolidayFailure(func(f HolidayFailure) {
					_, f.Err = c.holidays.year(key)
					told <- f
				})))
				if early {
					<-c.holidays.begin(key, nil).done
				}
				go func() { _, _ = c.holidays.year(key) }()
				synctest.Wait()
				_, err := c.holidays.year(key)
				require.ErrorIs(t, err, ErrHolidays)
				require.ErrorIs(t, (<-told).Err, ErrHolidays)
			})
		})
	}
}
