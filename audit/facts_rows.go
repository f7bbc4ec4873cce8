package audit

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

func tenantType() rules.Type {
	type it = *tenant
	return rules.Type{
		Name: "tenant", Label: "id",
		Doc: "Everything of one company that is loaded.",
		Fields: []rules.Field{
			fact("id", rules.String, "The host's name for it.", func(t it) any { return string(t.id) }),
			fact("cycles", rules.List, "Its cycles.", func(t it) any { return members[*cycle](t.w.cycles) }, of("cycle")),
			fact("teams", rules.List, "Its teams.", func(t it) any { return members[*team](t.w.teams) }, of("team"), upTo(500)),
		},
	}
}

func cycleType() rules.Type {
	type it = *cycle
	return rules.Type{
		Name: "cycle", Label: "name",
		Doc: "A span of days, usually a quarter.",
		Fields: []rules.Field{
			fact("id", rules.String, "The id.", func(c it) any { return string(c.row.ID) }),
			fact("key", rules.String, "Its key, such as 2026-Q4.", func(c it) any { return c.row.Key }),
			fact("name", rules.String, "Its name.", func(c it) any {
				if c.row.Name == "" {
					return c.row.Key
				}
				return c.row.Name
			}),
			fact("start", rules.Timestamp, "The first second of its first day, in its zone.", func(c it) any {
				if c.row.Start.IsZero() {
					return rules.Unknown
				}
				return c.row.Start.In(c.zone)
			}, mayBeUnknown),
			fact("end", rules.Timestamp, "The last second of its last day, in its zone.", func(c it) any {
				if c.row.End.IsZero() {
					return rules.Unknown
				}
				return c.endOf(c.row.End)
			}, mayBeUnknown),
			fact("first_day", rules.String, "Its first day, as 2026-10-01.", func(c it) any { return text(c.row.Start.String()) }, mayBeUnknown),
			fact("last_day", rules.String, "Its last day, as 2026-12-31.", func(c it) any { return text(c.row.End.String()) }, mayBeUnknown),
			fact("days", rules.Int, "How many days it has.", func(c it) any {
				if !c.isDated() {
					return rules.Unknown
				}
				return int64(c.row.Start.DaysUntil(c.row.End) + 1)
			}, mayBeUnknown),
			fact("days_left", rules.Int, "Days until its last day, negative afterwards.", func(c it) any {
				if !c.isDated() {
					return rules.Unknown
				}
				return int64(c.today.DaysUntil(c.row.End))
			}, mayBeUnknown, byTime),
			fact("elapsed", rules.Double, "The share of its days that has passed, within 0 and 1.", func(c it) any {
				return number(measure.Linear.Expected(c.row.Start, c.row.End, c.today))
			}, mayBeUnknown, byTime),
			fact("phase", rules.String, "planning, active, review or closed.", func(c it) any { return text(c.phase) }, mayBeUnknown, byTime),
			fact("first", rules.Bool, "No cycle began earlier. Known where more than one cycle is loaded.", func(c it) any {
				if len(c.w.cycles) < 2 {
					return rules.Unknown
				}
				for _, o := range c.w.cycles {
					if o.row.Start.Before(c.row.Start) {
						return false
					}
				}
				return true
			}, mayBeUnknown),
			fact("cadence", rules.Object, "The rhythm of check-ins where neither team nor key result has its own.", func(c it) any { return cadenceOrUnknown(c.row.Cadence) }, of("cadence"), mayBeUnknown),
		},
	}
}

func cadenceOrUnknown(s *okr.Schedule) any {
	if s == nil {
		return rules.Unknown
	}
	return &cadence{s}
}

func cadenceType() rules.Type {
	type it = *cadence
	return rules.Type{
		Name: "cadence", Label: "text",
		Doc: "A rhythm of check-ins.",
		Fields: []rules.Field{
			fact("interval", rules.Duration, "From one check-in to the next; a month counts as 30 days.", func(c it) any { return c.row.Interval().Duration() }),
			fact("days", rules.Int, "The same in days.", func(c it) any { return int64(c.row.Interval() / okr.Daily) }),
			fact("grace", rules.Duration, "How long after its day a check-in is not yet overdue.", func(c it) any { return c.row.GraceOrDefault().Duration() }),
			fact("text", rules.String, "The interval in words.", func(c it) any { return c.row.Interval().String() }),
		},
	}
}

