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
			fact("id", "The host's name for it.", func(t it) (string, bool) { return string(t.id), true }),
			listOf("cycles", "cycle", "Its cycles.", func(t it) ([]*cycle, bool) { return t.w.cycles, true }),
			listOf("teams", "team", "Its teams.", func(t it) ([]*team, bool) { return t.w.teams, true }, upTo(500)),
		},
	}
}

func cycleType() rules.Type {
	type it = *cycle
	return rules.Type{
		Name: "cycle", Label: "name",
		Doc: "A span of days, usually a quarter.",
		Fields: []rules.Field{
			fact("id", "The id.", func(c it) (string, bool) { return string(c.row.ID), true }),
			fact("key", "Its key, such as 2026-Q4.", func(c it) (string, bool) { return c.row.Key, true }),
			fact("name", "Its name.", func(c it) (string, bool) {
				if c.row.Name == "" {
					return c.row.Key, true
				}
				return c.row.Name, true
			}),
			fact("start", "The first second of its first day, in its zone.", func(c it) (time.Time, bool) {
				if c.row.Start.IsZero() {
					return time.Time{}, false
				}
				return c.row.Start.In(c.zone), true
			}, mayBeUnknown),
			fact("end", "The last second of its last day, in its zone.", func(c it) (time.Time, bool) {
				if c.row.End.IsZero() {
					return time.Time{}, false
				}
				return c.endOf(c.row.End), true
			}, mayBeUnknown),
			fact("first_day", "Its first day, as 2026-10-01.", func(c it) (string, bool) { return text(c.row.Start.String()) }, mayBeUnknown),
			fact("last_day", "Its last day, as 2026-12-31.", func(c it) (string, bool) { return text(c.row.End.String()) }, mayBeUnknown),
			fact("days", "How many days it has.", func(c it) (int64, bool) {
				if !c.isDated() {
					return 0, false
				}
				return int64(c.row.Start.DaysUntil(c.row.End) + 1), true
			}, mayBeUnknown, inDays),
			fact("days_left", "Days until its last day, negative afterwards.", func(c it) (int64, bool) {
				if !c.isDated() {
					return 0, false
				}
				return int64(c.today.DaysUntil(c.row.End)), true
			}, mayBeUnknown, byTime, inDays),
			fact("elapsed", "The share of its days that has passed, within 0 and 1.", func(c it) (float64, bool) {
				return number(measure.Linear.Expected(c.row.Start, c.row.End, c.today))
			}, mayBeUnknown, byTime, portion),
			fact("phase", "planning, active, review or closed.", func(c it) (string, bool) { return text(c.phase) }, mayBeUnknown, byTime, oneOf(okr.Planning, okr.Running, okr.Review, okr.Closed)),
			fact("own_bands", "It declares bands of its own for the statuses.", func(c it) (bool, bool) { return !c.row.Bands.IsZero(), true }),
			fact("first", "No cycle began earlier. Known where more than one cycle is loaded.", func(c it) (bool, bool) {
				if len(c.w.cycles) < 2 {
					return false, false
				}
				for _, o := range c.w.cycles {
					if o.row.Start.Before(c.row.Start) {
						return false, true
					}
				}
				return true, true
			}, mayBeUnknown),
			fact("open", "How many of its key results are drafts or active.", func(c it) (int64, bool) { return c.open, true }),
			fact("without_rhythm", "How many of these have no rhythm of check-ins: neither their own, nor their team's, nor the cycle's.", func(c it) (int64, bool) { return c.withoutRhythm, true }),
			object("cadence", "cadence", "The rhythm of check-ins where neither team nor key result has its own.", func(c it) (*cadence, bool) { return cadenceOrUnknown(c.w.cadenceIn(c, nil)) }, mayBeUnknown),
		},
	}
}

func cadenceOrUnknown(s *okr.Schedule) (*cadence, bool) {
	if s == nil {
		return nil, false
	}
	return &cadence{s}, true
}

