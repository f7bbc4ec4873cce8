package planfile

import (
	"regexp"
	"strings"
	"unicode"
)

// titleParts is a title, and what people write beside it into the same line.
type titleParts struct {
	title   string
	owner   string
	source  string
	aside   string // what stood in brackets or tags
	outcome string // what it said came of it
	graded  bool   // and that by its place behind the title, not by a sign
	scored  bool   // and it stands where only a score does
	fields  []fieldValue
}

type fieldValue struct {
	field field
	value string
}

var (
	tagsAtStart   = regexp.MustCompile(`^(?:\[[ xX]\][ \t]*)?((?:\[[A-Z?][A-Z0-9?/&+ -]{0,14}\][ \t]*)+)`)
	tagsAtEnd     = regexp.MustCompile(`((?:[ \t]*\[[A-Z?][A-Z0-9?/&+ -]{0,14}\])+)[ \t.]*$`)
	oneTag        = regexp.MustCompile(`\[([^\]]+)\]`)
	redactedTag   = regexp.MustCompile(`\[(?:[A-OQ-Z]\d{0,2})\]`) // "[N6] developers": a number that is not published
	priorityTag   = regexp.MustCompile(`^P[0-9X?]$`)
	priorityStart = regexp.MustCompile(`^(P[0-9X])\b[ \t]*[-–—:]?[ \t]*`)
	handleStart   = regexp.MustCompile(`^(@[\w.-]+(?:[ \t]*[,/&+][ \t]*@[\w.-]+)*)[ \t]*[-–—:][ \t]*`)
	handleEnd     = regexp.MustCompile(`[ \t]*[-–—,]?[ \t]*[(\[]?((?:@[\w.-]*\w)(?:[ \t]*(?:[,/&+]|and)[ \t]*@[\w.-]*\w)*)[)\]]?[ \t.]*$`)
	outcomeSign   = regexp.MustCompile(`[ \t]*(?:\*\*)?(?:=>|⇒)[ \t]*`)
	bracketsAtEnd = regexp.MustCompile(`[ \t]*(?:\(([^()]*)\)|\[([^\[\]]*)\])[ \t.;]*$`)
	labelledTail  = regexp.MustCompile(`(?:[ \t]*[;|·]|[.,][ \t]|[ \t]+[-–—])[ \t]*([\p{L}][\p{L} -]{1,24}):[ \t]*([^;|·]+)$`)
	bareTail      = regexp.MustCompile(`[ \t](\p{Lu}[\p{L}-]{1,24}):[ \t]*([^;|·:]+)$`)
	issueNumber   = regexp.MustCompile(`^(?:#\d+|[A-Z]{2,8}-\d+|![0-9]+|&[0-9]+)$`)
	measuredBy    = regexp.MustCompile(`(?i)\b(?:as )?(?:measured|tracked|reported|recorded|shown|per|according to) (?:in|by|with|via|from|on|through|the)? ?(?:the )?([^,;.()]{3,60})$`)
	sourceWord    = regexp.MustCompile(`(?i)\b(?:dashboards?|reports?|monitor(?:ing)?|analytics|tracker|survey|spreadsheet|sheet|warehouse|database|query|logs?|grafana|datadog|looker|tableau|salesforce|hubspot|amplitude|mixpanel|jira|zendesk|bigquery|snowflake|stripe|power ?bi|ga4|metabase|kibana|splunk|new relic|sentry|pagerduty|intercom|qualtrics|greenhouse|crm|erp|prometheus|github|gitlab)\b`)
)

// clean takes a title apart: tags, owners, outcomes and notes in brackets are
// not part of it.
func (m *mdReader) clean(text string, line int) titleParts {
	t := titleParts{title: oneLine(text)}
	m.takeOutcome(&t)
	m.tags(&t, line)
	if h := handleStart.FindStringSubmatch(t.title); h != nil {
		t.owner, t.title = h[1], t.title[len(h[0]):]
	}
	for range 4 {
		if !m.tail(&t, line) {
			break
		}
	}
	m.tags(&t, line)
	if m.cascade {
		if prefix, rest := prefixOf(t.title); prefix != "" && (m.prefixes[strings.ToLower(prefix)] > 1 || namesWho(prefix) || roleName(prefix) || departments[strings.ToLower(prefix)]) {
			t.owner, t.title = firstOf(t.owner, prefix), rest
		}
	} else if prefix, rest := prefixOf(t.title); prefix != "" && roleName(prefix) && (chief.MatchString(prefix) || !shortForm.MatchString(prefix)) {
		t.owner, t.title = firstOf(t.owner, prefix), rest
	}
	t.title = strings.TrimSpace(strings.Trim(t.title, " \t"))
	return t
}

// namesWho says whether words before a colon are as short as a name, and no order
// to do something.
func namesWho(prefix string) bool {
	words := strings.Fields(prefix)
	return len(words) <= 2 && !goalVerbs[strings.ToLower(words[0])] && !notNames[strings.ToLower(words[0])] && unicode.IsUpper([]rune(words[0])[0])
}

var notNames = set("note", "notes", "stretch", "outcome", "result", "done", "status", "goal", "metric", "update", "baseline", "target", "hiring", "bonus", "todo", "wip")

// A role and a metric look alike where they are short: "NPS: 30 to 45" is owned
// by nobody.
var (
	shortForm = regexp.MustCompile(`^[A-Z]{2,4}$`)
	chief     = regexp.MustCompile(`^(?:C[A-Z]O|[ES]?VP[A-Z]?)$`)
)

