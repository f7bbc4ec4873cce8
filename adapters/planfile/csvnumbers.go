package planfile

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// conventions are how one table writes numbers and dates. A single cell such as
// 1.000 or 03/04/2027 can be read in two ways; the table as a whole often in one.
type conventions struct {
	decimal    byte // '.' or ','; 0 is not known
	dayFirst   bool
	monthFirst bool
	confidence float64 // what a confidence is multiplied with; 0 is each by itself
}

var (
	datePattern = regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$`)
	slashDate   = regexp.MustCompile(`^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$`)
	bothSigns   = regexp.MustCompile(`\d[.,' ’]?\d*([.,])\d+\D*$`)
	oneDecimal  = regexp.MustCompile(`^\D*\d+([.,])(\d{1,2}|\d{4,})\D*$`)
	groups      = regexp.MustCompile(`\d([.,])\d{3}[.,]\d`)
)

// conventions finds out how the table writes numbers and dates.
func (c *csvReader) conventions(delimiter rune) {
	dot, comma := 0, 0
	var highest float64
	fractions, confidences := false, 0
	for i, f := range c.fields {
		for _, r := range c.rows {
			text := r.cell(i)
			switch f {
			case fBaseline, fTarget, fCurrent, fWeight, fConfidence:
				switch decimalOf(text) {
				case '.':
					dot++
				case ',':
					comma++
				}
			case fDue, fStart:
				if m := slashDate.FindStringSubmatch(text); m != nil {
					first, err1 := strconv.Atoi(m[1])
					second, err2 := strconv.Atoi(m[2])
					c.style.dayFirst = c.style.dayFirst || err1 == nil && first > 12 || strings.Contains(text, ".")
					c.style.monthFirst = c.style.monthFirst || err2 == nil && second > 12
				}
			}
			if f == fConfidence {
				if v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err == nil {
					highest = max(highest, v)
					fractions = fractions || v > 0 && v < 1
					confidences++
				}
			}
		}
	}
	switch {
	case dot > 0 && comma == 0:
		c.style.decimal = '.'
	case comma > 0 && dot == 0:
		c.style.decimal = ','
	case dot == 0 && comma == 0 && delimiter == ';':
		// Spreadsheets write semicolons where the comma is the decimal sign.
		c.style.decimal = ','
	}
	switch {
	case confidences == 0:
	case highest <= 1 && fractions:
		c.style.confidence = 10
	case highest > 10 && highest <= 100:
		c.style.confidence = 0.1
	case highest > 1 && highest <= 10:
		c.style.confidence = 1
	}
}

// decimalOf is the decimal sign that a number gives away, 0 if it gives none
// away.
func decimalOf(text string) byte {
	if groups.MatchString(text) {
		if m := bothSigns.FindStringSubmatch(text); m != nil {
			if at := strings.LastIndexAny(text, ".,"); strings.Count(text, text[at:at+1]) > 1 {
				// 1.000.000: the sign parts thousands.
				return map[byte]byte{'.': ',', ',': '.'}[text[at]]
			}
			return m[1][0]
		}
	}
	if m := oneDecimal.FindStringSubmatch(text); m != nil {
		return m[1][0]
	}
	return 0
}

// quantity reads a number as the table writes it.
func (c *csvReader) quantity(text string) (quantity, bool) {
	if strings.ContainsAny(text, ".,") {
		switch c.style.decimal {
		case '.':
			text = strings.ReplaceAll(text, ",", "")
		case ',':
			text = strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", ".")
		}
		if c.style.decimal != 0 {
			if q, ok := plainQuantity(strings.TrimSpace(text)); ok && !magnitude.MatchString(text) {
				return q, true
			}
			// A point with three digits is a decimal point here.
			if m := pointThree.FindString(text); m != "" {
				f, err := strconv.ParseFloat(m, 64)
				rest, ok := c.words.quantity(strings.Replace(text, m, "1", 1))
				if scale, known := rest.number.Value(); err == nil && ok && known {
					rest.number = measure.N(f * scale)
					return rest, true
				}
			}
		}
	}
	return c.words.quantity(text)
}

var pointThree = regexp.MustCompile(`\d+\.\d{3}\b`)

// scaledConfidence takes a confidence on the scale of its column.
func (c *csvReader) scaledConfidence(k *draftKeyResult, q quantity) bool {
	v, known := q.number.Value()
	if known && q.unit == "" && c.style.confidence != 0 {
		if v *= c.style.confidence; v < 0 || v > 10 {
			return false
		}
		k.Confidence = measure.N(v)
		return true
	}
	return c.setConfidence(k, q)
}

// date reads a date as the table writes it.
func (c *csvReader) date(text string) (okr.Date, bool) {
	if m := slashDate.FindStringSubmatch(text); m != nil && c.style.dayFirst != c.style.monthFirst {
		first, err1 := strconv.Atoi(m[1])
		second, err2 := strconv.Atoi(m[2])
		year, err3 := strconv.Atoi(m[3])
		if err1 != nil || err2 != nil || err3 != nil {
			return okr.Date{}, false
		}
		if c.style.monthFirst {
			first, second = second, first
		}
		d := measure.NewDate(year, time.Month(second), first)
		return d, d.Day == first && int(d.Month) == second
	}
	return c.due(text)
}
