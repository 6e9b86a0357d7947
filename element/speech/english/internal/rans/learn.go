package rans

import (
	"maps"
	"math"
	"slices"
)

// count is how often symbols came in a context, and in those that go on from it.
type count struct {
	total int
	of    [][2]int // symbol, how often
	kids  map[uint8]*count
}

func (t *Tree) count(symbol uint8, context []uint8) {
	if t.counts == nil {
		t.counts = &count{}
	}
	n := t.counts
	n.add(symbol)
	for _, value := range context {
		if value >= MostContext {
			break
		}
		kid := n.kids[value]
		if kid == nil {
			if kid = new(count); n.kids == nil {
				n.kids = map[uint8]*count{}
			}
			n.kids[value] = kid
		}
		n = kid
		n.add(symbol)
	}
}

func (n *count) add(symbol uint8) {
	n.total++
	for i := range n.of {
		if n.of[i][0] == int(symbol) {
			n.of[i][1]++
			return
		}
	}
	n.of = append(n.of, [2]int{int(symbol), 1})
}

// What a context costs in the file, about, in bits.
const (
	costOfNode   = 24
	costOfSymbol = 6
)

// learn makes the tree from what was counted.
func (t *Tree) learn() {
	n := t.counts
	if n == nil {
		n = &count{}
		n.add(0)
	}
	n.prune()
	*t = Tree{}
	t.grow(n)
}

// prune returns the bits of all symbols of a context that has its own entry, and
// leaves out those that go on from it where that costs less.
func (n *count) prune() float64 {
	bits := float64(costOfNode + costOfSymbol*len(n.of))
	for _, s := range n.of {
		bits += n.bits(s[0], s[1])
	}
	for _, value := range slices.Sorted(maps.Keys(n.kids)) {
		kid := n.kids[value]
		without := 0.0
		for _, s := range kid.of {
			without += n.bits(s[0], s[1])
		}
		// One that costs less than its own entry is not worth a look.
		with := math.Inf(1)
		if without > costOfNode+costOfSymbol {
			with = kid.prune()
		}
		if with < without {
			bits += with - without
		} else {
			delete(n.kids, value)
		}
	}
	return bits
}

// bits is what a symbol costs that comes so often, by how likely it is in this context.
func (n *count) bits(symbol, times int) float64 {
	for _, s := range n.of {
		if s[0] == symbol {
			return float64(float64(times) * math.Log2(float64(n.total)/float64(s[1])))
		}
	}
	return math.Inf(1)
}

// grow adds a context and those that go on from it.
func (t *Tree) grow(n *count) int {
	var entries []entry
	for _, s := range n.of {
		level := 1 + int(math.Round(2.5*(scaleBits+math.Log2(float64(s[1])/float64(n.total)))))
		entries = append(entries, entry{symbol: uint8(s[0]), level: uint8(min(max(level, 1), levels-1))})
	}
	at := t.add(entries)
	var kids []uint16
	for _, value := range slices.Sorted(maps.Keys(n.kids)) {
		for len(kids) < int(value) {
			kids = append(kids, 0)
		}
		kids = append(kids, uint16(t.grow(n.kids[value])))
	}
	t.nodes[at].kids, t.nodes[at].values = uint32(len(t.kids)), uint8(len(kids))
	t.kids = append(t.kids, kids...)
	return at
}
