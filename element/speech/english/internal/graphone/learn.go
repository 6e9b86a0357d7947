package graphone

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// LearnOptions are the sizes of a model.
type LearnOptions struct {
	Order int     // graphones in the longest sequences, at most 7
	Prune float64 // the gain in bits over all words below which a sequence is left out
}

// Learn learns a model from words, each a sequence of graphones by their number,
// and returns its file.
//
// The probabilities are those of interpolated modified Kneser-Ney smoothing
// (Chen & Goodman 1999). Sequences that a shorter one predicts about as well are
// left out by relative entropy (Stolcke 1998), with the counts of the words for
// the probability of a history.
func Learn(graphones []Graphone, words [][]uint16, o LearnOptions) ([]byte, error) {
	l := learner{order: o.Order, at: []map[key]uint32{nil}, raw: make([]map[key]float64, o.Order+1), p: make([]map[key]float64, o.Order+1)}
	l.count(words)
	l.smooth(len(graphones))
	kept := l.prune(o.Prune)
	return write(graphones, l.nodes(kept))
}

// key is a sequence of graphones, the last in the lowest bits, each plus 1.
type key uint64

const keyBits = 9

func (k key) push(graphone uint16) key { return k<<keyBits | key(graphone+1) }
func (k key) last() uint16             { return uint16(k&(1<<keyBits-1)) - 1 }
func (k key) history() key             { return k >> keyBits }
func (k key) shorter(length int) key   { return k & (1<<(keyBits*(length-1)) - 1) }

type learner struct {
	order int
	raw   []map[key]float64 // how often a sequence of each length occurs
	p     []map[key]float64 // the probability of its last graphone behind the others
	at    []map[key]uint32  // the place of those kept among those of their length
}

func (l *learner) count(words [][]uint16) {
	for n := range l.raw {
		l.raw[n] = map[key]float64{}
	}
	for _, w := range words {
		line := append(append([]uint16{edge}, w...), edge)
		for end := 1; end < len(line); end++ {
			for start := end; start >= 0 && end-start < l.order; start-- {
				k := key(0)
				for _, g := range line[start : end+1] {
					k = k.push(g)
				}
				l.raw[end-start+1][k]++
			}
		}
	}
}

// smooth finds the probabilities, from the shortest sequences up.
func (l *learner) smooth(graphones int) {
	l.p[0] = map[key]float64{0: 1 / float64(graphones)}
	for n := 1; n <= l.order; n++ {
		counts := l.raw[n]
		if n < l.order {
			// A shorter sequence counts by what different graphones stand before it,
			// unless it begins the word.
			counts = map[key]float64{}
			for k := range l.raw[n+1] {
				counts[k.shorter(n+1)]++
			}
			for k, c := range l.raw[n] {
				if counts[k] == 0 {
					counts[k] = c
				}
			}
		}
		// How many sequences occur once, twice, three and four times.
		var of [5]float64
		for _, c := range counts {
			if c <= 4 {
				of[int(c)]++
			}
		}
		for i := range of {
			of[i] = max(of[i], 1)
		}
		y := of[1] / (of[1] + 2*of[2])
		discount := [4]float64{0, 1 - 2*y*of[2]/of[1], 2 - 3*y*of[3]/of[2], 3 - 4*y*of[4]/of[3]}
		total, taken := map[key]float64{}, map[key]float64{}
		for _, k := range slices.Sorted(maps.Keys(counts)) {
			c := counts[k]
			total[k.history()] += c
			taken[k.history()] += discount[min(int(c), 3)]
		}
		l.p[n] = make(map[key]float64, len(counts))
		for k, c := range counts {
			h := k.history()
			shorter := l.p[0][0]
			if n > 1 {
				shorter = l.p[n-1][k.shorter(n)]
			}
			l.p[n][k] = (c - discount[min(int(c), 3)] + float64(taken[h]*shorter)) / total[h]
		}
	}
}

// prune returns the sequences of each length that are kept.
func (l *learner) prune(threshold float64) []map[key]bool {
	kept := make([]map[key]bool, l.order+1)
	for n := range kept {
		kept[n] = map[key]bool{}
	}
	for n := l.order; n >= 1; n-- {
		children := map[key][]key{}
		for _, k := range slices.Sorted(maps.Keys(l.p[n])) {
			children[k.history()] = append(children[k.history()], k)
		}
		for h, ks := range children {
			// What is left for the sequences that are not stored, here and after a
			// shorter history.
			left, leftShorter := 1.0, 1.0
			for _, k := range ks {
				left -= l.p[n][k]
				if n > 1 {
					leftShorter -= l.p[n-1][k.shorter(n)]
				}
			}
			left, leftShorter = max(left, 1e-6), max(leftShorter, 1e-6)
			total := l.raw[n-1][h]
			if n == 1 || total == 0 {
				total = math.Inf(1)
			}
			for _, k := range ks {
				if n == 1 {
					kept[n][k] = true
					continue
				}
				p, shorter := l.p[n][k], l.p[n-1][k.shorter(n)]
				before, after := math.Log2(left/leftShorter), math.Log2((left+p)/(leftShorter+shorter))
				gain := p*(math.Log2(p)-math.Log2(shorter)-after) + left*(before-after)
				if gain*total > threshold {
					kept[n][k] = true
				}
			}
		}
		if n < l.order {
			for k := range kept[n+1] {
				kept[n][k.history()] = true
			}
		}
		for k := range kept[n] {
			for s, m := k, n; m > 1; m-- {
				s = s.shorter(m)
				kept[m-1][s] = true
			}
		}
	}
	return kept
}

// node is a sequence of graphones, a child of the sequence without its last.
type node struct {
	graphone uint16 // the last
	cost     uint8  // of the last behind the others, in steps of 1/perBit bit
	first    uint32 // of its children, which are in the order of their graphones
	shorter  uint32 // the same sequence without its first graphone
}

// nodes returns the sequences of 0, 1, 2 ... graphones; behind the last of each
// length one more ends its children.
func (l *learner) nodes(kept []map[key]bool) [][]node {
	levels := make([][]node, l.order+1)
	levels[0] = []node{{}, {}}
	above := map[key]uint32{0: 0}
	for n := 1; n <= l.order; n++ {
		keys := slices.Collect(maps.Keys(kept[n]))
		slices.SortFunc(keys, func(a, b key) int {
			return cmp.Or(cmp.Compare(above[a.history()], above[b.history()]), cmp.Compare(a.last(), b.last()))
		})
		here := make(map[key]uint32, len(keys))
		parents := levels[n-1]
		for i := range parents {
			parents[i].first = uint32(len(keys))
		}
		for i, k := range keys {
			here[k] = uint32(i)
			parent := &parents[above[k.history()]]
			parent.first = min(parent.first, uint32(i))
			p := l.p[n][k]
			if p == 0 {
				// The edge alone: nothing precedes it.
				p = 1e-9
			}
			next := node{graphone: k.last(), cost: cost(p)}
			if n > 1 {
				next.shorter = l.at[n-1][k.shorter(n)]
			}
			levels[n] = append(levels[n], next)
		}
		for i := len(parents) - 2; i >= 0; i-- {
			parents[i].first = min(parents[i].first, parents[i+1].first)
		}
		levels[n] = append(levels[n], node{})
		l.at = append(l.at, here)
		above = here
	}
	return levels
}

// cost is a probability as it is stored.
func cost(p float64) uint8 {
	return uint8(min(max(math.Round(-perBit*math.Log2(p)), 0), dearest))
}

const dearest = 63
