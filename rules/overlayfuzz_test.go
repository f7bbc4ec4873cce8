package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// Whatever is laid over a library, it is refused with its place, or judges; and what was
// resolved compiles by itself to the same.
func FuzzOverlay(f *testing.F) {
	for _, seed := range []string{
		company, tenant, strings.Replace(company, "name: company", "name: library", 1),
		pack("own", "extends: [library, library, own]\n"),
		pack("own", "extends:\n  - {pack: library, params: {most: [], verbs: []}, rules: {few: {message: '{'}}}\n"),
		pack("own", "extends:\n  - {pack: library, version: 1, params: {share: 7}, statuses: {open: {enabled: false}}}\n"),
	} {
		f.Add([]byte(seed))
	}
	env := shopEnv(f)
	base := []byte(library)
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := rules.Load(env, rules.File{Name: "library.yaml", Text: base}, rules.File{Name: "own.yaml", Text: text})
		placed(t, text, err)
		if err != nil {
			return
		}
		lib, err := rules.Parse("library.yaml", base)
		require.NoError(t, err)
		own, err := rules.Parse("own.yaml", text)
		require.NoError(t, err)
		resolved, idle, err := rules.Resolve(own, lib)
		require.NoError(t, err)
		require.Empty(t, idle)
		for _, p := range resolved {
			alone, err := rules.Compile(env, p)
			require.NoError(t, err)
			require.Equal(t, infoOf(t, set, p.Info().Name), alone.Packs()[0])
		}
	})
}
