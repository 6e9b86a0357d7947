package tensor

import (
	"fmt"
	"math/bits"
	"slices"
	"unsafe"

	"github.com/stride-ml/stride/tensor/kernel"
)

// CacheType is how a cache of keys and values stores its numbers.
type CacheType int

const (
	CacheF32  CacheType = iota // as they were computed
	CacheF16                   // rounded to half precision
	CacheQ8_0                  // 8-bit integers with a scale in half precision for each 32 of them
)

var cacheTypes = []string{"f32", "f16", "q8_0"}

func (t CacheType) String() string { return cacheTypes[t] }

// CacheTypes lists the names of the types.
func CacheTypes() []string { return slices.Clone(cacheTypes) }

// ParseCacheType returns the type of a name: f32, f16 or q8_0.
func ParseCacheType(name string) (CacheType, error) {
	if i := slices.Index(cacheTypes, name); i >= 0 {
		return CacheType(i), nil
	}
	return 0, fmt.Errorf("%q is no type of a key-value cache, want f32, f16 or q8_0", name)
}

// Positions are stored, and attended to, by pages. The first are small, so that short
// texts take little memory; long ones are read as fast as memory allows only if much
// of it lies together.
const (
	leastPage  = 256  // positions of the first two; the next have twice as many as the one before
	mostPage   = 1024 // of all others
	morePages  = 2    // than there would be if all had mostPage positions
	scaleBlock = 32   // values that share a scale
)

// pageAt is the page of a position.
func pageAt(position int) int {
	if position < mostPage {
		return bits.Len(uint(position / leastPage))
	}
	return morePages + position/mostPage
}

// pageStart is the first position of a page.
func pageStart(index int) int {
	switch {
	case index == 0:
		return 0
	case index <= morePages:
		return leastPage << (index - 1)
	}
	return (index - morePages) * mostPage
}

// Cache holds the keys and values of one sequence in one layer, so many
// positions as [Cache.Grow] made room for. Memory comes by pages.
//
// In a page each head has its keys and then its values, in the panels of
// [kernel.PackB], so that products with queries and with probabilities need no
// copy and a new position is written where it belongs: keys in panels of 16
// positions, (HeadDim,16) each, values in panels of 16 elements, (positions,16)
// each. In q8_0 panels are those of [kernel.Int8s], and an odd HeadDim is filled up
// with a zero.
type Cache struct {
	kind       CacheType
	heads, dim int
	deep       int // elements of a key as stored
	wide       int // dim in whole panels
	context    int // positions at most, in whole panels
	blocks     int // of scaleBlock elements
	pages      []cachePage
}

// cachePage has its numbers in the one field that is for the type.
type cachePage struct {
	rows   int // positions
	floats []float32
	halves []uint16
	bytes  []int8
	scales []uint16 // of q8_0: for each head (2·blocks,rows), those of keys first
}

// NewCache returns a cache without room, for at most context positions.
func NewCache(kind CacheType, kvHeads, headDim, context int) Cache {
	c := Cache{kind: kind, heads: kvHeads, dim: headDim, deep: headDim, wide: (headDim + panel - 1) / panel * panel}
	c.context = (context + panel - 1) / panel * panel
	if kind == CacheQ8_0 {
		c.deep, c.blocks = headDim+headDim%2, (headDim+scaleBlock-1)/scaleBlock
	}
	return c
}

// Grow makes room for n positions; what is there stays.
func (c *Cache) Grow(n int) { GrowCaches(unsafe.Slice(c, 1), n) }

// GrowCaches is [Cache.Grow] for the caches of all layers, whose new pages lie
// together.
func GrowCaches(layers []Cache, n int) {
	size := 0
	for i := range layers {
		c := &layers[i]
		for index := len(c.pages); pageStart(index) < n; index++ {
			size += c.pageBytes(c.pageRows(index))
		}
	}
	if size == 0 {
		return
	}
	memory := NewMemory(size)
	for i := range layers {
		c := &layers[i]
		for index := len(c.pages); pageStart(index) < n; index++ {
			rows := c.pageRows(index)
			c.pages = append(c.pages, c.newPage(rows, memory[:c.pageBytes(rows)]))
			memory = memory[c.pageBytes(rows):]
		}
	}
}

// pageRows is the positions of a page: no more than there may be in all.
func (c *Cache) pageRows(index int) int {
	return min(pageStart(index+1), c.context) - pageStart(index)
}

// room is the positions that there is room for.
func (c *Cache) room() int {
	last := len(c.pages) - 1
	if last < 0 {
		return 0
	}
	return pageStart(last) + c.pages[last].rows
}

