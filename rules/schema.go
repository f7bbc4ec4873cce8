package rules

import "time"

// Schema declares what packs of one level may say: the kinds of objects and
// their facts, the subjects that a rule can stand on, and functions beside
// the engine's own. It is plain data; [NewEnv] checks it and turns it into an
// environment. A level is a promise: once packs have been written against it,
// facts and functions may be added under a higher Since, never taken away.
type Schema struct {
	// Level is what a pack's `env:` names. Fields and functions whose Since is
	// greater are left out. One that a later level changes is declared once more,
	// with that level as its Since; see [Env.At].
	Level int
	// Types are the kinds of objects that facts are read from.
	Types []Type
	// Subjects are what a rule's `on:` can name.
	Subjects []Subject
	// Funcs are functions of the host, beside those of the engine.
	Funcs []Func
	// Statuses are the words that a `status:` may give. Empty: any word.
	Statuses []string
	// Derive computes, for the tests of packs, the facts that follow from what a
	// test states: it answers the variables once more, with them. What is stated
	// holds; where it contradicts what else is stated, that is told. What it is
	// given may not be changed. Nil: nothing follows.
	Derive func(Given) (map[string]any, []Contradiction, error)
	// Now is the instant at which the examples of Types make sense. Tests of
	// packs that name no `now:` run at it.
	Now time.Time
	// Limits bound what a pack may cost. The zero value means [DefaultLimits].
	Limits Limits
}

// Type is a kind of object: a name and the facts that can be read from it.
type Type struct {
	// Name is how the type is written in `Of`, in [Subject] and in the names
	// of facts ("order.total").
	Name string
	// Doc is one sentence for an author of packs.
	Doc string
	// Fields are the facts.
	Fields []Field
	// Label names the field that stands for the whole object where a person
	// reads it (evidence, messages). Empty: "title", "name" or "id", whichever
	// comes first, or the name of the type.
	Label string
	// Appears names the timestamps that say when an entry of a list is there to be
	// seen: the first is when it happened, and the latest of those that are stated
	// counts. A test sees entries that have happened, newest first. Empty: entries
	// are always there.
	Appears []string
	// Example is a valid object as YAML would give it: scalars, lists and
	// maps. Tests of packs lay their `given` over it. Every field that cannot
	// be unknown must be there, lists excepted (a list left out is empty).
	Example map[string]any
}

// Field is one fact of a [Type].
type Field struct {
	// Name as expressions write it.
	Name string
	// Kind of the value.
	Kind FieldKind
	// Of is the type's name if Kind is [Object], or a [List] of objects. For a
	// list of scalars it is the scalar's kind as [FieldKind.String] gives it
	// ("string", "double", …).
	Of string
	// MayBeUnknown says that [Unknown] is an answer that is expected here, and
	// that null is allowed in the `given` of a test.
	MayBeUnknown bool
	// TimeDependent says that the fact changes by the passing of time alone.
	TimeDependent bool
	// MaxSize bounds a list (entries) or a string (characters). A longer value
	// makes the expressions that read it end in an error. 0: the default of
	// [Limits].
	MaxSize int
	// MaxItem bounds the strings of a list of strings, in characters. 0: the
	// default of [Limits].
	MaxItem int
	// Unit is what a number counts: [Share], "days", …; "" where the value says
	// for itself.
	Unit string
	// Range bounds a number, both ends included; both 0: it is not bounded. A
	// comparison that no number within it can change is refused at load.
	Range [2]float64
	// Values are all that a text can be. A comparison with another text is
	// refused at load. Empty: any text.
	Values []string
	// Since is the level that introduced the fact.
	Since int
	// Doc is one sentence for an author of packs.
	Doc string
	// Get reads the fact from a Go value of the type. It returns a bool,
	// int64, float64, string, time.Time, time.Duration, the Go value of another
	// object, a slice or [Sequence] of those, or [Unknown]. A nil object, a
	// zero time, a NaN and an infinity are taken as Unknown as well. Get must be
	// safe for concurrent use and must not do I/O. [Fact], [ObjectFact] and
	// [ListFact] declare fields that are read faster.
	Get func(obj any) any
	// Source names the record that the fact rests on, "" for none: the id of a
	// reading, say. It may be nil. A [Trace] tells it.
	Source func(obj any) string

	typed   any                   // set by Fact, ObjectFact and ListFact
	count   func(any) (int, bool) // of a list
	longest func(any) int         // of a list of strings: in bytes
	is      func(any) bool        // whether typed can read the object
}

// Share is the [Field.Unit] of a number of which 1 is the whole. Authors like to
// write 70 where 0.7 is meant, and are told so.
const Share = "share"

// FieldKind says what a fact, a parameter or a result is.
type FieldKind int

// The kinds. Timestamp is an instant; Duration is a span of time.
const (
	Bool FieldKind = iota + 1
	Int
	Double
	String
	Timestamp
	Duration
	Object
	List
)

var kindNames = map[FieldKind]string{
	Bool: "bool", Int: "int", Double: "double", String: "string",
	Timestamp: "timestamp", Duration: "duration", Object: "object", List: "list",
}

// String gives the kind as expressions know it ("bool", "int", "double",
// "string", "timestamp", "duration"), or "object" or "list".
func (k FieldKind) String() string {
	if n, ok := kindNames[k]; ok {
		return n
	}
	return "invalid"
}

