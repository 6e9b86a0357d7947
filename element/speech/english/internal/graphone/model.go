// Package graphone turns letters into phones: an n-gram model of graphones, each
// a letter with the phones that it stands for, finds the likeliest sequence of
// them that spells a word (Bisani & Ney, "Joint-Sequence Models for
// Grapheme-to-Phoneme Conversion", 2008).
package graphone

import (
	"cmp"
	"math"
	"slices"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

// Graphone is a letter, a to z, and none to two phones.
type Graphone struct {
	Letter byte
	Phones []uint8
}

// edge is the number of the graphone that stands before and after a word.
const edge = 0

// perBit is how many steps of a cost a bit has.
const perBit = 4

// Model is a model in its file, which is read where it lies.
type Model struct {
	Graphones []Graphone // number 0 is the edge of a word
	levels    []level    // the sequences of 1, 2, 3 ... graphones
	letters   [26][]uint16
}

// Sequences is how many sequences are stored of each length.
func (m *Model) Sequences() []int {
	var n []int
	for _, l := range m.levels {
		n = append(n, l.size)
	}
	return n
}

// state is the longest stored sequence that the graphones so far end in: its
// place in its level, and before it those of the shorter ones that it ends in,
// the shortest first.
type state struct {
	length int
	at     [mostOrder]uint32
}

// context is what follows a state: where those sequences stand that go on from
// each which it ends in, the empty one first, and what it costs to fall back from each.
type context struct {
	length     int
	first, end [mostOrder]uint32
	back       [mostOrder]float32
}

// step returns the state behind a graphone and the bits that it costs.
//
// What follows a sequence also follows the shorter one, so the graphone is looked
// for from the shortest up, by its place in what follows the one before.
func (m *Model) step(c *context, graphone uint16) (to state, bits float32) {
	place, cost := uint32(graphone), uint8(0)
	for n := range c.length + 1 {
		at, price, ok := m.levels[n].find(c.first[n], c.end[n], place)
		if !ok {
			break
		}
		to.at[n], to.length = at, n+1
		place, cost = at-c.first[n], price
	}
	for n := c.length; n >= max(to.length, 1); n-- {
		bits += c.back[n]
	}
	if to.length == 0 {
		return to, bits + never
	}
	// Nothing follows a longest sequence: what does stands behind its end.
	if to.length == len(m.levels) {
		to.length--
	}
	return to, bits + float32(cost)/perBit
}

// above is the place of the sequence of n graphones that s ends in.
func (s *state) above(n int) uint32 {
	if n == 0 {
		return 0
	}
	return s.at[n-1]
}

// context finds what follows a state. It costs the more to fall back from a
// sequence, the less is left for what is not stored behind it, against what is
// left behind the shorter one.
func (m *Model) context(s *state) *context {
	c := &context{length: s.length}
	for n := range s.length + 1 {
		first, end := m.levels[n].follow(s.above(n))
		c.first[n], c.end[n] = first, end
		if n == 0 || first == end {
			continue
		}
		left, leftShorter := 1.0, 1.0
		for at := first; at < end; at++ {
			place, cost := m.levels[n].sequence(at)
			_, shorter := m.levels[n-1].sequence(c.first[n-1] + place)
			left -= chances[cost]
			leftShorter -= chances[shorter]
		}
		c.back[n] = float32(math.Log2(max(leftShorter, least) / max(left, least)))
	}
	return c
}

// least is the probability that is always left to sequences which are not stored.
const least = 0.02

// chances are the probabilities of costs.
var chances = func() (p [dearest + 1]float64) {
	for cost := range p {
		p[cost] = math.Exp2(-float64(cost) / perBit)
	}
	return p
}()

// never is what a graphone costs that is not stored at all.
const never = 40

// The search keeps so many hypotheses, none worse than the best by so many bits.
const (
	beamWidth = 48
	beamBits  = 14
)

type hypothesis struct {
	state
	bits     float32
	primary  uint8 // vowels with the primary stress, at most two
	graphone uint16
	from     int32 // index in the hypotheses one letter before
}

// ending is all that matters for what comes behind a hypothesis.
type ending struct {
	length  int
	at      uint32
	primary uint8
}

// Say returns the likeliest phones of a word, with one primary stress if it has
// any vowel, and how unlikely they are, in bits a letter. Characters that
// no graphone has are skipped; a word without letters has no phones.
func (m *Model) Say(word string) (phones []uint8, bits float64) {
	first, _ := m.step(m.context(&state{}), edge)
	beam := [][]hypothesis{{{state: first}}}
	seen := map[ending]int{}
	for _, l := range []byte(word) {
		if l < 'a' || l > 'z' || m.letters[l-'a'] == nil {
			continue
		}
		clear(seen)
		var next []hypothesis
		for from := range beam[len(beam)-1] {
			h := &beam[len(beam)-1][from]
			behind := m.context(&h.state)
			for _, g := range m.letters[l-'a'] {
				s, bits := m.step(behind, g)
				n := hypothesis{state: s, bits: h.bits + bits, primary: h.primary, graphone: g, from: int32(from)}
				for _, p := range m.Graphones[g].Phones {
					if arpabet.Stress(p) == 1 {
						n.primary = min(n.primary+1, 2)
					}
				}
				k := ending{s.length, s.above(s.length), n.primary}
				if at, ok := seen[k]; !ok {
					seen[k] = len(next)
					next = append(next, n)
				} else if n.bits < next[at].bits {
					next[at] = n
				}
			}
		}
		slices.SortFunc(next, func(a, b hypothesis) int {
			return cmp.Or(cmp.Compare(a.bits, b.bits), cmp.Compare(a.graphone, b.graphone), cmp.Compare(a.from, b.from))
		})
		keep := min(len(next), beamWidth)
		for keep > 1 && next[keep-1].bits > next[0].bits+beamBits {
			keep--
		}
		beam = append(beam, next[:keep])
	}
	letters := len(beam) - 1
	if letters == 0 {
		return nil, 0
	}
	best, least := 0, float32(math.Inf(1))
	for i, h := range beam[letters] {
		_, end := m.step(m.context(&h.state), edge)
		h.bits += end
		if h.primary != 1 {
			h.bits += oneStress
		}
		if h.bits < least {
			best, least = i, h.bits
		}
	}
	spelling := make([]uint16, letters)
	for i, at := letters, best; i > 0; i-- {
		spelling[i-1] = beam[i][at].graphone
		at = int(beam[i][at].from)
	}
	for _, g := range spelling {
		phones = append(phones, m.Graphones[g].Phones...)
	}
	return phones, float64(least) / float64(letters)
}

// oneStress is what a word costs that has no primary stress or several.
const oneStress = 6
