package network

import (
	"slices"
	"testing"
)

// Guesses verified in one pass get the bits that one token at a time would have
// got, also after a rewind behind wrong ones.
func TestExtendAllGivesTheSameBits(t *testing.T) {
	trunk := newTrunk(t, tiny)
	for _, workers := range []int{1, 3} {
		pool := newPool(t, workers)
		one, all := NewDecoder(trunk, pool), NewDecoder(trunk, pool)
		for at := 0; at < len(sentence); {
			n := min(1+at%4, len(sentence)-at)
			guesses := append(slices.Clone(sentence[at:at+n]), 9, 9)
			logits, err := all.ExtendAll(guesses)
			if err != nil {
				t.Fatal(err)
			}
			if len(logits) != len(guesses)*tiny.Vocab {
				t.Fatalf("%d logits of %d tokens, want %d each", len(logits), len(guesses), tiny.Vocab)
			}
			for i := range n {
				want, err := one.Extend(sentence[at+i : at+i+1])
				if err != nil {
					t.Fatal(err)
				}
				if got := logits[i*tiny.Vocab : (i+1)*tiny.Vocab]; !slices.Equal(got, want) {
					t.Fatalf("%d workers: the logits after token %d differ from those of one token at a time", workers, at+i)
				}
			}
			at += n
			all.Rewind(at)
		}
		if _, err := all.ExtendAll(make([]int, tiny.Context)); err == nil {
			t.Error("more tokens than the context holds are no error")
		}
		if all.Len() != len(sentence) {
			t.Errorf("an error left %d positions, want %d", all.Len(), len(sentence))
		}
	}
}
