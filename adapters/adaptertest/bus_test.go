package adaptertest_test

import (
	"testing"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/membus"
)

func TestMembus(t *testing.T) {
	adaptertest.TestBus(t, func(testing.TB) adapters.Bus { return membus.New() }, adaptertest.BusCapabilities{})
}
