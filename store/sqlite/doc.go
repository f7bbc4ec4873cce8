// Package sqlite opens an okrkit store in a SQLite file, with the settings that
// okrkit needs: write-ahead log, a sync at every commit, one writer beside any
// number of readers, and a lock that keeps a second process out.
package sqlite
