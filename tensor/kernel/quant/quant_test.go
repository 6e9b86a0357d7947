package quant_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

var types = map[string]checkpoint.Type{
	"Q4_0": checkpoint.Q4_0, "Q4_1": checkpoint.Q4_1, "Q5_0": checkpoint.Q5_0, "Q5_1": checkpoint.Q5_1,
	"Q8_0": checkpoint.Q8_0, "Q4_K": checkpoint.Q4_K, "Q5_K": checkpoint.Q5_K, "Q6_K": checkpoint.Q6_K,
}

// halves are where in a block its numbers in half precision stand.
var halves = map[string][]int{
	"Q4_0": {0}, "Q4_1": {0, 2}, "Q5_0": {0}, "Q5_1": {0, 2}, "Q8_0": {0}, "Q4_K": {0, 2}, "Q5_K": {0, 2}, "Q6_K": {208},
}

// randomRaw returns the bytes of a matrix as a file has them: every bit random but those of scales, which stay small.
func randomRaw(rng *rand.Rand, name string, out, in int) []byte {
	values, size := types[name].Block()
	raw := make([]byte, out*in/values*size)
	for i := range raw {
		raw[i] = byte(rng.Uint32())
	}
	for b := 0; b < len(raw); b += size {
		for _, at := range halves[name] {
			raw[b+at+1] = raw[b+at+1]&0x83 | 0x20 // 2^-7 to 2^-6
		}
	}
	return raw
}

// decoded is the matrix by the checkpoint reader, which is tested against other readers.
func decoded(t testing.TB, name string, raw []byte, out, in int) []float32 {
	t.Helper()
	b := checkpoint.NewBuilder("test")
	if err := b.AddRaw("w", types[name], []int{out, in}, raw); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if _, err := b.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	f, err := checkpoint.Parse("test", buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, out*in)
	if err := f.Float32("w", x); err != nil {
		t.Fatal(err)
	}
	return x
}

func filled(t testing.TB, name string, raw []byte, out, in int) *quant.Matrix {
	t.Helper()
	m, err := quant.NewMatrix(quant.FormatNamed(name), out, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Fill(raw, 0, m.Groups()/2)
	m.Fill(raw, m.Groups()/2, m.Groups())
	return m
}

func TestRowsAreThoseOfTheFile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range quant.Formats() {
		const out, in = 21, 512
		raw := randomRaw(rng, name, out, in)
		want := decoded(t, name, raw, out, in)
		m := filled(t, name, raw, out, in)
		got := make([]float32, in)
		for i := range out {
			m.Row(got, i)
			for k, v := range got {
				if w := want[i*in+k]; v != w {
					t.Fatalf("%s: value %d of row %d is %v, want %v", name, k, i, v, w)
				}
			}
		}
	}
}

// TestProducts holds products to those of the rounded activations in float64.
func TestProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, name := range quant.Formats() {
		for _, shape := range [][2]int{{1, 256}, {8, 256}, {21, 512}, {64, 768}} {
			out, in := shape[0], shape[1]
			raw := randomRaw(rng, name, out, in)
			w, m := decoded(t, name, raw, out, in), filled(t, name, raw, out, in)
			for n := 1; n <= 13; n++ {
				x := randomRows(rng, n*in)
				q := make([]byte, quant.RowsSize(n, in))
				quant.Quantise(q, x)
				rounded := roundedTo8Bits(x)
				got := make([]float32, n*out+1)
				got[n*out] = 7
				m.Multiply(got, out, q, n, 0, m.Groups())
				if got[n*out] != 7 {
					t.Fatalf("%s (%d,%d), %d rows: wrote beyond the results", name, out, in, n)
				}
				for i := range n {
					for o := range out {
						var want, size float64
						for k := range in {
							p := rounded[i*in+k] * float64(w[o*in+k])
							want += p
							size += math.Abs(p)
						}
						if v := float64(got[i*out+o]); !(math.Abs(v-want) <= 2e-6*size+1e-6) {
							t.Fatalf("%s (%d,%d), %d rows: result %d of row %d is %v, want %v", name, out, in, n, o, i, v, want)
						}
					}
				}
			}
		}
	}
}

func randomRows(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * math.Exp(rng.NormFloat64()))
	}
	return x
}

// roundedTo8Bits rounds blocks of 32 to multiples of their largest magnitude over 127.
func roundedTo8Bits(x []float32) []float64 {
	y := make([]float64, len(x))
	for b := 0; b < len(x); b += 32 {
		var largest float64
		for _, v := range x[b:][:32] {
			largest = max(largest, math.Abs(float64(v)))
		}
		if largest == 0 {
			continue
		}
		for k, v := range x[b:][:32] {
			inverse := float32(127) / float32(largest)
			y[b+k] = math.RoundToEven(float64(v*inverse)) * largest / 127
		}
	}
	return y
}

