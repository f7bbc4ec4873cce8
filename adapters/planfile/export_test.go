package planfile

// ClaimedTwice are the lines of a file that two readers claimed for different
// things.
func ClaimedTwice(format Format, name string, raw []byte) []int {
	s, err := newSource(name, raw)
	if err != nil {
		return nil
	}
	lex, err := embeddedLexicon()
	if err != nil {
		return nil
	}
	l := newLedger(s)
	if _, err := readInto(l, format, s, words{lex}); err != nil {
		return nil
	}
	return l.twice
}
