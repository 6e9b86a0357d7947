package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stride-ml/stride/internal/half"
)

// int8Case is a product of integers with its right side, which every left side shares.
type int8Case struct {
	a     Int16s
	b     Int8s
	shape Int8Shape
}

// newInt8Case draws largest values often.
func newInt8Case(rng *rand.Rand, s Int8Shape) int8Case {
	blocks := (s.K + s.Block - 1) / s.Block
	c := int8Case{
		a:     Int16s{Stride: s.K + rng.IntN(9), ScaleStride: s.M + rng.IntN(3)},
		b:     Int8s{Stride: s.K*panelWidth + rng.IntN(40), ScaleStride: s.Panels*panelWidth + rng.IntN(9)},
		shape: s,
	}
	c.a.Data, c.a.Scales = make([]int16, (s.M-1)*c.a.Stride+s.K), random(rng, (blocks-1)*c.a.ScaleStride+s.M)
	c.b.Data = make([]int8, (s.Panels-1)*c.b.Stride+s.K*panelWidth)
	c.b.Scales = make([]uint16, (blocks-1)*c.b.ScaleStride+s.Panels*panelWidth)
	most := rng.IntN(2) * rng.IntN(2)
	for i := range c.a.Data {
		c.a.Data[i] = int16(max(rng.IntN(1<<16), most<<16-1) - 1<<15)
	}
	for i := range c.b.Data {
		c.b.Data[i] = int8(max(rng.IntN(256), 255*most) - 128)
	}
	for i, x := range random(rng, len(c.b.Scales)) {
		c.b.Scales[i] = half.To(x)
	}
	return c
}

// at is an element of the product by its definition.
func (c *int8Case) at(i, j int) float32 {
	var sum float32
	for block, k0 := 0, 0; k0 < c.shape.K; block, k0 = block+1, k0+c.shape.Block {
		var exact int64
		for k := k0; k < min(k0+c.shape.Block, c.shape.K); k++ {
			exact += int64(c.a.Data[i*c.a.Stride+k]) * int64(c.b.Data[j/16*c.b.Stride+k/2*32+j%16*2+k%2])
		}
		scale := c.a.Scales[block*c.a.ScaleStride+i] * half.From(c.b.Scales[block*c.b.ScaleStride+j])
		sum += float32(float32(exact) * scale)
	}
	return sum
}

// TestGemmInt8 holds all elements to the bits of the definition.
func TestGemmInt8(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	for range 300 {
		s := Int8Shape{M: 1 + rng.IntN(20), Panels: 1 + rng.IntN(9), K: 2 + 2*rng.IntN(40), Block: 2 + 2*rng.IntN(40)}
		if rng.IntN(10) == 0 {
			s.M, s.K, s.Block = 1+rng.IntN(3), 2+2*rng.IntN(400), MostInt8
		}
		n := s.Panels * panelWidth
		p, ldc := newInt8Case(rng, s), n+rng.IntN(20)
		c := newGuarded(rng, (s.M-1)*ldc+n)
		old := slices.Clone(c.data)
		GemmInt8(c.data, ldc, p.a, p.b, s)
		c.check(t, fmt.Sprintf("%+v", s))
		for i := range s.M {
			for j := range n {
				if got, want := c.data[i*ldc+j], p.at(i, j); got != want {
					t.Fatalf("%+v: element %d,%d is %g, want %g", s, i, j, got, want)
				}
			}
			if i < s.M-1 && !sameBits(c.data[i*ldc+n:(i+1)*ldc], old[i*ldc+n:(i+1)*ldc]) {
				t.Fatalf("%+v: wrote between rows of c", s)
			}
		}
	}
}

// TestQuantiseInt16 holds integers and scales to the definition, at every length.
func TestQuantiseInt16(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	for n := range 70 {
		rows, xs, ds := 1+rng.IntN(4), n+rng.IntN(9), n+rng.IntN(9)
		x, y := newGuarded(rng, (rows-1)*xs+n), make([]uint16, n)
		for i := range x.data {
			x.data[i] *= float32(math.Exp2(float64(rng.IntN(20) - 10)))
		}
		var mostY float32
		for i := range y {
			y[i] = half.To(rng.Float32())
			mostY = max(mostY, half.From(y[i]))
		}
		got, scales := make([]int16, rows*ds+1), make([]float32, rows)
		for i := range got {
			got[i] = 12345
		}
		QuantiseInt16(got, ds, scales, x.data, xs, y)
		for i, scale := range scales {
			var most float32
			for _, v := range x.data[i*xs:][:n] {
				most = max(most, v, -v)
			}
			most *= mostY
			if want := most * (1.0 / 32767); scale != want {
				t.Fatalf("%d numbers: scale of row %d is %g, want %g", n, i, scale, want)
			}
			for j, q := range got[i*ds:][:n] {
				v := float32(x.data[i*xs+j]*half.From(y[j])) * (32767 / most)
				if want := math.RoundToEven(float64(v)); float64(q) != want {
					t.Fatalf("%d numbers: row %d has %d at %d, want %g", n, i, q, j, want)
				}
			}
			for j, q := range got[i*ds:][n:ds] {
				if q != 12345 {
					t.Fatalf("%d numbers: wrote %d beyond row %d", n, j, i)
				}
			}
		}
	}
	x, y, scale := make([]float32, 40), make([]uint16, 40), make([]float32, 1)
	for i := range x {
		x[i], y[i] = 1e-38, half.To(1)
	}
	if QuantiseInt16(make([]int16, 40), 0, scale, x, 0, y); scale[0] != 0 {
		t.Errorf("scale of tiny numbers is %g, want 0", scale[0])
	}
	for i := range x {
		x[i] = float32(math.NaN())
		if QuantiseInt16(make([]int16, 40), 0, scale, x, 0, y); scale[0] == scale[0] {
			t.Errorf("scale with NaN at %d is %g, want NaN", i, scale[0])
		}
		x[i] = 1
	}
}

func TestGemmInt8AllocatesNothing(t *testing.T) {
	p := newInt8Case(rand.New(rand.NewPCG(25, 26)), Int8Shape{7, 3, 64, 32})
	c := make([]float32, 7*48)
	if n := testing.AllocsPerRun(20, func() { GemmInt8(c, 48, p.a, p.b, p.shape) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
