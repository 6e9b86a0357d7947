package network

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/tensor"
)

var tiny = Config{Vocab: 50, Context: 24, Width: 32, Layers: 2, Heads: 4, KVHeads: 2, FFN: 48, Eps: 1e-5, RopeBase: 10000}

func newPool(t testing.TB, n int) *tensor.Pool {
	p := tensor.NewPool(n)
	t.Cleanup(p.Close)
	return p
}

func newTrunk(t testing.TB, c Config) *Trunk {
	t.Helper()
	trunk, err := NewTrunk(c)
	if err != nil {
		t.Fatal(err)
	}
	trunk.Init(1)
	// Larger weights than at the start of training, so that attention matters.
	for _, p := range trunk.Params() {
		if p.Out > 1 {
			for i := range p.Data {
				p.Data[i] *= 8
			}
		}
	}
	return trunk
}

var sentence = []int{1, 7, 33, 49, 0, 12, 12, 5, 18, 40, 3, 2}

// TestCacheGivesTheSameBits holds the contract that a position gets the same
// whether it comes alone, in a batch, or after a rewind.
func TestCacheGivesTheSameBits(t *testing.T) {
	trunk := newTrunk(t, tiny)
	for _, workers := range []int{1, 3} {
		pool := newPool(t, workers)
		one := NewDecoder(trunk, pool)
		var want [][]float32
		for _, id := range sentence {
			logits, err := one.Extend([]int{id})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, slices.Clone(logits))
		}
		for _, cuts := range [][]int{{12}, {5, 7}, {1, 10, 1}, {11, 1}} {
			d := NewDecoder(trunk, pool)
			if _, err := d.Extend([]int{9, 9, 9}); err != nil {
				t.Fatal(err)
			}
			d.Rewind(0)
			at := 0
			for _, n := range cuts {
				logits, err := d.Extend(sentence[at : at+n])
				if err != nil {
					t.Fatal(err)
				}
				if at += n; !slices.Equal(logits, want[at-1]) {
					t.Errorf("%d workers, cuts %v: other logits after %d tokens", workers, cuts, at)
				}
			}
		}
		nll := make([]float32, len(sentence)-1)
		if err := NewDecoder(trunk, pool).Score(sentence, nll); err != nil {
			t.Fatal(err)
		}
		for i, got := range nll {
			var sum float64
			for _, l := range want[i] {
				sum += math.Exp(float64(l))
			}
			if w := math.Log(sum) - float64(want[i][sentence[i+1]]); math.Abs(w-float64(got)) > 1e-4 {
				t.Errorf("token %d: loss %g, from its logits %g", i+1, got, w)
			}
		}
	}
}

// TestAgainstObviousVersion compares the trunk with a direct transcription of
// the formulas in float64.
func TestAgainstObviousVersion(t *testing.T) {
	trunk := newTrunk(t, tiny)
	pool := newPool(t, 2)
	for _, causal := range []bool{true, false} {
		want := obvious(trunk, sentence, causal)
		run := tensor.NewRun(pool)
		positions := make([]int, len(sentence))
		for i := range positions {
			positions[i] = i
		}
		h := trunk.Hidden(run, Pass{IDs: sentence, Positions: positions, Spans: []tensor.Span{{Start: 0, Len: len(sentence)}}, Causal: causal})
		for i := range sentence {
			for j, got := range h.Row(i) {
				if math.Abs(float64(got)-want[i][j]) > 2e-4*(1+math.Abs(want[i][j])) {
					t.Fatalf("causal %v: position %d, element %d: %g, want %g", causal, i, j, got, want[i][j])
				}
			}
		}
	}
}

type matrix [][]float64

