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
		a:     Int16s{Stride: s.K + rng.IntN(9)},
		b:     Int8s{Stride: s.K*panelWidth + rng.IntN(40), ScaleStride: s.Panels*panelWidth + rng.IntN(9)},
		shape: s,
	}
	c.a.Data, c.a.Scales = make([]int16, (s.M-1)*c.a.Stride+s.K), random(rng, s.M)
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
		sum += float32(float32(exact) * half.From(c.b.Scales[block*c.b.ScaleStride+j]))
	}
	return c.a.Scales[i] * sum
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

// TestQuantiseInt8 holds integers and scales to the definition, at every length and down
// to the smallest scales, and numbers that are none to a scale that is none.
func TestQuantiseInt8(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 36))
	for n := range 70 {
		for _, size := range []float32{1, 1e4, 1e-3, 7e-3, 1e-5, 3e-7, 1e-9, 0} {
			x := random(rng, n)
			var most float32
			for i := range x {
				x[i] *= size
				most = max(most, x[i], -x[i])
			}
			got := make([]int16, n+1)
			got[n] = 77
			scale := QuantiseInt8(got, x)
			if want := half.To(most / 127); scale != want {
				t.Fatalf("%d numbers of at most %g: scale %v, want %v", n, most, scale, want)
			}
			wide := half.From(scale)
			for i, v := range x {
				want := 0.
				if wide > 0 {
					want = math.RoundToEven(float64(max(-127, min(127, v*(1/wide)))))
				}
				if float64(got[i]) != want {
					t.Fatalf("%d numbers of at most %g: %d for %g, want %g", n, most, got[i], v, want)
				}
			}
			if got[n] != 77 {
				t.Fatalf("%d numbers: wrote past the end", n)
			}
		}
	}
	for _, v := range []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())} {
		x, q := random(rng, 40), make([]int16, 40)
		x[17] = v
		if scale := half.From(QuantiseInt8(q, x)); scale-scale == 0 {
			t.Errorf("the scale of %g is %g", v, scale)
		}
		for _, v := range q {
			if v < -127 || v > 127 {
				t.Errorf("an integer is %d", v)
			}
		}
	}
}

// TestQuantiseInt16 holds integers and scales to the definition, at every length.
func TestQuantiseInt16(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	for n := range 70 {
		rows, xs, ds := 1+rng.IntN(4), n+rng.IntN(9), n+rng.IntN(9)
		x := newGuarded(rng, (rows-1)*xs+n)
		for i := range x.data {
			x.data[i] *= float32(math.Exp2(float64(rng.IntN(20) - 10)))
		}
		got, scales := make([]int16, rows*ds+1), make([]float32, rows)
		for i := range got {
			got[i] = 12345
		}
		QuantiseInt16(got, ds, scales, x.data, xs, n)
		for i, scale := range scales {
			var most float32
			for _, v := range x.data[i*xs:][:n] {
				most = max(most, v, -v)
			}
			if want := most * (1.0 / 32767); scale != want {
				t.Fatalf("%d numbers: scale of row %d is %g, want %g", n, i, scale, want)
			}
			for j, q := range got[i*ds:][:n] {
				v := x.data[i*xs+j] * (32767 / most)
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
	x, scale := make([]float32, 40), make([]float32, 1)
	for i := range x {
		x[i] = 1e-38
	}
	if QuantiseInt16(make([]int16, 40), 0, scale, x, 0, 40); scale[0] != 0 {
		t.Errorf("scale of tiny numbers is %g, want 0", scale[0])
	}
	for i := range x {
		x[i] = float32(math.NaN())
		if QuantiseInt16(make([]int16, 40), 0, scale, x, 0, 40); scale[0] == scale[0] {
			t.Errorf("scale with NaN at %d is %g, want NaN", i, scale[0])
		}
		x[i] = 1
	}
}

// TestExpInt16 holds integers to the definition, within what exponentials are rounded by, and the sum to that of the
// exponentials.
func TestExpInt16(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for n := 16; n <= 256; n += 16 {
		blocks := 1 + rng.IntN(4)
		ds, ys := n+rng.IntN(9), n+rng.IntN(9)
		x, y := newGuarded(rng, n), make([]uint16, (blocks-1)*ys+n)
		for i := range x.data {
			x.data[i] = -float32(math.Exp2(rng.Float64()*12 - 6))
		}
		x.data[rng.IntN(n)] = 0
		x.data[rng.IntN(n)] = negInf
		for i := range y {
			y[i] = half.To(rng.Float32())
		}
		shift := 10 * rng.Float32()
		var want float64
		for i, v := range x.data {
			want += math.Exp(float64(v))
			x.data[i] += shift
		}
		got, inverses := make([]int16, (blocks-1)*ds+n+1), make([]float32, blocks)
		for b := range inverses {
			inverses[b] = 32767 * rng.Float32()
		}
		for i := range got {
			got[i] = 12345
		}
		sum := ExpInt16(got, ds, x.data, shift, y, ys, inverses)
		x.check(t, fmt.Sprint(n))
		if math.Abs(float64(sum)-want) > 1e-5*want {
			t.Errorf("%d numbers: the sum is %g, want %g", n, sum, want)
		}
		for b, inverse := range inverses {
			for i, v := range x.data {
				want := math.Exp(float64(v)-float64(shift)) * float64(half.From(y[b*ys+i])) * float64(inverse)
				if q := float64(got[b*ds+i]); math.Abs(q-want) > 0.5+1e-5*want {
					t.Fatalf("%d numbers: %g of block %d, element %d, want %g", n, q, b, i, want)
				}
			}
			for i, q := range got[b*ds:][n:min(ds, len(got)-b*ds)] {
				if q != 12345 {
					t.Fatalf("%d numbers: wrote %d beyond block %d", n, i, b)
				}
			}
		}
	}
	x := make([]float32, 48)
	x[30] = float32(math.NaN())
	if sum := ExpInt16(make([]int16, 48), 0, x, 0, make([]uint16, 48), 0, []float32{1}); sum == sum {
		t.Errorf("the sum with NaN is %g, want NaN", sum)
	}
}

func TestGemmInt8AllocatesNothing(t *testing.T) {
	p := newInt8Case(rand.New(rand.NewPCG(25, 26)), Int8Shape{7, 3, 64, 32})
	c := make([]float32, 7*48)
	if n := testing.AllocsPerRun(20, func() { GemmInt8(c, 48, p.a, p.b, p.shape) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
