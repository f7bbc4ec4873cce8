// Package log is the adapter that writes events to a log/slog logger: messages
// to people as readable lines, facts with their numbers as attributes. What a
// message says is left out unless [Bodies] asks for it, because it may name
// people.
package log
