// Package embedded runs a NATS server with JetStream in the host's own process,
// and the bus over it: one line, no port, no second program.
//
//	bus, err := embedded.Start(ctx, "okr-events")
//	defer bus.Close()
//
// It syncs every write to disk before it acknowledges it. It never ends the
// host's process, handles no signals, and listens on no port unless [Listen]
// asks for one. One process at a time has a directory. It is never part of a
// cluster: a host that scales out runs NATS servers of its own and takes
// package nats.
package embedded
