package audit_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
)

// What somebody answers for is told, and counted apart.
func TestWaivedFindingsAreCountedApart(t *testing.T) {
	in := input(t, plan())
	before, err := starter(t).Report(t.Context(), in)
	require.NoError(t, err)
	var subject okr.Ref
	for _, f := range before.Findings {
		if f.Rule == "source-declared" && f.Severity == okr.SeverityError {
			subject = okr.Ref{Kind: okr.Kind(f.Subject.Kind), ID: okr.ID(f.Subject.ID)}
		}
	}
	require.NotZero(t, subject)
	until := friday.AddDate(0, 0, 7)
	in.Snapshot.Waivers = []okr.Waiver{{ID: "w1", Rule: "source-declared", Subject: subject, Owner: "ben", Reason: "The table comes on Monday", Until: &until, At: friday}}
	r, err := starter(t).Report(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, 1, r.Summary.Waived)
	require.Equal(t, before.Summary.Errors-1, r.Summary.Errors)
	require.Len(t, r.Findings, len(before.Findings), "it is not hidden")
	for format, want := range map[audit.Format]string{
		audit.FormatText:     "(waived by Ben Ode until 2026-11-13)",
		audit.FormatMarkdown: "(waived by Ben Ode until 2026-11-13)",
		audit.FormatHTML:     "(waived by Ben Ode until 2026-11-13)",
		audit.FormatJSON:     `"waived": {`,
		audit.FormatSARIF:    `"suppressions"`,
		audit.FormatGitHub:   "::notice file=plan.md",
	} {
		var b bytes.Buffer
		require.NoError(t, r.Render(&b, format))
		require.Contains(t, b.String(), want, format)
	}
	in.Now = until.Add(time.Minute)
	r, err = starter(t).Report(t.Context(), in)
	require.NoError(t, err)
	require.Zero(t, r.Summary.Waived)
}
