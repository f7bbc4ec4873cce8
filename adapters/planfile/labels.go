package planfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is what a column, a label or a key holds.
type field string

const (
	fNone       field = ""
	fObjective  field = "objective"
	fKeyResult  field = "key result"
	fTitle      field = "title" // of whatever the row is
	fType       field = "type"  // whether a row is an objective or a key result
	fOrder      field = "order" // an outline number
	fID         field = "id"
	fParent     field = "parent"
	fOwner      field = "owner"
	fTeam       field = "team"
	fCycle      field = "cycle"
	fStart      field = "start date"
	fKind       field = "kind"
	fUnit       field = "unit"
	fBaseline   field = "baseline"
	fTarget     field = "target"
	fCurrent    field = "current"
	fConfidence field = "confidence"
	fWeight     field = "weight"
	fDue        field = "due"
	fSource     field = "source"
	fCadence    field = "cadence"
	fInitiative field = "initiative"
	fDefinition field = "definition"
	fRationale  field = "rationale"
	fCommitted  field = "committed"
	fMetric     field = "metric" // what is counted, or a whole measure in words
	fScore      field = "score"  // what came of it in the end

	// What a plan has no place for.
	fPriority field = "priority"
	fProgress field = "progress" // how far it was on the way, or was thought to come
	fStatus   field = "status"
	fNotes    field = "notes"
	fOther    field = "other"
)

