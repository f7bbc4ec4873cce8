package nats

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

func TestTenantToken(t *testing.T) {
	for tenant, want := range map[okr.TenantID]string{
		"acme":          "acme",
		"Acme-Corp_2":   "Acme-Corp_2",
		"Zoë":           "Zoë",
		"株式会社":          "株式会社",
		"":              "%",
		"%":             "%25",
		"*":             "%2A",
		">":             "%3E",
		"a.b":           "a%2Eb",
		"a b":           "a%20b",
		"a\u00a0b":      "a%C2%A0b",
		"\x00\n":        "%00%0A",
		"\xff":          "%FF",
		"\ufffd":        "%EF%BF%BD",
		"$SYS":          "%24SYS",
		"acme/eu":       "acme%2Feu",
		"%2A":           "%252A",
		"e\u0301":       "e%CC%81", // a combining accent is no letter
		"\u202eevil":    "%E2%80%AEevil",
		"a\u200bb":      "a%E2%80%8Bb",
		"tenant:42@x.y": "tenant%3A42%40x%2Ey",
	} {
		require.Equal(t, want, TenantToken(tenant), "%q", tenant)
		back, err := ParseTenantToken(want)
		require.NoError(t, err)
		require.Equal(t, tenant, back)
	}
}

func TestParseTenantTokenRefuses(t *testing.T) {
	for _, token := range []string{"", "%2", "%2a", "%41", "%GG", "a.b", "*", ">", "a b", "%%", "a%"} {
		_, err := ParseTenantToken(token)
		require.ErrorIs(t, err, okr.ErrInvalid, "%q", token)
	}
}

func FuzzTenantToken(f *testing.F) {
	for _, s := range []string{"acme", "", "*", ">", "a.b", "a b", "Zoë", "%", "%2A", "\x00", "\xff\xfe", "\u00a0", "株", "$JS.API.>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		token := TenantToken(okr.TenantID(s))
		if token == "" {
			t.Fatal("empty")
		}
		for _, r := range token {
			if strings.ContainsRune(".*>", r) || unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar {
				t.Fatalf("%q holds %q", token, r)
			}
		}
		back, err := ParseTenantToken(token)
		if err != nil || string(back) != s {
			t.Fatalf("%q became %q became %q: %v", s, token, back, err)
		}
		// Reversible, and therefore free of collisions; what it does not write it
		// does not read.
		if other, err := ParseTenantToken(s); err == nil && TenantToken(other) != s {
			t.Fatalf("%q was read as %q, whose token is %q", s, other, TenantToken(other))
		}
		if name := consumerName(s); len(name) > maxConsumerName || strings.ContainsAny(name, " \t\r\n\f.*>/\\%") {
			t.Fatalf("%q is no consumer name", name)
		}
	})
}

func TestConsumerName(t *testing.T) {
	require.Equal(t, "slack", consumerName("slack"))
	require.Equal(t, "a=2Fb", consumerName("a/b"))
	require.Equal(t, "a=3Db=2E", consumerName("a=b."))
	long := strings.Repeat("é/", 60)
	require.Len(t, consumerName(long), maxConsumerName)
	require.NotEqual(t, consumerName(long), consumerName(long+"x"))
}

func TestFilterSubjects(t *testing.T) {
	for name, tt := range map[string]struct {
		types   []string
		tenants []okr.TenantID
		want    []string
	}{
		"everything":  {nil, nil, []string{"okr.v1.*.>"}},
		"a type":      {[]string{okr.EventCheckInRecorded}, nil, []string{"okr.v1.*.checkin.recorded"}},
		"an entity":   {[]string{"okr.v1.checkin.*", okr.EventCheckInRecorded}, nil, []string{"okr.v1.*.checkin.*"}},
		"a tenant":    {nil, []okr.TenantID{"*", "*"}, []string{"okr.v1.%2A.>"}},
		"two tenants": {[]string{okr.EventNoticeReady}, []okr.TenantID{"a", "b.c"}, []string{"okr.v1.a.notice.ready", "okr.v1.b%2Ec.notice.ready"}},
	} {
		f, err := adapters.NewFilter(tt.types)
		require.NoError(t, err, name)
		require.Equal(t, tt.want, filterSubjects(f, tt.tenants), name)
	}
}

func TestReadSubject(t *testing.T) {
	s, err := subject("a.b", okr.EventCheckInRecorded)
	require.NoError(t, err)
	tenant, kind, err := readSubject(s)
	require.NoError(t, err)
	require.Equal(t, okr.TenantID("a.b"), tenant)
	require.Equal(t, okr.EventCheckInRecorded, kind)
	for _, s := range []string{"okr.v1.acme", "okr.v1.acme.checkin", "okr.v1.acme.a.b.c", "okr.v2.acme.a.b", "okr.v1.%41.a.b"} {
		_, _, err := readSubject(s)
		require.Error(t, err, s)
	}
	for _, kind := range []string{"okr.v1.a", "okr.v1.a.b.c", "okr.v1.a.*", "okr.v1.a b.c", "okr.v1..c", "x", ""} {
		_, err := subject("acme", kind)
		require.ErrorIs(t, err, okr.ErrInvalid, kind)
	}
}
