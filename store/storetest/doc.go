// Package storetest says what a store is, as tests that any [okr.Store] can be
// held to: [Run] runs them all. The unit tests run in a transaction of the
// store's own, in a savepoint, and, where the store can, in a transaction that
// the host has opened.
package storetest
