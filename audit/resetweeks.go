package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// asking names what a reset lacks where a rule fails, "" where it is no matter of a
// reset.
func (r *resetting) asking(f Finding) string {
	name := f.Pack + "/" + f.Rule
	if what, ok := r.asks[name]; ok {
		return what
	}
	var reads []string
	for _, u := range r.units {
		reads = append(reads, u.set.Reads(f.Pack, f.Rule)...)
	}
	r.asks[name] = lackOf(reads)
	return r.asks[name]
}

// lackOf says what a rule asks about, by the facts that decide it: who owns the key
// result, how often it is looked at, where its number comes from, or else what it is.
// How it is doing is no matter of a reset.
func lackOf(reads []string) string {
	touches := func(is func(object, field string) bool) bool {
		return slices.ContainsFunc(reads, func(f string) bool {
			object, field, _ := strings.Cut(f, ".")
			return is(object, field)
		})
	}
	switch {
	case touches(func(o, f string) bool {
		return o == "checkin" || o == "reading" || o == "blocker" || f == "checkins" || o == "source" && (f == "state" || f == "last") || o == "key_result" && slices.Contains(running, f)
	}):
		return ""
	case touches(func(o, f string) bool { return o == "owner" || o == "key_result" && strings.HasPrefix(f, "owner") }):
		return LacksOwner
	case touches(func(o, f string) bool { return o == "cadence" || f == "cadence" || f == "rhythm_missing" }):
		return LacksRhythm
	case touches(func(o, f string) bool { return o == "source" || o == "key_result" && f == "source" }):
		return LacksSource
	}
	return LacksRebuilding
}

// running are the facts of how a key result is doing.
var running = []string{
	"days_quiet", "last_checkin", "readings", "blockers", "confidence", "first_confidence", "stated", "current", "current_at", "raw",
	"progress", "expected", "gap", "ratio", "hit", "fresh", "level", "status", "overridden",
}

// audited notes what the audit of week 1 lacks.
func (r *resetting) audited(a *okr.Assessment, report Report) {
	where := okr.Missing{Week: okr.WeekAudit, Subject: okr.Ref{Kind: okr.KindCycle, ID: r.q.Reset.Cycle}}
	if c := r.s.Cycle(r.q.Reset.Cycle); c != nil {
		where.Title = c.Name
	}
	if t := r.s.Team(r.q.Reset.Team); t != nil {
		where.Subject, where.Title = okr.Ref{Kind: okr.KindTeam, ID: t.ID}, t.Name
	}
	if !slices.ContainsFunc(a.Rows, func(x okr.ResetStanding) bool { return !x.Aside }) {
		m := where
		m.What, m.Message = LacksKeyResults, "there is no key result left"
		m.Remedy = "Write what shall be reached instead of what was set aside, or abandon the reset."
		r.missing = append(r.missing, m)
	}
	told := map[string]bool{}
	for _, f := range report.Findings {
		name := f.Pack + "/" + f.Rule
		if f.Outcome != okr.OutcomeError || told[name] || !r.concerns(f) {
			continue
		}
		told[name] = true
		m := where
		m.What, m.Rules = LacksJudgement, []string{name}
		m.Message = f.Message
		m.Remedy = cmpOr(f.Fix, "Put a mended version of the pack in force: what it judges is not known until then.")
		r.missing = append(r.missing, m)
	}
	slices.SortStableFunc(r.missing, func(x, y okr.Missing) int { return x.Week - y.Week })
}

