// Package adaptertest says what a bus and an adapter are, as tests: whoever
// writes one runs the suite over it.
//
//	func TestBus(t *testing.T) {
//		adaptertest.TestBus(t, func(testing.TB) adapters.Bus { return membus.New() }, adaptertest.BusCapabilities{})
//	}
package adaptertest
