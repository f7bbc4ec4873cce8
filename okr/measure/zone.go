package measure

import "slices"

// Level is one of the four ordinal levels of a zone.
type Level string

// The levels, worst first, and what each scores.
const (
	LevelFail    Level = "fail"    // 0
	LevelCommit  Level = "commit"  // 0.3
	LevelTarget  Level = "target"  // 0.7
	LevelStretch Level = "stretch" // 1
)

const levelTarget = 2

// Levels are all levels, worst first: the position of each is what a reading
// carries.
func Levels() []Level { return []Level{LevelFail, LevelCommit, LevelTarget, LevelStretch} }

// Number is the ordinal of the level, 0 to 3, the value that a reading of kind
// Zones carries; unknown for any other text.
func (l Level) Number() Number {
	switch l {
	case LevelFail:
		return N(0)
	case LevelCommit:
		return N(1)
	case LevelTarget:
		return N(2)
	case LevelStretch:
		return N(3)
	}
	return Number{}
}

// LevelOf is the level that a reading carries, "" where it carries none.
func LevelOf(v Number) Level {
	if x, ok := v.Value(); ok {
		for i, l := range Levels() {
			if x == float64(i) {
				return l
			}
		}
	}
	return ""
}

// Zone says in words what it takes to be on a level.
type Zone struct {
	Level Level  `json:"level"`
	Text  string `json:"text,omitempty"`
}

// level is the ordinal that v carries, if it is one of the metric's zones. To
// fail needs no words.
func (m *Metric) level(v float64) (int, bool) {
	l := LevelOf(N(v))
	if l == "" || l != LevelFail && !slices.ContainsFunc(m.Zones, func(z Zone) bool { return z.Level == l }) {
		return 0, false
	}
	return int(v), true
}

func (m *Metric) zone(v Number) Number {
	l, ok := m.level(v.value)
	if !ok {
		return Number{}
	}
	return N([...]float64{0, commitShare, targetShare, stretchShare}[l])
}