// newPage makes a page of memory: numbers, then scales.
func (c *Cache) newPage(rows int, memory []byte) cachePage {
	p, size := cachePage{rows: rows}, c.heads*c.head(rows)
	switch at := unsafe.Pointer(unsafe.SliceData(memory)); c.kind {
	case CacheF32:
		p.floats = unsafe.Slice((*float32)(at), size)
	case CacheF16:
		p.halves = unsafe.Slice((*uint16)(at), size)
	case CacheQ8_0:
		p.bytes = unsafe.Slice((*int8)(at), size)
		p.scales = unsafe.Slice((*uint16)(unsafe.Add(at, c.numberBytes(rows))), c.heads*2*c.blocks*rows)
	}
	return p
}

// numberBytes is the bytes of a page's numbers, in whole cache lines.
func (c *Cache) numberBytes(rows int) int {
	return ([...]int{4, 2, 1}[c.kind]*c.heads*c.head(rows) + 63) &^ 63
}

// pageBytes is the bytes of a page, in whole cache lines.
func (c *Cache) pageBytes(rows int) int {
	n := c.numberBytes(rows)
	if c.kind == CacheQ8_0 {
		n += 2 * c.heads * 2 * c.blocks * rows
	}
	return (n + 63) &^ 63
}

// Bytes is how much memory the cache holds.
func (c *Cache) Bytes() (n int) {
	for _, p := range c.pages {
		n += c.pageBytes(p.rows)
	}
	return n
}

// head is the numbers of one head in a page of so many positions, and values where
// its values begin.
func (c *Cache) head(rows int) int   { return rows * (c.deep + c.wide) }
func (c *Cache) values(rows int) int { return rows * c.deep }

// store writes the key and value of one head at a position.
func (c *Cache) store(position, head int, key, value []float32) {
	index := pageAt(position)
	p, row := &c.pages[index], position-pageStart(index)
	base := head * c.head(p.rows)
	switch c.kind {
	case CacheF32:
		place(c, p.floats[base:], p.rows, row, 0, key, true)
		place(c, p.floats[base:], p.rows, row, 0, value, false)
	case CacheF16:
		var narrow [64]uint16
		for i := 0; i < c.dim; i += len(narrow) {
			n := min(len(narrow), c.dim-i)
			kernel.NarrowHalf(narrow[:n], key[i:])
			place(c, p.halves[base:], p.rows, row, i, narrow[:n], true)
			kernel.NarrowHalf(narrow[:n], value[i:])
			place(c, p.halves[base:], p.rows, row, i, narrow[:n], false)
		}
	case CacheQ8_0:
		var narrow [scaleBlock]int16
		bytes := p.bytes[base : base+c.head(p.rows)]
		scales := p.scales[head*2*c.blocks*p.rows+row:]
		for b := range c.blocks {
			i := b * scaleBlock
			n := min(scaleBlock, c.dim-i)
			scales[b*p.rows] = kernel.QuantiseInt8(narrow[:], key[i:i+n])
			c.placeKey(bytes, row, i, narrow[:n])
			scales[(c.blocks+b)*p.rows] = kernel.QuantiseInt8(narrow[:], value[i:i+n])
			c.placeValue(bytes[c.values(p.rows):], p.rows, row, i, narrow[:n])
		}
	}
}

// place writes elements of a key or a value from the i-th on, in a head of a page of
// so many rows, but for q8_0.
func place[E float32 | uint16](c *Cache, head []E, rows, row, i int, x []E, key bool) {
	if key {
		column := head[row/panel*panel*c.deep+i*panel+row%panel:]
		for j, v := range x {
			column[j*panel] = v
		}
		return
	}
	for len(x) > 0 {
		n := copy(head[c.values(rows)+i/panel*panel*rows+row*panel:][:panel], x[:min(panel, len(x))])
		x, i = x[n:], i+n
	}
}

// placeKey writes elements of a key in q8_0 from the i-th on, which is even: two that
// are neighbours lie together.
func (c *Cache) placeKey(head []int8, row, i int, x []int16) {
	pairs := head[row/panel*panel*c.deep+i*panel+row%panel*2:]
	for len(x) > 1 {
		pairs[0], pairs[1] = int8(x[0]), int8(x[1])
		if x = x[2:]; len(x) == 0 {
			return
		}
		pairs = pairs[2*panel:]
	}
	pairs[0] = int8(x[0])
}

// placeValue writes elements of a value in q8_0 from the i-th on, which a panel
// begins with, to the values of a head: those of two rows that are neighbours lie
// together.
func (c *Cache) placeValue(values []int8, rows, row, i int, x []int16) {
	for len(x) > 0 {
		pairs := values[i*rows+row/2*2*panel+row%2:][:2*panel-1]
		n := min(panel, len(x))
		for j, v := range x[:n] {
			pairs[2*j] = int8(v)
		}
		x, i = x[n:], i+n
	}
}
