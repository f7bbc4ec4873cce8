package storetest_test

import (
	"testing"

	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/storetest"
)

// A store of one's own is held to the suite by a test of its own package.
func Example() {
	_ = func(t *testing.T) {
		storetest.Run(t, func(testing.TB) storetest.Store { return memory.New() }, storetest.Capabilities{})
	}
}
