package planfile

import (
	"strings"
)

// A section is about something else if its heading is one of these. Key results that are marked as such still count there.
var asideHeadings = []string{
	"purpose", "scope", "process", "processes", "background", "context", "introduction", "intro", "overview", "about", "about this document", "summary", "abstract", "tl dr", "tldr",
	"references", "external references", "links", "resources", "further reading", "reading", "key concepts", "concepts", "guidelines", "guidance", "guide", "principles", "rules", "tips", "faq", "glossary", "definitions", "terminology", "legend",
	"scoring", "scoring guidelines", "grading", "grading scale", "score scale", "schedule", "timeline", "calendar", "key dates", "important dates", "key milestones", "milestones", "roadmap", "weekly rhythm", "rhythm", "cadence", "meetings", "check ins", "rituals",
	"table of contents", "contents", "on this page", "toc", "index", "notes", "note", "open questions", "questions", "comments", "changelog", "change log", "history", "revision history", "appendix",
	"north star", "mission", "our mission", "vision", "our vision", "values", "our values", "strategy", "pillars",
	"team", "the team", "team members", "members", "people", "roles", "roles and responsibilities", "responsibilities", "stakeholders", "contacts", "project overview",
	"next steps", "risks", "dependencies", "assumptions", "constraints", "integration points", "critical integration points", "budget", "resourcing", "capacity",
	"out of scope", "non goals", "not doing", "what we are not doing", "not doing list", "parking lot", "backlog", "ideas", "deferred", "postponed", "dropped", "wont do",
	"tracking", "final score", "final scores", "scores", "score", "results summary", "progress", "status", "status update", "updates", "archive of updates",
	"feedback", "decisions", "decision log", "action items", "business review", "quarterly business review",
	"zweck", "hintergrund", "einleitung", "überblick", "inhalt", "inhaltsverzeichnis", "glossar", "hinweise", "notizen", "anhang", "zeitplan", "termine", "offene fragen", "risiken", "abhängigkeiten", "annahmen", "nächste schritte", "vision und mission", "nicht ziele", "rollen",
	"contexte", "sommaire", "remarques", "annexe", "calendrier", "risques", "dépendances", "prochaines étapes", "hors périmètre", "équipe", "rôles",
	"contexto", "introducción", "introdução", "resumen", "resumo", "índice", "notas", "anexo", "calendario", "calendário", "riesgos", "riscos", "dependencias", "dependências", "próximos pasos", "próximos passos", "fuera de alcance", "fora do escopo", "equipo", "equipe",
}

// Metrics that stand beside the key results are watched, not reached.
var metricHeadings = []string{
	"key metrics", "success metrics", "metrics", "health metrics", "kpis", "kpi", "key performance indicators", "guardrails", "guardrail metrics", "counter metrics",
	"kennzahlen", "erfolgskennzahlen", "gesundheitsmetriken", "indicateurs", "métricas", "indicadores",
}

// What stands here is no key result of this plan, whatever it is called.
var neverHeadings = []string{
	"example", "examples", "sample", "samples", "template", "templates", "retrospective", "retro", "retrospectives", "lessons learned", "learnings", "answer key", "anti patterns", "antipatterns",
	"good", "bad", "try", "what went well", "what went wrong", "what could be improved", "post mortem", "postmortem",
	"beispiel", "beispiele", "vorlage", "vorlagen", "retrospektive", "rückblick", "exemple", "exemples", "modèle", "rétrospective", "ejemplo", "ejemplos", "plantilla", "retrospectiva", "exemplo", "exemplos", "modelo",
}

// A heading that begins or ends with one of these is about something else, too.
var (
	asideBeginnings = []string{"appendix", "background on", "introduction to", "overview of", "references", "guidelines", "glossary", "changelog", "table of contents", "anhang", "annexe", "anexo"}
	asideEndings    = []string{"schedule", "business review", "guidelines", "glossary", "timeline", "rhythm", "spreadsheet", "retrospective", "key concepts", "change log", "zeitplan"}
)

// Headings that begin like this explain something.
var explaining = []string{
	"how to", "how do", "how we", "how these", "what is", "what are", "what makes", "why ", "when to", "where to", "tips for", "guide to", "introduction to", "about ", "working with", "reading ",
	"wie man", "wie wir", "was ist", "was sind", "warum ", "comment ", "pourquoi ", "qu est ce", "qué es", "qué son", "cómo ", "por qué ", "o que ", "como ", "por que ",
}

// plainHeading is a heading in lower case, without signs.
func plainHeading(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(withoutSigns(text)) {
		switch {
		case r == '\'' || r == '’':
		case strings.ContainsRune("-_/&.:,;!?()[]{}\"“”*`#–—|", r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return oneLine(b.String())
}

// sectionMark says whether a heading opens a section that is no part of the
// plan; reason is what is said of its lines.
func sectionMark(heading string) (kind markKind, reason string) {
	h := plainHeading(outlineNumber.ReplaceAllString(heading, ""))
	subject := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(h, "okr "), "s"))
	for _, name := range neverHeadings {
		if h == name || subject == name || len(name) > 6 && (strings.HasPrefix(h, name+" of ") || strings.HasPrefix(h, name+" for ") || strings.HasPrefix(heading, heading[:min(len(name), len(heading))]+" (") && strings.HasPrefix(h, name+" ")) {
			return mNever, "stands under " + quote(heading)
		}
	}
	for _, word := range []string{"good", "bad", "poor", "weak", "strong", "example", "sample"} {
		for _, what := range []string{"objective", "objectives", "key result", "key results", "krs", "okr", "okrs"} {
			if strings.HasPrefix(h, word+" "+what) {
				return mNever, "stands under " + quote(heading)
			}
		}
	}
	for _, begin := range explaining {
		if strings.HasPrefix(h, begin) {
			return mNever, "stands under " + quote(heading)
		}
	}
	for _, name := range metricHeadings {
		if h == name {
			return mAside, "a metric beside the key results"
		}
	}
	for _, name := range asideHeadings {
		if h == name || subject == name {
			return mAside, "stands under " + quote(heading)
		}
	}
	for _, name := range asideBeginnings {
		if strings.HasPrefix(h, name+" ") {
			return mAside, "stands under " + quote(heading)
		}
	}
	words := strings.Fields(h)
	for _, name := range asideEndings {
		// "Ship on a steady rhythm" is a goal.
		if strings.HasSuffix(h, " "+name) && len(words) <= 5 && !goalVerbs[words[0]] && !strings.Contains(heading, ": ") {
			return mAside, "stands under " + quote(heading)
		}
	}
	return mNone, ""
}

func quote(s string) string { return "“" + clip(oneLine(s)) + "”" }
