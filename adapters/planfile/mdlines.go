package planfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// People write lists in more ways than Markdown knows. Before a file is parsed,
// its lines are brought into the form that they mean; a line stays the line that
// it is.
var (
	otherBullet  = regexp.MustCompile(`^([ \t]*)(?:[-*+][ \t]+)?([•◦▪‣●○■□∙–➢➤►▶✓✔☐☑☒✅⬜])[ \t]*(\S.*)$`)
	tightBullet  = regexp.MustCompile(`^([ \t]*)([-*])([\p{L}("“'\[].*)$`)
	tightNumber  = regexp.MustCompile(`^([ \t]*)(\d{1,2}[.)])(\p{L}.*)$`)
	roundNumber  = regexp.MustCompile(`^([ \t]*)\((\d{1,2})\)[ \t]+(\S.*)$`)
	listMarker   = regexp.MustCompile(`^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\S.*)$`)
	anyFence     = regexp.MustCompile("^[ \t]*(```+|~~~+)")
	onlyTags     = regexp.MustCompile(`^(?:</?[A-Za-z][^<>]*>|\s|&nbsp;)+$`)
	kramdown     = regexp.MustCompile(`^\{:{1,2}[^}]*\}$`)
	thematic     = regexp.MustCompile(`^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+)$`)
	tableDashes  = regexp.MustCompile(`^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$`)
	firstHeading = regexp.MustCompile(`^#{1,6}([ \t]|$)`)
	referenceDef = regexp.MustCompile(`^\[[^\]]+\]:\s*\S+`)
)

// maxLine bounds a line of a Markdown file, in bytes: what is longer was not
// written by people.
const maxLine = 32 << 10

// markdownLines prepares the lines of a file. What says nothing, and comments,
// are taken out here and accounted for.
func markdownLines(l *ledger) []string {
	lines := make([]string, len(l.src.lines))
	copy(lines, l.src.lines)
	takeComments(l, lines)
	fences := fenced(lines)
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if fences[i] || trimmed == "" {
			continue
		}
		switch {
		case len(line) > maxLine:
			l.leave(i+1, fmt.Sprintf("a line of more than %d bytes", maxLine))
			lines[i] = ""
		case onlyTags.MatchString(trimmed), kramdown.MatchString(trimmed):
			l.claim(i+1, Markup)
			lines[i] = ""
		case otherBullet.MatchString(line):
			lines[i] = otherBullet.ReplaceAllStringFunc(line, plainBullet)
		case tightBullet.MatchString(line) && !strings.Contains(trimmed[1:], "*"): // *word* is emphasis
			lines[i] = tightBullet.ReplaceAllString(line, "$1$2 $3")
		case tightNumber.MatchString(line):
			lines[i] = tightNumber.ReplaceAllString(line, "$1$2 $3")
		case roundNumber.MatchString(line):
			lines[i] = roundNumber.ReplaceAllString(line, "$1$2. $3")
		}
	}
	indent(lines)
	return lines
}

// fenced says of each line whether it belongs to a fenced block of code.
func fenced(lines []string) []bool {
	out := make([]bool, len(lines))
	open := ""
	for i, line := range lines {
		m := anyFence.FindStringSubmatch(line)
		switch {
		case m == nil:
			out[i] = open != ""
		case open == "":
			open, out[i] = m[1], true
		default:
			out[i] = true
			if strings.HasPrefix(m[1], open) {
				open = ""
			}
		}
	}
	return out
}

func plainBullet(line string) string {
	m := otherBullet.FindStringSubmatch(line)
	box := ""
	switch m[2] {
	case "✓", "✔", "☑", "✅":
		box = "[x] "
	case "☐", "□", "⬜", "☒":
		box = "[ ] "
	}
	return m[1] + "- " + box + m[3]
}

// takeComments takes HTML comments out of the lines.
func takeComments(l *ledger, lines []string) {
	inside := false
	for i := range lines {
		rest, kept, comment := lines[i], "", ""
		for rest != "" {
			if inside {
				before, after, closed := strings.Cut(rest, "-->")
				comment += before
				rest, inside = after, !closed
				if !closed {
					rest = ""
				}
				continue
			}
			before, after, opened := strings.Cut(rest, "<!--")
			kept += before
			if rest = after; !opened {
				break
			}
			inside = true
		}
		comment = strings.TrimSpace(comment)
		if kept == lines[i] {
			continue
		}
		switch {
		case strings.TrimSpace(kept) != "":
			if comment != "" {
				l.part(i+1, comment, "a comment")
			}
		case comment != "":
			l.leave(i+1, "a comment")
		case strings.TrimSpace(lines[i]) != "":
			l.claim(i+1, Markup)
		}
		lines[i] = kept
	}
}

