package rules

// Bound gives the static bound of the first rule's check on a subject, and
// whether it is guarded at run time instead.
func Bound(s *Set, subject string) (bound uint64, guarded bool) {
	p := s.subjects[subject].rules[0].body
	return p.bound, p.guarded
}