// tags takes "[P0][OPS]" from both ends of a title, and P0 from its beginning.
func (m *mdReader) tags(t *titleParts, line int) {
	take := func(tags string) {
		var owners []string
		for _, tag := range oneTag.FindAllStringSubmatch(tags, -1) {
			switch name := strings.TrimSpace(tag[1]); {
			case priorityTag.MatchString(name):
				m.losePriority(name, line)
			case empty(name) || name == "WIP":
				m.lose("tag", "tags: a plan has no place for them", name, line)
			default:
				owners = append(owners, name)
			}
		}
		if len(owners) > 0 {
			t.owner = firstOf(t.owner, strings.Join(owners, ", "))
		}
	}
	if g := tagsAtStart.FindStringSubmatch(t.title); g != nil && !redactedTag.MatchString(g[1]) {
		take(g[1])
		t.title = strings.TrimSpace(t.title[len(g[0]):])
	}
	if g := tagsAtEnd.FindStringSubmatch(t.title); g != nil && len(g[0]) < len(t.title) && !redactedTag.MatchString(g[1]) {
		take(g[1])
		t.title = strings.TrimSpace(t.title[:len(t.title)-len(g[0])])
	}
	if g := priorityStart.FindStringSubmatch(t.title); g != nil {
		m.losePriority(g[1], line)
		t.title = t.title[len(g[0]):]
	}
}

func (m *mdReader) losePriority(name string, line int) {
	if m.priorities == nil {
		m.priorities = map[int]bool{}
	}
	if m.priorities[line] {
		return
	}
	m.priorities[line] = true
	m.lose("priority", "priorities: a plan has no place for them", name, line)
}

// tail takes one note from the end of a title: "(Owner: Ada)", "[Looker
// report]", "(#14)". It says false when there is none.
func (m *mdReader) tail(t *titleParts, line int) bool {
	if g := bracketsAtEnd.FindStringSubmatch(t.title); g != nil && len(g[0]) < len(t.title) {
		note := oneLine(g[1] + g[2])
		rest := strings.TrimSpace(t.title[:len(t.title)-len(g[0])])
		if fields := m.labelled(note); len(fields) > 0 {
			t.fields = append(t.fields, fields...)
			t.title = rest
			return true
		}
		switch {
		case issueNumber.MatchString(note):
			m.lose("reference", "references to issues", note, line)
			t.title = rest
			return true
		case (aspirational.MatchString(note) || committedWord.MatchString(note)) && len(strings.Fields(note)) <= 2:
			t.aside = joined(t.aside, note)
			if t.title = rest; !saysCommitted(note) {
				m.lose("aspirational", "aspirational: objectives are, unless they are committed", note, line)
			}
			return true
		case t.source == "" && sourceWord.MatchString(note) && len(strings.Fields(note)) <= 8 && !strings.Contains(note, "://") && !m.measurable(note):
			t.source = strings.TrimSpace(strings.TrimPrefix(measuredOf(note), "source "))
		}
	}
	if g := labelledTail.FindStringSubmatch(t.title); g != nil {
		if f := m.voc.field(g[1]); f == fOwner || f == fSource || f == fDue || f == fConfidence || f == fBaseline || f == fTarget {
			t.fields = append(t.fields, fieldValue{f, g[2]})
			t.title = strings.TrimSpace(t.title[:len(t.title)-len(g[0])])
			return true
		}
	}
	if g := bareTail.FindStringSubmatch(t.title); g != nil {
		if f := m.voc.field(g[1]); f == fOwner || f == fSource || f == fDue {
			t.fields = append(t.fields, fieldValue{f, g[2]})
			t.title = strings.TrimSpace(t.title[:len(t.title)-len(g[0])])
			return true
		}
	}
	if g := handleEnd.FindStringSubmatch(t.title); g != nil && len(g[0]) < len(t.title) && strings.HasPrefix(g[1], "@") {
		t.owner = firstOf(t.owner, g[1])
		t.title = strings.TrimSpace(t.title[:len(t.title)-len(g[0])])
		return true
	}
	if t.source == "" {
		if g := measuredBy.FindStringSubmatch(strings.TrimRight(t.title, ". ")); g != nil && sourceWord.MatchString(g[1]) {
			t.source = oneLine(g[1])
		}
	}
	return false
}

func measuredOf(note string) string {
	if g := measuredBy.FindStringSubmatch(note); g != nil {
		return oneLine(g[1])
	}
	return note
}

var dueWithin = regexp.MustCompile(`(?i),[ \t]+(due|by|fällig|bis)[ \t]+(\d)`)

var betweenFields = regexp.MustCompile(`[;|·]|,[ \t]+(?:[\p{L}][\p{L} -]{1,24}:)`)

// labelled reads "Owner: Ada; due: 3 May" in brackets. All of it must be fields.
func (m *mdReader) labelled(note string) []fieldValue {
	var out []fieldValue
	for _, p := range splitFields(dueWithin.ReplaceAllString(note, "; due: $2")) {
		f, _, value, ok := m.voc.fieldOf(strings.TrimSpace(p), "")
		if !ok || f == fNotes {
			return nil
		}
		out = append(out, fieldValue{f, value})
	}
	return out
}

func splitFields(note string) []string {
	var out []string
	for {
		at := betweenFields.FindStringIndex(note)
		if at == nil {
			return append(out, note)
		}
		out = append(out, note[:at[0]])
		note = note[at[0]+1:]
	}
}
