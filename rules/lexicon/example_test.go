package lexicon_test

import (
	"fmt"
	"os"

	"github.com/okrkit/okrkit/rules/lexicon"
)

func Example() {
	l, err := lexicon.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{
		"Reduce p95 checkout latency from 900 ms to 400 ms by 30 June 2027",
		"Den Anteil der Stammkunden auf 40 % erhöhen",
		"Publish 6 articles",
		"Improve the search",
	} {
		s := l.Read(text)
		if weak, reason := s.Wording.Weak(); weak {
			fmt.Printf("weak (%s): %s\n", reason, s.Wording.Why)
			continue
		}
		fmt.Printf("strong: %s, %s → %s %s\n", s.Measure.Metric, s.Measure.Baseline, s.Measure.Target, s.Measure.Unit)
	}
	// Output:
	// strong: p95 checkout latency, 900 → 400 ms
	// strong: Anteil der Stammkunden, ? → 40 %
	// weak (task-not-outcome): “Publish” is work, and what is counted is the work itself; it does not say what changes through it.
	// weak (not-measurable): There is no number to reach, and nothing that is clearly true or false at the end.
}

func ExamplePrint() {
	l, err := lexicon.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	m := l.Read("Réduire le délai de 4 h à 1 h d'ici fin juin").Measure
	fmt.Println(lexicon.Print(*m))
	// Output: Reduce délai from 4 hours to 1 hours by June
}

func ExampleLexicon_Owner() {
	l, err := lexicon.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"Ana Lima", "Ana / Bob", "the platform team", "TBD"} {
		fmt.Println(text, "→", l.Owner(text).Kind)
	}
	// Output:
	// Ana Lima → person
	// Ana / Bob → several
	// the platform team → group
	// TBD → empty
}

// A list of words is a text file; this folder holds a Dutch one.
func ExampleWithWords() {
	l, err := lexicon.New(lexicon.WithWords(os.DirFS("testdata/words")))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"5 blogartikelen schrijven", "Het verloop van 9 naar 6 procent verlagen"} {
		fmt.Println(l.Read(text).Wording.Why)
	}
	// Output:
	// “schrijven” is work, and what is counted is the work itself; it does not say what changes through it.
	// It says where the number starts and where it should end.
}
