package adaptertest_test

import (
	"fmt"

	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/okr"
)

func ExampleEvent() {
	e := adaptertest.Event("acme", okr.EventStatusChanged, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, 3)
	payload, err := e.Payload()
	if err != nil {
		panic(err)
	}
	s := payload.(*okr.StatusChanged)
	fmt.Println(e.ID, s.From, "->", s.To)
	// Output:
	// acme/key_result/kr1/3 on_track -> at_risk
}