// TestRowsAreIndependent holds each row to the same bits alone and with others, and in any split of the columns.
func TestRowsAreIndependent(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, name := range quant.Formats() {
		const out, in, n = 52, 512, 19
		m := filled(t, name, randomRaw(rng, name, out, in), out, in)
		q := make([]byte, quant.RowsSize(n, in))
		quant.Quantise(q, randomRows(rng, n*in))
		all := make([]float32, n*out)
		m.Multiply(all, out, q, n, 0, m.Groups())
		for i := range n {
			alone := make([]float32, out)
			for g := range m.Groups() {
				m.Multiply(alone[8*g:], out, q[quant.RowsSize(i, in):], 1, g, g+1)
			}
			for o, v := range alone {
				if math.Float32bits(v) != math.Float32bits(all[i*out+o]) {
					t.Fatalf("%s: result %d of row %d is %v alone and %v with others", name, o, i, v, all[i*out+o])
				}
			}
		}
	}
}

func TestQuantise(t *testing.T) {
	x := make([]float32, 96)
	for i := range 32 {
		x[i] = float32(i) - 20
	}
	for i := range 32 {
		x[64+i] = float32(math.Copysign(3e30, float64(i%3)-1))
	}
	q := make([]byte, quant.RowsSize(1, len(x)))
	quant.Quantise(q, x)
	for b := range 3 {
		for k := range 32 {
			got := float64(int8(q[64*b+k]))
			want := roundedTo8Bits(x)[32*b+k]
			if want != 0 {
				want = math.Round(want / largest(x[32*b:][:32]) * 127)
			}
			if got != want {
				t.Errorf("block %d: value %d is %v, want %v", b, k, got, want)
			}
		}
	}
}

// TestNotANumber holds what is not finite to show in the products.
func TestNotANumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		for at := range 64 {
			m := filled(t, "Q4_0", randomRaw(rng, "Q4_0", 8, 64), 8, 64)
			x := randomRows(rng, 64)
			x[at] = bad
			q := make([]byte, quant.RowsSize(1, 64))
			quant.Quantise(q, x)
			c := make([]float32, 8)
			m.Multiply(c, 8, q, 1, 0, 1)
			for _, v := range c {
				if !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) {
					t.Fatalf("%v at %d gives %v", bad, at, v)
				}
			}
		}
	}
}

func largest(x []float32) (m float64) {
	for _, v := range x {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}

func TestNewMatrixRefuses(t *testing.T) {
	for _, in := range []int{0, 31, 48, 255, -32} {
		if _, err := quant.NewMatrix(quant.FormatNamed("Q4_K"), 8, in, nil); err == nil {
			t.Errorf("rows of %d values in Q4_K were accepted", in)
		}
	}
}

// BenchmarkMultiply goes through more weights than the caches hold, as decoding does, and through few with many rows, as a
// prompt does.
func BenchmarkMultiply(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, name := range []string{"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q4_K", "Q5_K", "Q6_K"} {
		for _, n := range []int{1, 2, 4, 8, 128} {
			out, in := 32768, 768
			if n > 8 {
				out = 1536
			}
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				m := filled(b, name, randomRaw(rng, name, out, in), out, in)
				q := make([]byte, quant.RowsSize(n, in))
				quant.Quantise(q, randomRows(rng, n*in))
				c := make([]float32, n*out)
				b.ResetTimer()
				for range b.N {
					m.Multiply(c, out, q, n, 0, m.Groups())
				}
				seconds := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(float64(m.Bytes())/seconds/1e9, "GB/s")
				b.ReportMetric(2*float64(n*out*in)/seconds/1e9, "GOP/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func BenchmarkQuantise(b *testing.B) {
	x := randomRows(rand.New(rand.NewPCG(9, 10)), 1536)
	q := make([]byte, quant.RowsSize(1, len(x)))
	for range b.N {
		quant.Quantise(q, x)
	}
}

func TestWidenBrain(t *testing.T) {
	src := make([]uint16, 1<<16)
	for i := range src {
		src[i] = uint16(i)
	}
	dst := make([]float32, len(src))
	quant.WidenBrain(dst, src)
	for i, v := range dst {
		if math.Float32bits(v) != uint32(i)<<16 {
			t.Fatalf("%#04x became %#08x", i, math.Float32bits(v))
		}
	}
}
