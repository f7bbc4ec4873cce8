package bench

import (
	"fmt"
	"time"
)

// What is judged. The tags are the names by which the peers know the fields.
type (
	keyResult struct {
		Title       string        `cel:"title" expr:"title"`
		Owner       *person       `cel:"owner" expr:"owner"`
		Source      *source       `cel:"source" expr:"source"`
		Baseline    float64       `cel:"baseline" expr:"baseline"`
		Target      float64       `cel:"target" expr:"target"`
		Current     float64       `cel:"current" expr:"current"`
		Due         time.Time     `cel:"due" expr:"due"`
		Objective   *objective    `cel:"objective" expr:"objective"`
		Confidence  float64       `cel:"confidence" expr:"confidence"`
		LastCheckIn time.Time     `cel:"last_checkin" expr:"last_checkin"`
		Cadence     time.Duration `cel:"cadence" expr:"cadence"`
	}
	person struct {
		Name string `cel:"name" expr:"name"`
		Kind string `cel:"kind" expr:"kind"`
	}
	source struct {
		Where string    `cel:"where" expr:"where"`
		Last  time.Time `cel:"last" expr:"last"`
	}
	objective struct {
		Title      string       `cel:"title" expr:"title"`
		Team       *team        `cel:"team" expr:"team"`
		KeyResults []*keyResult `cel:"key_results" expr:"key_results"`
	}
	team struct {
		Name       string       `cel:"name" expr:"name"`
		Objectives []*objective `cel:"objectives" expr:"objectives"`
	}
	cycle struct {
		Start time.Time `cel:"start" expr:"start"`
		End   time.Time `cel:"end" expr:"end"`
	}
)

var (
	now     = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)
	quarter = &cycle{Start: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)}
)

const day = 24 * time.Hour

// many makes n key results of which each breaks some of the rules, by steps that
// have no common divisor, so that hardly two are alike.
func many(n int) []*keyResult {
	titles := []string{
		"Raise renewals in region %d from 70 %% to 85 %%", "Customers of segment %d come back within a week",
		"Help support of region %d to answer faster", "Launch the new shop in %d countries", "Reduce p95 latency of service %d from 800 ms to 300 ms",
		"Improve the onboarding of new colleagues", "NPS", "Grow weekly active teams from 1,200 to 2,000 in region %d",
		"Write %d articles about how customers plan their quarter, with pictures, numbers and what they would do otherwise next time, for all markets",
		"Orders that arrive on the promised day rise from 91 %% to 97 %%", "Consider better ways to plan", "Cost per order of plant %d falls by a tenth",
		"Hold the error budget of all tier one services",
	}
	out := make([]*keyResult, 0, n)
	objectives := 0
	for len(out) < n {
		t := &team{Name: fmt.Sprint("team ", len(out))}
		for range 1 + (objectives/2)%5 {
			o := &objective{Title: "Customers stay with us", Team: t}
			t.Objectives = append(t.Objectives, o)
			objectives++
			for range 1 + objectives%7 {
				i := len(out)
				title := titles[i%len(titles)]
				if i%len(titles) != 5 {
					title = fmt.Sprintf(title+"%.0s", i)
				}
				k := &keyResult{
					Title: title, Objective: o, Baseline: float64(i % 11), Target: float64(i % 17), Current: float64(i%13) / 2,
					Due: quarter.Start.Add(time.Duration(i%101) * day), Confidence: float64(i%12) / 10,
					LastCheckIn: now.Add(-time.Duration(i%19) * day), Cadence: time.Duration(7+7*(i%2)) * day,
				}
				switch i % 9 {
				case 0:
				case 1:
					k.Owner = &person{Name: "On call", Kind: "group"}
				default:
					k.Owner = &person{Name: "Ada", Kind: "human"}
				}
				if i%8 != 3 {
					k.Source = &source{Where: "Warehouse", Last: now.Add(-time.Duration(i%23) * 12 * time.Hour)}
				}
				o.KeyResults = append(o.KeyResults, k)
				out = append(out, k)
			}
		}
	}
	return out[:n]
}

// spelling is how the three rules about the words of a title are written.
type spelling string

const (
	byFunc  spelling = "func"  // functions over sets of words
	byRegex spelling = "regex" // regular expressions
)

var (
	vagueVerbs = []string{"help", "assist", "try", "improve", "support", "better", "explore", "consider", "optimise", "enhance"}
	taskVerbs  = []string{"build", "launch", "make", "write", "create", "do", "run", "hold", "set", "start", "finish", "roll"}
)

const (
	numberPattern = `\b[0-9]`
	vaguePattern  = `(?i)\b(help|assist|try|improve|support|better|explore|consider|optimise|enhance)\b`
	taskPattern   = `(?i)^\W*(build|launch|make|write|create|do|run|hold|set|start|finish|roll)\b`
)

// engine judges one of the key results: a bit for each rule that it passes.
type engine struct {
	name  string
	judge func(i int) uint16
}

// twelve is how many rules there are.
const twelve = 12