// labels are the words by which files name their fields, in English, German,
// French, Spanish and Portuguese. Case, accents, spaces and punctuation do not
// count.
var labels = map[field][]string{
	fObjective: {
		"objective", "objectives", "objective title", "objective name", "okr", "okrs", "goal", "goals", "goal title", "goal name", "objective statement",
		"ziel", "ziele", "zielsetzung", "objektiv", "objectif", "objectifs", "objetivo", "objetivos", "titre de l'objectif", "título do objetivo", "título del objetivo",
	},
	fKeyResult: {
		"key result", "key results", "kr", "krs", "key result title", "key result name", "key result description", "kr title", "kr name", "keyresult", "keyresults", "measurable result",
		"schlüsselergebnis", "schlüsselergebnisse", "schluesselergebnis", "schluesselergebnisse", "kernergebnis", "kernergebnisse", "schlüsselresultat", "schlüsselresultate",
		"résultat clé", "résultats clés", "résultat-clé", "rc", "rcs", "resultado clave", "resultados clave", "resultados claves", "resultado-chave", "resultados-chave", "resultado chave", "resultados chave",
	},
	fTitle: {"title", "name", "summary", "text", "statement", "titel", "bezeichnung", "titre", "nom", "intitulé", "título", "nombre", "nome", "item"},
	fType:  {"type", "row type", "item type", "issue type", "record type", "level", "art", "typ", "tipo", "niveau", "ebene"},
	fOrder: {"order", "outline", "outline number", "position", "nr", "no", "number", "#", "nummer", "numéro", "número"},
	fID:    {"id", "key", "row id", "issue key", "issue id", "record id", "goal id", "objective id", "key result id", "identifier", "goal identifier", "kr id", "code", "schlüssel"},
	fParent: {
		"parent", "parent id", "parent row id", "parent row ids", "parent goal id", "parent goal ids", "parent okr id", "parent objective", "aligned to", "alignment", "corporate objective", "company objective",
		"übergeordnetes ziel", "übergeordnetes unternehmensziel", "uebergeordnetes unternehmensziel", "objectif parent", "objetivo padre", "objetivo superior", "objetivo pai",
	},
	fOwner: {
		"owner", "owners", "owner email", "owner emails", "owner email id", "owner name", "assignee", "assignees", "assigned to", "responsible", "responsible person", "lead", "dri", "accountable", "kr owner", "key result owner", "email", "e-mail",
		"verantwortlich", "verantwortliche", "verantwortlicher", "verantwortung", "besitzer", "eigentümer", "zuständig", "owner/in", "inhaber",
		"responsable", "propriétaire", "porteur", "pilote", "encargado", "encargada", "dueño", "propietario", "responsável", "responsavel", "dono", "dona",
	},
	fTeam: {"team", "teams", "team name", "department", "departments", "squad", "tribe", "unit owner", "abteilung", "bereich", "équipe", "département", "service", "equipo", "departamento", "área", "equipe", "time"},
	fCycle: {
		"cycle", "goal cycle", "period", "quarter", "timeframe", "time frame", "time period", "timeline", "zyklus", "quartal", "zeitraum", "periode", "trimestre", "période", "cycle okr", "ciclo", "periodo", "período",
	},
	fStart:    {"start date", "expected start date", "start_date", "begin", "active from", "valid from", "startdatum", "beginn", "anfang", "date de début", "fecha de inicio", "data de início", "data de inicio"},
	fKind:     {"metric type", "kr type", "key result type", "goal type", "measure type", "measurement type", "kind", "direction", "metrik-typ", "metriktyp", "richtung", "type de mesure", "tipo de métrica", "sens"},
	fUnit:     {"unit", "units", "unit of measure", "metric unit", "einheit", "einheiten", "maßeinheit", "unité", "unidad", "unidade"},
	fBaseline: {"baseline", "start", "start value", "starting value", "initial", "initial value", "from", "metric start value", "base", "baseline value", "ausgangswert", "startwert", "anfangswert", "basiswert", "valeur initiale", "valeur de départ", "départ", "référence", "valor inicial", "línea base", "linha de base", "partida", "base inicial"},
	fTarget:   {"target", "target value", "goal value", "to", "metric target value", "end", "end value", "desired value", "zielwert", "sollwert", "soll", "ende", "endwert", "cible", "valeur cible", "meta", "valor objetivo", "valor meta", "valor alvo", "alvo"},
	fCurrent:  {"current", "current value", "actual", "actual value", "value", "latest", "latest value", "now", "ist", "istwert", "aktuell", "aktueller wert", "actuel", "actuelle", "valeur actuelle", "valor actual", "valor atual", "atual"},
	fConfidence: {
		"confidence", "conf", "confidence level", "confidence score", "konfidenz", "zuversicht", "vertrauen", "confiance", "confianza", "confiança",
	},
	fWeight: {"weight", "importance", "weighting", "gewicht", "gewichtung", "poids", "pondération", "peso", "ponderación"},
	fDue: {
		"due", "due date", "due at", "due on", "deadline", "end date", "expected end date", "end_date", "by", "by when", "target date", "kr measurement deadline", "measurement deadline", "finish date",
		"fällig", "fälligkeit", "fällig am", "frist", "enddatum", "termin", "bis", "bis wann", "échéance", "date d'échéance", "date de fin", "date limite", "fecha límite", "fecha de fin", "vencimiento", "plazo", "prazo", "data limite", "data de término", "data final", "vencimento",
	},
	fSource: {
		"source", "data source", "sources", "source of data", "source of truth", "measured in", "measured with", "dashboard", "where measured", "datenquelle", "quelle", "messquelle", "source de données", "source des données", "fuente", "fuente de datos", "fonte", "fonte de dados", "origem dos dados",
	},
	fCadence: {"cadence", "check-in", "check-ins", "check-in cadence", "check-in frequency", "checkin frequency", "tracked", "tracking", "update frequency", "notification frequency", "reviewed", "rhythmus", "check-in-rhythmus", "takt", "cadencia", "cadência", "fréquence", "frecuencia", "frequência"},
	fInitiative: {
		"initiative", "initiatives", "action", "actions", "action items", "tasks", "task", "activities", "how", "project", "projects", "key initiatives", "milestone", "milestones", "initiativen", "maßnahme", "maßnahmen", "massnahme", "massnahmen", "aufgaben", "aktivitäten",
		"initiatives clés", "tâches", "projets", "iniciativa", "iniciativas", "acciones", "tareas", "ações", "tarefas", "proyecto", "projeto",
	},
	fDefinition: {"definition", "description", "measured by", "how measured", "measurement", "details", "metric definition", "beschreibung", "messung", "gemessen an", "définition", "descripción", "definición", "definição", "descrição", "mesure", "objective description", "goal description"},
	fRationale:  {"rationale", "why", "reason", "why it matters", "begründung", "warum", "pourquoi", "raison", "por qué", "por que", "motivo", "justificación", "justificativa"},
	fCommitted:  {"commitment", "committed", "aspirational", "commitment type", "verbindlichkeit", "committed/aspirational"},
	fMetric:     {"metric", "metric name", "measure", "kpi", "indicator", "metrik", "messgröße", "kennzahl", "indicateur", "métrica", "indicador"},
	fPriority:   {"priority", "prio", "priorität", "priorité", "prioridad", "prioridade", "rank", "rang"},
	fScore: {
		"score", "scores", "final score", "final scores", "okr score", "kr score", "end-q", "end q", "end-q score", "end of quarter", "grade", "final grade", "final", "final result", "result", "results", "outcome", "final outcome", "rating", "attainment", "achievement",
		"bewertung", "endbewertung", "ergebnis", "zielerreichung", "zielerreichungsgrad", "note finale", "score final", "puntuación", "puntuación final", "pontuação", "pontuação final", "nota final",
	},
	fProgress: {
		"mid-q score", "projected score", "mid-q actual", "mid-q projection", "mid-q", "midq", "projected", "projection", "progress", "prog", "completion", "% complete", "percent complete", "done",
		"fortschritt", "progression", "avancement", "progreso", "avance", "progresso", "avanço", "total",
	},
	fStatus: {"status", "state", "progress status", "rag", "health", "stand", "zustand", "statut", "état", "estado", "situação", "situación"},
	fNotes:  {"note", "notes", "comment", "comments", "remarks", "remark", "commentary", "kommentar", "kommentare", "bemerkung", "bemerkungen", "notizen", "anmerkungen", "commentaire", "commentaires", "remarques", "notas", "comentario", "comentarios", "comentário", "comentários", "observações"},
}

// vocabulary finds the field that a label names.
type vocabulary map[string]field

func newVocabulary() vocabulary {
	v := vocabulary{}
	for f, names := range labels {
		for _, n := range names {
			v[plainLabel(n)] = f
		}
	}
	return v
}

// field is what the label names, [fNone] if it is not known.
func (v vocabulary) field(label string) field { return v[plainLabel(label)] }

// plainLabel is the label without case, accents, spaces and punctuation. What
// stands in brackets at its end, such as "(0-10)", does not belong to it.
func plainLabel(label string) string {
	label = strings.TrimSpace(label)
	if i := strings.IndexAny(label, "([{"); i > 0 {
		label = label[:i]
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(label)) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '%' || r == '#':
			b.WriteRune(r)
		}
	}
	return b.String()
}
