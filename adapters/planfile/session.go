package planfile

import (
	"fmt"

	"github.com/okrkit/okrkit/okr"
	"go.yaml.in/yaml/v3"
)

var (
	phaseKeys   = []string{"name", "from", "to"}
	sessionKeys = []string{"name", "kind", "on", "schedule", "at", "zone", "lead", "minutes", "team", "for"}
)

func (r *ownReader) phase(n *yaml.Node, path string) okr.CyclePhase {
	if n = r.item(n, path); n == nil {
		return okr.CyclePhase{}
	}
	o := r.object(n, path, phaseKeys...)
	r.markAll(o, Cycles)
	return okr.CyclePhase{Name: o.text("name"), From: o.date("from"), To: o.date("to")}
}

// session reads a session of a cycle, which may be its kind alone.
func (r *ownReader) session(n *yaml.Node, path string) okr.CycleSession {
	if n = r.item(n, path); n == nil {
		return okr.CycleSession{}
	}
	if n.Kind == yaml.ScalarNode {
		r.l.mark(n.Line, Cycles)
		if !oneOf(n.Value, []string{string(okr.PlanningSession), string(okr.ReviewSession)}) {
			r.fail(n, path, fmt.Sprintf("%s is no session", show(n)), "write planning or review, or fields such as {kind: custom, name: Retreat, on: 2026-11-13}")
		}
		return okr.CycleSession{Kind: okr.SessionKind(n.Value)}
	}
	o := r.object(n, path, sessionKeys...)
	r.markAll(o, Cycles)
	return okr.CycleSession{
		Name: o.text("name"), On: o.date("on"), Schedule: r.schedule(o, "schedule"), At: r.timeOfDay(o), Zone: r.zone(o),
		Kind: okr.SessionKind(r.choice(o, "kind", string(okr.PlanningSession), string(okr.CheckInSession), string(okr.ReviewSession), string(okr.CustomSession))),
		Lead: o.interval("lead"), Minutes: int(o.integer("minutes", 0, 24*60)), Team: okr.ID(o.text("team")),
		For: okr.SessionAudience(r.choice(o, "for", string(okr.ForLeads), string(okr.ForOwners))),
	}
}
