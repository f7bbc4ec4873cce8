// Package okrtest helps to test code that embeds okrkit: a clock that is moved by
// hand, ids that count, a small valid plan to start from.
package okrtest