// concerns says whether a finding keeps something in the scope of the reset from
// being judged.
func (r *resetting) concerns(f Finding) bool {
	if f.Subject.Kind == string(okr.KindTenant) {
		return true
	}
	id, ok := r.at.keyResult(okr.Ref{Kind: okr.Kind(f.Subject.Kind), ID: okr.ID(f.Subject.ID)})
	k := r.at.w.keyResultByID[id]
	return ok && k != nil && open(k) && k.objective.row != nil && r.q.Reset.Covers(r.s, *k.objective.row)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// lacking notes what a key result lacks of what the weeks up to the open one ask for.
func (r *resetting) lacking(k *keyResult, sheet Row, is *okr.ResetStanding) {
	week := r.q.Reset.Week
	lacks := func(m okr.Missing) {
		m.Week = weekOf(m.What)
		is.Mended = is.Mended && m.Week != okr.WeekRebuild
		if m.Week > week {
			return
		}
		m.Subject, m.Title, m.Objective = okr.Ref{Kind: okr.KindKeyResult, ID: k.row.ID}, k.row.Title, k.objective.row.Title
		if m.Owner = r.whose(k); m.Owner != "" {
			m.OwnerName = r.name(m.Owner)
		}
		r.missing = append(r.missing, m)
	}
	if is.Aside {
		if k.row.State != okr.Done && r.q.Because[k.row.ID] == "" && r.q.Reset.Aside(k.row.ID) == nil {
			lacks(okr.Missing{
				What: LacksReason, Message: "it is " + string(k.row.State) + ", and nobody said why",
				Remedy: "Vouch for it: say why it is set aside.",
			})
		}
		return
	}
	if is.AsIs {
		// What was rebuilt after all is as any other.
		is.AsIs = false
		r.unbuilt(k, sheet, *is, func(okr.Missing) { is.AsIs = true })
	}
	is.Mended = is.Work && !is.AsIs
	if !is.AsIs {
		r.unbuilt(k, sheet, *is, lacks)
	}
	r.unowned(k, sheet, *is, lacks)
	if is.AsIs || is.CheckedIn != nil {
		return
	}
	m := okr.Missing{What: LacksCheckIn, Message: "nobody has checked in since week 4 opened", Remedy: "Check in with its value, a confidence from 0 to 10, and a note."}
	if all := r.since(k); len(all) > 0 {
		m.Message = "its newest check-in lacks " + strings.Join(r.partial(k, all[0]), " and ")
	}
	lacks(m)
}

// unbuilt notes what week 2 still has to do: what fails is rebuilt, and its source
// named and confirmed.
func (r *resetting) unbuilt(k *keyResult, sheet Row, is okr.ResetStanding, lacks func(okr.Missing)) {
	found := map[string]bool{}
	for _, f := range sheet.findings {
		what := r.asking(f)
		if !fails(f) || weekOf(what) != okr.WeekRebuild {
			continue
		}
		found[what] = true
		if f.Waived != nil {
			continue // and nobody asks for the same in other words
		}
		lacks(okr.Missing{What: what, Message: f.Message, Remedy: f.Fix, Rules: []string{f.Pack + "/" + f.Rule}})
	}
	m := k.row.Metric
	if !m.Decidable() && m.Kind != measure.Baseline && !found[LacksRebuilding] {
		lacks(okr.Missing{
			What: LacksRebuilding, Message: "its fields do not say what is reached at its end: " + sheet.Why.Measurable,
			Remedy: "Give it a metric: where it starts, where it shall end, in which unit.",
		})
	}
	src := k.row.Source
	switch {
	case k.row.KPI != "" && is.Confirmed != "":
	case found[LacksSource]:
	case src == nil || src.Where == "" && src.Kind != manualSource:
		lacks(okr.Missing{
			What: LacksSource, Message: "nobody knows where its number comes from",
			Remedy: "Name the dashboard, the table, the report or the person that holds it. Entering it by hand is a source too; its kind is manual.",
		})
	case is.Confirmed == "" && r.s.SourceFailed(k.row.ID):
		lacks(okr.Missing{
			What: LacksConfirming, Message: "its source fails",
			Remedy: "Mend the source, name another one, or vouch for it.",
		})
	case is.Confirmed == "":
		lacks(okr.Missing{
			What: LacksConfirming, Message: "nobody has seen its number in its source yet",
			Remedy: "Record a reading from the source, or have somebody who looked vouch for it.",
		})
	}
}

// unowned notes what week 3 still has to do: one owner, and a rhythm with a first due
// date. What is left as it is has an owner, and no more.
func (r *resetting) unowned(k *keyResult, sheet Row, is okr.ResetStanding, lacks func(okr.Missing)) {
	owned := k.owner != nil && k.owner.row != nil && k.owner.row.Kind == okr.Human && !k.owner.row.Left
	if !owned {
		lacks(okr.Missing{
			What: LacksOwner, Message: nobodys(sheet.Why.Owner),
			Remedy: "Name the one person who knows its number at any time.",
		})
	}
	if is.AsIs {
		return
	}
	for _, f := range sheet.findings {
		what := r.asking(f)
		if f.Waived != nil || !fails(f) || weekOf(what) != okr.WeekOwners || what == LacksOwner && !owned || what == LacksRhythm && k.cadence == nil {
			continue
		}
		lacks(okr.Missing{What: what, Message: f.Message, Remedy: f.Fix, Rules: []string{f.Pack + "/" + f.Rule}})
	}
	switch {
	case k.cadence == nil:
		lacks(okr.Missing{
			What: LacksRhythm, Message: "it has no rhythm of check-ins, and neither has its team or its cycle",
			Remedy: "Declare a rhythm for the cycle; weekly is the usual one.",
		})
	case is.FirstDue == nil && over(k, r.q.Now):
		lacks(okr.Missing{
			What: LacksDueDate, Message: fmt.Sprintf("%s ended on %s: no check-in falls due in it any more", cmpOr(k.cycle.row.Name, "its cycle"), k.cycle.row.End),
			Remedy: "Move what is still to be reached into the cycle that runs now, or abandon the reset.",
		})
	case is.FirstDue == nil && r.q.Calendar == nil:
		lacks(okr.Missing{
			What: LacksDueDate, Message: "nobody can tell when its first check-in falls due",
			Remedy: "Give the desk a calendar: cadence.New in Config.Calendar.",
		})
	case is.FirstDue == nil:
		lacks(okr.Missing{
			What: LacksDueDate, Message: fmt.Sprintf("no check-in of it falls due before the end of %s", cmpOr(k.cycle.row.Name, "its cycle")),
			Remedy: "Give the cycle its days, or check in more often.",
		})
	}
	if k.row.State == okr.Draft && !r.q.Files {
		lacks(okr.Missing{
			What: LacksActivation, Message: "it is a draft: nobody is asked for its number",
			Remedy: "Activate it.",
		})
	}
}

// over says whether the cycle of a key result has ended.
func over(k *keyResult, now time.Time) bool {
	c := k.cycle.row
	return c != nil && !c.End.IsZero() && c.Today(now).After(c.End)
}

// nobodys says that one person has to own a key result, and who is named instead.
func nobodys(why string) string {
	if why == "nobody" {
		return "nobody owns it"
	}
	return "no one person who is here owns it: " + why
}

// whose is the person who has to do something about a key result: its owner, or who
// answers for the objective, or leads the team or one above it.
func (r *resetting) whose(k *keyResult) okr.ID {
	here := func(id okr.ID) bool {
		p := r.s.Person(id)
		return p != nil && p.Kind == okr.Human && !p.Left
	}
	ids := []okr.ID{k.row.Owner, k.objective.row.Owner}
	team := k.objective.row.Team
	for range len(r.s.Teams) { // there may be a ring
		t := r.s.Team(team)
		if t == nil {
			break
		}
		ids, team = append(ids, t.Lead), t.Parent
	}
	for _, id := range ids {
		if id != "" && here(id) {
			return id
		}
	}
	return ""
}
