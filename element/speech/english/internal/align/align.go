// Package align finds which phones each letter of a word stands for.
package align

import (
	"math"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

// Word is a spelling and one way to say it.
type Word struct {
	Letters string
	Phones  []uint8
}

// chunk numbers none, one or two phones without stress.
func chunk(phones []uint8) int {
	switch len(phones) {
	case 0:
		return 0
	case 1:
		return 1 + int(arpabet.Base(phones[0]))
	}
	return 1 + arpabet.Count + int(arpabet.Base(phones[0]))*arpabet.Count + int(arpabet.Base(phones[1]))
}

const chunks = 1 + arpabet.Count + arpabet.Count*arpabet.Count

// longest is how many phones a letter may stand for. Some stand for more ("w"):
// see [Aligner.Align].
const longest = 2

// Aligner knows how likely a letter stands for which phones.
type Aligner struct {
	p [256][]float64 // by letter and chunk
}

// Learn learns from words, by expectation maximisation over all ways to part the
// phones of each among its letters (Bisani & Ney 2008, section 4, for graphones
// of one letter and up to two phones).
//
// Products are rounded before they are added, so that machines which would fuse
// the two find the same alignment.
func Learn(words []Word, rounds int) *Aligner {
	var a Aligner
	for _, w := range words {
		for _, l := range []byte(w.Letters) {
			if a.p[l] == nil {
				a.p[l] = make([]float64, chunks)
				for i := range a.p[l] {
					a.p[l][i] = 1
				}
			}
		}
	}
	for range rounds {
		var counts [256][]float64
		for l := range a.p {
			if a.p[l] != nil {
				counts[l] = make([]float64, chunks)
			}
		}
		for _, w := range words {
			a.expect(w, &counts)
		}
		for l, c := range counts {
			sum := 0.0
			for _, n := range c {
				sum += n
			}
			for i, n := range c {
				a.p[l][i] = n / max(sum, 1e-9)
			}
		}
	}
	return &a
}

func (a *Aligner) expect(w Word, counts *[256][]float64) {
	n, m := len(w.Letters), len(w.Phones)
	forward, backward := grid(n, m), grid(n, m)
	forward[0][0], backward[n][m] = 1, 1
	for i := range n {
		for j := range m + 1 {
			for k := 0; k <= longest && j+k <= m; k++ {
				forward[i+1][j+k] += float64(forward[i][j] * a.p[w.Letters[i]][chunk(w.Phones[j:j+k])])
			}
		}
	}
	total := forward[n][m]
	if total == 0 {
		return
	}
	for i := n - 1; i >= 0; i-- {
		for j := range m + 1 {
			for k := 0; k <= longest && j+k <= m; k++ {
				l, c := w.Letters[i], chunk(w.Phones[j:j+k])
				through := float64(a.p[l][c] * backward[i+1][j+k])
				backward[i][j] += through
				counts[l][c] += float64(forward[i][j]*through) / total
			}
		}
	}
}

func grid(n, m int) [][]float64 {
	rows := make([][]float64, n+1)
	cells := make([]float64, (n+1)*(m+1))
	for i := range rows {
		rows[i] = cells[i*(m+1) : (i+1)*(m+1)]
	}
	return rows
}

// Align parts the phones of a word among its letters in the likeliest way.
// Regular tells whether every letter has at most two phones that it was seen to
// stand for; others are parted as evenly as can be.
func (a *Aligner) Align(w Word) (parts [][]uint8, regular bool) {
	n, m := len(w.Letters), len(w.Phones)
	for most := longest; ; most++ {
		cost, from := make([][]int, n+1), make([][]int, n+1)
		for i := range cost {
			cost[i], from[i] = make([]int, m+1), make([]int, m+1)
			for j := range cost[i] {
				cost[i][j] = math.MaxInt
			}
		}
		cost[0][0] = 0
		for i := range n {
			for j := range m + 1 {
				if cost[i][j] == math.MaxInt {
					continue
				}
				for k := 0; k <= most && j+k <= m; k++ {
					if c := cost[i][j] + a.cost(w.Letters[i], w.Phones[j:j+k]); c < cost[i+1][j+k] {
						cost[i+1][j+k], from[i+1][j+k] = c, k
					}
				}
			}
		}
		if cost[n][m] == math.MaxInt {
			continue
		}
		parts = make([][]uint8, n)
		for i, j := n, m; i > 0; i-- {
			k := from[i][j]
			parts[i-1] = w.Phones[j-k : j]
			j -= k
		}
		return parts, cost[n][m] < unseen
	}
}

const unseen = 1 << 20

// cost is how unlikely a letter stands for phones, in 1/256 bit.
func (a *Aligner) cost(letter byte, phones []uint8) int {
	if len(phones) <= longest && a.p[letter] != nil {
		if p := a.p[letter][chunk(phones)]; p > 1e-7 {
			return int(math.Round(-256 * math.Log2(p)))
		}
	}
	return unseen * (1 + len(phones)*len(phones))
}
