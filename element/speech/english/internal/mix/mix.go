// Package mix is an adaptive binary arithmetic coder. Each bit is predicted by
// how often bits came in the same contexts before, from wide ones to narrow ones:
// a narrow context counts the more the oftener it was met, much as in prediction
// by partial matching (Cleary & Witten 1984).
//
// Everything is done in integers, so what one machine wrote every other reads.
// The same calls write and read: a [Coder] that reads ignores the bits it is
// given and returns those of the file, so that a format is described once.
package mix

// Coder writes or reads bits.
type Coder struct {
	reading   bool
	low, high uint32 // the interval left
	at        uint32 // reading: the four bytes of the file that lie within it
	data      []byte
	pos, over int
}

// NewWriter returns a coder that collects bits; see [Coder.Bytes].
func NewWriter() *Coder { return &Coder{high: 1<<32 - 1} }

// NewReader returns a coder that gives back the bits of a file. Past the end of
// a file that was cut short it gives bits without meaning.
func NewReader(data []byte) *Coder {
	c := &Coder{reading: true, high: 1<<32 - 1, data: data}
	for range 4 {
		c.at = c.at<<8 | uint32(c.next())
	}
	return c
}

// Over tells whether more was read than the file has.
func (c *Coder) Over() bool { return c.over > 4 }

// Reading tells whether the coder reads.
func (c *Coder) Reading() bool { return c.reading }

func (c *Coder) next() byte {
	if c.pos >= len(c.data) {
		c.over++
		return 0
	}
	c.pos++
	return c.data[c.pos-1]
}

// Bytes ends the writing and returns the file.
func (c *Coder) Bytes() []byte {
	c.data = append(c.data, byte(c.high>>24), byte(c.high>>16), byte(c.high>>8), byte(c.high))
	return c.data
}

// code codes a bit that is 1 with probability p/65536.
func (c *Coder) code(bit int, p uint32) int {
	middle := c.low + uint32(uint64(c.high-c.low)*uint64(p)>>16)
	if c.reading {
		bit = 0
		if c.at <= middle {
			bit = 1
		}
	}
	if bit == 1 {
		c.high = middle
	} else {
		c.low = middle + 1
	}
	for (c.low^c.high)>>24 == 0 {
		if c.reading {
			c.at = c.at<<8 | uint32(c.next())
		} else {
			c.data = append(c.data, byte(c.high>>24))
		}
		c.low <<= 8
		c.high = c.high<<8 | 255
	}
	return bit
}

// Number codes a number of a fixed count of bits, all equally likely.
func (c *Coder) Number(n, bits int) int {
	got := 0
	for i := bits - 1; i >= 0; i-- {
		got = got<<1 | c.code(n>>i&1, 1<<15)
	}
	return got
}

// Guess is the probability of a 1 in one context, learned from the bits seen in it.
type Guess struct {
	p    uint16
	seen uint16
}

// limit is how many bits a guess remembers, about.
const limit = 255

var rates = func() (r [limit + 1]int32) {
	for i := range r {
		r[i] = int32(65536 * 2 / (2*i + 3))
	}
	return r
}()

func (g *Guess) learn(bit int) {
	if g.seen == 0 && g.p == 0 {
		g.p = 1 << 15
	}
	d := int32(bit<<16-bit) - int32(g.p)
	g.p = uint16(int32(g.p) + int32(int64(d)*int64(rates[g.seen])>>16))
	if g.seen < limit {
		g.seen++
	}
}

func (g *Guess) value() uint16 {
	if g.seen == 0 {
		return 1 << 15
	}
	return g.p
}

// Bit codes a bit by one guess alone.
func (c *Coder) Bit(g *Guess, bit int) int {
	bit = c.code(bit, clamp(uint32(g.value())))
	g.learn(bit)
	return bit
}

func clamp(p uint32) uint32 { return min(max(p, 32), 65535-32) }

// Mixer predicts bits by several contexts at once.
type Mixer struct {
	tables [][]Guess
	shift  uint
	hashes []uint32
}

// NewMixer returns a mixer of n contexts with tables of 2^bits guesses.
func NewMixer(n int, bits uint) *Mixer {
	m := &Mixer{shift: 32 - bits, tables: make([][]Guess, n), hashes: make([]uint32, n)}
	for i := range m.tables {
		m.tables[i] = make([]Guess, 1<<bits)
	}
	return m
}

// Context sets a context, of which 0 is the widest; the values tell it from others.
func (m *Mixer) Context(i int, a, b uint32) {
	h := (a + 0x7F4A7C15) * 0x9E3779B1
	h = (h ^ h>>15 ^ b) * 0x85EBCA6B
	m.hashes[i] = h ^ h>>15
}

// Bit codes a bit: node tells the decisions that are taken in the same contexts
// from each other.
func (m *Mixer) Bit(c *Coder, node uint32, bit int) int {
	p := int32(1 << 15)
	var met [8]*Guess
	for i, t := range m.tables {
		x := (m.hashes[i] ^ node*0xC2B2AE35) * 0x27D4EB2F
		g := &t[x>>m.shift]
		met[i] = g
		p += (int32(g.p) - p) * trust[g.seen] >> 14
	}
	bit = c.code(bit, clamp(uint32(p)))
	for _, g := range met[:len(m.tables)] {
		g.learn(bit)
	}
	return bit
}

// trust is how much a guess counts against those of wider contexts, in 1/16384.
var trust = func() (t [limit + 1]int32) {
	for i := range t {
		t[i] = int32(1 << 14 * i / (i + 2))
	}
	return t
}()
