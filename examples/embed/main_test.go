package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHostCommitsAndRollsBackWithItsOwnRows(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, embed(t.Context(), t.TempDir(), &out))
	require.Equal(t, `acme told the host of okr.v1.checkin.recorded by u-17: 78
Raise renewals from 70 % to 90 %: 0.4 of the way, on_track; 2.5 hours booked
`, out.String())
}