func sourceType() rules.Type {
	type it = *source
	rests := from(func(s it) okr.ID { return s.keyResult.row.Reading })
	return rules.Type{
		Name: "source", Label: "where",
		Doc: "Where a number comes from, how often it is updated, and who can read it.",
		Fields: []rules.Field{
			fact("kind", rules.String, `manual, sql, http, sheet, …; "" where it is not said.`, func(s it) any { return s.row.Kind }),
			fact("manual", rules.Bool, "People enter the number by hand, which is legal.", func(s it) any { return s.row.Kind == "manual" }),
			fact("where", rules.String, "The dashboard, table, report or person that holds the number.", func(s it) any { return text(clip(s.row.Where, longTitle)) }, mayBeUnknown),
			fact("interval", rules.Duration, "How often it is updated.", func(s it) any {
				if s.row.Interval <= 0 {
					return rules.Unknown
				}
				return s.row.Interval.Duration()
			}, mayBeUnknown),
			fact("often", rules.String, "The interval in words.", func(s it) any { return text(s.row.Interval.String()) }, mayBeUnknown),
			fact("access", rules.List, "Those who can read it.", func(s it) any { return s.row.Access }, of("string"), upTo(mostAccess)),
			fact("state", rules.String, "live, late, dead or unknown: how its readings keep up with the interval.", func(s it) any { return s.state() }, byTime, rests),
			fact("last", rules.Timestamp, "When the newest value was true.", func(s it) any { return instant(s.keyResult.row.CurrentAt) }, mayBeUnknown, rests),
			fact("key_result", rules.Object, "The key result that it feeds.", func(s it) any { return s.keyResult }, of("key_result")),
		},
	}
}

func checkInType() rules.Type {
	type it = *checkIn
	own := from(func(c it) okr.ID { return c.row.ID })
	return rules.Type{
		Name: "checkin", Label: "note",
		Doc: "A person's report on a key result.",
		Fields: []rules.Field{
			fact("id", rules.String, "The id.", func(c it) any { return string(c.row.ID) }),
			fact("at", rules.Timestamp, "When it was true.", func(c it) any { return c.row.OccurredAt }, own),
			fact("recorded", rules.Timestamp, "When it was recorded.", func(c it) any { return c.row.RecordedAt }),
			fact("author", rules.String, "The id of who reported.", func(c it) any { return string(c.row.Author.ID) }),
			fact("elapsed", rules.Double, "The share of the cycle that had passed, within 0 and 1.", func(c it) any { return c.elapsed() }, mayBeUnknown),
			fact("value", rules.Double, "The value that was given.", func(c it) any { return number(c.row.Value) }, mayBeUnknown, own),
			fact("confidence", rules.Double, "From 0 to 10.", func(c it) any { return number(c.row.Confidence) }, mayBeUnknown, own),
			fact("stated", rules.String, "on_track, at_risk or off_track.", func(c it) any { return text(c.row.Stated) }, mayBeUnknown, own),
			fact("note", rules.String, "What was said.", func(c it) any { return clip(c.row.Note, longNote) }, upTo(longNote), own),
			fact("adjusted", rules.List, "Titles of the initiatives that it added, finished or dropped.", func(c it) any { return c.row.Adjusted }, of("string")),
		},
	}
}

func readingType() rules.Type {
	type it = *reading
	own := from(func(r it) okr.ID { return r.row.ID })
	return rules.Type{
		Name: "reading", Label: "source",
		Doc: "A number, when it was true, and where it came from.",
		Fields: []rules.Field{
			fact("id", rules.String, "The id.", func(r it) any { return string(r.row.ID) }),
			fact("at", rules.Timestamp, "When it was true.", func(r it) any { return r.row.OccurredAt }, own),
			fact("recorded", rules.Timestamp, "When it was recorded.", func(r it) any { return r.row.RecordedAt }),
			fact("value", rules.Double, "The number.", func(r it) any { return number(r.row.Value) }, mayBeUnknown, own),
			fact("raw", rules.Double, "Share of the way that it had gone, by what the key result means today, not clamped.", func(r it) any { return number(r.keyResult.row.Metric.Raw(r.row.Value)) }, mayBeUnknown, own),
			fact("source", rules.String, "checkin, or the kind of source.", func(r it) any { return clip(r.row.Source, longTitle) }),
		},
	}
}

