package rans

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Symbols is how many different symbols a tree can have, from 0 up. Numbers of a
// context that are not below MostContext are as good as none.
const (
	Symbols     = 64
	MostContext = Symbols - 1
)

// Tree holds how likely symbols are in their contexts. A context is a few
// numbers, the most telling first. Contexts that were met too seldom to pay for
// their place are left out; the longest beginning of a context that is there
// stands for it.
type Tree struct {
	nodes   []node
	kids    []uint16 // of nodes, by the number that comes next in the context, 0 for none
	entries []entry
	counts  *count
}

// node is a context: its symbols, and where it goes on.
type node struct {
	entries, kids uint32
	symbols       uint8
	values        uint8 // kids, with those between that are none
}

// entry is a symbol in a context; of a node the commonest come first.
type entry struct {
	span
	symbol uint8
	level  uint8
}

// Levels are how common a symbol is, in steps of a factor of 2^0.4, as a file has them.
const levels = 32

var weights = func() (w [levels]uint32) {
	for i := 1; i < levels; i++ {
		w[i] = uint32(math.Round(math.Exp2(0.4 * float64(i-1))))
	}
	return w
}()

// Symbol codes a symbol in a context.
func (c *Coder) Symbol(t *Tree, symbol int, context ...uint8) int {
	if c.mode == counting {
		t.count(uint8(symbol), context)
		return symbol
	}
	n := &t.nodes[0]
	for _, value := range context {
		if value >= n.values {
			break
		}
		kid := t.kids[n.kids+uint32(value)]
		if kid == 0 {
			break
		}
		n = &t.nodes[kid]
	}
	entries := t.entries[n.entries : n.entries+uint32(n.symbols)]
	if c.mode == writing {
		i := slices.IndexFunc(entries, func(e entry) bool { return int(e.symbol) == symbol })
		c.out = append(c.out, entries[i].span)
		return symbol
	}
	slot, i := uint16(c.x&(scale-1)), 0
	for i+1 < len(entries) && slot >= entries[i+1].start {
		i++
	}
	e := &entries[i]
	c.take(uint32(e.start), uint32(e.width))
	return int(e.symbol)
}

// add adds a context with its symbols, which it puts in order, and returns its number.
func (t *Tree) add(entries []entry) int {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.level, a.level), cmp.Compare(a.symbol, b.symbol))
	})
	sum := uint32(0)
	for _, e := range entries {
		sum += weights[e.level]
	}
	// Each gets at least one of the range, and the commonest what is left.
	left := uint32(scale)
	for i := range entries {
		width := max(weights[entries[i].level]*(scale-Symbols)/sum, 1)
		entries[i].width = uint16(width)
		left -= width
	}
	entries[0].width += uint16(left)
	for i := 1; i < len(entries); i++ {
		entries[i].start = entries[i-1].start + entries[i-1].width
	}
	t.nodes = append(t.nodes, node{entries: uint32(len(t.entries)), symbols: uint8(len(entries))})
	t.entries = append(t.entries, entries...)
	return len(t.nodes) - 1
}

// mostNodes is how many contexts a tree can have.
const mostNodes = 1 << 16

var errDamaged = errors.New("a table is too large or damaged")

// tables are the trees by which trees are coded; nil codes plain numbers.
type tables struct{ sizes, levels, gaps Tree }

func (s *tables) size(c *Coder, n, above int) int {
	if s == nil {
		return c.Number(n, 6)
	}
	return c.Symbol(&s.sizes, n, uint8(above))
}

func (s *tables) level(c *Coder, level int, above uint8, size, depth int) int {
	if s == nil {
		return c.Number(level, 5)
	}
	return c.Symbol(&s.levels, level, above, uint8(size), uint8(depth))
}

func (s *tables) gap(c *Coder, gap, depth, size int) int {
	if s == nil {
		return c.Number(gap, 6)
	}
	return c.Symbol(&s.gaps, gap, uint8(depth), uint8(size))
}

// root is what stands above the first context: every symbol.
var root = func() (r [Symbols]entry) {
	for i := range r {
		r[i].symbol = uint8(i)
	}
	return r
}()

// mostContexts is how many numbers a context can have.
const mostContexts = 8

// code codes the tree; reading, it makes it.
func (t *Tree) code(c *Coder, s *tables) error {
	if c.Reading() {
		*t = Tree{}
	}
	_, err := t.node(c, s, 0, root[:], 0)
	return err
}

// node codes a context and all that go on from it. Its symbols are some of those
// of the context above.
func (t *Tree) node(c *Coder, s *tables, at int, above []entry, depth int) (int, error) {
	var here []entry
	if !c.Reading() {
		here = t.of(at)
	}
	size := s.size(c, len(here)-1, len(above)-1) + 1
	var found [Symbols]entry
	n := 0
	for _, a := range above {
		if n == size {
			break
		}
		level := 0
		if i := slices.IndexFunc(here, func(e entry) bool { return e.symbol == a.symbol }); i >= 0 {
			level = int(here[i].level)
		}
		level = s.level(c, level, a.level, size-1, depth)
		if level > 0 {
			found[n] = entry{symbol: a.symbol, level: uint8(min(level, levels-1))}
			n++
		}
	}
	if n < size || c.Over() || len(t.nodes) >= mostNodes {
		return 0, errDamaged
	}
	if c.Reading() {
		at = t.add(found[:n])
	}
	return at, t.goOn(c, s, at, depth)
}

func (t *Tree) of(at int) []entry {
	n := t.nodes[at]
	return t.entries[n.entries : n.entries+uint32(n.symbols)]
}

// goOn codes which contexts go on from one, by the gaps between their numbers.
func (t *Tree) goOn(c *Coder, s *tables, at, depth int) error {
	var kids [MostContext]uint16
	n := t.nodes[at]
	copy(kids[:], t.kids[n.kids:n.kids+uint32(n.values)])
	values := 0
	for depth < mostContexts {
		gap := 0
		for i, kid := range kids[values:] {
			if !c.Reading() && kid > 0 {
				gap = i + 1
				break
			}
		}
		if gap = s.gap(c, gap, depth, int(n.symbols)); gap == 0 {
			break
		}
		if values += gap; values > MostContext {
			return errDamaged
		}
		kid, err := t.node(c, s, int(kids[values-1]), t.of(at), depth+1)
		if err != nil {
			return err
		}
		kids[values-1] = uint16(kid)
	}
	if c.Reading() && values > 0 {
		t.nodes[at].kids, t.nodes[at].values = uint32(len(t.kids)), uint8(values)
		t.kids = append(t.kids, kids[:values]...)
	}
	return nil
}

// Trees are the trees of a file.
type Trees []Tree

// Learn makes the trees from what was counted.
func (ts Trees) Learn() {
	for i := range ts {
		ts[i].learn()
	}
}

// Code codes the trees; reading, it makes them.
func (ts Trees) Code(c *Coder) error {
	var s tables
	own := Trees{{}, {}, {}}
	if !c.Reading() {
		counter := NewCounter()
		for i := range ts {
			if err := ts[i].code(counter, &s); err != nil {
				return err
			}
		}
		own = Trees{s.sizes, s.levels, s.gaps}
		own.Learn()
	}
	for i := range own {
		if err := own[i].code(c, nil); err != nil {
			return err
		}
	}
	s = tables{own[0], own[1], own[2]}
	for i := range ts {
		if err := ts[i].code(c, &s); err != nil {
			return err
		}
	}
	return nil
}
