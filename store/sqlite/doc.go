// Package sqlite opens an okrkit store in a SQLite file, with the settings that
// okrkit needs: a write-ahead log that is synced before a commit returns, one
// writer beside any number of readers, and a lock that keeps a second process
// out, unless it asks for a place beside the first ([Beside], [ReadOnly]). Commits that
// come at the same time share a sync.
package sqlite