func blockerType() rules.Type {
	type it = *blocker
	return rules.Type{
		Name: "blocker", Label: "text",
		Doc: "What stands in a key result's way.",
		Fields: []rules.Field{
			fact("kind", rules.String, "people, dependency, decision, money, data or other.", func(b it) any {
				if b.row.Kind == "" {
					return "other"
				}
				return b.row.Kind
			}),
			fact("text", rules.String, "What it is.", func(b it) any { return clip(b.row.Text, longNote) }, upTo(longNote)),
			fact("open", rules.Bool, "It still stands in the way.", func(b it) any { return b.row.ClosedAt == nil }),
			fact("opened", rules.Timestamp, "Since when.", func(b it) any { return b.row.OpenedAt }),
			fact("closed", rules.Timestamp, "Until when.", func(b it) any { return instant(b.row.ClosedAt) }, mayBeUnknown),
			fact("days_open", rules.Int, "Whole days from its opening to its end or to now.", func(b it) any {
				end := b.w.now
				if b.row.ClosedAt != nil {
					end = *b.row.ClosedAt
				}
				return int64(end.Sub(b.row.OpenedAt) / (24 * time.Hour))
			}, byTime),
			fact("owner", rules.Object, "Who shall remove it.", func(b it) any {
				switch {
				case b.row.Owner == "" && b.keyResult.owner == nil:
					return rules.Unknown
				case b.row.Owner == "":
					return b.keyResult.owner
				}
				if o := b.w.ownerByID[perCycle{b.keyResult.row.Cycle, b.row.Owner}]; o != nil {
					return o
				}
				return &owner{w: b.w, id: b.row.Owner, row: b.w.snap.Person(b.row.Owner), cycle: b.keyResult.cycle}
			}, of("owner"), mayBeUnknown),
		},
	}
}

func ownerType() rules.Type {
	type it = *owner
	return rules.Type{
		Name: "owner", Label: "name",
		Doc: "A person, and what they have taken on in one cycle.",
		Fields: []rules.Field{
			fact("id", rules.String, "The host's id.", func(o it) any { return string(o.id) }),
			fact("name", rules.String, "The name.", func(o it) any { return clip(o.name(), longTitle) }),
			fact("active", rules.Bool, "They have not left.", func(o it) any {
				if o.row == nil {
					return rules.Unknown
				}
				return !o.row.Left
			}, mayBeUnknown),
			fact("kind", rules.String, "human, or group: a role, a mailbox, an address of several.", func(o it) any {
				switch {
				case o.row == nil:
					return rules.Unknown
				case o.row.Kind == "":
					return string(okr.Human)
				}
				return string(o.row.Kind)
			}, mayBeUnknown),
			fact("team", rules.Object, "The home team.", func(o it) any {
				if o.row == nil || o.row.Team == "" {
					return rules.Unknown
				}
				if t := o.w.teamByID[perCycle{o.cycleID(), o.row.Team}]; t != nil {
					return t
				}
				return rules.Unknown
			}, of("team"), mayBeUnknown),
			fact("key_results", rules.List, "The key results that they own in the cycle.", func(o it) any { return members[*keyResult](o.keyResults) }, of("key_result"), upTo(mostMembers)),
		},
	}
}

func teamType() rules.Type {
	type it = *team
	return rules.Type{
		Name: "team", Label: "name",
		Doc: "A team, and what it has taken on in one cycle.",
		Fields: []rules.Field{
			fact("id", rules.String, "The host's id.", func(t it) any { return string(t.row.ID) }),
			fact("name", rules.String, "The name.", func(t it) any { return clip(t.row.Name, longTitle) }),
			fact("people", rules.List, "The people whose home it is, as far as they are loaded.", func(t it) any { return members[*owner](t.people) }, of("owner"), upTo(500)),
			fact("objectives", rules.List, "Its objectives in the cycle.", func(t it) any { return members[*objective](t.objectives) }, of("objective"), upTo(mostMembers)),
			fact("key_results", rules.List, "The key results of its objectives in the cycle; unknown where there are more than a team can have taken on.", func(t it) any {
				if len(t.keyResults) > mostOfTeam {
					return rules.Unknown
				}
				return members[*keyResult](t.keyResults)
			}, of("key_result"), mayBeUnknown, upTo(mostOfTeam)),
			fact("checkins", rules.List, "All check-ins on its key results in the cycle, newest first; unknown where not all of them are there.", func(t it) any {
				if h := t.history(); h.whole {
					return members[*checkIn](h.checkIns)
				}
				return rules.Unknown
			}, of("checkin"), mayBeUnknown, upTo(mostTold)),
			fact("cadence", rules.Object, "Its rhythm of check-ins: its own, or the cycle's.", func(t it) any {
				if t.row.Cadence != nil {
					return &cadence{t.row.Cadence}
				}
				return cadenceOrUnknown(t.cycle.row.Cadence)
			}, of("cadence"), mayBeUnknown),
		},
	}
}

