package tensor

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/stride-ml/stride/internal/half"
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

const (
	pageRows   = 256 // positions that are stored, and attended to, together
	scaleBlock = 32  // values that share a scale
)

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
	rows       int // positions of a page
	blocks     int // of scaleBlock elements
	pages      []cachePage
}

// cachePage has its numbers in the one field that is for the type.
type cachePage struct {
	floats []float32
	halves []uint16
	bytes  []int8
	scales []uint16 // of q8_0: for each head (2·blocks,rows), those of keys first
}

// NewCache returns a cache without room, for at most context positions.
func NewCache(kind CacheType, kvHeads, headDim, context int) Cache {
	c := Cache{kind: kind, heads: kvHeads, dim: headDim, deep: headDim, wide: (headDim + panel - 1) / panel * panel}
	c.rows = min(pageRows, (context+panel-1)/panel*panel)
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
		size += c.missing(n) * c.pageBytes()
	}
	if size == 0 {
		return
	}
	memory := NewMemory(size)
	for i := range layers {
		c := &layers[i]
		for range c.missing(n) {
			c.pages = append(c.pages, c.newPage(memory[:c.pageBytes()]))
			memory = memory[c.pageBytes():]
		}
	}
}

// missing is the pages that are missing for n positions.
func (c *Cache) missing(n int) int {
	return max(0, (n+c.rows-1)/c.rows-len(c.pages))
}

// newPage makes a page of memory: numbers, then scales.
func (c *Cache) newPage(memory []byte) (p cachePage) {
	size := c.heads * c.head()
	switch at := unsafe.Pointer(unsafe.SliceData(memory)); c.kind {
	case CacheF32:
		p.floats = unsafe.Slice((*float32)(at), size)
	case CacheF16:
		p.halves = unsafe.Slice((*uint16)(at), size)
	case CacheQ8_0:
		p.bytes = unsafe.Slice((*int8)(at), size)
		p.scales = unsafe.Slice((*uint16)(unsafe.Add(at, c.numberBytes())), c.heads*2*c.blocks*c.rows)
	}
	return p
}

// numberBytes is the bytes of a page's numbers, in whole cache lines.
func (c *Cache) numberBytes() int {
	return ([...]int{4, 2, 1}[c.kind]*c.heads*c.head() + 63) &^ 63
}

// pageBytes is the bytes of a page, in whole cache lines.
func (c *Cache) pageBytes() int {
	n := c.numberBytes()
	if c.kind == CacheQ8_0 {
		n += 2 * c.heads * 2 * c.blocks * c.rows
	}
	return (n + 63) &^ 63
}

// Bytes is how much memory the cache holds.
func (c *Cache) Bytes() int { return len(c.pages) * c.pageBytes() }

// head is the numbers of one head in a page, and values where its values begin.
func (c *Cache) head() int   { return c.rows * (c.deep + c.wide) }
func (c *Cache) values() int { return c.rows * c.deep }

// store writes the key and value of one head at a position.
func (c *Cache) store(position, head int, key, value []float32) {
	p, row := &c.pages[position/c.rows], position%c.rows
	base := head * c.head()
	switch c.kind {
	case CacheF32:
		place(c, p.floats[base:], row, 0, key, true)
		place(c, p.floats[base:], row, 0, value, false)
	case CacheF16:
		var narrow [64]uint16
		for i := 0; i < c.dim; i += len(narrow) {
			n := min(len(narrow), c.dim-i)
			kernel.NarrowHalf(narrow[:n], key[i:])
			place(c, p.halves[base:], row, i, narrow[:n], true)
			kernel.NarrowHalf(narrow[:n], value[i:])
			place(c, p.halves[base:], row, i, narrow[:n], false)
		}
	case CacheQ8_0:
		var narrow [scaleBlock]int8
		scales := p.scales[head*2*c.blocks*c.rows+row:]
		for b := range c.blocks {
			i := b * scaleBlock
			n := min(scaleBlock, c.dim-i)
			scales[b*c.rows] = quantise(narrow[:n], key[i:])
			place(c, p.bytes[base:], row, i, narrow[:n], true)
			scales[(c.blocks+b)*c.rows] = quantise(narrow[:n], value[i:])
			place(c, p.bytes[base:], row, i, narrow[:n], false)
		}
	}
}

// place writes elements of a key or a value from the i-th on.
func place[E float32 | uint16 | int8](c *Cache, head []E, row, i int, x []E, key bool) {
	switch {
	case key && c.kind == CacheQ8_0:
		pairs := head[row/panel*panel*c.deep+i*panel+row%panel*2:]
		for j, v := range x {
			pairs[j/2*2*panel+j%2] = v
		}
		return
	case key:
		column := head[row/panel*panel*c.deep+i*panel+row%panel:]
		for j, v := range x {
			column[j*panel] = v
		}
		return
	case c.kind == CacheQ8_0:
		for j, v := range x {
			e := i + j
			head[c.values()+e/panel*panel*c.rows+row/2*2*panel+e%panel*2+row%2] = v
		}
		return
	}
	for len(x) > 0 {
		n := copy(head[c.values()+i/panel*panel*c.rows+row*panel:][:panel], x[:min(panel, len(x))])
		x, i = x[n:], i+n
	}
}

// quantise rounds len(q) values to integers of at most 127 times a scale, which it
// returns in half precision.
func quantise(q []int8, x []float32) (scale uint16) {
	var most float32
	for _, v := range x[:len(q)] {
		most = max(most, v, -v)
	}
	scale = half.To(most / 127)
	inverse := float32(0)
	if s := half.From(scale); s > 0 {
		inverse = 1 / s
	}
	for i, v := range x[:len(q)] {
		q[i] = int8(math.RoundToEven(float64(max(-127, min(127, v*inverse)))))
	}
	return scale
}
