// Package outbox takes committed events from the database to the bus.
//
// The desk writes an event and its outbox row in one transaction; the [Relay]
// claims rows for a short time, publishes their events under their own ids, and
// marks those ids. Whatever ends in between, the rows are claimed again and
// published again, and the bus knows the ids: an event is published at least
// once, and the events of one aggregate in their order.
package outbox
