package cadence_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func keyResult(id okr.ID, title string) okr.KeyResultFact {
	return okr.KeyResultFact{KeyResult: id, Title: title, Objective: "o1", Cycle: "c1", Team: "sales", Owner: "ana"}
}

// told messages, by what they show.
func messages(t testing.TB) []struct {
	name  string
	items []cadence.Item
} {
	zone := location(t, "Europe/Zurich")
	on := func(day int) time.Time { return time.Date(2026, time.October, day, 16, 0, 0, 0, zone) }
	renewals, response := keyResult("k1", "Raise renewals from 70 % to 90 %"), keyResult("k2", "Cut first response time from 12 to 4 hours")
	due := cadence.Item{Kind: cadence.KindDue, KeyResult: renewals, Due: on(9), Link: "https://okr.example/k1"}
	overdue := cadence.Item{Kind: cadence.KindOverdue, KeyResult: response, Due: on(16), Days: 1}
	silent := cadence.Item{Kind: cadence.KindOverdue, KeyResult: renewals, Due: on(16), Days: 9, Missed: []time.Time{on(9)}}
	missed := cadence.Item{Kind: cadence.KindMissed, KeyResult: response, Days: 7, Missed: []time.Time{on(2)}}
	long := cadence.Item{Kind: cadence.KindMissed, KeyResult: renewals, Days: 63}
	for week := range 9 {
		long.Missed = append(long.Missed, on(2+7*week))
	}
	blocker := cadence.Item{Kind: cadence.KindBlocker, KeyResult: renewals, Blockers: []string{"decision"}}
	blockers := cadence.Item{Kind: cadence.KindBlocker, KeyResult: response, Blockers: []string{"decision", "people", "money"}}
	behind := cadence.Item{
		Kind: cadence.KindStatus, KeyResult: renewals, Was: measure.AtRisk, Status: measure.OffTrack,
		Progress: measure.N(0.125), Expected: measure.N(0.4249),
	}
	unmeasured := cadence.Item{Kind: cadence.KindStatus, KeyResult: response, Status: measure.AtRisk}
	left := cadence.Item{Kind: cadence.KindOwnerLeft, KeyResult: response}
	ended := func(k okr.KeyResultFact, state okr.State, outcome measure.Status, by ...string) cadence.Item {
		i := cadence.Item{Kind: cadence.KindEnded, KeyResult: k, By: by, Now: okr.Terms{State: state}, Outcome: outcome}
		if outcome == measure.Missed {
			i.Score = measure.N(0.625)
		}
		return i
	}
	decided := func(k okr.KeyResultFact, n int, yours bool) cadence.Item {
		return cadence.Item{Kind: cadence.KindDecision, KeyResult: k, By: []string{"Lea Roth"}, Yours: yours, Events: make([]okr.Event, n)}
	}
	commented := func(k okr.KeyResultFact, n int, yours bool, by ...string) cadence.Item {
		return cadence.Item{Kind: cadence.KindComment, KeyResult: k, By: by, Yours: yours, Events: make([]okr.Event, n)}
	}
	given := cadence.Item{Kind: cadence.KindGiven, KeyResult: response, By: []string{"Lea Roth"}}
	taken := cadence.Item{Kind: cadence.KindTaken, KeyResult: renewals, By: []string{"Lea Roth"}, Owner: "Cem Ay"}
	changed := cadence.Item{
		Kind: cadence.KindChanged, KeyResult: renewals, By: []string{"Lea Roth", "Cem Ay"},
		Changed: []string{"state", "title", "target", "metric", "due", "override", "other"},
		Before:  okr.Terms{Title: "Raise renewals", Unit: "%", Target: measure.N(80), Due: measure.NewDate(2026, 12, 31)},
		Now:     okr.Terms{Title: renewals.Title, Unit: "%", Target: measure.N(90), Due: measure.NewDate(2026, 12, 18)},
	}
	secret := cadence.Item{
		Kind: cadence.KindChanged, KeyResult: renewals, Changed: []string{"title", "target"},
		Now: okr.Terms{Title: renewals.Title, Unit: "EUR", Target: measure.N(1200)},
	}
	past := cadence.Item{Kind: cadence.KindDue, KeyResult: response, Due: on(9), Past: true}
	escalated := cadence.Item{Kind: cadence.KindEscalated, KeyResult: response, Due: on(2), Days: 5, Owner: "Ben Mori"}
	read := cadence.Item{Kind: cadence.KindAcknowledged, KeyResult: renewals, By: []string{"Lea Roth"}}
	forecast := cadence.Item{Kind: cadence.KindForecast, KeyResult: renewals, On: measure.NewDate(2027, 1, 1), Unit: "%", Low: measure.N(71.5), High: measure.N(84)}
	found := cadence.Item{Kind: cadence.KindFinding, KeyResult: response, Findings: []string{"nobody has checked in for three weeks", "its source is dead"}}
	planning := cadence.Item{Kind: cadence.KindSession, KeyResult: okr.KeyResultFact{Title: "Q1 2027", Cycle: "c2"}, Session: "planning", Due: on(14), Minutes: 90}
	retreat := cadence.Item{Kind: cadence.KindSession, KeyResult: okr.KeyResultFact{Title: "Q1 2027", Cycle: "c2"}, Session: "Retreat in the mountains", Due: on(15)}
	many := make([]cadence.Item, 60)
	for i := range many {
		many[i] = cadence.Item{Kind: cadence.KindDue, KeyResult: keyResult(okr.ID(fmt.Sprint(i)), fmt.Sprintf("Key result %d", i+1)), Due: on(9)}
	}
	late := overdue
	late.Days = 0
	help := escalated
	help.Days = 0
	dear := forecast
	dear.Unit, dear.Low, dear.High = "EUR", measure.N(-1234567.5), measure.N(9876.54)
	sure := forecast
	sure.Low, sure.High = measure.N(78.04), measure.N(78.04)
	other := due
	other.KeyResult, other.Link = response, "https://okr.example/k2"
	wide := due
	wide.KeyResult.Title = "Two\nlines\tand " + strings.Repeat("very ", 60) + "long"
	return []struct {
		name  string
		items []cadence.Item
	}{
		{"due", []cadence.Item{due}},
		{"overdue", []cadence.Item{overdue}},
		{"overdue after a missed one", []cadence.Item{silent}},
		{"missed", []cadence.Item{missed}},
		{"missed for long", []cadence.Item{long}},
		{"blocker", []cadence.Item{blocker}},
		{"blockers", []cadence.Item{blockers}},
		{"status", []cadence.Item{behind}},
		{"status, nothing measured", []cadence.Item{unmeasured}},
		{"owner left", []cadence.Item{left}},
		{"due, told late", []cadence.Item{past}},
		{"escalated", []cadence.Item{escalated}},
		{"acknowledged", []cadence.Item{read}},
		{"forecast", []cadence.Item{forecast}},
		{"findings", []cadence.Item{found}},
		{"reset, week 2", []cadence.Item{{Kind: cadence.KindReset, Week: 2, On: measure.NewDate(2026, 10, 18)}}},
		{"reset, week 3", []cadence.Item{{Kind: cadence.KindReset, Week: 3, On: measure.NewDate(2026, 10, 25)}}},
		{"reset, week 4", []cadence.Item{{Kind: cadence.KindReset, Week: 4, On: measure.NewDate(2026, 11, 1)}}},
		{"acknowledged by nobody who is known", []cadence.Item{{Kind: cadence.KindAcknowledged, KeyResult: renewals}}},
		{"postponed", []cadence.Item{ended(renewals, okr.Postponed, "", "Lea Roth")}},
		{"abandoned", []cadence.Item{ended(renewals, okr.Abandoned, "", "Lea Roth")}},
		{"done, by a program", []cadence.Item{ended(renewals, okr.Done, "")}},
		{"hit", []cadence.Item{ended(renewals, okr.Active, measure.Hit, "Lea Roth")}},
		{"missed target", []cadence.Item{ended(renewals, okr.Active, measure.Missed, "Lea Roth")}},
		{"carried over", []cadence.Item{ended(renewals, okr.Active, okr.CarriedOver, "Lea Roth")}},
		{"closed, nobody knows how", []cadence.Item{ended(renewals, okr.Active, measure.Unknown)}},
		{"given", []cadence.Item{given}},
		{"given by a program", []cadence.Item{{Kind: cadence.KindGiven, KeyResult: renewals}}},
		{"taken", []cadence.Item{taken}},
		{"taken over by whoever has it now", []cadence.Item{{Kind: cadence.KindTaken, KeyResult: renewals, By: []string{"Cem Ay"}, Owner: "Cem Ay"}}},
		{"taken, for somebody unknown", []cadence.Item{{Kind: cadence.KindTaken, KeyResult: renewals}}},
		{"changed", []cadence.Item{changed}},
		{"changed, what is private", []cadence.Item{secret}},
		{"decision", []cadence.Item{decided(renewals, 1, false)}},
		{"decisions to see through", []cadence.Item{decided(renewals, 2, true)}},
		{"decision of a team", []cadence.Item{decided(okr.KeyResultFact{}, 1, true)}},
		{"comment", []cadence.Item{commented(renewals, 1, false, "Lea Roth")}},
		{"comments", []cadence.Item{commented(renewals, 3, false, "Lea Roth", "Cem Ay")}},
		{"reply", []cadence.Item{commented(renewals, 1, true, "Lea Roth")}},
		{"what others have done", []cadence.Item{ended(response, okr.Abandoned, "", "Lea Roth"), given, taken, changed, decided(renewals, 1, false), commented(response, 2, false, "Lea Roth")}},
		{"session", []cadence.Item{planning}},
		{"sessions", []cadence.Item{planning, retreat}},
		{"overdue by less than a day", []cadence.Item{late}},
		{"escalated within a day", []cadence.Item{help}},
		{"forecast in money", []cadence.Item{dear}},
		{"forecast without doubt", []cadence.Item{sure}},
		{"finding of a team", []cadence.Item{{Kind: cadence.KindFinding, Findings: []string{"Sales runs 4 objectives, the limit is 3"}}}},
		{"two with links", []cadence.Item{due, other}},
		{"two of one, with a link", []cadence.Item{due, {Kind: cadence.KindAcknowledged, KeyResult: due.KeyResult, Link: due.Link}}},
		{"everything", []cadence.Item{blockers, left, silent, overdue, missed, escalated, behind, forecast, found, due, planning, read}},
		{"a long title", []cadence.Item{wide}},
		{"one more than is listed", many[:51]},
		{"sixty", many},
	}
}

