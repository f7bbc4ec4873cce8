package planfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// Role is what a line was read as.
type Role string

// The roles of a line.
const (
	Objectives  Role = "objective"
	KeyResults  Role = "key_result"
	Initiatives Role = "initiative"
	CheckIns    Role = "checkin"
	Owners      Role = "owner"
	Teams       Role = "team"
	People      Role = "person"
	Cycles      Role = "cycle"
	Fields      Role = "field"   // a value of the objective or key result above it
	Headers     Role = "header"  // names columns
	Labels      Role = "label"   // names what follows, such as "Key Results:"
	Markup      Role = "markup"  // rules, fences, brackets: it says nothing by itself
	Comments    Role = "comment" // of a format that has comments
	NotRead     Role = "unread"  // stands in okr.Plan.Unread
)

// Line is a line of the file that is not blank.
type Line struct {
	Number int // from 1
	Text   string
	Role   Role
}

// Trace says what became of each line of a file.
type Trace struct {
	Format Format
	Lines  []Line // those that are not blank, in order
}

// ledger keeps account of the lines of a file. A line has one role; a line that
// nobody claims is unread.
type ledger struct {
	src    *source
	roles  []Role
	unread []okr.Unread
	twice  []int // lines that two readers claimed: a fault of this package, which tests look for
}

func newLedger(src *source) *ledger {
	return &ledger{src: src, roles: make([]Role, len(src.lines))}
}

func (l *ledger) position(line int) okr.Position {
	return okr.Position{File: l.src.name, Line: line}
}

// claim says what a line was read as. The first role stays.
func (l *ledger) claim(line int, role Role) {
	if line < 1 || line > len(l.roles) {
		return
	}
	switch l.roles[line-1] {
	case "":
		l.roles[line-1] = role
	case role:
	default:
		l.twice = append(l.twice, line)
	}
}

// claimed says whether a line has a role.
func (l *ledger) claimed(line int) bool {
	return line >= 1 && line <= len(l.roles) && l.roles[line-1] != ""
}

// leave puts a whole line among the unread ones.
func (l *ledger) leave(line int, reason string) {
	if line < 1 || line > len(l.roles) || strings.TrimSpace(l.src.lines[line-1]) == "" {
		return
	}
	if l.roles[line-1] != "" {
		l.twice = append(l.twice, line)
		return
	}
	l.roles[line-1] = NotRead
	l.part(line, strings.TrimSpace(l.src.lines[line-1]), reason)
}

// part puts a piece of a line that was read otherwise among the unread ones.
func (l *ledger) part(line int, text, reason string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	l.unread = append(l.unread, okr.Unread{Position: l.position(line), Text: text, Reason: reason})
}

// finish gives every line that is left a reason, and returns what was not read
// in the order of the file.
func (l *ledger) finish(reason string) []okr.Unread {
	for i := range l.src.lines {
		if l.roles[i] == "" {
			l.leave(i+1, reason)
		}
	}
	slices.SortStableFunc(l.unread, func(a, b okr.Unread) int { return cmp.Compare(a.Line, b.Line) })
	return l.unread
}

func (l *ledger) trace(f Format) Trace {
	t := Trace{Format: f}
	for i, text := range l.src.lines {
		if strings.TrimSpace(text) != "" {
			t.Lines = append(t.Lines, Line{Number: i + 1, Text: text, Role: l.roles[i]})
		}
	}
	return t
}

// mark gives a line a role if it has none.
func (l *ledger) mark(line int, role Role) {
	if !l.claimed(line) {
		l.claim(line, role)
	}
}

// claimRest gives a role to the lines of a file that was understood as a whole:
// comments, brackets, and what continues the line above.
func (l *ledger) claimRest() {
	last := Markup
	for i, text := range l.src.lines {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case l.roles[i] != "":
			last = l.roles[i]
		case strings.HasPrefix(text, "#"):
			l.roles[i] = Comments
		case strings.Trim(text, "-[]{},.") == "":
			l.roles[i] = Markup
		default:
			l.roles[i] = last
		}
	}
}
