package nats

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

const upperHex = "0123456789ABCDEF"

// TenantToken is the subject token of a tenant. Letters and digits of any script,
// "-" and "_" stand for themselves, every other byte is %XX, and the empty id is
// a lone "%". Different ids have different tokens, and none holds a dot, a
// wildcard, a space or a control character.
func TenantToken(t okr.TenantID) string { return escape(string(t), '%') }

// ParseTenantToken is the tenant whose token it is. What [TenantToken] would not
// write is an error that matches okr.ErrInvalid.
func ParseTenantToken(token string) (okr.TenantID, error) {
	bad := &okr.InvalidError{Field: "tenant token", Value: token, Remedy: "it is not what TenantToken writes"}
	if token == "%" {
		return "", nil
	}
	b := make([]byte, 0, len(token))
	for i := 0; i < len(token); i++ {
		if token[i] != '%' {
			b = append(b, token[i])
			continue
		}
		if i+2 >= len(token) {
			return "", bad
		}
		high, low := strings.IndexByte(upperHex, token[i+1]), strings.IndexByte(upperHex, token[i+2])
		if high < 0 || low < 0 {
			return "", bad
		}
		b = append(b, byte(high<<4|low))
		i += 2
	}
	if t := okr.TenantID(b); TenantToken(t) == token {
		return t, nil
	}
	return "", bad
}

func escape(s string, mark byte) string {
	if s == "" {
		return string(mark)
	}
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = plainByte(s[i])
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if plainByte(s[i]) || r != utf8.RuneError && r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteString(s[i : i+size])
		} else {
			for _, c := range []byte(s[i : i+size]) {
				b.WriteByte(mark)
				b.WriteByte(upperHex[c>>4])
				b.WriteByte(upperHex[c&0xf])
			}
		}
		i += size
	}
	return b.String()
}

func plainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// maxConsumerName keeps a consumer's name within what a server and its file
// system take.
const maxConsumerName = 128

// consumerName is the JetStream name of a durable consumer: escaped with "=",
// because servers before 2.15 take a "%" in it for a directive of their own.
func consumerName(durable string) string {
	name := escape(durable, '=')
	if len(name) <= maxConsumerName {
		return name
	}
	sum := sha256.Sum256([]byte(durable))
	cut := maxConsumerName - 34
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	// No escape has ==, so no short name is the same.
	return name[:cut] + "==" + hex.EncodeToString(sum[:16])
}

// subject is where an event of the type and tenant goes.
func subject(t okr.TenantID, eventType string) (string, error) {
	entity, verb, err := adapters.SplitType(eventType)
	if err != nil {
		return "", err
	}
	return okr.EventPrefix + TenantToken(t) + "." + entity + "." + verb, nil
}

// readSubject takes a subject apart.
func readSubject(s string) (t okr.TenantID, eventType string, err error) {
	token, kind, ok := strings.Cut(strings.TrimPrefix(s, okr.EventPrefix), ".")
	if !ok || !strings.HasPrefix(s, okr.EventPrefix) {
		return "", s, fmt.Errorf("nats: subject %q is not okr.v1.<tenant>.<entity>.<verb>", s)
	}
	eventType = okr.EventPrefix + kind
	if t, err = ParseTenantToken(token); err != nil {
		return "", eventType, err
	}
	_, _, err = adapters.SplitType(eventType)
	return t, eventType, err
}

// filterSubjects is what a consumer asks the server for.
func filterSubjects(f adapters.Filter, tenants []okr.TenantID) []string {
	tokens := []string{"*"}
	if len(tenants) > 0 {
		tokens = tokens[:0]
		seen := map[okr.TenantID]bool{}
		for _, t := range tenants {
			if !seen[t] {
				seen[t] = true
				tokens = append(tokens, TenantToken(t))
			}
		}
	}
	var all []string
	for _, token := range tokens {
		if len(f.Patterns()) == 0 {
			all = append(all, okr.EventPrefix+token+".>")
		}
		for _, p := range f.Patterns() {
			all = append(all, okr.EventPrefix+token+"."+p.Entity+"."+p.Verb)
		}
	}
	return all
}