func cadenceType() rules.Type {
	type it = *cadence
	return rules.Type{
		Name: "cadence", Label: "text",
		Doc: "A rhythm of check-ins.",
		Fields: []rules.Field{
			fact("interval", "From one check-in to the next; a month counts as 30 days.", func(c it) (time.Duration, bool) { return c.row.Interval().Duration(), true }),
			fact("days", "The same in days.", func(c it) (int64, bool) { return int64(c.row.Interval() / okr.Daily), true }, inDays),
			fact("grace", "How long after its day a check-in is not yet overdue.", func(c it) (time.Duration, bool) { return c.row.GraceOrDefault().Duration(), true }),
			fact("text", "The interval in words.", func(c it) (string, bool) { return c.row.Interval().String(), true }),
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
			fact("kind", `manual, sql, http, sheet, …; "" where it is not said.`, func(s it) (string, bool) { return s.row.Kind, true }),
			fact("manual", "People enter the number by hand, which is legal.", func(s it) (bool, bool) { return s.isPerson(), true }),
			fact("where", "The dashboard, table, report or person that holds the number.", func(s it) (string, bool) { return text(clip(s.row.Where, longTitle)) }, mayBeUnknown),
			fact("interval", "How often it is updated.", func(s it) (time.Duration, bool) {
				if s.row.Interval <= 0 {
					return 0, false
				}
				return s.row.Interval.Duration(), true
			}, mayBeUnknown),
			fact("often", "The interval in words.", func(s it) (string, bool) { return text(s.row.Interval.String()) }, mayBeUnknown),
			listOf("access", "string", "Those who can read it.", func(s it) ([]string, bool) { return s.row.Access, true }, upTo(mostAccess)),
			fact("state", "live, late, dead or unknown: how its readings keep up with the interval. For what is entered by hand, days do not count that kr.days_quiet does not count.", func(s it) (string, bool) { return s.state(), true }, byTime, rests, oneOf(sourceLive, sourceLate, sourceDead, sourceUnknown)),
			fact("last", "When the newest value was true.", func(s it) (time.Time, bool) { return instant(s.keyResult.row.CurrentAt) }, mayBeUnknown, rests),
			object("key_result", "key_result", "The key result that it feeds.", func(s it) (*keyResult, bool) { return s.keyResult, true }),
		},
	}
}

func checkInType() rules.Type {
	type it = *checkIn
	own := from(func(c it) okr.ID { return c.row.ID })
	return rules.Type{
		Name: "checkin", Label: "note", Appears: []string{"at", "recorded"},
		Doc: "A person's report on a key result.",
		Fields: []rules.Field{
			fact("id", "The id.", func(c it) (string, bool) { return string(c.row.ID), true }),
			fact("at", "When it was true.", func(c it) (time.Time, bool) { return c.row.OccurredAt, true }, own),
			fact("recorded", "When it was recorded.", func(c it) (time.Time, bool) { return c.row.RecordedAt, true }),
			fact("author", "The id of who reported.", func(c it) (string, bool) { return string(c.row.Author.ID), true }),
			fact("elapsed", "The share of the cycle that had passed, within 0 and 1.", func(c it) (float64, bool) { return c.elapsed() }, mayBeUnknown, portion),
			fact("value", "The value that was given.", func(c it) (float64, bool) { return number(c.row.Value) }, mayBeUnknown, own),
			fact("confidence", "From 0 to 10.", func(c it) (float64, bool) { return number(c.row.Confidence) }, mayBeUnknown, own, within(0, 10)),
			fact("stated", "on_track, at_risk or off_track.", func(c it) (string, bool) { return text(c.row.Stated) }, mayBeUnknown, own, spoken),
			fact("note", "What was said.", func(c it) (string, bool) { return clip(c.row.Note, longNote), true }, upTo(longNote), own),
			listOf("adjusted", "string", "Titles of the initiatives that it added, finished or dropped.", func(c it) ([]string, bool) { return c.row.Adjusted, true }),
		},
	}
}

func readingType() rules.Type {
	type it = *reading
	own := from(func(r it) okr.ID { return r.row.ID })
	return rules.Type{
		Name: "reading", Label: "source", Appears: []string{"at", "recorded"},
		Doc: "A number, when it was true, and where it came from.",
		Fields: []rules.Field{
			fact("id", "The id.", func(r it) (string, bool) { return string(r.row.ID), true }),
			fact("at", "When it was true.", func(r it) (time.Time, bool) { return r.row.OccurredAt, true }, own),
			fact("recorded", "When it was recorded.", func(r it) (time.Time, bool) { return r.row.RecordedAt, true }),
			fact("value", "The number.", func(r it) (float64, bool) { return number(r.row.Value) }, mayBeUnknown, own),
			fact("raw", "Share of the way that it had gone, by what the key result means today, not clamped.", func(r it) (float64, bool) { return number(r.keyResult.row.Metric.Raw(r.row.Value)) }, mayBeUnknown, own, share),
			fact("source", "checkin, or the kind of source.", func(r it) (string, bool) { return clip(r.row.Source, longTitle), true }),
		},
	}
}

