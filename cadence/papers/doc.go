// Package papers fills the papers that people plan, meet and review by with live
// data: quarterly planning, weekly check-in, audit worksheet, announcement of a
// cycle, and the review at its end. Each is written as Markdown, as an HTML page,
// or as a page to print and write on, in English, German, French, Spanish or
// Portuguese.
//
// A paper is made in two steps. [PlanningOf], [CheckInOf], [AnnouncementOf] and
// [ReviewOf] read what it says from an [okr.View], or from whatever answers like
// one; a [Worksheet] comes as plain rows, because the audit that finds them is
// another room: the host copies them from audit.Worksheet, as okrkit template
// does. Then [Set.Render] puts it into words. The zero value of each is the blank
// form. What is not known is said to be unknown, and is never 0. A paper says what
// the reader of the view may see: make it with the rights of those who will read it.
//
// [Shipped] has the templates and words that okrkit brings. [Load] lays a host's
// folder over them, which may replace any template, any language and any single
// phrase, and may add languages:
//
//	templates/checkin.md.tmpl    takes the place of the shipped one
//	words/de.yaml                phrases that are said otherwise in German
//	words/it.yaml                another language; what it lacks is said in English
//	examples/de.yaml             other pairs of weak and strong key results
//
// Markdown templates are text/template, and everything that an action of theirs
// prints is escaped, so that a title can be no heading, no link, no table cell and
// no HTML; HTML templates are html/template.
package papers
