package audit

import (
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// How many entries of a list a rule sees, newest first.
const (
	mostReadings = 100
	mostCheckIns = 60
	mostBlockers = 40
	mostMembers  = 100 // key results of an objective or an owner, objectives of a team
	mostOfTeam   = 150 // key results of a team
	mostTold     = 400 // check-ins of a team or an objective
	mostAccess   = 50
)

// How long a text is at most.
const (
	longTitle = 256
	longNote  = 4000
)

func keyResultType(words *reader) rules.Type {
	type kr = *keyResult
	rests := from(func(k kr) okr.ID { return k.row.Reading })
	return rules.Type{
		Name: "key_result", Label: "title",
		Doc: "How an objective is measured, with what is known of it now.",
		Fields: []rules.Field{
			fact("id", "The id.", func(k kr) (string, bool) { return string(k.row.ID), true }),
			fact("key", "The key in the plan.", func(k kr) (string, bool) { return string(k.row.Key), true }),
			fact("title", "What it says.", func(k kr) (string, bool) { return clip(k.row.Title, longTitle), true }, upTo(longTitle)),
			fact("definition", "What exactly is counted.", func(k kr) (string, bool) { return text(clip(k.row.Definition, longNote)) }, mayBeUnknown, upTo(longNote)),
			fact("rationale", "Why it matters.", func(k kr) (string, bool) { return text(clip(k.row.Rationale, longNote)) }, mayBeUnknown, upTo(longNote)),
			fact("state", "draft, active, postponed, abandoned or done.", func(k kr) (string, bool) { return string(k.row.State), true }, inState),

			fact("guardrail", "It shall keep something from getting worse meanwhile, and is not counted.", func(k kr) (bool, bool) { return k.row.Role == okr.Guardrail, true }),
			fact("kpi", "The id of the KPI whose readings are its own.", func(k kr) (string, bool) { return text(k.row.KPI) }, mayBeUnknown),
			fact("kind", "How its metric is judged: increase, decrease, at_least, at_most, above, below, between, yes_no, milestones, zones, commit_target_stretch, points or baseline.", func(k kr) (string, bool) { return text(k.row.Metric.Kind) }, mayBeUnknown, oneOf(measure.Kinds()...)),
			fact("unit", `The unit of its numbers, "" for a bare number.`, func(k kr) (string, bool) { return k.row.Metric.Unit, true }),
			fact("direction", `up, down, or "" where there is none.`, func(k kr) (string, bool) { return k.row.Metric.Direction(), true }, oneOf("up", "down", "")),
			fact("baseline", "Where it starts.", func(k kr) (float64, bool) { return number(k.row.Metric.Baseline) }, mayBeUnknown),
			fact("target", "Where it shall end, or the threshold that shall hold.", func(k kr) (float64, bool) { return number(k.row.Metric.Target) }, mayBeUnknown),
			fact("low", "The lower end of the band in which it shall stay.", func(k kr) (float64, bool) { return number(k.row.Metric.Low) }, mayBeUnknown),
			fact("high", "The upper end of the band in which it shall stay.", func(k kr) (float64, bool) { return number(k.row.Metric.High) }, mayBeUnknown),
			fact("met_at_start", "Where it starts meets already what it shall reach or hold.", func(k kr) (bool, bool) {
				if v, ok := k.row.Metric.Met(k.row.Metric.Baseline).Value(); ok {
					return v == 1, true
				}
				return false, false
			}, mayBeUnknown),
			fact("decidable", "At the end its fields will answer yes or no: there is a kind of metric, and a target where the kind needs one.", func(k kr) (bool, bool) { return k.row.Metric.Decidable(), true }),
			fact("weight", "Its share of the objective before normalising; 0 is listed and not counted.", func(k kr) (float64, bool) { return k.row.Weight.Or(1), true }),
			object("original", "original", "What it meant when it was activated.", func(k kr) (*original, bool) {
				if k.row.Original == nil {
					return nil, false
				}
				return &original{k.row.Original, k}, true
			}, mayBeUnknown),

			fact("current", "The newest value.", func(k kr) (float64, bool) { return number(k.row.Current) }, mayBeUnknown, rests),
			fact("current_at", "When the newest value was true.", func(k kr) (time.Time, bool) { return instant(k.row.CurrentAt) }, mayBeUnknown, rests),
			fact("raw", "Share of the way from baseline to target, not clamped.", func(k kr) (float64, bool) { return k.figure(k.measured.Raw) }, mayBeUnknown, rests, share),
			fact("progress", "Share of the way, within 0 and 1.", func(k kr) (float64, bool) { return k.figure(k.measured.Progress) }, mayBeUnknown, rests, portion),
			fact("expected", "Share of the way that is expected today.", func(k kr) (float64, bool) { return k.figure(k.measured.Expected) }, mayBeUnknown, byTime, portion),
			fact("gap", "Expected minus progress: the share of the way that it is behind.", func(k kr) (float64, bool) { return k.figure(k.measured.Gap) }, mayBeUnknown, byTime, rests, share, within(-1, 1)),
			fact("ratio", "Progress over expected, after the first week.", func(k kr) (float64, bool) { return k.figure(k.measured.Ratio) }, mayBeUnknown, byTime, rests, share),
			fact("hit", "The newest value meets the target.", func(k kr) (bool, bool) {
				if v, ok := k.measured.Hit.Value(); ok && k.known {
					return v == 1, true
				}
				return false, false
			}, mayBeUnknown, rests),
			fact("travels", "There is a way from a baseline to the target, and not merely a threshold that holds or does not.", func(k kr) (bool, bool) { return k.row.Metric.Travels(), true }),
			fact("fresh", "There is a value, and it is younger than the source's interval and the grace of check-ins.", func(k kr) (bool, bool) { return k.known && k.measured.Fresh, true }, byTime, rests),
			fact("level", "What arithmetic says of a key result that is judged by where it stands and not by its pace, such as a threshold: on_track while it holds, pending while a yes may still come, else at_risk within its amber zone or with time left, and off_track beyond; unknown where nobody can tell whether it holds.", func(k kr) (string, bool) {
				if !k.known {
					return "", false
				}
				return text(k.measured.Level)
			}, mayBeUnknown, byTime, rests, oneOf(measure.OnTrack, measure.AtRisk, measure.OffTrack, measure.Pending, measure.Unknown)),
			fact("overridden", "The status that a person put in the place of the computed one, while it holds: on_track, at_risk or off_track.", func(k kr) (string, bool) {
				if !k.row.Override.Holds(k.w.now) {
					return "", false
				}
				return text(k.row.Override.Status)
			}, mayBeUnknown, byTime, spoken),
			fact("status", "What plain arithmetic says: on_track, at_risk, off_track, pending, stale, paused, unknown; once closed hit, missed, carried_over, postponed or abandoned.", func(k kr) (string, bool) {
				if !k.known || k.measured.Status == "" {
					return string(measure.Unknown), true
				}
				return string(k.measured.Status), true
			}, byTime, rests, anyOf),
			fact("stated", "What a person said last: on_track, at_risk or off_track.", func(k kr) (string, bool) { return text(k.row.Stated) }, mayBeUnknown, spoken),
			fact("confidence", "What a person said last, from 0 to 10.", func(k kr) (float64, bool) { return number(k.row.Confidence) }, mayBeUnknown, within(0, 10)),
			fact("first_confidence", "What a person said first, from 0 to 10, as far as its check-ins go back to the first.", func(k kr) (float64, bool) { return k.firstConfidence() }, mayBeUnknown, within(0, 10)),

			fact("due", "The last second of the day on which it is due, in the cycle's zone.", func(k kr) (time.Time, bool) {
				if d := k.due(); !d.IsZero() {
					return k.cycle.endOf(d), true
				}
				return time.Time{}, false
			}, mayBeUnknown),
			fact("due_day", "The day on which it is due, as 2026-12-31.", func(k kr) (string, bool) { return text(k.due().String()) }, mayBeUnknown),
			fact("days_left", "Calendar days until it is due, negative afterwards.", func(k kr) (int64, bool) {
				if d := k.due(); !d.IsZero() {
					return int64(k.cycle.today.DaysUntil(d)), true
				}
				return 0, false
			}, mayBeUnknown, byTime, inDays),
			fact("own_due", "It has a due date of its own, beside the cycle's.", func(k kr) (bool, bool) { return !k.row.Due.IsZero(), true }),
			fact("activated", "When it became active.", func(k kr) (time.Time, bool) { return instant(k.row.ActivatedAt) }, mayBeUnknown),
			fact("last_checkin", "When somebody last checked in.", func(k kr) (time.Time, bool) { return instant(k.row.LastCheckIn) }, mayBeUnknown),
			fact("days_quiet", "Whole days since the last check-in, or since one could be expected: since it became active, the cycle began, and no source or KPI keeps its value up to date any more. Days of a pause do not count, nor do those on which its owner is away without a backup.", func(k kr) (int64, bool) { return k.daysQuiet() }, mayBeUnknown, byTime, inDays),

			object("owner", "owner", "The person who owns it.", func(k kr) (*owner, bool) {
				if k.owner == nil {
					return nil, false
				}
				return k.owner, true
			}, mayBeUnknown),
			fact("owner_text", `What the plan says of the owner where it names no known person, or "".`, func(k kr) (string, bool) { return clip(k.row.OwnerText, longTitle), true }),
			fact("owner_reads_as", "What owner_text looks like: nobody, person, several or group.", func(k kr) (string, bool) { return words.owner(k.row.OwnerText), true }, oneOf(readsAsNobody, readsAsPerson, readsAsSeveral, readsAsGroup)),
			fact("owner_has_access", "The owner is among those who can read the source.", func(k kr) (bool, bool) { return k.ownerHasAccess() }, mayBeUnknown),
			object("source", "source", "Where its number comes from.", func(k kr) (*source, bool) {
				if k.row.Source == nil {
					return nil, false
				}
				return &k.source, true
			}, mayBeUnknown),
			object("cadence", "cadence", "The rhythm of its check-ins: its own, its team's or its cycle's.", func(k kr) (*cadence, bool) {
				if k.cadence == nil {
					return nil, false
				}
				return k.cadence, true
			}, mayBeUnknown),

			fact("rhythm_missing", "It has no rhythm of check-ins, and it is not so that none of its cycle has one, which would be the cycle's matter; known where it has one, or the whole cycle is loaded.", func(k kr) (bool, bool) {
				return k.cadence == nil && (k.cycle.open <= 1 || k.cycle.withoutRhythm < k.cycle.open), true
			}),

			object("objective", "objective", "What it measures.", func(k kr) (*objective, bool) { return k.objective, true }),
			listed("siblings", "The other key results of its objective.", func(k kr) any {
				out := make(members[*keyResult], 0, len(k.objective.keyResults))
				for _, s := range k.objective.keyResults {
					if s != k {
						out = append(out, s)
					}
				}
				return out
			}, of("key_result"), upTo(mostMembers)),
			listed("readings", "Its newest hundred readings, newest first.", func(k kr) any {
				return newest(k.w.snap.ReadingsOf(k.row.ID), mostReadings, func(r *okr.Reading) *reading { return &reading{r, k} })
			}, of("reading"), upTo(mostReadings)),
			listed("checkins", "Its newest sixty check-ins, newest first.", func(k kr) any {
				return newest(k.w.snap.CheckInsOf(k.row.ID), mostCheckIns, func(c *okr.CheckInRecord) *checkIn { return &checkIn{c, k} })
			}, of("checkin"), upTo(mostCheckIns)),
			listed("blockers", "What stands in its way, and what did.", func(k kr) any {
				return newest(k.w.snap.BlockersOf(k.row.ID), mostBlockers, func(b *okr.Blocker) *blocker { return &blocker{k.w, b, k} })
			}, of("blocker"), upTo(mostBlockers)),
			listed("initiatives", "Work that shall move it.", func(k kr) any {
				return newest(k.row.Initiatives, mostMembers, func(i *okr.Initiative) *initiative { return &initiative{i} })
			}, of("initiative"), upTo(mostMembers)),
		},
	}
}

// figure is a measured number. What was not measured is not known.
func (k *keyResult) figure(n measure.Number) (float64, bool) {
	if !k.known {
		return 0, false
	}
	return number(n)
}

// daysQuiet counts from the last check-in, from when the first could be expected, or
// from when something else than people ceased to keep the value up to date, whichever
// came last; before that, and outside of the cycle's run, it is not known.
func (k *keyResult) daysQuiet() (int64, bool) {
	if k.row.State != okr.Active || !k.cycle.isDated() {
		return 0, false
	}
	var from okr.Date
	switch {
	case k.row.LastCheckIn != nil:
		from = measure.DateOf(k.row.LastCheckIn.In(k.cycle.zone))
	case k.row.ActivatedAt != nil:
		from = measure.DateOf(k.row.ActivatedAt.In(k.cycle.zone))
	default:
		from = k.cycle.row.Start
	}
	if from.Before(k.cycle.row.Start) {
		from = k.cycle.row.Start
	}
	if until := k.w.snap.SparedUntil(*k.row, k.w.now); !until.IsZero() {
		if until.After(k.w.now) {
			until = k.w.now
		}
		if fed := measure.DateOf(until.In(k.cycle.zone)); fed.After(from) {
			from = fed
		}
	}
	if from.After(k.cycle.today) {
		return 0, false
	}
	return k.daysAsked(from), true
}

// ownerHasAccess looks for the owner among those who can read the source. That
// nobody there is the owner is only known where everybody there is a known person's
// id: whatever else stands there may be a group that holds the owner.
func (k *keyResult) ownerHasAccess() (has, known bool) {
	if k.owner == nil || k.row.Source == nil || len(k.row.Source.Access) == 0 {
		return false, false
	}
	everybodyKnown := true
	for _, who := range k.row.Source.Access {
		switch {
		case isEverybody(who), k.owner.isCalled(who):
			return true, true
		case !k.w.knowsPerson(who):
			everybodyKnown = false
		}
	}
	if !everybodyKnown {
		return false, false
	}
	return false, true
}

// isEverybody says whether a source's access names no one in particular because
// anyone in the company can read it.
func isEverybody(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "everyone", "everybody", "all", "company", "public", "anyone", "alle", "tous", "todos":
		return true
	}
	return false
}

