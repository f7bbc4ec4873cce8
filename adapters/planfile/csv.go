package planfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// record is a row of a CSV file.
type record struct {
	first, last int // lines of the file
	cells       []string
}

func (r record) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return oneLine(withoutGuard(r.cells[i]))
}

func (r record) empty() bool {
	return !slices.ContainsFunc(r.cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// delimiters that CSV files use.
var delimiters = []rune{',', ';', '\t', '|'}

// parseCSV takes a file apart with a delimiter. Quotes in the middle of a field
// are taken as they stand; a quote that is never closed is an error, because it
// would swallow the rest of the file.
func parseCSV(s *source, text string, delimiter rune, before int) ([]record, error) {
	out, err := parseRecords(text, delimiter, before, false)
	var fault *csv.ParseError
	if errors.As(err, &fault) {
		if errors.Is(err, csv.ErrQuote) && fault.Line+before >= len(s.lines)-1 && fault.StartLine < fault.Line {
			return nil, s.at(fault.StartLine+before, 0, "a quote that opens here is never closed", `close it, and write a quote within a field as ""`)
		}
		if out, err = parseRecords(text, delimiter, before, true); err == nil {
			return out, nil
		}
	}
	if err != nil {
		line := 0
		if errors.As(err, &fault) {
			line = fault.Line + before
		}
		return nil, s.at(line, 0, "this is no CSV: "+err.Error(), "check the quotes in this row")
	}
	return out, nil
}

func parseRecords(text string, delimiter rune, before int, lazy bool) ([]record, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = delimiter, -1, lazy
	var out []record
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		first, _ := r.FieldPos(0)
		last, _ := r.FieldPos(len(cells) - 1)
		last += strings.Count(cells[len(cells)-1], "\n")
		out = append(out, record{first + before, last + before, cells})
	}
}

var excelSeparator = regexp.MustCompile(`(?i)^"?sep=(.)"?$`)

// sniff finds the delimiter and the header row. Where no row names columns, the
// header is -1.
func sniff(s *source) (rows []record, header int, delimiter rune, err error) {
	text, before := s.text, 0
	try := delimiters
	if m := excelSeparator.FindStringSubmatch(strings.TrimSpace(s.lines[0])); m != nil {
		text, before = strings.Join(s.lines[1:], "\n"), 1
		try = []rune(m[1])
	}
	best := -1
	header = -1
	for _, d := range try {
		if d == '"' || d == '\n' || d == '\r' || d == 0 || d == 0xFFFD {
			continue
		}
		got, fault := parseCSV(s, text, d, before)
		if fault != nil {
			if err == nil {
				err = fault
			}
			continue
		}
		for i, r := range got[:min(len(got), 30)] {
			if n := knownLabels(r); n > best && n > 0 {
				best, rows, header, delimiter = n, got, i, d
			}
		}
	}
	if header >= 0 {
		return rows, header, delimiter, nil
	}
	return nil, -1, 0, err
}

var wideColumn = regexp.MustCompile(`(?i)^(?:key[ _-]?result|kr)[ _#-]*(\d{1,2})(?:[ _.:-]+(.+))?$`)

// knownLabels counts how many cells of a row name columns; 0 if none of them can
// hold a title.
func knownLabels(r record) int {
	known, title := 0, false
	for _, c := range r.cells {
		if len(c) > 80 {
			return 0
		}
		label := strings.Trim(c, " *")
		f := lineVocabulary.field(label)
		if f == fNone && wideColumn.MatchString(label) {
			f = fKeyResult
		}
		if f != fNone {
			known++
		}
		title = title || f == fObjective || f == fKeyResult || f == fTitle
	}
	if !title && levelColumns(r) > 1 {
		return known + levelColumns(r)
	}
	if !title || len(r.cells) > 1 && known < 2 {
		return 0
	}
	return known
}

var levelColumn = regexp.MustCompile(`(?i)^(?:main|(?:l|level|ebene|niveau|nivel|nível)[ _-]?\d{1,2})$`)

// levelColumns counts the columns of a table that give the level of a row by the
// column that its title stands in: Main, L1, L2.
func levelColumns(r record) int {
	n := 0
	for n < len(r.cells) && levelColumn.MatchString(strings.Trim(oneLine(r.cells[n]), " *")) {
		n++
	}
	return n
}

// looksLikeCSV says whether the first lines of a file are a table with a header.
func looksLikeCSV(s *source) bool {
	first := ""
	for _, line := range s.lines {
		if first = strings.TrimSpace(line); first != "" {
			break
		}
	}
	if strings.HasPrefix(first, "|") || strings.HasPrefix(first, "#") || !strings.ContainsAny(first, ",;\t|") {
		return false
	}
	rows, header, _, err := sniff(s)
	if err != nil || header < 0 || header > 3 || len(rows[header].cells) < 2 {
		return false
	}
	return len(rows) == header+1 || len(rows[header+1].cells) > 1
}

// readCSV reads a table with a header row.
func readCSV(l *ledger, s *source, w words) (okr.Plan, error) {
	rows, header, delimiter, err := sniff(s)
	if err != nil {
		return okr.Plan{}, err
	}
	if header < 0 {
		return okr.Plan{}, s.at(1, 0, "no header row was found", "name the columns in the first row, such as objective,key_result,owner,baseline,target,unit,due,source")
	}
	c := &csvReader{draft: &draft{l: l, words: w, voc: lineVocabulary}, header: rows[header], rows: rows[header+1:]}
	if excelSeparator.MatchString(strings.TrimSpace(s.lines[0])) {
		l.claim(1, Markup)
	}
	for _, r := range rows[:header] {
		c.leave(r, "it stands above the header row")
	}
	c.claim(c.header, Headers)
	c.columns()
	c.conventions(delimiter)
	c.read()
	if len(c.objectives) == 0 {
		return okr.Plan{}, s.at(c.header.first, 0, "below the header row stands no objective and no key result", "write one key result per row")
	}
	c.lostColumns()
	return c.plan("it belongs to no row of the table"), nil
}

// csvReader reads the rows of a table.
type csvReader struct {
	*draft
	header  record
	rows    []record
	fields  []field
	wide    map[int]wideField // columns of numbered key results
	groups  int               // how many key results a row may hold
	used    map[int]bool      // columns that were read as a whole
	taken   map[[2]int]bool   // cells that were read, by line and column
	style   conventions
	parents []wantedParent
	named   map[string][]*draftObjective // objectives by their title in lower case
}

// wideField is a column such as key_result_2_target.
type wideField struct {
	number int
	field  field
}

// claim says what the lines of a record were read as.
func (c *csvReader) claim(r record, role Role) {
	for line := r.first; line <= r.last; line++ {
		if strings.TrimSpace(c.l.src.lines[line-1]) != "" {
			c.l.mark(line, role)
		}
	}
}

func (c *csvReader) leave(r record, reason string) {
	if r.empty() {
		c.claim(r, Markup)
		return
	}
	for line := r.first; line <= r.last; line++ {
		if !c.l.claimed(line) {
			c.l.leave(line, reason)
		}
	}
}

// columns finds out what each column holds.
func (c *csvReader) columns() {
	c.wide, c.used, c.taken = map[int]wideField{}, map[int]bool{}, map[[2]int]bool{}
	c.fields = make([]field, len(c.header.cells))
	for i, label := range c.header.cells {
		label = strings.Trim(oneLine(label), " *")
		if m := wideColumn.FindStringSubmatch(label); m != nil {
			n := int(m[1][0] - '0')
			if len(m[1]) > 1 {
				n = 10*n + int(m[1][1]-'0')
			}
			f := fKeyResult
			if m[2] != "" {
				if f = c.voc.field(m[2]); f == fTitle {
					f = fKeyResult
				}
			}
			c.wide[i] = wideField{n, f}
			c.groups = max(c.groups, n)
			continue
		}
		c.fields[i] = csvLabels[plainLabel(label)]
		if c.fields[i] == fNone {
			c.fields[i] = c.voc.field(label)
		}
		c.fields[i] = c.byContent(i, c.fields[i])
	}
	for i, f := range c.fields {
		if n := c.numbers(i); f == fObjective && n > 0 && n == c.filled(i) && c.titles(i) {
			c.fields[i] = fTarget
		}
	}
}

// filled counts the cells of a column in which something stands.
func (c *csvReader) filled(i int) int {
	n := 0
	for _, r := range c.rows {
		if r.cell(i) != "" {
			n++
		}
	}
	return n
}

// titles says whether another column than this one says what the rows are about.
func (c *csvReader) titles(not int) bool {
	for i, f := range c.fields {
		if w, ok := c.wide[i]; ok {
			f = w.field
		}
		if i != not && (f == fObjective || f == fKeyResult || f == fTitle) && c.filled(i) > 0 {
			return true
		}
	}
	return false
}

// Columns that only tables have.
const (
	fObjectiveOwner field = "objective owner"
	fObjectiveKey   field = "objective key"
	fAboutObjective field = "objective description"
	fObjectiveScore field = "objective score"
	fObjectiveSaid  field = "objective outcome"
	fSaid           field = "outcome" // the words of a score
)

var csvLabels = map[string]field{
	"objectiveowner": fObjectiveOwner, "goalowner": fObjectiveOwner, "zielverantwortlich": fObjectiveOwner, "responsabledelobjectif": fObjectiveOwner,
	"objectivekey": fObjectiveKey, "objectiveid": fObjectiveKey,
	"objectivedescription": fAboutObjective, "goaldescription": fAboutObjective, "objectivescore": fObjectiveScore, "objectiveoutcome": fObjectiveSaid, "outcome": fSaid,
	"keyresultkey": fID, "okrtype": fCommitted,
}

// importVerbs are what the column "Action" of an import holds.
var importVerbs = set("", "edit", "delete", "create", "update", "add", "new", "remove", "none")

// byContent corrects what a label says by what stands below it.
func (c *csvReader) byContent(i int, f field) field {
	values, dates, verbs := 0, 0, 0
	for _, r := range c.rows {
		text := r.cell(i)
		if importVerbs[strings.ToLower(text)] {
			verbs++
		}
		if text == "" {
			continue
		}
		values++
		if datePattern.MatchString(text) {
			dates++
		}
	}
	switch {
	case f == fInitiative && verbs == len(c.rows) && values > 0:
		return fOther
	case f == fBaseline && values > 0 && dates == values:
		return fStart
	case f == fTarget && values > 0 && dates == values:
		return fDue
	}
	return f
}

// numbers counts the cells of a column that are numbers.
func (c *csvReader) numbers(i int) int {
	n := 0
	for _, r := range c.rows {
		if _, ok := c.words.quantity(r.cell(i)); ok {
			n++
		}
	}
	return n
}

// column is the first column that holds the field, -1 if none does.
func (c *csvReader) column(f field) int { return slices.Index(c.fields, f) }

// take notes that a cell was read.
func (c *csvReader) take(r record, i int) { c.taken[[2]int{r.first, i}] = true }

// lostColumns reports what a plan has no place for, once for each column.
func (c *csvReader) lostColumns() {
	for i := range c.header.cells {
		if c.used[i] {
			continue
		}
		read, left := 0, 0
		name := "column " + quoteOr(strings.Trim(oneLine(c.header.cells[i]), "*"), i)
		f := fOther
		if i < len(c.fields) {
			f = c.fields[i]
		}
		if w, ok := c.wide[i]; ok {
			f = w.field
		}
		reason := "a plan has no place for " + lossName(f)
		for _, r := range c.rows {
			switch {
			case c.taken[[2]int{r.first, i}]:
				read++
			case !empty(r.cell(i)) && c.l.roles[r.first-1] != NotRead:
				left++
			}
		}
		switch {
		case left == 0:
		case read == 0 && left == 1:
			c.l.part(c.header.first, name, reason)
		case read == 0:
			c.l.part(c.header.first, fmt.Sprintf("%s (%d values)", name, left), reason)
		default:
			c.lostCells(i, name)
		}
	}
}

// lostCells reports the cells of a column that was read in other rows.
func (c *csvReader) lostCells(i int, name string) {
	for _, r := range c.rows {
		if text := r.cell(i); !empty(text) && !c.taken[[2]int{r.first, i}] && c.l.roles[r.first-1] != NotRead {
			c.lose(name, name+": it has no place in this row", text, r.first)
		}
	}
}

// surplus reports cells beyond the header.
func (c *csvReader) surplus(r record) {
	var more []string
	for i := len(c.header.cells); i < len(r.cells); i++ {
		if text := r.cell(i); text != "" {
			more = append(more, text)
		}
	}
	if len(more) > 0 {
		c.l.part(r.first, strings.Join(more, ", "), "the row has more cells than the header row names columns")
	}
}
