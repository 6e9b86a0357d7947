package kernel

import (
	"math"

	"github.com/stride-ml/stride/internal/half"
)

// MostInt8 is the most elements of k in one block of [GemmInt8]: sums of so many products fit 32 bits.
const MostInt8 = 512

// Int8Shape is the shape of a product of integers. K is cut into blocks, the last of which may be shorter.
type Int8Shape struct{ M, Panels, K, Block int }

// Int16s is the left side of a product of integers: element (i,k) is Data[i*Stride+k] times the scale of row i.
type Int16s struct {
	Data   []int16
	Stride int
	Scales []float32
}

// Int8s is the right side: in panels of 16 columns Stride elements apart, in which two neighbours in k of a column are
// adjacent, (K/2,16,2). Column j of a block has the scale Scales[block*ScaleStride+j], in half precision.
type Int8s struct {
	Data        []int8
	Stride      int
	Scales      []uint16
	ScaleStride int
}

// GemmInt8 computes C (M,16·Panels) = A (M,K) * B (K,16·Panels), K even. Sums of a block are exact; blocks are scaled and
// added in order, and then multiplied by the scale of the row. So an element is the same whatever else is computed.
func GemmInt8(c []float32, ldc int, a Int16s, b Int8s, s Int8Shape) {
	if s.M <= 0 || s.Panels <= 0 {
		return
	}
	n := s.Panels * panelWidth
	if s.K < 2 || s.Block < 2 || s.K%2 != 0 || s.Block%2 != 0 || s.Block > MostInt8 || ldc < n && s.M > 1 {
		panicf("GemmInt8: k is %d in blocks of %d, want even numbers, blocks of at most %d; row stride of c is %d, want %d or more", s.K, s.Block, MostInt8, ldc, n)
	}
	checkStride("GemmInt8", "a and b", a.Stride, b.Stride)
	checkStride("GemmInt8", "b and its scales", b.Stride, b.ScaleStride)
	last := (s.K - 1) / s.Block
	checkLen("GemmInt8", "c", len(c), (s.M-1)*ldc+n)
	checkLen("GemmInt8", "a", len(a.Data), (s.M-1)*a.Stride+s.K)
	checkLen("GemmInt8", "scales of a", len(a.Scales), s.M)
	checkLen("GemmInt8", "b", len(b.Data), (s.Panels-1)*b.Stride+s.K*panelWidth)
	checkLen("GemmInt8", "scales of b", len(b.Scales), last*b.ScaleStride+n)
	gemmInt8(c, ldc, a, b, s)
}

// QuantiseInt16 rounds rows of x, n wide and as many as there are scales, to integers times a scale for each row: the largest
// magnitude becomes 32767. Rows too small for that become 0. Row i is at x[i*xs], and goes to dst[i*ds].
func QuantiseInt16(dst []int16, ds int, scales, x []float32, xs, n int) {
	if n < 1 || len(scales) == 0 {
		clear(scales)
		return
	}
	checkStride("QuantiseInt16", "x and dst", xs, ds)
	last := len(scales) - 1
	checkLen("QuantiseInt16", "x", len(x), last*xs+n)
	checkLen("QuantiseInt16", "dst", len(dst), last*ds+n)
	for i := range scales {
		from, to := x[i*xs:][:n], dst[i*ds:][:n]
		most := math.Float32frombits(largestFloat(from))
		inverse := 32767 / most
		if most < leastInt16 {
			most, inverse = 0, 0
		}
		scales[i] = most * (1.0 / 32767)
		scaleInt16(to, from, inverse)
	}
}

// QuantiseInt8 rounds x to integers of at most 127, which it stores in 16 bits, times a scale in half precision, which it returns:
// the largest magnitude becomes 127. Numbers too small for a scale become 0.
func QuantiseInt8(dst []int16, x []float32) (scale uint16) {
	checkLen("QuantiseInt8", "dst", len(dst), len(x))
	dst = dst[:len(x)]
	scale = half.To(math.Float32frombits(largestFloat(x)) / 127)
	inverse := float32(0)
	if s := half.From(scale); s > 0 {
		inverse = 1 / s
	}
	scaleInt16(dst, x, inverse)
	if scale < leastNormalHalf || scale >= infiniteHalf { // a scale that may be too small for 127, or no number
		for i, v := range dst {
			dst[i] = max(-127, min(127, v))
		}
	}
	return scale
}

