// Package rules turns text that an admin wrote into a checked program, and the
// program into results. It knows YAML and CEL (the Common Expression Language)
// and nothing of what is judged: a host declares its objects and their facts in
// a [Schema], and hands in its own Go values.
//
// A pack is one YAML file of rules, scores, statuses and tests. [Parse] reads
// its shape, [Compile] its expressions, [Load] both; every mistake is an
// [*Error] that knows file, line and column, shows the line, and says what to
// write instead. The compiled [Set] is immutable: [Set.Evaluate], [Set.Score]
// and [Set.Status] judge one subject, [Set.Test] runs what the pack's author
// wrote to show that it does what it should. [Live] keeps a Set of what lies in
// folders.
//
// A rule may say why it asks (`why:`), where that comes from (`source:`), and show
// an example of each kind (`weak:`, `strong:`); they are data for whoever writes
// help, and change nothing.
//
// [Set.TraceRule], [Set.TraceScore] and [Set.TraceStatus] answer like their
// counterparts and list every fact that was read with its value; [Set.Replay] comes
// to the same answer from that list alone.
//
// # Layers
//
// A pack may extend others (`extends:`) and set something in them: a parameter, and
// of a rule whether it judges at all, its severity, mode, on_error, message, fix and
// help. What extends lies above what it extends; of several layers the highest counts
// ([Resolve]). What judges carries the version and the digest of all layers
// ([PackInfo.Judged], [PackInfo.Judges]), and [PackInfo] says of every value that a
// layer sets where it is written, below and above.
//
// # Tests
//
// A test lays what it gives over the examples of the [Schema] ([Type.Example]), has
// the host compute what follows from it ([Schema.Derive]), and expects something of
// rules, scores and statuses, at its `now` or at several instants (`steps:`). Entries
// of lists are there to be seen from the day on which they happened ([Type.Appears]).
// Each expectation is evaluated as in a judgement and once more by CEL alone, with
// every branch under watch, and both have to say the same; [Coverage] lists what no
// test took. Tests lie in the pack and see it as its author wrote it, or in a
// [TestFile] and see it as it judges, with all that is laid over it. [Demand] is strict
// mode: what tests have to show before [Live] takes a text up.
//
// # Outcomes
//
//	when      check                outcome
//	false     (not looked at)      skip     the rule does not apply; never a pass
//	true, –   true                 pass
//	true, –   false                fail     message, fix and evidence are given
//	unknown   (not looked at)      unknown  Result.Unknown names the facts
//	true, –   unknown              unknown
//	error     (not looked at)      error    Result.Err says why
//	true, –   error                error    a broken expression, a fact that breaks
//	                                        its declaration, a panic, over budget
//
// (– stands for a rule without `when`.) Scores and statuses are asked one after
// the other until the first that applies; one whose `when` is unknown or broken
// ends the search, because what it would have said is not known. A score that is
// not finite is an error.
//
// # What is not known
//
// A fact that is not known ([Unknown], a nil object, a zero time, a NaN) is
// CEL's unknown: it is passed on by selection, arithmetic, comparison,
// functions and loops, and only disappears where the answer does not depend on
// it, as in `unknown || true` and `unknown && false`. has(x.fact) says whether
// a fact is known, and is itself never unknown. What is known to be absent has
// no value either: `has(order.buyer)` fails an order without a buyer, while
// `order.buyer.active` is unknown for it.
//
// # Numbers
//
// Whole numbers and doubles compare with each other. Where no overload takes a
// whole number that is written out beside a double, it is read as a double, so
// that order.total == 60 and order.total * 2 mean what they say. Division by
// zero and whatever else leaves the finite numbers is an error, for doubles as
// well.
//
// # Functions
//
// Beside CEL's own, and its extension libraries for strings (version 5), lists
// (version 3) and math (version 3):
//
//	days(n) weeks(n)             spans of time
//	clamp(x, low, high)          x, within bounds
//	hasAnyWord(text, [words])    whole words or phrases, whatever their case
//	startsWithAnyWord(text, …)   the same at the beginning
//	hasNumber(text)              digits at the beginning of a word: "20%", not "Q3"
//	list.last(n)                 the newest n entries; lists are newest first
//	list.since(t)                entries whose fact `at` is t or later
//	list.min() .max() .mean()    of numbers; unknown if the list is empty
//	list.falling(n) .rising(n)   whether the newest n moves, of numbers or of the
//	                             fact `value`, all went down or up; n moves take
//	                             n+1 values, with fewer it is false
//
// Left out are dyn and type, bytes, unsigned numbers, calendar functions with a
// time zone, null, comparing or making objects, and patterns for matches that
// are not written out.
//
// # Limits
//
// Text from an admin is not trusted with the host's time: size, nesting and
// regular expressions are bounded at load ([Limits]), and so is the worst cost
// of every expression, estimated against the sizes that the schema declares. An
// expression within the bound runs without further guard. One of which no cost is
// known, or of up to ten times the bound on the longest lists, runs under a cost
// limit and a deadline, and all of them in one call share one budget; what may cost
// more is refused. A fact that is larger than declared is an error.
package rules