func TestWhatIsSaid(t *testing.T) {
	require.Equal(t, []string{"de", "en", "es", "fr", "pt"}, cadence.Languages())
	for _, language := range cadence.Languages() {
		t.Run(language, func(t *testing.T) {
			var b strings.Builder
			var label string
			for _, m := range messages(t) {
				message := cadence.Message{Tenant: "acme", To: "ana", Kind: m.items[0].Kind, Items: m.items, Language: language}
				text, err := cadence.In(language).Text(message)
				require.NoError(t, err)
				require.NotContains(t, text.Title, "\n")
				require.Equal(t, language, text.Language)
				body := text.Body
				if len(m.items) > 12 { // they are all the same
					lines := strings.Split(body, "\n")
					body = strings.Join(append(lines[:2:2], "[…]", lines[len(lines)-1]), "\n")
				}
				fmt.Fprintf(&b, "=== %s\n%s\n---\n%s\n\n", m.name, text.Title, body)
				label = fmt.Sprintf("=== the button, and where messages are turned off\n%s\n%s\n", text.Open, text.Unsubscribe)
				spoken, err := cadence.Tongues{}.Text(message)
				require.NoError(t, err)
				require.Equal(t, text, spoken)
			}
			b.WriteString(label)
			golden := filepath.Join("testdata", "said."+language+".txt")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), b.String())
		})
	}
}