func blockerType() rules.Type {
	type it = *blocker
	return rules.Type{
		Name: "blocker", Label: "text", Appears: []string{"opened"},
		Doc: "What stands in a key result's way.",
		Fields: []rules.Field{
			fact("kind", "people, dependency, decision, money, data or other.", func(b it) (string, bool) {
				if b.row.Kind == "" {
					return "other", true
				}
				return b.row.Kind, true
			}, oneOf("people", "dependency", "decision", "money", "data", "other")),
			fact("text", "What it is.", func(b it) (string, bool) { return clip(b.row.Text, longNote), true }, upTo(longNote)),
			fact("open", "It still stands in the way.", func(b it) (bool, bool) { return b.row.ClosedAt == nil, true }),
			fact("opened", "Since when.", func(b it) (time.Time, bool) { return b.row.OpenedAt, true }),
			fact("closed", "Until when.", func(b it) (time.Time, bool) { return instant(b.row.ClosedAt) }, mayBeUnknown),
			fact("days_open", "Whole days from its opening to its end or to now.", func(b it) (int64, bool) {
				end := b.w.now
				if b.row.ClosedAt != nil {
					end = *b.row.ClosedAt
				}
				return int64(end.Sub(b.row.OpenedAt) / (24 * time.Hour)), true
			}, byTime, inDays),
			object("owner", "owner", "Who shall remove it.", func(b it) (*owner, bool) {
				switch {
				case b.row.Owner == "" && b.keyResult.owner == nil:
					return nil, false
				case b.row.Owner == "":
					return b.keyResult.owner, true
				}
				if o := b.w.ownerByID[perCycle{b.keyResult.row.Cycle, b.row.Owner}]; o != nil {
					return o, true
				}
				return &owner{w: b.w, id: b.row.Owner, row: b.w.snap.Person(b.row.Owner), cycle: b.keyResult.cycle}, true
			}, mayBeUnknown),
		},
	}
}

func ownerType() rules.Type {
	type it = *owner
	return rules.Type{
		Name: "owner", Label: "name",
		Doc: "A person, and what they have taken on in one cycle.",
		Fields: []rules.Field{
			fact("id", "The host's id.", func(o it) (string, bool) { return string(o.id), true }),
			fact("name", "The name.", func(o it) (string, bool) { return clip(o.name(), longTitle), true }),
			fact("active", "They have not left.", func(o it) (bool, bool) {
				if o.row == nil {
					return false, false
				}
				return !o.row.Left, true
			}, mayBeUnknown),
			fact("kind", "human, or group: a role, a mailbox, an address of several.", func(o it) (string, bool) {
				switch {
				case o.row == nil:
					return "", false
				case o.row.Kind == "":
					return string(okr.Human), true
				}
				return string(o.row.Kind), true
			}, mayBeUnknown, oneOf(okr.Human, okr.Group)),
			object("team", "team", "The home team.", func(o it) (*team, bool) {
				if o.row == nil || o.row.Team == "" {
					return nil, false
				}
				if t := o.w.teamByID[perCycle{o.cycleID(), o.row.Team}]; t != nil {
					return t, true
				}
				return nil, false
			}, mayBeUnknown),
			listOf("key_results", "key_result", "The key results that they own in the cycle.", func(o it) ([]*keyResult, bool) { return o.keyResults, true }, upTo(mostMembers)),
		},
	}
}

func teamType() rules.Type {
	type it = *team
	return rules.Type{
		Name: "team", Label: "name",
		Doc: "A team, and what it has taken on in one cycle.",
		Fields: []rules.Field{
			fact("id", "The host's id.", func(t it) (string, bool) { return string(t.row.ID), true }),
			fact("name", "The name.", func(t it) (string, bool) { return clip(t.row.Name, longTitle), true }),
			listOf("people", "owner", "The people whose home it is.", func(t it) ([]*owner, bool) { return t.people, true }, upTo(500)),
			listOf("objectives", "objective", "Its objectives in the cycle.", func(t it) ([]*objective, bool) { return t.objectives, true }, upTo(mostMembers)),
			listOf("key_results", "key_result", "The key results of its objectives in the cycle; unknown where there are more than a team can have taken on.", func(t it) ([]*keyResult, bool) {
				if len(t.keyResults) > mostOfTeam {
					return nil, false
				}
				return t.keyResults, true
			}, mayBeUnknown, upTo(mostOfTeam)),
			listOf("checkins", "checkin", "All check-ins on its key results in the cycle, newest first; unknown where not all of them are there.", func(t it) ([]*checkIn, bool) {
				if h := t.history(); h.whole {
					return h.checkIns, true
				}
				return nil, false
			}, mayBeUnknown, upTo(mostTold)),
			object("cadence", "cadence", "Its rhythm of check-ins: its own, or what the teams above it, the cycle and the tenant say.", func(t it) (*cadence, bool) {
				return cadenceOrUnknown(t.w.cadenceIn(t.cycle, t))
			}, mayBeUnknown),
		},
	}
}

