// Package store holds what every store of okrkit does in the same way, so that
// none of them can differ in silence: it checks and normalises what a decision
// writes ([Prepare]), resolves the word references of the ledger ([Words]),
// paces leases ([Lease]) and links seals ([Link]).
//
// The stores themselves lie below: memory is the reference, sqldb the SQL, sqlite
// and postgres open databases, storetest says what a store is.
package store
