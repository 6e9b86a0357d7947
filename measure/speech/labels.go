package speech

// Edits counts what makes one sequence of labels of another.
type Edits struct {
	Substitutions int // another label
	Deletions     int // a label of the reference is missing
	Insertions    int // a label that the reference does not have
	Length        int // labels of the reference
}

// CountEdits returns the least number of edits that make what was heard of the
// reference (Levenshtein, "Binary codes capable of correcting deletions,
// insertions and reversals", 1966), and among those that are as few the ones
// with the most substitutions. Of words its [Edits.ErrorRate] is the word error
// rate, of phones the phone error rate.
//
// It judges the recogniser as much as the speech: what real speech gets by the
// same one is the figure to compare with. A recogniser that knows the language
// well hears the word that should be there; one that was trained on the voice
// itself forgives its habits; and one that gives no label at all has an error
// rate of 1, no worse than a wrong label for each.
//
// The time is that of len(reference)·len(heard) steps.
func CountEdits[T comparable](reference, heard []T) Edits {
	row := make([]Edits, len(heard)+1) // of the labels of the reference so far, by the number of those heard
	for j := range row {
		row[j] = Edits{Insertions: j}
	}
	for i, want := range reference {
		diagonal := row[0]
		row[0] = Edits{Deletions: i + 1, Length: i + 1}
		for j, got := range heard {
			best := diagonal
			if got != want {
				best.Substitutions++
			}
			deletion, insertion := row[j+1], row[j]
			deletion.Deletions++
			insertion.Insertions++
			for _, e := range []Edits{deletion, insertion} {
				if e.fewer(best) {
					best = e
				}
			}
			best.Length = i + 1
			diagonal, row[j+1] = row[j+1], best
		}
	}
	return row[len(heard)]
}

// fewer orders edits of the same two sequences, of which deletions less
// insertions are always the same.
func (e Edits) fewer(f Edits) bool {
	if a, b := e.total(), f.total(); a != b {
		return a < b
	}
	return e.Insertions < f.Insertions
}

func (e Edits) total() int { return e.Substitutions + e.Deletions + e.Insertions }

// ErrorRate is the number of edits over the length of the reference. It exceeds 1
// where much is inserted, and is NaN if there was nothing to say and nothing was
// heard.
func (e Edits) ErrorRate() float64 { return float64(e.total()) / float64(e.Length) }

// Add returns the edits of two pairs of sequences. The error rate of a set is that
// of the sum, in which long sentences weigh more than short ones.
func (e Edits) Add(f Edits) Edits {
	return Edits{e.Substitutions + f.Substitutions, e.Deletions + f.Deletions, e.Insertions + f.Insertions, e.Length + f.Length}
}
