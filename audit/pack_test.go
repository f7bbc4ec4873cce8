package audit_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

func TestStarterPacksPassTheirOwnTests(t *testing.T) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	report, err := live.Set().Test(context.Background())
	require.NoError(t, err)
	require.True(t, report.Complete(), report.String())
}
