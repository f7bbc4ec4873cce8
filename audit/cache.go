package audit

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// mostCompiled bounds how many packs of tenants are kept compiled beside the
// host's own. A pack that falls out is compiled again from its text.
const mostCompiled = 512

// lastSuffix ends the names of the packs that are asked last where several have a
// score or a status for a subject: scoring-default and status-default.
const lastSuffix = "-default"

// everything is what a rule can read beyond rows and their surroundings.
var everything = okr.Collections{
	Readings: mostReadings, CheckIns: mostCheckIns, Blockers: true, TeamObjectives: true, OwnerKeyResults: true,
	Homes: true, TeamPeople: true, Parents: true, Whole: true, EveryCycle: true,
}

// factNeeds says what must be loaded for a fact, of which rules read that many of
// the newest entries.
var factNeeds = map[string]func(depth int) okr.Collections{
	"key_result.readings":         func(n int) okr.Collections { return okr.Collections{Readings: n} },
	"key_result.checkins":         func(n int) okr.Collections { return okr.Collections{CheckIns: n} },
	"key_result.first_confidence": func(int) okr.Collections { return okr.Collections{CheckIns: mostCheckIns} },
	"key_result.blockers":         func(int) okr.Collections { return okr.Collections{Blockers: true, CheckIns: mostCheckIns} }, // which are closed of them comes with the check-ins
	"objective.tied":              func(int) okr.Collections { return okr.Collections{TeamObjectives: true} },
	"objective.checkins":          func(int) okr.Collections { return okr.Collections{CheckIns: mostCheckIns} },
	"team.objectives":             func(int) okr.Collections { return okr.Collections{TeamObjectives: true} },
	"team.key_results":            func(int) okr.Collections { return okr.Collections{TeamObjectives: true} },
	"team.checkins":               func(int) okr.Collections { return okr.Collections{TeamObjectives: true, CheckIns: mostCheckIns} },
	"team.people":                 func(int) okr.Collections { return okr.Collections{TeamPeople: true} },
	"owner.team":                  func(int) okr.Collections { return okr.Collections{Homes: true} },
	"owner.key_results":           func(int) okr.Collections { return okr.Collections{OwnerKeyResults: true} },
	"objective.parents":           func(int) okr.Collections { return okr.Collections{Parents: true} },
	"cycle.first":                 func(int) okr.Collections { return okr.Collections{EveryCycle: true} },
	"key_result.rhythm_missing":   func(int) okr.Collections { return okr.Collections{Rhythm: true} },
}

// unit is a compiled set with what is asked of it time and again.
type unit struct {
	set      *rules.Set
	needs    map[string]okr.Collections // by subject
	figures  map[string]okr.Collections // by subject: what scores and statuses alone need
	timed    map[string]bool            // by subject: a rule reads what time changes
	scores   map[string]bool            // by subject
	statuses map[string]bool            // by subject
	err      error                      // it does not compile
	info     okr.Pack
	own      map[string]bool // digests of the packs in it
	judges   map[string]bool // digests of what judges: of the packs in it with the layers over them
	pack     *rules.Pack     // as it is written, of a unit that is one text
	extends  bool            // the pack builds on others: it judges only with them
	reject   bool            // its gates hold back what they cannot judge
}

func newUnit(s *rules.Set) *unit {
	u := &unit{set: s, needs: map[string]okr.Collections{}, figures: map[string]okr.Collections{}, timed: map[string]bool{}, scores: map[string]bool{}, statuses: map[string]bool{}, own: map[string]bool{}, judges: map[string]bool{}}
	for _, on := range []string{onTenant, onCycle, onTeam, onOwner, onObjective, onKeyResult, onCheckIn, onSource} {
		var c okr.Collections
		for _, f := range s.Touches(on) {
			if needs := factNeeds[f]; needs != nil {
				c = c.Union(needs(s.Depth(on, f)))
			}
		}
		if on == onCheckIn && s.Judges(on) {
			c.CheckIns = max(c.CheckIns, 1)
		}
		c.Whole = wide(on, s.Touches(on))
		u.needs[on] = c
		var figures okr.Collections
		for f, depth := range s.FigureTouches(on) {
			if needs := factNeeds[f]; needs != nil {
				figures = figures.Union(needs(depth))
			}
		}
		figures.Whole = wide(on, slices.Collect(maps.Keys(s.FigureTouches(on))))
		u.figures[on] = figures
		u.timed[on] = s.TimeDependent(on)
	}
	for _, p := range s.Packs() {
		u.own[bareDigest(p.Digest)] = true
		u.judges[bareDigest(p.Judges)] = true
		for _, r := range p.Scores {
			u.scores[r.On] = u.scores[r.On] || !r.Disabled
		}
		for _, r := range p.Statuses {
			u.statuses[r.On] = u.statuses[r.On] || !r.Disabled
		}
	}
	return u
}

// cache keeps packs compiled, by digest.
type cache struct {
	mu    sync.Mutex
	host  *unit           // of the set that the host has open
	packs recent[*unit]   // by digest of what judges, or of the text of a pack that extends others
	laid  recent[*layers] // by the digests of all packs in force
}

func newCache() *cache { return &cache{} }

// recent keeps what was used last, mostCompiled of them.
type recent[T any] struct {
	byKey map[string]*list.Element
	order list.List // of kept, the one used last in front
}

type kept[T any] struct {
	key string
	val T
}

func (r *recent[T]) get(key string) (val T, ok bool) {
	e := r.byKey[key]
	if e == nil {
		return val, false
	}
	r.order.MoveToFront(e)
	return e.Value.(kept[T]).val, true
}

