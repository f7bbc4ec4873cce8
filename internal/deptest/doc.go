// Package deptest holds only tests: who may import whom, what each go.mod may
// say, and that documents name tests that exist. The import rule itself stands
// in CONTRIBUTING.md.
package deptest
