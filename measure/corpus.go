package measure

import "iter"

// Corpus is what training text is asked about when generated poems are
// measured: which lines it holds, and which pairs of adjacent characters. It
// does not change once made; any number of goroutines may use it.
type Corpus struct {
	lines map[string]struct{}
	pairs map[pair]struct{}
}

// pair is two characters side by side within a line.
type pair [2]rune

// NewCorpus reads training text.
func NewCorpus(poems iter.Seq[Poem]) *Corpus {
	c := &Corpus{lines: make(map[string]struct{}), pairs: make(map[pair]struct{})}
	for p := range poems {
		for _, line := range p {
			c.lines[line] = struct{}{}
		}
		for pr := range p.pairs() {
			c.pairs[pr] = struct{}{}
		}
	}
	return c
}

// HasLine says whether the corpus holds a line that is exactly this one.
func (c *Corpus) HasLine(line string) bool {
	_, ok := c.lines[line]
	return ok
}

// HasPair says whether somewhere in a line of the corpus b follows a.
func (c *Corpus) HasPair(a, b rune) bool {
	_, ok := c.pairs[pair{a, b}]
	return ok
}

// pairs yields the pairs of adjacent characters within lines.
func (p Poem) pairs() iter.Seq[pair] {
	return func(yield func(pair) bool) {
		for _, line := range p {
			before, first := rune(0), true
			for _, r := range line {
				if !first && !yield(pair{before, r}) {
					return
				}
				before, first = r, false
			}
		}
	}
}