const (
	leastNormalHalf = 1 << 10
	infiniteHalf    = 0x1f << 10
)

// largestFloatGeneric returns the largest magnitude of x, as bits: those of NaN are above all others.
func largestFloatGeneric(x []float32) (most uint32) {
	for _, v := range x {
		most = max(most, math.Float32bits(v)&^(1<<31))
	}
	return most
}

func largestHalfGeneric(x []uint16) (most uint32) {
	for _, v := range x {
		most = max(most, uint32(v))
	}
	return most
}

// LargestHalf returns the largest of x, of at least 0 in half precision; 0 if there are none. NaN is larger than all others.
func LargestHalf(x []uint16) float32 { return half.From(uint16(largestHalf(x))) }

// ExpInt16 stores exponentials times each of several y, of at least 0 in half precision, as integers: dst[b*ds+i] is
// exp(x[i]-shift)*y[b*ys+i]*inverses[b], rounded. It returns the sum of the exponentials. len(x) is a multiple of 16, x is
// NaN or at most shift, and exponentials below e^-87 are taken to be that.
func ExpInt16(dst []int16, ds int, x []float32, shift float32, y []uint16, ys int, inverses []float32) float32 {
	if len(x) == 0 || len(inverses) == 0 {
		return 0
	}
	if len(x)%panelWidth != 0 {
		panicf("ExpInt16: %d numbers, want a multiple of %d", len(x), panelWidth)
	}
	checkStride("ExpInt16", "dst and y", ds, ys)
	last := len(inverses) - 1
	checkLen("ExpInt16", "dst", len(dst), last*ds+len(x))
	checkLen("ExpInt16", "y", len(y), last*ys+len(x))
	return expInt16(dst, ds, x, shift, y, ys, inverses)
}

func expInt16Generic(dst []int16, ds int, x []float32, shift float32, y []uint16, ys int, inverses []float32) (sum float32) {
	for i, v := range x {
		e := exp(max(v-shift, expLowest))
		sum += e
		for b, inverse := range inverses {
			dst[b*ds+i] = toInt16(float32(e*half.From(y[b*ys+i])) * inverse)
		}
	}
	return sum
}

// leastInt16 is from which magnitude on numbers have a scale whose inverse is finite.
const leastInt16 = 1e-30

func scaleInt16Generic(dst []int16, x []float32, inverse float32) {
	for i := range dst {
		dst[i] = toInt16(x[i] * inverse)
	}
}

func toInt16(v float32) int16 {
	return int16(max(-32768, min(32767, math.RoundToEven(float64(v)))))
}

func gemmInt8Generic(c []float32, ldc int, a Int16s, b Int8s, s Int8Shape) {
	for p := range s.Panels {
		for i := range s.M {
			out := c[i*ldc+p*panelWidth:][:panelWidth]
			clear(out)
			for block, k0 := 0, 0; k0 < s.K; block, k0 = block+1, k0+s.Block {
				var sums [panelWidth]int32
				k1 := min(k0+s.Block, s.K)
				bp := b.Data[p*b.Stride+k0*panelWidth:]
				for k, row := k0, a.Data[i*a.Stride:]; k < k1; k += 2 {
					x, y := int32(row[k]), int32(row[k+1])
					for j, pair := 0, bp[:2*panelWidth]; j < panelWidth; j++ {
						sums[j] += x*int32(pair[2*j]) + y*int32(pair[2*j+1])
					}
					bp = bp[2*panelWidth:]
				}
				scales := b.Scales[block*b.ScaleStride+p*panelWidth:]
				for j, sum := range sums {
					out[j] += float32(float32(sum) * half.From(scales[j]))
				}
			}
			for j := range out {
				out[j] *= a.Scales[i]
			}
		}
	}
}
