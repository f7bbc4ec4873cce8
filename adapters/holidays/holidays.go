package holidays

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/okrkit/okrkit/okr"
)

// Calendar knows the holidays of the regions in [Calendar.Regions].
type Calendar struct {
	names []string

	mu      sync.Mutex // some holidays of the library change while their day is worked out
	regions map[string]*cal.Calendar
}

// New returns a calendar of all regions.
func New() *Calendar {
	c := &Calendar{regions: map[string]*cal.Calendar{}}
	add := func(name string, days []*cal.Holiday) {
		own := make([]*cal.Holiday, len(days))
		for i, h := range days {
			own[i] = h.Clone(nil)
		}
		c.regions[name] = &cal.Calendar{Name: name, Holidays: own}
		c.names = append(c.names, name)
	}
	for name, days := range countries() {
		add(name, days)
	}
	for country, parts := range divided() {
		lists := make([][]*cal.Holiday, 0, len(parts))
		for part, days := range parts {
			add(country+"-"+part, days)
			lists = append(lists, days)
		}
		add(country, shared(lists))
	}
	slices.Sort(c.names)
	return c
}

// Regions lists the names of all regions, ascending.
func (c *Calendar) Regions() []string { return slices.Clone(c.names) }

// CheckRegion returns an [*okr.InvalidError] that lists the nearest regions where
// there is none of that name. Small letters are as good as capitals.
func (c *Calendar) CheckRegion(region string) error {
	if _, ok := c.regions[canonical(region)]; ok {
		return nil
	}
	return &okr.InvalidError{Field: "region", Value: clip(region), Remedy: "there is no such region: use " + anyOf(c.nearest(canonical(region)))}
}

// Holiday says whether the date is a holiday in the region, or stands in for one. An
// error is that of [Calendar.CheckRegion].
func (c *Calendar) Holiday(region string, on okr.Date) (bool, error) {
	of, ok := c.regions[canonical(region)]
	if !ok {
		return false, c.CheckRegion(region)
	}
	// At noon, which the library does not look at: there is one on every day of every
	// zone.
	noon := time.Date(on.Year, on.Month, on.Day, 12, 0, 0, 0, time.UTC)
	c.mu.Lock()
	defer c.mu.Unlock()
	itself, inLieu, _ := of.IsHoliday(noon)
	return itself || inLieu, nil
}

func canonical(region string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(region), "_", "-"))
}

// shared are the holidays that are in every list, in the order of the first.
func shared(lists [][]*cal.Holiday) []*cal.Holiday {
	var out []*cal.Holiday
	for _, h := range lists[0] {
		if !slices.ContainsFunc(lists, func(days []*cal.Holiday) bool { return !slices.Contains(days, h) }) {
			out = append(out, h)
		}
	}
	return out
}

// mostNear is how many regions a remedy names.
const mostNear = 6

// nearest are the regions whose names need the fewest changes, those of the same
// country first.
func (c *Calendar) nearest(region string) []string {
	country, _, divided := strings.Cut(region, "-")
	distance := make(map[string]int, len(c.names))
	for _, name := range c.names {
		of, _, _ := strings.Cut(name, "-")
		distance[name] = changes(region, name)
		if of != country {
			distance[name] += 10
		} else if !divided && name == country {
			distance[name] = 0
		}
	}
	names := slices.Clone(c.names)
	slices.SortStableFunc(names, func(a, b string) int { return distance[a] - distance[b] })
	return names[:mostNear]
}

// changes is the Levenshtein distance of the first characters.
func changes(a, b string) int {
	a = clip(a)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func anyOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// clip shortens what somebody wrote to what a message quotes.
func clip(s string) string {
	const most = 40
	if r := []rune(strings.ToValidUTF8(s, "\uFFFD")); len(r) > most {
		return string(r[:most]) + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
