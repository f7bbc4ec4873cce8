package planfile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
)

// The title of a document is words for goals and a cycle, in five languages. It
// is no objective.
func TestTitlesNameACycle(t *testing.T) {
	for title, want := range map[string][3]string{
		"Ziele Q2 2026":                         {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Ziele 2. Quartal 2026":                 {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Ziele für das 2. Quartal 2026":         {"2026-Q2", "2026-04-01", "2026-06-30"},
		"OKRs 2. Quartal 2026 – Vertrieb":       {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Ziele zweites Quartal 2026":            {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Ziele 1. Halbjahr 2026":                {"2026-H1", "2026-01-01", "2026-06-30"},
		"Objectifs T2 2026":                     {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Objectifs 2e trimestre 2026 — Atelier": {"2026-Q2", "2026-04-01", "2026-06-30"},
		"OKR 2e trimestre 2026":                 {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Objectifs du 1er semestre 2026":        {"2026-H1", "2026-01-01", "2026-06-30"},
		"Objetivos 2º trimestre 2026":           {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Objetivos 3T2026":                      {"2026-Q3", "2026-07-01", "2026-09-30"},
		"Objetivos segundo trimestre de 2026":   {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Objetivos T2/2026":                     {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Objectives Q2/2026":                    {"2026-Q2", "2026-04-01", "2026-06-30"},
		"Goals for the first quarter of 2027":   {"2027-Q1", "2027-01-01", "2027-03-31"},
		"Company goals H1 2026":                 {"2026-H1", "2026-01-01", "2026-06-30"},
		"Objectives FY23-Q2":                    {"FY23-Q2", "", ""},
	} {
		t.Run(title, func(t *testing.T) {
			p, err := planfile.Read("plan.md", []byte("# "+title+"\n\n**O1: Trains run on time**\n\n- KR 1.1: Delays from 9 to 4 a day\n\n**O2: Stations are clean**\n\n- KR 2.1: 20 stations painted\n"))
			require.NoError(t, err)
			require.Equal(t, want[0], p.Cycle.Key)
			require.Equal(t, want[1], p.Cycle.Start.String())
			require.Equal(t, want[2], p.Cycle.End.String())
			require.Len(t, p.Objectives, 2)
			require.Equal(t, "Trains run on time", p.Objectives[0].Title)
			require.Empty(t, p.Objectives[0].Parent)
			require.Empty(t, p.Objectives[1].Parent)
		})
	}
}

// A cycle at the beginning of an objective's title does not make a heading of
// it.
func TestObjectivesThatSpeakOfACycle(t *testing.T) {
	for line, title := range map[string]string{
		"## Objective 1: Win the Q2 2026 renewals":  "Win the Q2 2026 renewals",
		"## Objective: Q2 2026 is our best quarter": "Q2 2026 is our best quarter",
		"## Ziel 2: 2. Quartal 2026 gewinnen":       "2. Quartal 2026 gewinnen",
		"## Objective 1984: Nobody watches us":      "Nobody watches us",
	} {
		p, err := planfile.Read("plan.md", []byte(line+"\n\n- KR: 20 renewals\n"))
		require.NoError(t, err)
		require.Len(t, p.Objectives, 1, line)
		require.Equal(t, title, p.Objectives[0].Title)
	}
}