func objectiveType() rules.Type {
	type it = *objective
	return rules.Type{
		Name: "objective", Label: "title",
		Doc: "What shall be achieved, in plain language.",
		Fields: []rules.Field{
			fact("id", "The id.", func(o it) (string, bool) { return string(o.row.ID), true }),
			fact("key", "The key in the plan.", func(o it) (string, bool) { return o.row.Key, true }),
			fact("title", "What it says.", func(o it) (string, bool) { return clip(o.row.Title, longTitle), true }, upTo(longTitle)),
			fact("state", "draft, active, postponed, abandoned or done.", func(o it) (string, bool) { return string(o.row.State), true }, inState),
			fact("committed", "It is a promise; otherwise an aspiration.", func(o it) (bool, bool) { return o.row.Committed, true }),
			fact("rank", "1 is first within the team.", func(o it) (int64, bool) {
				if o.row.Rank <= 0 {
					return 0, false
				}
				return int64(o.row.Rank), true
			}, mayBeUnknown),
			object("owner", "owner", "The person who owns it, if one does.", func(o it) (*owner, bool) {
				if o.owner == nil {
					return nil, false
				}
				return o.owner, true
			}, mayBeUnknown),
			fact("owner_text", `What the plan says of the owner where it names no known person, or "".`, func(o it) (string, bool) { return clip(o.row.OwnerText, longTitle), true }),
			object("team", "team", "The team that has it, if one has.", func(o it) (*team, bool) {
				if o.team == nil {
					return nil, false
				}
				return o.team, true
			}, mayBeUnknown),
			listOf("key_results", "key_result", "Its key results.", func(o it) ([]*keyResult, bool) { return o.keyResults, true }, upTo(mostMembers)),
			listOf("parents", "objective", "The objectives that it contributes to.", func(o it) ([]*objective, bool) { return o.parents, true }, upTo(20)),
			listed("tied", "The other objectives of its team in the cycle that are drafts or active and have the same rank.", func(o it) any { return members[*objective](o.tied()) }, of("objective"), upTo(mostMembers)),
			listOf("checkins", "checkin", "All check-ins on its key results, newest first; unknown where not all of them are there.", func(o it) ([]*checkIn, bool) {
				if h := o.history(); h.whole {
					return h.checkIns, true
				}
				return nil, false
			}, mayBeUnknown, upTo(mostTold)),
			fact("progress", "The mean of its key results' progress by weight.", func(o it) (float64, bool) { return o.figure(o.measured.Progress) }, mayBeUnknown, portion),
			fact("expected", "The share of the way that is expected today.", func(o it) (float64, bool) { return o.figure(o.measured.Expected) }, mayBeUnknown, byTime, portion),
			fact("gap", "Expected minus progress.", func(o it) (float64, bool) { return o.figure(o.measured.Gap) }, mayBeUnknown, byTime, share, within(-1, 1)),
			fact("ratio", "Progress over expected, of what is not stale.", func(o it) (float64, bool) { return o.figure(o.measured.Ratio) }, mayBeUnknown, byTime, share),
			fact("coverage", "The share of its weight whose progress is known, within 0 and 1.", func(o it) (float64, bool) {
				if !o.known {
					return 0, false
				}
				return o.measured.Coverage, true
			}, mayBeUnknown, portion),
			fact("vouched", "The share of its weight whose progress is known and not stale, within 0 and 1.", func(o it) (float64, bool) {
				if !o.known {
					return 0, false
				}
				return o.measured.Vouched, true
			}, mayBeUnknown, byTime, portion),
			fact("vote", "What its key results and the objectives that contribute say by their own statuses, by the weight of what speaks: off_track where more than half is red, at_risk where twice the red and the amber are more than half, else on_track.", func(o it) (string, bool) {
				if !o.known {
					return "", false
				}
				return text(o.measured.Vote)
			}, mayBeUnknown, byTime, spoken),
			fact("spoken", "The share of what is known and not stale that says how it is doing, within 0 and 1; the rest is pending or paused.", func(o it) (float64, bool) { return o.figure(o.measured.Spoken) }, mayBeUnknown, byTime, portion),
			fact("status", "What plain arithmetic says.", func(o it) (string, bool) {
				if !o.known || o.measured.Status == "" {
					return string(measure.Unknown), true
				}
				return string(o.measured.Status), true
			}, byTime, anyOf),
		},
	}
}

func (o *objective) figure(n measure.Number) (float64, bool) {
	if !o.known {
		return 0, false
	}
	return number(n)
}