func obvious(t *Trunk, ids []int, causal bool) matrix {
	norm := func(x []float64, w *tensor.Param) []float64 {
		var sum float64
		for _, v := range x {
			sum += v * v
		}
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v / math.Sqrt(sum/float64(len(x))+float64(t.Eps)) * float64(w.Data[i])
		}
		return y
	}
	linear := func(x []float64, w *tensor.Param) []float64 {
		y := make([]float64, w.Out)
		for o := range y {
			for i, v := range x {
				y[o] += v * float64(w.Data[o*w.In+i])
			}
		}
		return y
	}
	rotate := func(x []float64, pos int) []float64 {
		y := slices.Clone(x)
		d := t.HeadDim()
		for i := 0; i < len(x); i += 2 {
			sin, cos := math.Sincos(float64(pos) * math.Pow(t.RopeBase, -float64(i%d)/float64(d)))
			y[i], y[i+1] = x[i]*cos-x[i+1]*sin, x[i]*sin+x[i+1]*cos
		}
		return y
	}
	n, d := len(ids), t.HeadDim()
	x := make(matrix, n)
	for i, id := range ids {
		for _, v := range t.Embed.Data[id*t.Width : (id+1)*t.Width] {
			x[i] = append(x[i], float64(v))
		}
	}
	for _, b := range t.Blocks {
		q, k, v := make(matrix, n), make(matrix, n), make(matrix, n)
		for i := range x {
			h := norm(x[i], b.AttnNorm)
			q[i], k[i], v[i] = rotate(linear(h, b.Q), i), rotate(linear(h, b.K), i), linear(h, b.V)
		}
		for i := range x {
			out := make([]float64, t.Width)
			for head := range t.Heads {
				kv := head / (t.Heads / t.KVHeads)
				var p []float64
				var sum float64
				for j := range n {
					if causal && j > i {
						break
					}
					var dot float64
					for e := range d {
						dot += q[i][head*d+e] * k[j][kv*d+e]
					}
					p = append(p, math.Exp(dot/math.Sqrt(float64(d))))
					sum += p[j]
				}
				for j := range p {
					for e := range d {
						out[head*d+e] += p[j] / sum * v[j][kv*d+e]
					}
				}
			}
			for e, v := range linear(out, b.O) {
				x[i][e] += v
			}
		}
		for i := range x {
			h := norm(x[i], b.FFNNorm)
			gate, up := linear(h, b.Gate), linear(h, b.Up)
			for e, g := range gate {
				up[e] *= g / (1 + math.Exp(-g))
			}
			for e, v := range linear(up, b.Down) {
				x[i][e] += v
			}
		}
	}
	for i := range x {
		x[i] = norm(x[i], t.Norm)
	}
	return x
}

func TestMaskedLogits(t *testing.T) {
	m, err := NewMaskedModel(tiny, 10)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(3)
	e := NewMasked(m, newPool(t, 2))
	all, err := e.Logits(sentence, []int{0, 4, 11})
	if err != nil {
		t.Fatal(err)
	}
	all = slices.Clone(all)
	some, err := e.Logits(sentence, []int{4})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(some, all[tiny.Vocab:2*tiny.Vocab]) {
		t.Error("a position's logits depend on which others are asked for")
	}
	length, err := e.LengthLogits(sentence[:5])
	if err != nil {
		t.Fatal(err)
	}
	if len(length) != 11 || e.MaxLength() != 10 {
		t.Errorf("%d length logits, longest %d; want 11 and 10", len(length), e.MaxLength())
	}
}

func TestBadInput(t *testing.T) {
	trunk := newTrunk(t, tiny)
	d := NewDecoder(trunk, newPool(t, 1))
	m, err := NewMaskedModel(tiny, 10)
	if err != nil {
		t.Fatal(err)
	}
	e := NewMasked(m, newPool(t, 1))
	long := make([]int, tiny.Context+1)
	for name, f := range map[string]func() error{
		"want 0 to 49":            func() error { _, err := d.Extend([]int{3, 50}); return err },
		"no tokens":               func() error { _, err := d.Extend(nil); return err },
		"do not fit a context":    func() error { _, err := d.Extend(long); return err },
		"room for 1":              func() error { return d.Score([]int{1, 2, 3}, make([]float32, 1)) },
		"token -1 at position 0":  func() error { _, err := e.Logits([]int{-1}, []int{0}); return err },
		"position 3 of 1":         func() error { _, err := e.Logits([]int{1}, []int{3}); return err },
		"sequence of 25":          func() error { _, err := e.Logits(long, nil); return err },
		"want 1 to 23":            func() error { _, err := NewMaskedModel(tiny, 24); return err },
		"heads of even size":      func() error { c := tiny; c.Heads, c.KVHeads = 32, 32; return c.Validate() },
		"share 3 key-value heads": func() error { c := tiny; c.KVHeads = 3; return c.Validate() },
		"vocabulary is 0":         func() error { c := tiny; c.Vocab = 0; return c.Validate() },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q", err, name)
		}
	}
	if d.Len() != 0 {
		t.Errorf("failed calls left %d positions in the cache", d.Len())
	}
}

