package planfile

import (
	"regexp"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// set gives a key result the value of a field as a person wrote it. What cannot
// be used is unread.
func (d *draft) set(k *draftKeyResult, f field, value string, line int) {
	value = oneLine(value)
	if empty(value) && f != fOwner {
		return
	}
	no := func(reason string) { d.l.part(line, value, reason) }
	switch f {
	case fOwner:
		k.alone = true
		if !empty(value) || k.Owner == "" {
			k.Owner = joined(k.Owner, value)
		}
	case fSource:
		if k.Source == nil {
			k.Source = &okr.Source{}
		}
		k.Source.Where = joined(k.Source.Where, value)
	case fDue:
		if due, ok := d.due(value); ok {
			k.Due = due
		} else {
			no("this is no date that can be read in only one way")
		}
	case fBaseline, fTarget, fCurrent:
		q, ok := d.words.quantity(value)
		if !ok {
			no("this is no " + string(f) + " that can be read in only one way")
			return
		}
		d.setNumber(k, f, q)
	case fUnit:
		if unit := unitOf(value); unit != "" {
			k.Metric.Unit = unit
		} else {
			no("a unit has at most 40 characters")
		}
	case fKind:
		d.setKind(k, value, line)
	case fMetric:
		if m, ok := d.words.metricOf(value); ok && !k.metric && m.Kind != measure.YesNo {
			k.Metric, k.metric = m, true
		}
		k.Definition = joined(k.Definition, value)
	case fConfidence:
		if q, ok := d.words.quantity(value); !ok || !d.setConfidence(k, q) {
			no("a confidence goes from 0 to 10")
		}
	case fWeight:
		q, ok := d.words.quantity(value)
		if v, known := q.number.Value(); !ok || !known || v < 0 || v > 1e6 {
			no("a weight is a number of at least 0")
		} else {
			k.Weight = q.number
		}
	case fCadence:
		if s, ok := scheduleOf(value); ok {
			k.Cadence = &s
		} else {
			no("this is no cadence: write weekly, biweekly, monthly, a weekday, or last friday of the month")
		}
	case fDefinition:
		k.Definition = joined(k.Definition, value)
	case fRationale:
		k.Rationale = joined(k.Rationale, value)
	case fInitiative:
		k.Initiatives = append(k.Initiatives, okr.Initiative{Title: value})
	case fScore:
		d.outcome(k.scored(), value, "", line)
	default:
		no("a plan has no place for " + lossName(f))
	}
}

func (d *draft) setNumber(k *draftKeyResult, f field, q quantity) {
	switch f {
	case fBaseline:
		k.Metric.Baseline, k.metric = q.number, true
	case fTarget:
		k.Metric.Target, k.metric = q.number, true
		if k.Metric.Kind == "" {
			k.Metric.Kind = q.kind
		}
	case fCurrent:
		k.Current = q.number
	}
	if k.Metric.Unit == "" {
		k.Metric.Unit = q.unit
	}
}

// setConfidence takes 7, 7/10 and 70 % as 7. What is 1 or below cannot be told
// from a share, unless it is 0.
func (d *draft) setConfidence(k *draftKeyResult, q quantity) bool {
	v, known := q.number.Value()
	switch {
	case !known || v < 0:
		return false
	case q.unit == "%":
		v /= 10
	case q.unit == "/5":
		v *= 2
	case q.unit == "/100":
		v /= 10
	case q.unit != "" && q.unit != "/10":
		return false
	case v > 0 && v <= 1 && q.unit == "":
		if v == 1 {
			return false
		}
		v *= 10
	}
	if v > 10 {
		return false
	}
	k.Confidence = measure.N(v)
	return true
}

// kindWords say in files what a metric's kind is.
var kindWords = map[measure.Kind][]string{
	measure.Increase: {"increase", "increase from", "increase to", "grow", "up", "raise", "higher is better", "reach", "steigern", "erhöhen", "erhoehen", "augmenter", "augmentation", "hausse", "aumentar", "aumento", "crecer"},
	measure.Decrease: {"decrease", "decrease from", "decrease to", "reduce", "down", "lower", "lower is better", "senken", "verringern", "reduzieren", "réduire", "diminuer", "baisse", "reducir", "disminuir", "reduzir", "diminuir"},
	measure.AtLeast:  {"at least", "at_least", "stay above", "above", "minimum", "min", "maintain above", "keep above", "mindestens", "au moins", "minimum de", "al menos", "como mínimo", "pelo menos", "≥", ">="},
	measure.AtMost:   {"at most", "at_most", "stay below", "below", "maximum", "max", "maintain below", "keep below", "höchstens", "au plus", "como máximo", "no máximo", "≤", "<="},
	measure.YesNo:    {"yes/no", "yes no", "yes_no", "binary", "boolean", "done/not done", "ja/nein", "oui/non", "sí/no", "si/no", "sim/não", "milestone"},
}

// unitTypes are metric types that say what is counted, and not which way.
var unitTypes = map[string]string{
	"percentage": "%", "percent": "%", "custom percent": "%", "prozent": "%", "pourcentage": "%", "porcentaje": "%", "porcentagem": "%", "%": "%",
	"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "us dollar": "USD", "pound": "GBP",
	"number": "", "numeric": "", "zahl": "", "nombre": "", "número": "", "numero": "", "default progress": "", "currency": "", "time": "", "quantity": "", "metric": "",
}

func (d *draft) setKind(k *draftKeyResult, value string, line int) {
	plain := oneLine(strings.ToLower(strings.ReplaceAll(value, "-", " ")))
	for kind, names := range kindWords {
		if oneOf(plain, names) {
			k.Metric.Kind = kind
			k.metric = k.metric || kind == measure.YesNo
			return
		}
	}
	if unit, ok := unitTypes[plain]; ok {
		k.Metric.Unit = firstOf(k.Metric.Unit, unit)
		return
	}
	d.l.part(line, value, "this kind of metric is not known: use increase, decrease, at least, at most or yes/no")
}

var unitSigns = map[string]string{"€": "EUR", "$": "USD", "us$": "USD", "£": "GBP", "¥": "JPY", "r$": "BRL", "percent": "%", "percentage": "%", "pct": "%", "prozent": "%", "number": "", "#": "", "zahl": "", "none": "", "points": "points"}

// unitOf is the unit as a metric says it.
func unitOf(text string) string {
	text = oneLine(text)
	if unit, ok := unitSigns[strings.ToLower(text)]; ok && unit != "" {
		return unit
	}
	return clipUnit(text)
}

// due reads the day of a deadline; a day of the cycle needs no year.
func (d *draft) due(text string) (okr.Date, bool) {
	if due, ok := d.words.date(text); ok {
		return due, true
	}
	s := d.words.Read(text)
	if len(s.Dates) != 1 {
		return okr.Date{}, false
	}
	date := s.Dates[0]
	date.Deadline = true
	return dueOf(date, d.cycle)
}

var emptyValue = regexp.MustCompile(`(?i)^(?:[-–—_.\s/?]*|n\.?/?a\.?|none|keine?r?|tbd|tba|tbc|todo|x{2,}|null|nil|unknown|not known|not measured|unbekannt|offen|inconnue?|non mesuré|desconocid[oa]|desconhecid[oa]|aucune?|ninguno|nenhum)$`)

// empty says whether a value is only a sign for "nothing".
func empty(s string) bool { return emptyValue.MatchString(strings.TrimSpace(s)) }

func joined(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return a + ", " + b
}

// lossName is what a field is called in a sentence.
func lossName(f field) string {
	switch f {
	case fPriority:
		return "the priority of a key result"
	case fScore:
		return "a score here"
	case fProgress:
		return "how far it was on the way: check-ins carry it"
	case fStatus:
		return "a status: it is computed"
	case fNotes:
		return "notes"
	case fStart:
		return "the start of a single key result: it starts with its cycle"
	case fDefinition:
		return "the description of an objective"
	case fID, fOrder:
		return "a further number or id"
	case fType:
		return "this type"
	case fOther, fNone:
		return "this"
	}
	return string(f)
}
