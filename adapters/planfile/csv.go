package planfile

func looksLikeCSV(s *source) bool { return false }