// TestFiles writes both kinds of network and reads them back.
func TestFiles(t *testing.T) {
	m, err := NewMaskedModel(tiny, 10)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(5)
	for _, kind := range []checkpoint.Type{checkpoint.F32, checkpoint.F16, checkpoint.Q8_0} {
		f := write(t, ArchitectureLLaDA, m.Config, m.Params(), kind)
		got, err := ReadMasked(f)
		if err != nil {
			t.Fatal(err)
		}
		if got.Config != m.Config {
			t.Errorf("%v: sizes %+v, want %+v", kind, got.Config, m.Config)
		}
		limit := map[checkpoint.Type]float64{checkpoint.F32: 0, checkpoint.F16: 1e-4, checkpoint.Q8_0: 1e-3}[kind]
		for i, p := range m.Params() {
			for j, v := range p.Data {
				if diff := math.Abs(float64(v - got.Params()[i].Data[j])); diff > limit {
					t.Fatalf("%v: %s[%d] differs by %g", kind, p.Name, j, diff)
				}
			}
		}
	}
	if _, err := ReadDecoder(write(t, ArchitectureLlama, m.Config, m.Params(), checkpoint.F32)); err == nil || !strings.Contains(err.Error(), lengthWeight) {
		t.Errorf("a tensor too many: %v", err)
	}
	if _, err := ReadDecoder(write(t, ArchitectureLlama, m.Config, m.Trunk.Params()[1:], checkpoint.F32)); err == nil || !strings.Contains(err.Error(), "token_embd") {
		t.Errorf("a tensor too few: %v", err)
	}
	if _, err := ReadDecoder(write(t, "gpt2", m.Config, m.Params(), checkpoint.F32)); err == nil || !strings.Contains(err.Error(), "known: llama, qwen2") {
		t.Errorf("an unknown architecture: %v", err)
	}
	other := m.Config
	other.FFN = 64
	if _, err := ReadMasked(write(t, ArchitectureLLaDA, other, m.Params(), checkpoint.F32)); err == nil || !strings.Contains(err.Error(), "ffn_gate.weight has shape [48 32], want (64,32)") {
		t.Errorf("other sizes: %v", err)
	}
}

func write(t *testing.T, arch string, c Config, ps []*tensor.Param, kind checkpoint.Type) *checkpoint.File {
	t.Helper()
	b := checkpoint.NewBuilder(arch)
	if err := card.Store(b, c.Metadata(arch)); err != nil {
		t.Fatal(err)
	}
	return stored(t, arch, b, ps, kind)
}

// stored adds parameters to a file and reads it back.
func stored(t *testing.T, arch string, b *checkpoint.Builder, ps []*tensor.Param, kind checkpoint.Type) *checkpoint.File {
	t.Helper()
	if err := WriteParams(b, ps, nil, kind); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if _, err := b.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	f, err := checkpoint.Parse(arch+".gguf", buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tangSize is the shape of the bundled poem models.
var tangSize = Config{Vocab: 7000, Context: 128, Width: 192, Layers: 7, Heads: 6, KVHeads: 6, FFN: 512, Eps: 1e-5, RopeBase: 10000}

// BenchmarkDecode is one element of cached autoregression.
func BenchmarkDecode(b *testing.B) {
	trunk := newTrunk(b, tangSize)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			d := NewDecoder(trunk, newPool(b, workers))
			if _, err := d.Extend(sentence); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if d.Len() > 64 {
					d.Rewind(12)
				}
				if _, err := d.Extend(sentence[:1]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "elements/s")
		})
	}
}

// BenchmarkFullPass is one pass of the masked network over a poem's slots.
func BenchmarkFullPass(b *testing.B) {
	m, err := NewMaskedModel(tangSize, 64)
	if err != nil {
		b.Fatal(err)
	}
	m.Init(1)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			e := NewMasked(m, newPool(b, workers))
			tokens, slots := make([]int, 42), make([]int, 32)
			for i := range slots {
				slots[i] = 10 + i
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Logits(tokens, slots); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(slots))/b.Elapsed().Seconds(), "positions/s")
		})
	}
}
