package cadence

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// HolidayCalendar says which days nobody works on in a region, such as CH-ZH: the
// holidays themselves, and the days that stand in for those that fall on a weekend.
// Which region names there are is the calendar's own affair.
//
// It is asked for a whole year of a region at a time, and what it said is kept for as
// long as the [Calendar]. It need not be quick, but is waited for where a schedule is
// first asked of in that year: hosts whose holidays are far away call
// [Calendar.Preload] when they start.
type HolidayCalendar interface {
	Holiday(region string, on okr.Date) (bool, error)
}

// RegionChecker is a [HolidayCalendar] that knows which regions it has, so that a
// schedule that names another is refused when it is written down, and not found to
// have no holidays.
type RegionChecker interface {
	// CheckRegion returns an error, best an [*okr.InvalidError] that names the
	// nearest ones, where there is no such region.
	CheckRegion(region string) error
}

// HolidayFailure is a year of which a [HolidayCalendar] could not say which days are
// holidays. It counts as a year without any: no check-in is lost over a holiday.
type HolidayFailure struct {
	Region string
	Year   int
	Err    error
}

// ErrHolidays is matched by the error of a [HolidayFailure].
var ErrHolidays = errors.New("cadence: the holiday calendar failed")

// HolidayOption changes how a [Calendar] asks its [HolidayCalendar].
type HolidayOption func(*holidays)

// HolidayLog is where it is said, once for each region and year, that its holidays
// are not known.
func HolidayLog(l *slog.Logger) HolidayOption {
	return func(h *holidays) {
		if l != nil {
			h.log = l
		}
	}
}

// OnHolidayFailure is told, once for each region and year, that its holidays are not
// known. It is called where a schedule is asked of, often between a lock and a commit:
// it does no I/O.
func OnHolidayFailure(f func(HolidayFailure)) HolidayOption {
	return func(h *holidays) { h.told = f }
}

// HolidayPatience is how long a year of a region is waited for, 2 seconds by default.
// What comes later is used from then on.
func HolidayPatience(d time.Duration) HolidayOption {
	return func(h *holidays) {
		if d > 0 {
			h.patience = d
		}
	}
}

// HolidayRetry is how long a year that failed is left alone, an hour by default.
func HolidayRetry(d time.Duration) HolidayOption {
	return func(h *holidays) {
		if d > 0 {
			h.retry = d
		}
	}
}

// Holidays gives the calendar the holidays that schedules name. Without it there are
// none. A calendar of holidays that returns an error, panics or does not answer stops
// no reminder: see [HolidayFailure]. One that never returns holds a goroutine for each
// region and year.
func Holidays(of HolidayCalendar, opts ...HolidayOption) Option {
	h := &holidays{of: of, log: slog.New(slog.DiscardHandler), patience: 2 * time.Second, retry: time.Hour, years: map[regionYear]*holidayYear{}}
	for _, o := range opts {
		o(h)
	}
	return func(c *Calendar) {
		if of != nil {
			c.holidays = h
		}
	}
}

// Preload asks for the holidays of a region in some years now, so that nobody waits
// for them later. The error joins what failed.
func (c *Calendar) Preload(region string, fromYear, toYear int) error {
	if c.holidays == nil || region == "" {
		return nil
	}
	if err := c.checkRegion("region", region); err != nil {
		return err
	}
	var errs []error
	for y := fromYear; y <= toYear; y++ {
		if _, err := c.holidays.year(regionYear{region, y}); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c *Calendar) checkRegion(field, region string) (err error) {
	if c.holidays == nil || region == "" {
		return nil
	}
	regions, ok := c.holidays.of.(RegionChecker)
	if !ok {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = nil // nobody knows which there are: the schedule stands
		}
	}()
	err = regions.CheckRegion(region)
	var known *okr.InvalidError
	if errors.As(err, &known) {
		return &okr.InvalidError{Field: field, Value: known.Value, Remedy: known.Remedy}
	}
	if err != nil {
		return invalid(field, region, err.Error())
	}
	return nil
}

type holidays struct {
	of              HolidayCalendar
	log             *slog.Logger
	told            func(HolidayFailure)
	patience, retry time.Duration

	mu    sync.RWMutex
	years map[regionYear]*holidayYear
}