func (o *owner) isCalled(who string) bool {
	who = strings.TrimSpace(who)
	if strings.EqualFold(who, string(o.id)) {
		return true
	}
	return o.row != nil && isCalled(o.row, who)
}

func (w *world) knowsPerson(who string) bool {
	p := w.snap.Person(okr.ID(who))
	return p != nil && p.Kind != okr.Group
}

func isCalled(p *okr.Person, who string) bool {
	return who != "" && (strings.EqualFold(who, string(p.ID)) || strings.EqualFold(who, p.Name) || strings.EqualFold(who, p.Email))
}

func originalType() rules.Type {
	type it = *original
	rests := from(func(o it) okr.ID { return o.keyResult.row.Reading })
	return rules.Type{
		Name: "original", Label: "title",
		Doc: "What a key result meant when it was activated.",
		Fields: []rules.Field{
			fact("title", "What it said.", func(o it) (string, bool) { return clip(o.row.Title, longTitle), true }),
			fact("baseline", "Where it started.", func(o it) (float64, bool) { return number(o.row.Metric.Baseline) }, mayBeUnknown),
			fact("target", "Where it should end.", func(o it) (float64, bool) { return number(o.row.Metric.Target) }, mayBeUnknown),
			fact("kind", "How its metric was judged.", func(o it) (string, bool) { return text(o.row.Metric.Kind) }, mayBeUnknown, oneOf(measure.Kinds()...)),
			fact("due_day", "The day on which it was due, as 2026-12-31.", func(o it) (string, bool) {
				if o.row.Due.IsZero() {
					return text(o.keyResult.cycle.row.End.String())
				}
				return text(o.row.Due.String())
			}, mayBeUnknown),
			fact("same_metric", "It is measured today as it was then: kind, unit, baseline, target and all else.", func(o it) (bool, bool) {
				return o.row.Metric.Equal(o.keyResult.row.Metric), true
			}),
			fact("same_due", "It is due on the same day.", func(o it) (bool, bool) { return o.row.Due == o.keyResult.row.Due, true }),
			fact("progress", "Share of the way that the newest value has gone by this definition, within 0 and 1.", func(o it) (float64, bool) {
				return number(measure.Clamp(o.row.Metric.Raw(o.keyResult.row.Current)))
			}, mayBeUnknown, rests, portion),
			fact("hit", "The newest value meets this target.", func(o it) (bool, bool) {
				if v, ok := o.row.Metric.Met(o.keyResult.row.Current).Value(); ok {
					return v == 1, true
				}
				return false, false
			}, mayBeUnknown, rests),
		},
	}
}

func initiativeType() rules.Type {
	type it = *initiative
	return rules.Type{
		Name: "initiative", Label: "title",
		Doc: "Work that shall move a key result.",
		Fields: []rules.Field{
			fact("title", "What is to be done.", func(i it) (string, bool) { return clip(i.row.Title, longTitle), true }),
			fact("done", "It is done.", func(i it) (bool, bool) { return i.row.Done, true }),
			fact("owner", "The id of who does it.", func(i it) (string, bool) { return text(i.row.Owner) }, mayBeUnknown),
		},
	}
}

// clip shortens a text that came longer than anything okrkit writes, so that a
// rule can still judge what it can see of it.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n, cut := 0, 0
	for i := range s {
		switch n {
		case most - 1:
			cut = i
		case most:
			return s[:cut] + "…"
		}
		n++
	}
	return s
}
