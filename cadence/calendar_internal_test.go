package cadence

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Nothing but the time that a schedule takes shows whether the known years are used.
func TestTheKnownYearsAreLookedUpOnce(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		z := newZone(loc)
		first, last := time.Date(firstKnown, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(lastKnown, 12, 31, 23, 59, 59, 0, time.UTC)
		place := 0
		for at := first; !at.After(last); at = at.Add(97 * time.Hour) {
			s, i := z.at(at.Unix(), place)
			require.GreaterOrEqual(t, i, 0)
			require.True(t, s.start <= at.Unix() && at.Unix() < s.end)
			_, offset := at.In(loc).Zone()
			require.Equal(t, int64(offset), s.offset, "%s %s", name, at)
			other, same := z.at(at.Unix(), -1)
			require.Equal(t, i, same)
			require.Equal(t, s, other)
			place = i
		}
		for i := range z.spans[1:] {
			require.Equal(t, z.spans[i].end, z.spans[i+1].start, "no gap")
		}
		for _, far := range []time.Time{time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC)} {
			s, _ := z.at(far.Unix(), 3)
			_, offset := far.In(loc).Zone()
			require.Equal(t, int64(offset), s.offset)
		}
	}
}

func TestEveryWeekOfAYear(t *testing.T) {
	for week := range uint8(128) {
		for begins := range 7 {
			bits := everyWeek(week, begins)
			for n := range 366 {
				require.Equal(t, week&(1<<((begins+n)%7)) != 0, bits.has(n), "week %07b, begins on %d, day %d", week, begins, n)
			}
		}
	}
}

func TestKeysAreThoseOfTheirDays(t *testing.T) {
	var k keys
	for _, day := range []time.Time{
		time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(7, 3, 4, 0, 0, 0, 0, time.UTC),
	} {
		n := int(floorDiv(day.Unix(), daySeconds))
		y := k.year(n)
		require.True(t, y.has(n))
		require.Equal(t, day.Format(time.DateOnly), y.key(n))
	}
	year := int(floorDiv(time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC).Unix(), daySeconds))
	require.Same(t, k.year(year), k.year(year+100))
}
