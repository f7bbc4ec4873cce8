package holidays_test

import (
	"fmt"

	"github.com/okrkit/okrkit/adapters/holidays"
	"github.com/okrkit/okrkit/okr/measure"
)

func Example() {
	c := holidays.New()
	for _, region := range []string{"DE", "DE-BY", "US", "DE-BA"} {
		off, err := c.Holiday(region, measure.NewDate(2026, 1, 6))
		fmt.Println(region, off, err)
	}
	// Output:
	// DE false <nil>
	// DE-BY true <nil>
	// US false <nil>
	// DE-BA false okr: region: "DE-BA": there is no such region: use DE-BB, DE-BE, DE-BW, DE-BY, DE-HB or DE-HE
}
