// Package membus is a bus within one process, in its memory. It keeps what it
// promises as long as the process lives: order per aggregate, at least one
// handing over, durable names, filters, delays. A host that must not lose events
// when its process ends takes adapters/nats, or its subfolder embedded.
package membus
