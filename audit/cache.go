package audit

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
}

// factNeeds says what must be loaded for a fact, of which rules read that many of
// the newest entries.
var factNeeds = map[string]func(depth int) okr.Collections{
	"key_result.readings":         func(n int) okr.Collections { return okr.Collections{Readings: n} },
	"key_result.checkins":         func(n int) okr.Collections { return okr.Collections{CheckIns: n} },
	"key_result.first_confidence": func(int) okr.Collections { return okr.Collections{CheckIns: mostCheckIns} },
	"key_result.blockers":         func(int) okr.Collections { return okr.Collections{Blockers: true} },
	"objective.tied":              func(int) okr.Collections { return okr.Collections{TeamObjectives: true} },
	"objective.checkins":          func(int) okr.Collections { return okr.Collections{CheckIns: mostCheckIns} },
	"team.objectives":             func(int) okr.Collections { return okr.Collections{TeamObjectives: true} },
	"team.key_results":            func(int) okr.Collections { return okr.Collections{TeamObjectives: true} },
	"team.checkins":               func(int) okr.Collections { return okr.Collections{TeamObjectives: true, CheckIns: mostCheckIns} },
	"owner.key_results":           func(int) okr.Collections { return okr.Collections{OwnerKeyResults: true} },
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
}

func newUnit(s *rules.Set) *unit {
	u := &unit{set: s, needs: map[string]okr.Collections{}, figures: map[string]okr.Collections{}, timed: map[string]bool{}, scores: map[string]bool{}, statuses: map[string]bool{}, own: map[string]bool{}}
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
		u.needs[on] = c
		var figures okr.Collections
		for f, depth := range s.FigureTouches(on) {
			if needs := factNeeds[f]; needs != nil {
				figures = figures.Union(needs(depth))
			}
		}
		u.figures[on] = figures
		u.timed[on] = s.TimeDependent(on)
	}
	for _, p := range s.Packs() {
		u.own[bareDigest(p.Digest)] = true
		for _, r := range p.Scores {
			u.scores[r.On] = true
		}
		for _, r := range p.Statuses {
			u.statuses[r.On] = true
		}
	}
	return u
}

// cache keeps packs compiled, by digest.
type cache struct {
	mu    sync.Mutex
	host  *unit // of the set that the host has open
	packs map[string]*list.Element
	order *list.List // of *unit, the one used last in front
}

func newCache() *cache { return &cache{packs: map[string]*list.Element{}, order: list.New()} }

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
	for _, p := range rest {
		switch u := c.get(p.Digest); {
		case u == nil:
			missing = append(missing, p.Digest)
		case u.err == nil:
			units = append(units, u)
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
		u := c.get(p.Digest)
		if u == nil {
			if p.Text == "" {
				return nil, nil, fmt.Errorf("%w: %s %s (%s)", ErrNoText, p.Name, p.Version, p.Digest)
			}
			u = compile(host.Env(), p)
			c.put(u)
		}
		switch {
		case u.err != nil:
			broken = append(broken, okr.Finding{
				Rule: "pack-compiles", Pack: p.Name, Version: p.Version, Digest: p.Digest, Severity: okr.SeverityError,
				Outcome: okr.OutcomeError, Title: p.Name, Message: u.err.Error(),
				Fix: "Put a mended version of the pack in force.",
			})
		case strings.HasSuffix(p.Name, lastSuffix):
			last = append(last, u)
		default:
			first = append(first, u)
		}
	}
	return append(first, last...), broken, nil
}

// alone answers with the units of packs, each compiled by itself. Those that do
// not compile are left out.
func (c *cache) alone(host *rules.Set, packs []okr.Pack) []*unit {
	c.mu.Lock()
	defer c.mu.Unlock()
	var units []*unit
	for _, p := range packs {
		u := c.get(p.Digest)
		if u == nil {
			u = compile(host.Env(), p)
			c.put(u)
		}
		if u.err == nil {
			units = append(units, u)
		}
	}
	return units
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

func (c *cache) get(digest string) *unit {
	e := c.packs[bareDigest(digest)]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*unit)
}

func (c *cache) put(u *unit) {
	c.packs[bareDigest(u.info.Digest)] = c.order.PushFront(u)
	for c.order.Len() > mostCompiled {
		old := c.order.Remove(c.order.Back()).(*unit)
		delete(c.packs, bareDigest(old.info.Digest))
	}
}

func compile(env *rules.Env, p okr.Pack) *unit {
	broken := func(err error) *unit {
		p.Text = ""
		return &unit{err: err, info: p}
	}
	sum := sha256.Sum256([]byte(p.Text))
	if hex.EncodeToString(sum[:]) != bareDigest(p.Digest) {
		return broken(fmt.Errorf("audit: the text of pack %s is not the one of digest %s", p.Name, p.Digest))
	}
	parsed, err := rules.Parse(p.Name+".yaml", []byte(p.Text))
	if err != nil {
		return broken(err)
	}
	set, err := rules.Compile(env, parsed)
	if err != nil {
		return broken(err)
	}
	u := newUnit(set)
	p.Text = ""
	u.info = p
	return u
}

// bareDigest is the digest as okr writes it, without the name of the algorithm.
func bareDigest(s string) string { return strings.TrimPrefix(s, "sha256:") }
