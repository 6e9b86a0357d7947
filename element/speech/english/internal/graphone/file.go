package graphone

import (
	"cmp"
	"errors"
	"slices"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/mix"
)

// A file is the graphones and then, level by level, which graphones follow each
// sequence. Only graphones can that also follow the shorter sequence, so these
// are gone through from the likeliest to the last that follows, a bit each. What
// it costs to fall back is found anew from the costs.

var errDamaged = errors.New("the model is damaged")

const mostSequences = 1 << 22

type format struct {
	c      *mix.Coder
	m      *Model
	any    *mix.Mixer
	member *mix.Mixer
	cost   *mix.Mixer
}

// Write encodes a model.
func Write(m *Model) []byte {
	f := newFormat(mix.NewWriter(), m)
	f.c.Number(len(m.Graphones), keyBits)
	f.c.Number(m.order(), 3)
	f.graphones()
	for n := 1; n <= m.order(); n++ {
		f.level(n)
	}
	return f.c.Bytes()
}

// Read decodes what [Write] wrote.
func Read(data []byte) (*Model, error) {
	m := &Model{}
	f := newFormat(mix.NewReader(data), m)
	m.Graphones = make([]Graphone, max(f.c.Number(0, keyBits), 1))
	m.levels = make([][]node, 1+max(f.c.Number(0, 3), 1))
	if err := f.graphones(); err != nil {
		return nil, err
	}
	m.index()
	m.levels[0] = []node{{}, {}}
	for n := 1; n <= m.order(); n++ {
		if err := f.level(n); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func newFormat(c *mix.Coder, m *Model) *format {
	return &format{c: c, m: m, any: mix.NewMixer(3, 16), member: mix.NewMixer(3, 17), cost: mix.NewMixer(3, 17)}
}

func (f *format) graphones() error {
	for i := 1; i < len(f.m.Graphones); i++ {
		g := &f.m.Graphones[i]
		letter := f.c.Number(int(g.Letter-'a')&31, 5)
		g.Letter = byte('a' + letter)
		n := f.c.Number(len(g.Phones), 2)
		if f.c.Reading() {
			g.Phones = make([]uint8, n)
		}
		for j, p := range g.Phones {
			if g.Phones[j] = uint8(f.c.Number(int(p), 7)); g.Phones[j] >= arpabet.Count {
				return errDamaged
			}
		}
		if letter >= 26 {
			return errDamaged
		}
	}
	return nil
}

// level codes the sequences of n graphones, which go on from those of n-1.
func (f *format) level(n int) error {
	above := f.m.levels[n-1]
	var out []node
	var likely []node
	for at := range len(above) - 1 {
		up := &above[at]
		var follow []node
		if !f.c.Reading() {
			follow = f.m.levels[n][up.first:above[at+1].first]
		}
		if n == 1 {
			likely = likely[:0]
			for g := range f.m.Graphones {
				likely = append(likely, node{graphone: uint16(g)})
			}
		} else {
			shorter := f.m.levels[n-2]
			from, to := shorter[up.shorter].first, shorter[up.shorter+1].first
			likely = likely[:0]
			for i := from; i < to; i++ {
				next := above[i]
				next.shorter = i
				likely = append(likely, next)
			}
			slices.SortFunc(likely, func(a, b node) int {
				return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.graphone, b.graphone))
			})
		}
		first := len(out)
		out = f.follow(n, up, follow, likely, out)
		slices.SortFunc(out[first:], func(a, b node) int { return cmp.Compare(a.graphone, b.graphone) })
		up.first = uint32(first)
		if len(out) > mostSequences || f.c.Over() {
			return errDamaged
		}
	}
	above[len(above)-1].first = uint32(len(out))
	if f.c.Reading() {
		f.m.levels[n] = append(out, node{})
	}
	if f.c.Reading() && n > 1 {
		for at := range len(above) - 1 {
			above[at].back = f.m.fallback(n-1, uint32(at))
		}
	}
	return nil
}

// follow codes what follows a sequence, of which it appends the nodes to out.
func (f *format) follow(n int, up *node, follow, likely, out []node) []node {
	few := uint32(min(len(likely), 15))
	f.any.Context(0, uint32(n), few)
	f.any.Context(1, uint32(n)<<16|uint32(up.graphone), uint32(up.cost)/4)
	f.any.Context(2, uint32(n)<<16|few, uint32(up.cost))
	more := f.any.Bit(f.c, 0, bit(len(follow) > 0)) == 1
	found := 0
	left := len(follow)
	for i, next := range likely {
		if !more {
			break
		}
		last := i == len(likely)-1
		at, is := slices.BinarySearchFunc(follow, next.graphone, func(a node, g uint16) int { return cmp.Compare(a.graphone, g) })
		if !last || found > 0 {
			f.member.Context(0, uint32(n)<<16|uint32(next.cost), uint32(min(found, 2)))
			f.member.Context(1, uint32(next.graphone)<<16|uint32(up.graphone), uint32(n))
			f.member.Context(2, uint32(n)<<16|uint32(next.cost), few<<16|uint32(up.cost)<<8|uint32(min(i, 15)))
			if f.member.Bit(f.c, 0, bit(is)) == 0 {
				continue
			}
		}
		is = true
		next.first = 0
		if n == 1 {
			next.shorter = 0
		}
		cost := uint32(0)
		if !f.c.Reading() {
			cost = uint32(follow[at].cost)
		}
		f.cost.Context(0, uint32(n), uint32(next.cost))
		f.cost.Context(1, uint32(n)<<16|uint32(next.cost), uint32(up.cost)<<4|uint32(min(found, 2)))
		f.cost.Context(2, uint32(n)<<16|uint32(next.cost), uint32(next.graphone)<<16|uint32(up.graphone))
		tree := uint32(1)
		for b := 5; b >= 0; b-- {
			tree = tree<<1 | uint32(f.cost.Bit(f.c, tree, int(cost>>b&1)))
		}
		next.cost = uint8(tree - 64)
		next.back = 0
		out = append(out, next)
		found++
		left--
		if !last {
			f.any.Context(0, uint32(n)|1<<8, few)
			f.any.Context(1, uint32(n)<<8|uint32(min(found, 3))|1<<16, few)
			f.any.Context(2, uint32(n)<<8|uint32(min(found, 3))|1<<16, uint32(next.cost)<<8|few)
			more = f.any.Bit(f.c, 1, bit(left > 0)) == 1
		}
	}
	return out
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