type regionYear struct {
	region string
	year   int
}

// holidayYear is one year of a region. What follows done is written before that is
// closed, and read after.
type holidayYear struct {
	first, last int // days since 1970
	done        chan struct{}
	again       *time.Timer // fires when a year that failed may be asked for again
	off         yearBits
	err         error

	told  atomic.Bool   // that it failed: by whoever sets it
	given chan struct{} // closed with that: nobody waits for it any more
}

// year is never nil; where there is an error it has no holidays.
func (h *holidays) year(key regionYear) (*holidayYear, error) {
	h.mu.RLock()
	y := h.years[key]
	h.mu.RUnlock()
	if y == nil {
		y = h.begin(key, nil)
	}
	select {
	case <-y.done:
		if y.err == nil {
			return y, nil
		}
		h.fail(y, HolidayFailure{key.region, key.year, y.err}) // it may have failed before anybody came to wait for it
		select {
		case <-y.again.C:
			y = h.begin(key, y)
		default:
			return y.none(), y.err
		}
	default:
	}
	return h.await(key, y)
}

func (h *holidays) await(key regionYear, y *holidayYear) (*holidayYear, error) {
	patience := time.NewTimer(h.patience)
	defer patience.Stop()
	err := error(nil)
	select {
	case <-y.done:
		if err = y.err; err == nil {
			return y, nil
		}
	case <-y.given:
		return y.none(), fmt.Errorf("%w: no answer for %s %d yet", ErrHolidays, key.region, key.year)
	case <-patience.C:
		err = fmt.Errorf("%w: no answer for %s %d within %s", ErrHolidays, key.region, key.year, h.patience)
	}
	h.fail(y, HolidayFailure{key.region, key.year, err})
	return y.none(), err
}

// fail tells of it once for as long as the year is asked for. Nobody waits for who is
// told, who may ask for the year themselves.
func (h *holidays) fail(y *holidayYear, f HolidayFailure) {
	if !y.told.CompareAndSwap(false, true) {
		return
	}
	close(y.given)
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("cadence: what was told of a holiday calendar's failure panicked", "panic", p)
		}
	}()
	h.log.Warn("cadence: no holidays are known; due dates stay where they are", "region", f.Region, "year", f.Year, "error", f.Err)
	if h.told != nil {
		h.told(f)
	}
}

// none is the year without holidays.
func (y *holidayYear) none() *holidayYear { return &holidayYear{first: y.first, last: y.last} }

// begin asks for the year, unless somebody else did in the place of failed.
func (h *holidays) begin(key regionYear, failed *holidayYear) *holidayYear {
	h.mu.Lock()
	defer h.mu.Unlock()
	if y := h.years[key]; y != failed {
		return y
	}
	first := dayNumber(okr.Date{Year: key.year, Month: time.January, Day: 1})
	y := &holidayYear{
		first: first, last: dayNumber(okr.Date{Year: key.year, Month: time.December, Day: 31}), done: make(chan struct{}), given: make(chan struct{}),
	}
	if failed != nil {
		y.told.Store(true) // of the one before, and nobody waits for it again
		close(y.given)
	}
	h.years[key] = y
	go func() {
		defer close(y.done)
		if y.off, y.err = h.ask(key, y); y.err != nil {
			y.again = time.NewTimer(h.retry)
		}
	}()
	return y
}

func (h *holidays) ask(key regionYear, y *holidayYear) (off yearBits, err error) {
	on := measure.NewDate(key.year, time.January, 1)
	defer func() {
		if p := recover(); p != nil {
			off, err = yearBits{}, fmt.Errorf("%w: %s on %s: panic: %v", ErrHolidays, key.region, on, p)
		}
	}()
	for n := range y.last - y.first + 1 {
		holiday, err := h.of.Holiday(key.region, on)
		if err != nil {
			return yearBits{}, fmt.Errorf("%w: %s on %s: %w", ErrHolidays, key.region, on, err)
		}
		if holiday {
			off[n/64] |= 1 << (n % 64)
		}
		on = on.AddDays(1)
	}
	return off, nil
}
