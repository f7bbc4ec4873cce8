package store

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// Names says whether a text holds one of those that are to be erased. What is shorter
// than three letters is found everywhere, and stands for nobody.
func Names(text string, erased []string) bool {
	return slices.ContainsFunc(erased, func(e string) bool { return len([]rune(e)) > 2 && strings.Contains(text, e) })
}

// EraseNotice is the notice on the wire without what it says. A list of what somebody
// was not told holds no words.
func EraseNotice(wire []byte) ([]byte, error) {
	e, err := okr.ParseCloudEvent(wire)
	if err != nil || e.Type != okr.EventNoticeReady {
		return wire, err
	}
	var n okr.NoticeFact
	if err := json.Unmarshal(e.Data, &n); err != nil {
		return nil, err
	}
	n.Title, n.Body, n.LinkText, n.UnsubscribeText = Erased, Erased, "", ""
	if e.Data, err = compact(n); err != nil {
		return nil, err
	}
	return e.AppendCloudEvent(nil)
}

// EraseDead takes out of a dead letter what it says, if it is one of the notices that
// are to be erased, and why it could not be delivered, if that names what is erased.
func EraseDead(d okr.DeadLetter, notices map[okr.Ref]bool, erased []string) (okr.DeadLetter, bool, error) {
	e, err := okr.ParseCloudEvent(d.Wire)
	if theirs := err == nil && e.Type == okr.EventNoticeReady && notices[e.Aggregate]; theirs {
		d.Wire, err = EraseNotice(d.Wire)
		d.Error = Erased
		return d, true, err
	}
	if Names(d.Error, erased) {
		d.Error = Erased
		return d, true, nil
	}
	return d, false, nil
}

// NoticeTo is whom a notice in the ledger went to.
func NoticeTo(data json.RawMessage) okr.ID {
	var n okr.NoticeFact
	if json.Unmarshal(data, &n) != nil {
		return ""
	}
	return n.To
}

// ReasonOf is the id of the word that a row of the ledger gives as its reason, "" if
// it gives none.
func ReasonOf(state json.RawMessage) string {
	var row struct {
		Reason string `json:"reason"`
	}
	if json.Unmarshal(state, &row) != nil || row.Reason == "" {
		return ""
	}
	quoted, err := json.Marshal(row.Reason)
	if err != nil {
		return ""
	}
	ids := Words(quoted)
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// ForgetWords takes out of a remembered decision the findings that hold one of the
// texts. Of a decision by the person the content is forgotten, too: its key stays
// taken, so that nothing happens twice, and answers nobody.
func ForgetWords(m okr.Remembered, person okr.ID, erased []string) (okr.Remembered, bool) {
	var d okr.Decision
	if json.Unmarshal(m.Decision, &d) != nil {
		return m, false
	}
	kept := slices.DeleteFunc(slices.Clone(d.Findings), func(f okr.Finding) bool {
		raw, err := compact(f)
		var plain any
		return err != nil || json.Unmarshal(raw, &plain) != nil || holds(plain, erased)
	})
	theirs := person != "" && slices.ContainsFunc(d.Events, func(e okr.Event) bool { return e.Actor == okr.Someone(person) })
	if len(kept) == len(d.Findings) && !theirs {
		return m, false
	}
	d.Findings = kept
	raw, err := compact(d)
	if err != nil {
		return m, false
	}
	m.Decision = raw
	if theirs {
		m.Content = Erased
	}
	return m, true
}

// holds says whether any text in decoded JSON names what is erased.
func holds(v any, erased []string) bool {
	switch x := v.(type) {
	case string:
		return Names(x, erased)
	case []any:
		return slices.ContainsFunc(x, func(y any) bool { return holds(y, erased) })
	case map[string]any:
		for _, y := range x {
			if holds(y, erased) {
				return true
			}
		}
	}
	return false
}

// compact is canonical JSON: no white space, no HTML escapes.
func compact(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