func objectiveType() rules.Type {
	type it = *objective
	return rules.Type{
		Name: "objective", Label: "title",
		Doc: "What shall be achieved, in plain language.",
		Fields: []rules.Field{
			fact("id", rules.String, "The id.", func(o it) any { return string(o.row.ID) }),
			fact("key", rules.String, "The key in the plan.", func(o it) any { return o.row.Key }),
			fact("title", rules.String, "What it says.", func(o it) any { return clip(o.row.Title, longTitle) }, upTo(longTitle)),
			fact("state", rules.String, "draft, active, postponed, abandoned or done.", func(o it) any { return string(o.row.State) }),
			fact("committed", rules.Bool, "It is a promise; otherwise an aspiration.", func(o it) any { return o.row.Committed }),
			fact("rank", rules.Int, "1 is first within the team.", func(o it) any {
				if o.row.Rank <= 0 {
					return rules.Unknown
				}
				return int64(o.row.Rank)
			}, mayBeUnknown),
			fact("owner", rules.Object, "The person who owns it, if one does.", func(o it) any {
				if o.owner == nil {
					return rules.Unknown
				}
				return o.owner
			}, of("owner"), mayBeUnknown),
			fact("owner_text", rules.String, `What the plan says of the owner where it names no known person, or "".`, func(o it) any { return clip(o.row.OwnerText, longTitle) }),
			fact("team", rules.Object, "The team that has it, if one has.", func(o it) any {
				if o.team == nil {
					return rules.Unknown
				}
				return o.team
			}, of("team"), mayBeUnknown),
			fact("key_results", rules.List, "Its key results.", func(o it) any { return members[*keyResult](o.keyResults) }, of("key_result"), upTo(mostMembers)),
			fact("parents", rules.List, "The objectives that it contributes to, as far as they are loaded.", func(o it) any { return members[*objective](o.parents) }, of("objective"), upTo(20)),
			fact("tied", rules.List, "The other objectives of its team in the cycle that are drafts or active and have the same rank.", func(o it) any { return members[*objective](o.tied()) }, of("objective"), upTo(mostMembers)),
			fact("checkins", rules.List, "All check-ins on its key results, newest first; unknown where not all of them are there.", func(o it) any {
				if h := o.history(); h.whole {
					return members[*checkIn](h.checkIns)
				}
				return rules.Unknown
			}, of("checkin"), mayBeUnknown, upTo(mostTold)),
			fact("progress", rules.Double, "The mean of its key results' progress by weight.", func(o it) any { return o.figure(o.measured.Progress) }, mayBeUnknown),
			fact("expected", rules.Double, "The share of the way that is expected today.", func(o it) any { return o.figure(o.measured.Expected) }, mayBeUnknown, byTime),
			fact("gap", rules.Double, "Expected minus progress.", func(o it) any { return o.figure(o.measured.Gap) }, mayBeUnknown, byTime),
			fact("ratio", rules.Double, "Progress over expected, of what is not stale.", func(o it) any { return o.figure(o.measured.Ratio) }, mayBeUnknown, byTime),
			fact("coverage", rules.Double, "The share of its weight whose progress is known, within 0 and 1.", func(o it) any {
				if !o.known {
					return rules.Unknown
				}
				return o.measured.Coverage
			}, mayBeUnknown),
			fact("vouched", rules.Double, "The share of its weight whose progress is known and not stale, within 0 and 1.", func(o it) any {
				if !o.known {
					return rules.Unknown
				}
				return o.measured.Vouched
			}, mayBeUnknown, byTime),
			fact("status", rules.String, "What plain arithmetic says.", func(o it) any {
				if !o.known || o.measured.Status == "" {
					return string(measure.Unknown)
				}
				return string(o.measured.Status)
			}, byTime),
		},
	}
}

func (o *objective) figure(n measure.Number) any {
	if !o.known {
		return rules.Unknown
	}
	return number(n)
}
