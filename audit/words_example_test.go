package audit_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// A host that needs a sixth language adds a list of its words: text files in a
// folder, read when the program starts.
func ExampleWords() {
	lists := fstest.MapFS{"it.txt": {Data: []byte(`
language it Italian
decimal comma
shape noun-first
[stop]
il la i le un una di del della per con nuovo nuova
[task]
lanciare/+lanciato creare/+creato pubblicare/+pubblicato
[up]
aumentare/+aumentato
[from]
da dal
[to]
a al
[metric]
fatturato soddisfazione
`)}}
	words, err := lexicon.New(lexicon.WithWords(lists))
	if err != nil {
		panic(err)
	}
	live, err := rules.Open(audit.Env(audit.Level, audit.Words(words)), pack.Starter)
	if err != nil {
		panic(err)
	}
	judge := audit.New(live, audit.Words(words))
	for _, text := range []string{"Lanciare il nuovo sito", "Aumentare il fatturato da 2 a 3 milioni"} {
		d, err := judge.Draft(context.Background(), text)
		if err != nil {
			panic(err)
		}
		fmt.Println(d.Verdict, d.Text)
		for _, f := range d.Findings {
			fmt.Println(" ", f.Message)
		}
	}
	// Output:
	// weak Lanciare il nuovo sito
	//   “Lanciare il nuovo sito” is work (“Lanciare”): it can be done without anything changing for the better
	// strong Aumentare il fatturato da 2 a 3 milioni
}
