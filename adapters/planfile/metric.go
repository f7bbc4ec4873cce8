package planfile

import (
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// metricOf reads a metric out of words such as "from 5 to 3 %".
func metricOf(text string) (measure.Metric, bool) { return measure.Metric{}, false }

// fillFromTitle reads what a key result's fields do not say out of its title.
func fillFromTitle(k *okr.PlanKeyResult, metric, due bool) {}
