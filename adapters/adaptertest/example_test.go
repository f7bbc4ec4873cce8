package adaptertest_test

import (
	"context"
	"testing"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
)

// An adapter of one's own is held to the suite by a test of its own package.
func Example() {
	_ = func(t *testing.T) {
		adaptertest.TestAdapter(t, func(testing.TB) adaptertest.AdapterFixture {
			return adaptertest.AdapterFixture{
				Adapter: adapters.Func("mine", func(context.Context, adapters.Delivery) error { return nil }),
			}
		})
	}
}
