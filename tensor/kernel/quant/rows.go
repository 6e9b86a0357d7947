package quant

import (
	"encoding/binary"
	"fmt"
	"math"
)

// recordSize is the bytes of a block of activations: 32 values, their scale, the sum times the scale, and as integers the sum times
// -8 and -16, that of the first half and of the second times -32.
const recordSize = 64

// RowsSize is the bytes of n quantised rows of the given width, a multiple of 32.
func RowsSize(n, width int) int { return n * width / blockValues * recordSize }

// Quantise writes rows of activations, a whole number of blocks of 32 values, to dst. NaN or Inf in a block makes its
// products NaN or Inf.
func Quantise(dst []byte, x []float32) {
	if len(x)%blockValues != 0 || len(dst) < RowsSize(1, len(x)) {
		panic(fmt.Sprintf("quant: %d activations to %d bytes", len(x), len(dst)))
	}
	if len(x) > 0 {
		quantise(dst, x)
	}
}

func quantiseGeneric(dst []byte, x []float32) {
	for b := 0; b < len(x)/blockValues; b++ {
		record(dst[b*recordSize:][:recordSize], x[b*blockValues:][:blockValues])
	}
}

func record(dst []byte, x []float32) {
	var bits uint32 // of the largest magnitude; those of NaN are above all others
	for _, v := range x {
		bits = max(bits, math.Float32bits(v)&^(1<<31))
	}
	largest := math.Float32frombits(bits)
	var inverse float32
	if largest != 0 {
		inverse = 127 / largest
	}
	var sums [2]int32
	for k, v := range x {
		q := int32(max(-128, min(127, math.RoundToEven(float64(v*inverse)))))
		dst[k] = byte(int8(q))
		sums[k/16] += q
	}
	scale, sum := largest*(1.0/127), sums[0]+sums[1]
	put := func(i int, v uint32) { binary.LittleEndian.PutUint32(dst[blockValues+4*i:], v) }
	put(0, math.Float32bits(scale))
	put(1, math.Float32bits(scale*float32(sum)))
	for i, v := range []int32{-8 * sum, -16 * sum, -32 * sums[0], -32 * sums[1], 0, 0} {
		put(2+i, uint32(v))
	}
}

// Multiply computes c (n,8*(hi-lo)) = x (n,In) * groups lo to hi of the weights, transposed: x is as [Quantise] leaves it, c
// row-major with row stride ldc, of which column 0 is the first row of group lo. Rows beyond the matrix are not written.
func (m *Matrix) Multiply(c []float32, ldc int, x []byte, n, lo, hi int) {
	cols := min(m.out, hi*GroupRows) - lo*GroupRows
	switch {
	case n < 1 || cols < 1:
		return
	case lo < 0 || hi > m.Groups() || n > 1 && ldc < cols || len(c) < (n-1)*ldc+cols || len(x) < RowsSize(n, m.In()):
		panic(fmt.Sprintf("quant: %d rows, groups %d to %d of %d, %d activations, %d results with stride %d", n, lo, hi, m.Groups(), len(x), len(c), ldc))
	}
	whole := cols / GroupRows
	m.strips(c, ldc, x, n, lo, lo+whole)
	if whole*GroupRows == cols {
		return
	}
	var edge [maxRows * GroupRows]float32
	for i := 0; i < n; i += maxRows {
		rows := min(maxRows, n-i)
		m.strips(edge[:], GroupRows, x[RowsSize(i, m.In()):], rows, lo+whole, lo+whole+1)
		for r := range rows {
			copy(c[(i+r)*ldc+whole*GroupRows:][:cols-whole*GroupRows], edge[r*GroupRows:])
		}
	}
}

// maxRows is the most rows that a kernel takes at a time.
const maxRows = 8

// stripBytes is how much of the weights stays in the second-level cache while all rows of activations pass by.
const stripBytes = 192 << 10

// strips multiplies whole groups, some at a time.
func (m *Matrix) strips(c []float32, ldc int, x []byte, n, lo, hi int) {
	size := m.format.groupSize(m.blocks)
	strip := hi - lo
	if n > maxRows {
		strip = max(1, stripBytes/size)
	}
	for g := lo; g < hi; g += strip {
		groups := min(strip, hi-g)
		m.format.multiply(m, c[(g-lo)*GroupRows:], ldc, x, n, m.data[g*size:], groups)
	}
}

// multiplier computes n rows of whole groups that begin at w.
type multiplier func(m *Matrix, c []float32, ldc int, x []byte, n int, w []byte, groups int)

func multiplyGeneric(m *Matrix, c []float32, ldc int, x []byte, n int, w []byte, groups int) {
	f := m.format
	inChunk, size := f.values/blockValues, f.groupSize(m.blocks)
	var v values32
	for g := range groups {
		for r := range GroupRows {
			for i := range n {
				c[i*ldc+g*GroupRows+r] = 0
			}
			for b := range m.blocks {
				f.read(&v, w[g*size+b/inChunk*f.chunkSize():], b%inChunk, r)
				for i := range n {
					at := &c[i*ldc+g*GroupRows+r]
					*at = f.dot(*at, &v, x[(i*m.blocks+b)*recordSize:][:recordSize])
				}
			}
		}
	}
}

// dot adds the product of a block of weights and one of activations to a result.
func (f *Format) dot(acc float32, v *values32, record []byte) float32 {
	aux := func(i int) uint32 { return binary.LittleEndian.Uint32(record[blockValues+4*i:]) }
	scale := math.Float32frombits(aux(0))
	var sums [2]int32
	for k, u := range v.u {
		sums[k/16] += (int32(u) - int32(f.offset)) * int32(int8(record[k]))
	}
	if f.bits == 5 || f.halves {
		for h, s := range sums {
			acc += scale * v.scales[h] * float32(s)
		}
	} else {
		acc += scale * v.scales[0] * float32(sums[0]+sums[1])
	}
	if f.least {
		acc += v.least * math.Float32frombits(aux(1))
	}
	return acc
}