// place is an item of a list that later lines may belong to: where its marker
// and its text stand in the file, and where its text is put.
type place struct{ marker, text, outText int }

// indent puts nested items where Markdown expects them: an item that stands
// further right than another belongs to it.
func indent(lines []string) {
	bulletsOfNumbers(lines)
	var stack []place
	blank := true
	fences := fenced(lines)
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if fences[i] || trimmed == "" {
			blank = true
			continue
		}
		column := columns(line)
		m := listMarker.FindStringSubmatch(line)
		switch {
		case thematic.MatchString(trimmed), firstHeading.MatchString(trimmed) && column < 4, strings.HasPrefix(trimmed, "|") && column < 2:
			stack = nil
		case m != nil:
			// One space more is a slip of the finger.
			for len(stack) > 0 && column < stack[len(stack)-1].marker+2 {
				stack = stack[:len(stack)-1]
			}
			to := column
			if len(stack) > 0 {
				top := stack[len(stack)-1]
				to = top.outText + max(0, min(3, column-top.text))
			} else if column >= 4 {
				to = 0
			}
			stack = append(stack, place{marker: column, text: column + len(m[2]) + min(len(m[3]), 4), outText: to + len(m[2]) + 1})
			lines[i] = strings.Repeat(" ", to) + m[2] + " " + m[4]
		case len(stack) > 0:
			if column == 0 && (blank || opensObjective(trimmed)) {
				stack = nil
				break
			}
			for blank && len(stack) > 1 && column < stack[len(stack)-1].text {
				stack = stack[:len(stack)-1]
			}
			if top := stack[len(stack)-1]; column >= top.text || !blank {
				lines[i] = strings.Repeat(" ", top.outText) + trimmed
			}
		}
		blank = false
	}
}

// opensObjective says whether a line begins the next objective, and so ends the
// list above it.
func opensObjective(line string) bool {
	line = strings.Trim(line, "*_ ")
	return lineVocabulary.markOf(line, "").kind == mObjective
}

// bulletsOfNumbers moves bullets that stand between 2. and 3. below the 2. that
// they explain.
func bulletsOfNumbers(lines []string) {
	last, number, column := -1, "", 0
	for i, line := range lines {
		m := listMarker.FindStringSubmatch(line)
		if strings.TrimSpace(line) == "" || firstHeading.MatchString(line) {
			last = -1
			continue
		}
		if m == nil || len(m[2]) < 2 || columns(line) > column && last >= 0 {
			continue
		}
		before, err := strconv.Atoi(number)
		now, err2 := strconv.Atoi(m[2][:len(m[2])-1])
		if last >= 0 && err == nil && err2 == nil && now == before+1 && columns(line) == column {
			for j := last + 1; j < i; j++ {
				if b := listMarker.FindStringSubmatch(lines[j]); b != nil && len(b[2]) == 1 && columns(lines[j]) == column {
					lines[j] = "    " + lines[j]
				}
			}
		}
		last, number, column = i, m[2][:len(m[2])-1], columns(line)
	}
	bulletsOfLast(lines)
}

// bulletsOfLast moves the bullets that stand right below the last number of a
// list, where the other numbers have such bullets, too.
func bulletsOfLast(lines []string) {
	moved, last, column := false, false, 0
	for i, line := range lines {
		m := listMarker.FindStringSubmatch(line)
		switch {
		case m == nil || firstHeading.MatchString(line):
			moved, last = moved && strings.TrimSpace(line) != "" && !firstHeading.MatchString(line), false
		case len(m[2]) > 1:
			last, column = true, columns(line)
		case columns(line) > column:
			moved = moved || last
		case last && moved && columns(line) == column:
			lines[i] = "    " + line
		default:
			moved, last = false, false
		}
	}
}

// columns is how far a line is indented; a tab goes to the next multiple of 4.
func columns(line string) int {
	n := 0
	for _, c := range line {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 4 - n%4
		default:
			return n
		}
	}
	return n
}
