// Package memory is the reference store: what a store is, said in Go instead of
// SQL. Everything is gone when the process ends.
//
// Its tables are persistent trees: a transaction works on its own version of
// them and publishes it at commit, so readers never wait for the writer and see
// one state throughout. There is one writer at a time.
package memory
