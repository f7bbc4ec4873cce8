package ical

import (
	"fmt"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// words are what a feed says of its own.
type words struct {
	one, many, ends           string // of a check-in with a title, with a number of key results, of a cycle with its name
	planning, checkin, review string // sessions
	off                       string // of what is cancelled
}

// byLanguage is by the first subtag of a language.
var byLanguage = map[string]words{
	"en": {"Check-in: %s", "Check-in: %d key results", "%s ends", "Planning", "Team check-in", "Review", "Cancelled"},
	"de": {"Check-in: %s", "Check-in: %d Key Results", "%s endet", "Planung", "Team-Check-in", "Review", "Abgesagt"},
	"fr": {"Check-in : %s", "Check-in : %d résultats clés", "Fin de %s", "Planification", "Check-in d’équipe", "Bilan", "Annulé"},
	"es": {"Check-in: %s", "Check-in: %d resultados clave", "Termina %s", "Planificación", "Check-in del equipo", "Revisión", "Cancelado"},
	"pt": {"Check-in: %s", "Check-in: %d resultados-chave", "%s termina", "Planejamento", "Check-in da equipe", "Revisão", "Cancelado"},
}

// wordsIn are those of a BCP 47 tag, English where there are none.
func wordsIn(language string) words {
	first, _, _ := strings.Cut(strings.ToLower(language), "-")
	if w, ok := byLanguage[first]; ok {
		return w
	}
	return byLanguage["en"]
}

func (w words) checkIn(title string, n int) string {
	if n == 1 {
		return fmt.Sprintf(w.one, title)
	}
	return fmt.Sprintf(w.many, n)
}

// session is what a session is called: by the name that a host gave it, or by its kind.
func (w words) session(d okr.SessionDate) string {
	if d.Session != string(d.Kind) {
		return d.Session
	}
	switch d.Kind {
	case okr.PlanningSession:
		return w.planning
	case okr.CheckInSession:
		return w.checkin
	case okr.ReviewSession:
		return w.review
	}
	return d.Session
}
