// Command okrkit judges OKRs in files that somebody hands over: plans, wordings
// and rule packs. It needs no database and sends nothing anywhere. If it is given one,
// it tries rule packs against what is in it and puts them in force, beside the process
// that serves it.
//
//	okrkit audit plan.md
//	okrkit draft "Reduce churn from 5% to 3% by 30 June"
//	okrkit template checkin plan.md
//	okrkit rules test rules/
//	okrkit rules diff --store okr.db --tenant acme --new rules/
//
// Every command prints a table for people and, with --format json, the same for
// machines. Exit codes are 0 (nothing at error level), 1 (findings) and 2 (the
// input cannot be used; nothing is printed on standard output then).
package main
