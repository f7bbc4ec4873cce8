// Package bench measures okrkit's rule engine against its limit, the same rules
// written in Go by hand, and against its peers: plain cel-go, expr, Open Policy
// Agent and protovalidate. All of them judge the same 1,024 key results by the
// same twelve rules in the same process, take turns while they are timed, and are
// tested to come to the same answers.
//
//	make bench-peers
//
// prints nanoseconds for each engine and the ratios, which is what to compare: the
// nanoseconds belong to the machine.
package bench
