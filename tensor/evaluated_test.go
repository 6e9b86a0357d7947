package tensor_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

// upper rounds floats down to bfloat16, and returns them with their bytes.
func upper(x []float32) (raw []byte) {
	for i, v := range x {
		bits := math.Float32bits(v) &^ 0xffff
		x[i] = math.Float32frombits(bits)
		raw = binary.LittleEndian.AppendUint16(raw, uint16(bits>>16))
	}
	return raw
}

// halfBits returns numbers that half precision holds, with their bytes.
func halfBits(rng *rand.Rand, x []float32) (raw []byte) {
	for i := range x {
		fraction, exponent, sign := rng.Uint32N(1024), 10+rng.Uint32N(8), rng.Uint32N(2)
		x[i] = math.Float32frombits(sign<<31 | (exponent+112)<<23 | fraction<<13)
		raw = binary.LittleEndian.AppendUint16(raw, uint16(sign<<15|exponent<<10|fraction))
	}
	return raw
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i, w := range want {
		if math.Float32bits(got[i]) != math.Float32bits(w) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], w)
		}
	}
}

// TestWeightsForEvaluation holds weights in other forms to the bits of the same weights in float32.
func TestWeightsForEvaluation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pool := tensor.NewPool(3)
	defer pool.Close()
	for _, shape := range [][2]int{{16, 32}, {37, 50}, {300, 129}} {
		plain := tensor.NewParam("w", shape[0], shape[1])
		forms := map[string]func(*tensor.Param){
			"packed":   func(p *tensor.Param) { copy(p.Data, plain.Data); p.Pack() },
			"half":     func(p *tensor.Param) { p.Half(halfBits(rng, plain.Data), false, nil) },
			"bfloat16": func(p *tensor.Param) { p.Half(upper(plain.Data), true, nil) },
		}
		for name, make := range forms {
			for i := range plain.Data {
				plain.Data[i] = float32(rng.NormFloat64())
			}
			other := tensor.NewParam("w", shape[0], shape[1])
			make(other)
			plain.Update()
			for _, n := range []int{1, 3, 7, 40} {
				r := tensor.NewRun(pool)
				x := r.New(n, shape[1])
				for i := range x.Data {
					x.Data[i] = float32(rng.NormFloat64())
				}
				want := r.Linear(x, plain)
				sameBits(t, name, r.Linear(x, other).Data, want.Data)
				got := r.New(n, shape[0])
				r.Project(got.Data, x.Data, other)
				sameBits(t, name+" projected", got.Data, want.Data)
				ids := []int{0, shape[0] - 1, shape[0] / 2}
				sameBits(t, name+" looked up", r.Embed(other, ids).Data, r.Embed(plain, ids).Data)
			}
		}
	}
}

func TestQuantisedWeights(t *testing.T) {
	const out, in, n = 77, 96, 21
	rng := rand.New(rand.NewPCG(3, 4))
	format := quant.FormatNamed("Q8_0")
	m, err := quant.NewMatrix(format, out, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, out*m.RowSize())
	for i := range raw {
		raw[i] = byte(rng.Uint32())
	}
	for b := 0; b < len(raw); b += 34 {
		raw[b+1] = 0x20 // a scale near 2^-7
	}
	m.Fill(raw, 0, m.Groups())
	w := tensor.NewParam("w", out, in)
	w.Quantised(m)
	var first []float32
	for _, workers := range []int{1, 3} {
		pool := tensor.NewPool(workers)
		r := tensor.NewRun(pool)
		x := r.New(n, in)
		for i := range x.Data {
			x.Data[i] = float32(math.Sin(float64(i)))
		}
		rows, want := make([]byte, quant.RowsSize(n, in)), make([]float32, n*out)
		quant.Quantise(rows, x.Data)
		m.Multiply(want, out, rows, n, 0, m.Groups())
		got := r.Linear(x, w)
		sameBits(t, "linear", got.Data, want)
		sameBits(t, "linear again", r.Linear(x, w).Data, want)
		if first == nil {
			first = append(first, got.Data...)
		}
		sameBits(t, "other workers", got.Data, first)
		row := make([]float32, in)
		m.Row(row, 70)
		sameBits(t, "looked up", r.Embed(w, []int{70}).Data, row)
		nll, logits := make([]float32, 1), want[:out]
		r.CrossEntropy(r.Over(x.Row(0), in), w, []int{5}, nil, nll)
		var sum float64
		for _, l := range logits {
			sum += math.Exp(float64(l - logits[5]))
		}
		if got, want := float64(nll[0]), math.Log(sum); math.Abs(got-want) > 1e-4*(1+want) {
			t.Errorf("loss %v, want %v", got, want)
		}
		pool.Close()
	}
}