func TestEachPersonIsSpokenToInTheirLanguage(t *testing.T) {
	house, err := cadence.ParseIn("de", `{{define "title-checkin-due"}}Bald: {{short .KeyResult.Title}}{{end}}`)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		words    cadence.Texts
		language string
		want     string
	}{
		"theirs":                       {cadence.Tongues{}, "de", "Check-in fällig: "},
		"a variety of theirs":          {cadence.Tongues{}, "pt-BR", "Check-in pendente: "},
		"one that nobody has words in": {cadence.Tongues{}, "gsw-CH", "Check-in due: "},
		"none":                         {cadence.Tongues{}, "", "Check-in due: "},
		"the host's":                   {cadence.Tongues{"": cadence.In("fr")}, "", "Check-in à faire\u00a0: "},
		"the host's for those who speak no other": {cadence.Tongues{"": cadence.In("fr")}, "ja", "Check-in à faire\u00a0: "},
		"the host's words in theirs":              {cadence.Tongues{"de": house}, "de-CH", "Bald: "},
	} {
		text, err := tc.words.Text(cadence.Message{Kind: cadence.KindDue, Items: messages(t)[0].items, Language: tc.language})
		require.NoError(t, err)
		require.Equal(t, tc.want+"Raise renewals from 70 % to 90 %", text.Title, name)
	}
}

func TestOwnWords(t *testing.T) {
	words, err := cadence.Parse(`{{define "checkin-due"}}Fällig am {{.Due.Format "2.1.2006"}}.{{end}}`)
	require.NoError(t, err)
	m := messages(t)[0]
	text, err := words.Text(cadence.Message{Kind: cadence.KindDue, Items: m.items})
	require.NoError(t, err)
	require.Equal(t, "Raise renewals from 70 % to 90 %\nFällig am 9.10.2026.", text.Body, "the link is the notice's own, which each channel shows in its way")
	require.Equal(t, "Check-in due: Raise renewals from 70 % to 90 %", text.Title, "what is not defined again stays")

	plain, err := cadence.English().Text(cadence.Message{Kind: cadence.KindDue, Items: m.items})
	require.NoError(t, err)
	require.Contains(t, plain.Body, "Friday, 9 October 2026", "the built-in words stay as they are")
}