func (k FieldKind) scalar() bool { return k >= Bool && k <= Duration }

func scalarKind(name string) (FieldKind, bool) {
	for k, n := range kindNames {
		if n == name && k.scalar() {
			return k, true
		}
	}
	return 0, false
}

// Sequence is a list that is read in place, for a host that would otherwise
// have to build a slice for each evaluation.
type Sequence interface {
	Len() int
	At(i int) any
}

type unknownFact struct{}

// Unknown is what a [Field.Get], a [Func.Call] or a variable is when the fact
// is not known. It is neither zero nor false: a rule that needs it has the
// outcome [OutcomeUnknown], which names the fact.
var Unknown any = unknownFact{}

// Subject is what a rule can be `on:`.
type Subject struct {
	// Name as `on:` writes it.
	Name string
	// Doc is one sentence for an author of packs.
	Doc string
	// Vars maps each variable to the name of its type: one of [Schema.Types],
	// or a scalar kind. `now` (timestamp) and `params` are always there.
	Vars map[string]string
	// Since is the level that introduced a variable, for those that are not there
	// from the first.
	Since map[string]int
}

// Param is an argument or a result of a [Func]: a scalar, or a list of scalars.
type Param struct {
	Kind FieldKind
	// Of is the scalar kind of a list's elements.
	Of string
}

// Func is a function of the host. It must be pure: the same arguments give the
// same result, without I/O, clock or shared state.
type Func struct {
	Name string
	// Member makes it `x.name(…)`, x being the first of Params.
	Member bool
	Params []Param
	Result Param
	// Cost is what a call costs at worst, in CEL's units (about one for each
	// comparison, and one for each ten characters that are read), in addition to
	// its arguments. 0 counts as 1.
	Cost uint64
	// MaxSize bounds a result that is a string or a list. 0: the default of
	// [Limits].
	MaxSize int
	// Since is the level that introduced the function.
	Since int
	Doc   string
	// Example is an expression that calls it, for an author of packs.
	Example string
	// Call gets its arguments as bool, int64, float64, string, time.Time,
	// time.Duration, []bool, []int64, []float64, []string, []time.Time or
	// []time.Duration, and returns one of these or [Unknown]. It is never
	// called with an unknown argument. An error or a panic becomes the outcome
	// error.
	Call func(args []any) (any, error)

	text func(string) (any, error) // see OnText
}

// OnText sets Call and Params of a function of one text, which is then called
// without allocating for its argument.
func (f Func) OnText(call func(text string) (any, error)) Func {
	f.Params = []Param{{Kind: String}}
	f.Call = func(args []any) (any, error) { return call(args[0].(string)) }
	f.text = call
	return f
}

// Limits bound what text from an admin may cost. See the package
// documentation for what happens when one is exceeded.
type Limits struct {
	// FileBytes bounds a pack.
	FileBytes int
	// ExpressionChars bounds the source of one expression, and of one message.
	ExpressionChars int
	// ExpressionNodes bounds one expression after its macros are expanded.
	ExpressionNodes int
	// Nesting bounds comprehensions inside comprehensions.
	Nesting int
	// RegexProgram bounds the compiled size of a regular expression.
	RegexProgram int
	// ExpressionCost bounds one expression. One whose worst cost at load lies
	// within it runs unguarded; one without a bound, or of up to ten times as much
	// on the largest lists, is counted as it runs; what may cost more is refused.
	// Ten times as much is the bound of the expressions of one message together.
	ExpressionCost uint64
	// RunCost bounds, for one call, what all expressions without a static
	// bound may spend together; and, at load, the sum of the static bounds of
	// what one pack has on one subject.
	RunCost uint64
	// RunTime bounds, for one call, the time that expressions without a static
	// bound may take together.
	RunTime time.Duration
	// Rules bounds a pack: rules, scores and statuses together.
	Rules int
	// Vars bounds a rule.
	Vars int
	// Strings and Lists are the sizes of facts that declare none.
	Strings, Lists int
	// MessageChars bounds a rendered message.
	MessageChars int
}

// DefaultLimits are the limits of level 1.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:       1 << 20,
		ExpressionChars: 4096,
		ExpressionNodes: 1000,
		Nesting:         2,
		RegexProgram:    1000,
		ExpressionCost:  10_000,
		RunCost:         1_000_000,
		RunTime:         2 * time.Second,
		Rules:           500,
		Vars:            50,
		Strings:         256,
		Lists:           100,
		MessageChars:    1024,
	}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&l.FileBytes, d.FileBytes)
	set(&l.ExpressionChars, d.ExpressionChars)
	set(&l.ExpressionNodes, d.ExpressionNodes)
	set(&l.Nesting, d.Nesting)
	set(&l.RegexProgram, d.RegexProgram)
	set(&l.Rules, d.Rules)
	set(&l.Vars, d.Vars)
	set(&l.Strings, d.Strings)
	set(&l.Lists, d.Lists)
	set(&l.MessageChars, d.MessageChars)
	if l.ExpressionCost == 0 {
		l.ExpressionCost = d.ExpressionCost
	}
	if l.RunCost == 0 {
		l.RunCost = d.RunCost
	}
	if l.RunTime <= 0 {
		l.RunTime = d.RunTime
	}
	return l
}
