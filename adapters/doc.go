// Package adapters carries events out of the desk's database and numbers into it.
//
// A [Bus] keeps published events and hands them over, at least once, to durable
// consumers. A [Router] gives each [Adapter] such a consumer and owns what would
// otherwise stand in every adapter: retry with a growing, jittered distance,
// timeout, concurrency, order, panic recovery, the inbox that keeps an effect
// from being repeated, and dead letters. An adapter is left with one method:
// take this event, and say whether that worked.
//
//	out := adapters.NewRouter(bus, adapters.Config{Inbox: db, DeadLetters: db})
//	out.Add(slack.New(token, book), adapters.Notices())
//	err := out.Run(ctx)
//
// # What is promised
//
// Every event that the bus took reaches every adapter whose filter it passes, or
// becomes a dead letter of that adapter. It may reach it twice; the effect is
// repeated only if the adapter could not tell that it was done: the process was
// killed while Deliver ran or before its answer was written down, or Deliver
// itself failed or timed out after the effect. An adapter that can, passes
// the event's id to the far side, so that a repetition is recognised there.
//
// Events of one aggregate reach the router in the order in which they were
// decided. A retry changes that order for an adapter that does not ask for it;
// one that is [Ordered] gets one event per aggregate at a time, and later ones
// wait until the earlier one is delivered or a dead letter.
//
// A new durable consumer starts from now. [FromStart] opts in to what the bus
// still has.
package adapters
