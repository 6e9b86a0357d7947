// Package rans codes symbols by fixed tables, with range asymmetric numeral
// systems (Duda, "Asymmetric Numeral Systems", 2013). The tables are learned from
// the symbols themselves and are stored before them, so that any stretch of a file
// can be read by itself, and quickly: nothing is learned while reading.
//
// The same calls count, write and read: a [Coder] that reads ignores the symbols
// it is given and returns those of the file, so that a format is described once.
package rans

import (
	"encoding/binary"
	"slices"
)

// Coder counts, writes or reads symbols.
type Coder struct {
	mode mode
	x    uint32 // the state, from low up
	in   []byte
	over int
	out  []span
}

type mode uint8

const (
	counting mode = iota
	writing
	reading
)

// span is the part of the range that a symbol has.
type span struct{ start, width uint16 }

const (
	scaleBits = 12 // of the range that the symbols of a table share
	scale     = 1 << scaleBits
	low       = 1 << 16
)

// NewCounter returns a coder that only counts, for [Trees.Learn].
func NewCounter() *Coder { return &Coder{mode: counting} }

// NewWriter returns a coder that collects symbols; see [Coder.Bytes].
func NewWriter() *Coder { return &Coder{mode: writing} }

// NewReader returns a coder that gives back what was written. Past the end it
// gives symbols without meaning.
func NewReader(data []byte) *Coder {
	c := &Coder{mode: reading, in: data}
	c.x = c.next()<<16 | c.next()
	return c
}

func (c *Coder) next() uint32 {
	if len(c.in) < 2 {
		c.over++
		return 0
	}
	n := binary.LittleEndian.Uint16(c.in)
	c.in = c.in[2:]
	return uint32(n)
}

// Reading tells whether the coder reads.
func (c *Coder) Reading() bool { return c.mode == reading }

// Over tells whether more was read than was written.
func (c *Coder) Over() bool { return c.over > 0 }

// Ended tells whether all that was written has been read, and nothing else.
func (c *Coder) Ended() bool { return c.over == 0 && len(c.in) == 0 && c.x == low }

// take goes on behind a symbol that was read.
func (c *Coder) take(start, width uint32) {
	c.x = width*(c.x>>scaleBits) + c.x&(scale-1) - start
	if c.x < low {
		c.x = c.x<<16 | c.next()
	}
}

// Bytes returns what was written. The last symbol is coded first, so that the
// first is read first.
func (c *Coder) Bytes() []byte {
	var words []uint16
	x := uint64(low)
	for _, s := range slices.Backward(c.out) {
		width := uint64(s.width)
		if x >= width<<(32-scaleBits) {
			words = append(words, uint16(x))
			x >>= 16
		}
		x = x/width<<scaleBits + x%width + uint64(s.start)
	}
	words = append(words, uint16(x), uint16(x>>16))
	var data []byte
	for _, w := range slices.Backward(words) {
		data = binary.LittleEndian.AppendUint16(data, w)
	}
	return data
}

// Number codes a number of up to 12 bits, all equally likely.
func (c *Coder) Number(n, bits int) int {
	shift := scaleBits - bits
	switch c.mode {
	case writing:
		c.out = append(c.out, span{uint16(n << shift), 1 << shift})
	case reading:
		n = int(c.x) & (scale - 1) >> shift
		c.take(uint32(n)<<shift, 1<<shift)
	}
	return n
}
