package audit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// Every rule about a key result belongs to the week in which it is mended, by what it
// reads: nobody has to say so in a pack.
func TestEveryRuleHasItsWeek(t *testing.T) {
	live, err := rules.Open(Env(Level), pack.Starter)
	require.NoError(t, err)
	for name, want := range map[string]string{
		"strong-key-results/measurable": LacksRebuilding, "strong-key-results/outcome-not-task": LacksRebuilding,
		"infrastructure/decidable": LacksRebuilding, "infrastructure/baseline-differs": LacksRebuilding, "infrastructure/time-bound": LacksRebuilding,
		"infrastructure/source-declared": LacksSource, "infrastructure/source-answers": LacksSource,
		"infrastructure/owner-named": LacksOwner, "infrastructure/one-human-owner": LacksOwner, "infrastructure/owner-active": LacksOwner, "infrastructure/owner-has-access": LacksOwner,
		"infrastructure/rhythm-declared": LacksRhythm, "infrastructure/rhythm-often-enough": LacksRhythm, "infrastructure/source-keeps-up": LacksRhythm,
		"infrastructure/not-a-document": "", "infrastructure/checked-in": "", "infrastructure/source-alive": "", "honesty/watermelon": "",
	} {
		p, rule, _ := strings.Cut(name, "/")
		reads := live.Set().Reads(p, rule)
		require.NotEmpty(t, reads, "%s is there", name)
		require.Equal(t, want, lackOf(reads), "%s reads %v", name, reads)
	}
	require.Nil(t, live.Set().Reads("infrastructure", "no-such-rule"))
}
