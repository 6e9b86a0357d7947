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

// Learn learns a model from words, each a sequence of graphones by their number.
//
// The probabilities are those of interpolated modified Kneser-Ney smoothing
// (Chen & Goodman 1999). Sequences that a shorter one predicts about as well are
// left out by relative entropy (Stolcke 1998), with the counts of the words for
// the probability of a history.
func Learn(graphones []Graphone, words [][]uint16, o LearnOptions) *Model {
	l := learner{order: o.Order, raw: make([]map[key]float64, o.Order+1), p: make([]map[key]float64, o.Order+1)}
	l.count(words)
	l.smooth(len(graphones))
	kept := l.prune(o.Prune)
	return l.model(graphones, kept)
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

func (l *learner) model(graphones []Graphone, kept []map[key]bool) *Model {
	m := &Model{Graphones: graphones, levels: make([][]node, l.order+1)}
	m.levels[0] = []node{{}, {}}
	m.index()
	above := map[key]uint32{0: 0}
	for n := 1; n <= l.order; n++ {
		keys := slices.Collect(maps.Keys(kept[n]))
		slices.SortFunc(keys, func(a, b key) int {
			return cmp.Or(cmp.Compare(above[a.history()], above[b.history()]), cmp.Compare(a.last(), b.last()))
		})
		here := make(map[key]uint32, len(keys))
		parents := m.levels[n-1]
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
			m.levels[n] = append(m.levels[n], node{graphone: k.last(), cost: cost(p)})
		}
		for i := len(parents) - 2; i >= 0; i-- {
			parents[i].first = min(parents[i].first, parents[i+1].first)
		}
		m.levels[n] = append(m.levels[n], node{})
		above = here
	}
	m.link()
	return m
}

// cost is a probability as it is stored.
func cost(p float64) uint8 {
	return uint8(min(max(math.Round(-perBit*math.Log2(p)), 0), dearest))
}

const dearest = 63

// link finds the shorter sequences, and what it costs to fall back to them.
func (m *Model) link() {
	for n := 1; n < len(m.levels); n++ {
		for parent := range len(m.levels[n-1]) - 1 {
			up := m.levels[n-1]
			for at := up[parent].first; at < up[parent+1].first; at++ {
				if n > 1 {
					shorter, _ := m.child(state{n - 2, up[parent].shorter}, m.levels[n][at].graphone)
					m.levels[n][at].shorter = shorter
				}
			}
		}
	}
	for n := 1; n < m.order(); n++ {
		for at := range len(m.levels[n]) - 1 {
			m.levels[n][at].back = m.fallback(n, uint32(at))
		}
	}
}

func (m *Model) fallback(n int, at uint32) float32 {
	left, leftShorter := 1.0, 1.0
	here := m.levels[n]
	for i := here[at].first; i < here[at+1].first; i++ {
		child := m.levels[n+1][i]
		left -= math.Exp2(-float64(child.cost) / perBit)
		leftShorter -= math.Exp2(-float64(m.levels[n][child.shorter].cost) / perBit)
	}
	return float32(math.Log2(max(leftShorter, least) / max(left, least)))
}

// least is the probability that is always left to sequences which are not stored.
const least = 0.02

// Sequences is how many sequences are stored of each length.
func (m *Model) Sequences() []int {
	var n []int
	for _, l := range m.levels[1:] {
		n = append(n, len(l)-1)
	}
	return n
}
