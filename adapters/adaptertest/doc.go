// Package adaptertest says what a bus, an adapter and a source are, as tests: whoever
// writes one runs its suite.
//
//	func TestBus(t *testing.T) {
//		adaptertest.TestBus(t, func(testing.TB) adapters.Bus { return membus.New() }, adaptertest.BusCapabilities{})
//	}
package adaptertest