func (r *recent[T]) put(key string, val T) {
	if r.byKey == nil {
		r.byKey = map[string]*list.Element{}
	}
	r.byKey[key] = r.order.PushFront(kept[T]{key, val})
	for r.order.Len() > mostCompiled {
		delete(r.byKey, r.order.Remove(r.order.Back()).(kept[T]).key)
	}
}

// hostUnit is the unit of the host's own set. c.mu is held.
func (c *cache) hostUnit(s *rules.Set) *unit {
	if c.host == nil || c.host.set != s {
		c.host = newUnit(s)
	}
	return c.host
}

// known answers with the units of the packs that are compiled, and the digests of
// the others.
func (c *cache) known(host *rules.Set, packs []okr.Pack) (units []*unit, missing []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rest := packs
	if whole, others := c.hostUnit(host).besides(packs); whole {
		units, rest = append(units, c.host), others
	}
	extends := false
	for _, p := range rest {
		switch u := c.get(p.Digest); {
		case u == nil:
			missing = append(missing, p.Digest)
		case u.extends:
			extends = true
		case u.err == nil:
			units = append(units, u)
		}
	}
	if extends && len(missing) == 0 {
		if l, err := c.layered(host, packs); err == nil {
			return append(slices.Clone(l.first), l.last...), nil
		}
	}
	return units, missing
}

// force answers with the units of the packs in force, in the order in which they
// are asked for scores and statuses, and with a finding for each that does not
// compile any more: it can judge nothing, and stops nobody.
func (c *cache) force(host *rules.Set, packs []okr.Pack) ([]*unit, []okr.Finding, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first, last []*unit
	var broken []okr.Finding
	rest := packs
	if whole, others := c.hostUnit(host).besides(packs); whole {
		last, rest = append(last, c.host), others
	}
	for _, p := range rest {
		u, err := c.unit(host, p)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case u.extends:
			l, err := c.layered(host, packs)
			if err != nil {
				return nil, nil, err
			}
			return append(slices.Clone(l.first), l.last...), l.broken, nil
		case u.err != nil:
			broken = append(broken, brokenPack(p, u.err, u.reject))
		case strings.HasSuffix(p.Name, lastSuffix):
			last = append(last, u)
		default:
			first = append(first, u)
		}
	}
	return append(first, last...), broken, nil
}

// some answers with the units of those packs in force whose name will do, each compiled
// by itself with what the others set in it. Those that do not compile are left out.
func (c *cache) some(host *rules.Set, packs []okr.Pack, will func(name string) bool) []*unit {
	c.mu.Lock()
	defer c.mu.Unlock()
	var units []*unit
	for _, p := range packs {
		u, err := c.unit(host, p)
		switch {
		case err != nil || u.err != nil:
		case u.extends:
			l, err := c.layered(host, packs)
			if err != nil {
				return nil
			}
			units = append(slices.Clone(l.first), l.last...)
			return slices.DeleteFunc(units, func(u *unit) bool { return !will(u.info.Name) })
		case will(p.Name):
			units = append(units, u)
		}
	}
	return units
}

// unit is a pack by itself, compiled if it is new. c.mu is held.
func (c *cache) unit(host *rules.Set, p okr.Pack) (*unit, error) {
	if u := c.get(p.Digest); u != nil {
		return u, nil
	}
	if p.Text == "" {
		p.Text = textOf(host, p.Digest)
	}
	if p.Text == "" {
		return nil, fmt.Errorf("%w: %s %s (%s)", ErrNoText, p.Name, p.Version, p.Digest)
	}
	u := compile(host.Env(), p)
	c.packs.put(bareDigest(p.Digest), u)
	return u, nil
}

// besides says whether all of the host's packs are in force, and which packs are
// beside them.
func (u *unit) besides(packs []okr.Pack) (bool, []okr.Pack) {
	if len(u.own) == 0 {
		return false, packs
	}
	var others []okr.Pack
	for _, p := range packs {
		if !u.own[bareDigest(p.Digest)] {
			others = append(others, p)
		}
	}
	if len(packs)-len(others) != len(u.own) {
		return false, packs
	}
	return true, others
}

// textOf is the text of one of the host's packs, "" if it has none of the digest.
func textOf(host *rules.Set, digest string) string {
	for _, p := range host.Packs() {
		if bareDigest(p.Digest) == bareDigest(digest) {
			return p.Text
		}
	}
	return ""
}

func (c *cache) get(digest string) *unit {
	u, _ := c.packs.get(bareDigest(digest))
	return u
}

func compile(env *rules.Env, p okr.Pack) *unit {
	text := p.Text
	p.Text = ""
	broken := func(err error) *unit { return &unit{err: err, info: p} }
	sum := sha256.Sum256([]byte(text))
	if hex.EncodeToString(sum[:]) != bareDigest(p.Digest) {
		return broken(fmt.Errorf("audit: the text of pack %s is not the one of digest %s", p.Name, p.Digest))
	}
	parsed, err := rules.Parse(p.Name+".yaml", []byte(text))
	if err != nil {
		return broken(err)
	}
	if len(parsed.Info().Extends) > 0 {
		return &unit{info: p, pack: parsed, extends: true}
	}
	set, err := rules.Compile(env, parsed)
	if err != nil {
		u := broken(err)
		u.reject = parsed.Info().OnError == rules.Reject
		return u
	}
	u := newUnit(set)
	u.info, u.pack = p, parsed
	return u
}

// bareDigest is the digest as okr writes it, without the name of the algorithm.
func bareDigest(s string) string { return strings.TrimPrefix(s, "sha256:") }
