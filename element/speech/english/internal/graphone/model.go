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

// node is a sequence of graphones of up to the order of the model, a child of the
// sequence without its last.
type node struct {
	graphone uint16
	cost     uint8  // of the last graphone behind the others, in steps of 1/perBit bit
	first    uint32 // of its children, which are in the order of their graphones
	shorter  uint32 // the same sequence without its first graphone
	back     float32
}

// perBit is how many steps of a cost a bit has.
const perBit = 4

// Model is a model in memory.
type Model struct {
	Graphones []Graphone // number 0 is the edge of a word
	// levels are the sequences of 0, 1, 2 ... graphones; behind the last of each
	// level one more ends its children.
	levels  [][]node
	letters [26][]uint16
}

func (m *Model) order() int { return len(m.levels) - 1 }

func (m *Model) index() {
	for n, g := range m.Graphones {
		if n != edge {
			m.letters[g.Letter-'a'] = append(m.letters[g.Letter-'a'], uint16(n))
		}
	}
}

// state is a node of a level.
type state struct {
	level int
	at    uint32
}

func (m *Model) child(s state, graphone uint16) (uint32, bool) {
	if s.level == m.order() {
		return 0, false
	}
	level := m.levels[s.level]
	from, to := level[s.at].first, level[s.at+1].first
	below := m.levels[s.level+1]
	for from < to {
		middle := (from + to) / 2
		if below[middle].graphone < graphone {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, from < level[s.at+1].first && below[from].graphone == graphone
}

// step returns the state behind a graphone and the bits that it costs.
func (m *Model) step(s state, graphone uint16) (state, float32) {
	bits := float32(0)
	for {
		if at, ok := m.child(s, graphone); ok {
			n := m.levels[s.level+1][at]
			to := state{s.level + 1, at}
			// A longest sequence has no children: what follows stands behind its end.
			if to.level == m.order() {
				to = state{to.level - 1, n.shorter}
			}
			return to, bits + float32(n.cost)/perBit
		}
		if s.level == 0 {
			return s, bits + never
		}
		bits += m.levels[s.level][s.at].back
		s = state{s.level - 1, m.levels[s.level][s.at].shorter}
	}
}

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

// Say returns the likeliest phones of a word, with one primary stress if it has
// any vowel, and how unlikely they are, in bits a letter. Characters that
// no graphone has are skipped; a word without letters has no phones.
func (m *Model) Say(word string) (phones []uint8, bits float64) {
	first, _ := m.step(state{}, edge)
	beam := [][]hypothesis{{{state: first}}}
	seen := map[uint64]int{}
	for _, l := range []byte(word) {
		if l < 'a' || l > 'z' || m.letters[l-'a'] == nil {
			continue
		}
		clear(seen)
		var next []hypothesis
		for from, h := range beam[len(beam)-1] {
			for _, g := range m.letters[l-'a'] {
				s, bits := m.step(h.state, g)
				n := hypothesis{state: s, bits: h.bits + bits, primary: h.primary, graphone: g, from: int32(from)}
				for _, p := range m.Graphones[g].Phones {
					if arpabet.Stress(p) == 1 {
						n.primary = min(n.primary+1, 2)
					}
				}
				key := uint64(s.at)<<8 | uint64(s.level)<<4 | uint64(n.primary)
				if at, ok := seen[key]; !ok {
					seen[key] = len(next)
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
		_, end := m.step(h.state, edge)
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
