package ical

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Whatever people write stays one value of one line.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "a", strings.Repeat("é", 75), strings.Repeat("x", 74) + "é", strings.Repeat("😀", 40), "a\r\nb\rc\nd", "x\x00\x07\x7f\x85", "\xff\xfe", "\\;,\\n", "\u2028\u2029", " \t ", "END:VEVENT",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var l lines
		l.text("SUMMARY", s)
		l.put("END", "VEVENT")
		out := l.b.String()
		require.True(t, strings.HasSuffix(out, "END:VEVENT\r\n"))
		for line := range strings.SplitSeq(strings.TrimSuffix(out, "\r\n"), "\r\n") {
			require.LessOrEqual(t, len(line), 75)
			require.True(t, utf8.ValidString(line))
			require.NotEmpty(t, strings.TrimPrefix(line, " "))
			require.False(t, strings.ContainsFunc(line, unicode.IsControl), "%q", line)
		}
		unfolded := strings.ReplaceAll(out, "\r\n ", "")
		value, _, ok := strings.Cut(strings.TrimPrefix(unfolded, "SUMMARY:"), "\r\n")
		require.True(t, ok)
		if s == "" {
			return
		}
		// Read back as a program does.
		var back strings.Builder
		for i := 0; i < len(value); i++ {
			if value[i] != '\\' {
				require.NotContains(t, ";,", string(value[i]))
				back.WriteByte(value[i])
				continue
			}
			i++
			require.Less(t, i, len(value))
			require.Contains(t, `\;,n`, string(value[i]))
			if value[i] == 'n' {
				back.WriteByte('\n')
			} else {
				back.WriteByte(value[i])
			}
		}
		var want strings.Builder
		for _, r := range strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n") {
			switch {
			case strings.ContainsRune("\r\n\v\f\u0085\u2028\u2029", r):
				want.WriteByte('\n')
			case r == '\t':
				want.WriteByte(' ')
			case !unicode.IsControl(r):
				want.WriteRune(r)
			}
		}
		require.Equal(t, want.String(), back.String())
	})
}