func TestOwnWordsAreTriedWhenRead(t *testing.T) {
	for name, text := range map[string]string{
		"it does not parse":            `{{define "title"}}{{.To`,
		"a function that is not there": `{{define "title"}}{{shout .To}}{{end}}`,
		"a field that is not there":    `{{define "owner-left"}}{{.Colour}}{{end}}`,
		"a field of another kind":      `{{define "checkin-due"}}{{index .Missed 0}}{{end}}`,
		"no title":                     `{{define "title"}}{{""}}{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cadence.Parse(text)
			require.ErrorIs(t, err, okr.ErrInvalid)
			var invalid *okr.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, "texts", invalid.Field)
			require.Equal(t, text, invalid.Value)
			require.NotEmpty(t, invalid.Remedy)
		})
	}
}

// What a title holds must not be able to break a notice, whatever people write.
func FuzzEnglish(f *testing.F) {
	f.Add("Raise renewals from 70 % to 90 %", "decision", 3)
	f.Add("{{define \"title\"}}{{end}}", "\x00", -1)
	f.Add("\xff\xfe \u2028 <b>", "", 0)
	f.Fuzz(func(t *testing.T, title, kind string, days int) {
		fact := keyResult("k1", title)
		items := []cadence.Item{
			{Kind: cadence.KindBlocker, KeyResult: fact, Blockers: []string{kind, title}},
			{Kind: cadence.KindOverdue, KeyResult: fact, Days: days, Due: time.Unix(int64(days), 0).UTC()},
			{Kind: cadence.KindDue, KeyResult: fact},
		}
		for n := 1; n <= len(items); n++ {
			text, err := cadence.English().Text(cadence.Message{Kind: items[0].Kind, Items: items[:n]})
			require.NoError(t, err)
			require.NotContains(t, text.Title, "\n")
			h := newHouse(t)
			_, err = h.acme.Notify(t.Context(), okr.Notice{To: "ana", Kind: items[0].Kind, Title: text.Title, Body: text.Body})
			require.NoError(t, err)
		}
	})
}

// A channel's button speaks as the rest of the message does, and a host says it otherwise
// as it says the rest.
func TestWhatChannelsSay(t *testing.T) {
	text, err := cadence.In("de-CH").Text(cadence.Message{Kind: cadence.KindDue, Items: messages(t)[0].items})
	require.NoError(t, err)
	require.Equal(t, []string{"de", "Öffnen", "Diese Nachrichten abbestellen"}, []string{text.Language, text.Open, text.Unsubscribe})

	own, err := cadence.ParseIn("fr", `{{define "open"}}{{if eq . "checkin-due"}}Faire  le
check-in{{else}}Voir{{end}}{{end}}{{define "unsubscribe"}}Stop{{end}}`)
	require.NoError(t, err)
	text, err = own.Text(cadence.Message{Kind: cadence.KindDue, Items: messages(t)[0].items})
	require.NoError(t, err)
	require.Equal(t, []string{"fr", "Faire le check-in", "Stop"}, []string{text.Language, text.Open, text.Unsubscribe})

	_, err = cadence.Parse(`{{define "open"}}{{.To}}{{end}}`)
	require.ErrorIs(t, err, okr.ErrInvalid, "it is told the kind and nothing that would stay for ever")
}

// A space at which no line ends stays one.
func TestSpacesThatKeepWordsTogether(t *testing.T) {
	m := cadence.Message{Kind: cadence.KindDue, Items: []cadence.Item{{Kind: cadence.KindDue, KeyResult: keyResult("k1", "Passer de 70\u202f% à  90\u202f%")}}}
	text, err := cadence.In("fr").Text(m)
	require.NoError(t, err)
	require.Equal(t, "Check-in à faire\u00a0: Passer de 70\u202f% à 90\u202f%", text.Title)
}

func TestWordsUnderANameThatNoNoticeHasAreRefused(t *testing.T) {
	_, err := cadence.Parse(`{{define "checkin-deu"}}Please.{{end}}`)
	var invalid *okr.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "checkin-deu", invalid.Value)
	require.Contains(t, invalid.Remedy, "checkin-due")
	for _, used := range []string{
		`{{define "please"}}Please.{{end}}{{define "checkin-due"}}{{template "please"}}{{end}}`,
		`{{define "please"}}Please.{{end}}{{define "checkin-due"}}{{with .Due}}{{if .IsZero}}now{{else}}{{template "please"}}{{end}}{{end}}{{end}}`,
		`{{define "please"}}{{template "thanks"}}{{end}}{{define "thanks"}}{{end}}{{define "checkin-due"}}{{range .Missed}}{{template "please"}}{{end}}{{end}}`,
	} {
		_, err := cadence.Parse(used)
		require.NoError(t, err, used)
	}
}
