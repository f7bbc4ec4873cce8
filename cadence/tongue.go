package cadence

import (
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// tongue is what the functions of a template say in one language.
type tongue struct {
	weekdays, months []string                            // Sunday and January first
	date             func(t *tongue, d time.Time) string // with the weekday
	day              func(t *tongue, d time.Time) string // without it
	clock            func(hour, minute int) string       // without the zone
	and, unknown     string                              // between the last two of several
	earlier          func(n int) string                  // so many check-ins before those of the days that are named
	one              func(n int) bool                    // whether a number is singular
	percent          string                              // after a number
	point, thousands string                              // within a number: before decimals, and between groups of three digits
	statuses         map[measure.Status]string           // those not named are said as they are written
	words            map[string]string                   // of blockers' kinds and of sessions; likewise
}

// DayNames are what weekdays, Sunday first, and months are called in one of [Languages],
// within a sentence; nil in any other.
func DayNames(language string) (weekdays, months []string) {
	t := tongues[language]
	if t == nil {
		return nil, nil
	}
	return slices.Clone(t.weekdays), slices.Clone(t.months)
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func colon(hour, minute int) string { return twoDigits(hour) + ":" + twoDigits(minute) }

func onlyOne(n int) bool { return n == 1 }

var tongues = map[string]*tongue{
	"en": {
		weekdays: []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		months:   []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		date:     func(t *tongue, d time.Time) string { return t.weekdays[d.Weekday()] + ", " + t.day(t, d) },
		day: func(t *tongue, d time.Time) string {
			return strconv.Itoa(d.Day()) + " " + t.months[d.Month()-1] + " " + strconv.Itoa(d.Year())
		},
		clock: colon, and: " and ", unknown: "unknown", one: onlyOne, percent: "%", point: ".", thousands: ",",
		earlier: func(n int) string { return counted(n, onlyOne, "earlier day", "earlier days") },
		words:   map[string]string{"planning": "planning session", "checkin": "check-in meeting", "review": "review session"},
	},
	"de": {
		weekdays: []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		months:   []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		date:     func(t *tongue, d time.Time) string { return t.weekdays[d.Weekday()] + ", " + t.day(t, d) },
		day: func(t *tongue, d time.Time) string {
			return strconv.Itoa(d.Day()) + ". " + t.months[d.Month()-1] + " " + strconv.Itoa(d.Year())
		},
		clock: func(h, m int) string { return colon(h, m) + " Uhr" }, and: " und ", unknown: "unbekannt", one: onlyOne,
		percent: "\u00a0%", point: ",", thousands: ".",
		earlier: func(n int) string { return counted(n, onlyOne, "früherer", "frühere") },
		statuses: map[measure.Status]string{
			measure.Unknown: "unbekannt", "pending": "noch nicht begonnen", measure.OnTrack: "auf Kurs", measure.AtRisk: "gefährdet", measure.OffTrack: "nicht auf Kurs",
			measure.Stale: "veraltet", "paused": "pausiert",
		},
		words: map[string]string{
			"people": "Personen", "dependency": "Abhängigkeit", "decision": "Entscheidung", "money": "Geld", "data": "Daten", "other": "Sonstiges",
			"planning": "Planungstreffen", "checkin": "Check-in-Treffen", "review": "Review-Treffen",
		},
	},
	"fr": {
		weekdays: []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		months:   []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		date:     func(t *tongue, d time.Time) string { return t.weekdays[d.Weekday()] + " " + t.day(t, d) },
		day: func(t *tongue, d time.Time) string {
			return ordinal(d.Day(), "1er") + " " + t.months[d.Month()-1] + " " + strconv.Itoa(d.Year())
		},
		clock: func(h, m int) string { return twoDigits(h) + "\u00a0h\u00a0" + twoDigits(m) }, and: " et ", unknown: "inconnu",
		one: func(n int) bool { return n < 2 }, percent: "\u202f%", point: ",", thousands: "\u00a0",
		earlier: func(n int) string { return counted(n, onlyOne, "antérieur", "antérieurs") },
		statuses: map[measure.Status]string{
			measure.Unknown: "inconnu", "pending": "pas encore commencé", measure.OnTrack: "en bonne voie", measure.AtRisk: "à risque", measure.OffTrack: "en difficulté",
			measure.Stale: "périmé", "paused": "en pause",
		},
		words: map[string]string{
			"people": "personnes", "dependency": "dépendance", "decision": "décision", "money": "argent", "data": "données", "other": "autre",
			"planning": "séance de planification", "checkin": "réunion de check-in", "review": "séance de bilan",
		},
	},
	"es": {
		weekdays: []string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		months:   []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		date:     func(t *tongue, d time.Time) string { return t.weekdays[d.Weekday()] + " " + t.day(t, d) },
		day: func(t *tongue, d time.Time) string {
			return strconv.Itoa(d.Day()) + " de " + t.months[d.Month()-1] + " de " + strconv.Itoa(d.Year())
		},
		clock: colon, and: " y ", unknown: "desconocido", one: onlyOne, percent: "\u00a0%", point: ",", thousands: ".",
		earlier: func(n int) string { return counted(n, onlyOne, "anterior", "anteriores") },
		statuses: map[measure.Status]string{
			measure.Unknown: "desconocido", "pending": "sin empezar", measure.OnTrack: "según lo previsto", measure.AtRisk: "en riesgo", measure.OffTrack: "desviado",
			measure.Stale: "desactualizado", "paused": "en pausa",
		},
		words: map[string]string{
			"people": "personas", "dependency": "dependencia", "decision": "decisión", "money": "dinero", "data": "datos", "other": "otros",
			"planning": "sesión de planificación", "checkin": "reunión de check-in", "review": "sesión de revisión",
		},
	},
	"pt": {
		weekdays: []string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		months:   []string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		date:     func(t *tongue, d time.Time) string { return t.weekdays[d.Weekday()] + ", " + t.day(t, d) },
		day: func(t *tongue, d time.Time) string {
			return ordinal(d.Day(), "1º") + " de " + t.months[d.Month()-1] + " de " + strconv.Itoa(d.Year())
		},
		clock: colon, and: " e ", unknown: "desconhecido", one: onlyOne, percent: "%", point: ",", thousands: ".",
		earlier: func(n int) string { return counted(n, onlyOne, "anterior", "anteriores") },
		statuses: map[measure.Status]string{
			measure.Unknown: "desconhecido", "pending": "não iniciado", measure.OnTrack: "no caminho certo", measure.AtRisk: "em risco", measure.OffTrack: "fora do caminho certo",
			measure.Stale: "desatualizado", "paused": "pausado",
		},
		words: map[string]string{
			"people": "pessoas", "dependency": "dependência", "decision": "decisão", "money": "dinheiro", "data": "dados", "other": "outros",
			"planning": "sessão de planejamento", "checkin": "reunião de check-in", "review": "sessão de revisão",
		},
	},
}

func ordinal(day int, first string) string {
	if day == 1 {
		return first
	}
	return strconv.Itoa(day)
}

func counted(n int, single func(int) bool, one, many string) string {
	if single(n) {
		return strconv.Itoa(n) + " " + one
	}
	return strconv.Itoa(n) + " " + many
}

// functions are those of the templates in the language.
func (t *tongue) functions() template.FuncMap {
	return template.FuncMap{
		"date": func(at time.Time) string { return t.date(t, at) },
		"clock": func(at time.Time) string {
			return t.clock(at.Hour(), at.Minute()) + " (" + at.Location().String() + ")"
		},
		"dates":   t.dates,
		"count":   func(n int, one, many string) string { return counted(n, t.one, one, many) },
		"percent": t.share,
		"status":  t.status,
		"amount":  t.amount,
		"day":     func(d okr.Date) string { return t.date(t, d.In(time.UTC)) },
		"short":   func(s string) string { return shorten(oneLine(s), 120) },
		"join":    t.join,
		"kinds":   t.kinds,
		"session": func(s string) string { return upper(t.word(s)) },
		"upper":   upper,
		"total": func(cs []Count) (n int) {
			for _, c := range cs {
				n += c.N
			}
			return n
		},
	}
}

func (t *tongue) word(s string) string {
	if w, ok := t.words[s]; ok {
		return w
	}
	return s
}

// kinds are the kinds of blockers in words.
func (t *tongue) kinds(all []string) string {
	out := make([]string, len(all))
	for i, k := range all {
		out[i] = t.word(k)
	}
	return t.join(out)
}

func (t *tongue) status(s measure.Status) string {
	if w, ok := t.statuses[s]; ok {
		return w
	}
	return strings.ReplaceAll(string(s), "_", " ")
}

// dates names the first few, the newest being the last.
func (t *tongue) dates(ts []time.Time) string {
	const most = 6
	var words []string
	if more := len(ts) - most; more > 0 {
		words = append(words, t.earlier(more))
		ts = ts[more:]
	}
	for _, at := range ts {
		words = append(words, t.day(t, at))
	}
	return t.join(words)
}

func (t *tongue) join(words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + t.and + words[len(words)-1]
}

// share is in per cent, rounded once, for reading.
func (t *tongue) share(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return t.unknown
	}
	return t.number(measure.Round(measure.N(v*100), 0)) + t.percent
}

// amount is a number in its unit.
func (t *tongue) amount(n measure.Number, unit string) string {
	if !n.Known() {
		return t.unknown
	}
	number, rest, _ := strings.Cut(measure.Unit(unit).Format(n), " ")
	number = t.number(number)
	switch rest {
	case "":
		return number
	case string(measure.Percent):
		return number + t.percent
	}
	return number + "\u00a0" + rest
}

// number is a decimal number as the language writes it.
func (t *tongue) number(text string) string {
	whole, part, _ := strings.Cut(text, ".")
	sign := strings.TrimRight(whole, "0123456789")
	if digits := whole[len(sign):]; len(digits) > 3 {
		first := (len(digits)-1)%3 + 1
		whole = sign + digits[:first]
		for i := first; i < len(digits); i += 3 {
			whole += t.thousands + digits[i:i+3]
		}
	}
	if part == "" {
		return whole
	}
	return whole + t.point + part
}

func upper(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLower(first) {
		return s
	}
	return string(unicode.ToTitle(first)) + s[size:]
}
