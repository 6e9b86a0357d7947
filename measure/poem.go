package measure

import (
	"hash/fnv"
	"iter"
	"strings"
)

// Poem is a poem as its lines, without punctuation and without a title.
type Poem []string

// ParsePoem returns the lines of a generated text, which may be malformed:
// white space around lines goes, empty lines stay, because a model that writes
// them should be seen to. A text of white space alone has no lines.
func ParsePoem(text string) Poem {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var p Poem
	for line := range strings.Lines(text) {
		p = append(p, strings.TrimSpace(line))
	}
	return p
}

// symbols yields the characters of the poem, a newline after each line but the
// last, and End if ended.
func (p Poem) symbols(ended bool) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for i, line := range p {
			if i > 0 && !yield('\n') {
				return
			}
			for _, r := range line {
				if !yield(r) {
					return
				}
			}
		}
		if ended {
			yield(End)
		}
	}
}

// Half yields the poems of one half of a corpus, 0 or 1: those whose hash has
// that highest bit, the hash being FNV-1a with 64 bits (Fowler, Noll and Vo)
// over the UTF-8 of the lines, each followed by a newline. The halves are
// disjoint and do not depend on the order of the corpus, so a judge trained on
// one half and a network trained on the other saw no poem in common. A half
// other than 0 and 1 yields nothing.
func Half(poems iter.Seq[Poem], half int) iter.Seq[Poem] {
	return func(yield func(Poem) bool) {
		for p := range poems {
			h := fnv.New64a()
			for _, line := range p {
				h.Write([]byte(line))
				h.Write([]byte{'\n'})
			}
			if int(h.Sum64()>>63) == half && !yield(p) {
				return
			}
		}
	}
}
