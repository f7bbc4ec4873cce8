package okr

import (
	"sync"
	"time"
)

// zones are the time zones that were asked for. [time.LoadLocation] reads a file each
// time, and a desk asks for the cycle's zone several times in each decision.
var zones zoneCache

// mostZones bounds what is kept. The database has some 600 names, but a path may be
// written in more ways than one.
const mostZones = 1024

type zoneCache struct {
	mu sync.RWMutex
	by map[string]*time.Location
}

func (z *zoneCache) load(name string) (*time.Location, error) {
	z.mu.RLock()
	loc := z.by[name]
	z.mu.RUnlock()
	if loc != nil {
		return loc, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.by == nil {
		z.by = map[string]*time.Location{}
	}
	if len(z.by) < mostZones {
		z.by[name] = loc
	}
	return loc, nil
}
