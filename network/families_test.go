package network

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

// tinyFamilies are the files of testdata/tiny_families.py, and of each what says
// that its form was read.
var tinyFamilies = []struct {
	name string
	form func(Config) bool
}{
	{"llama3", func(c Config) bool { return c.Untied && c.RopeFactors }},
	{"linear", func(c Config) bool { return c.QKVBias && c.OutBias && c.RopeScaling.Factor == 4 }},
	{"mistral", func(c Config) bool { return c.HeadDim() == 12 && c.isLocal(0) && c.isLocal(1) }},
	{"qwen2", func(c Config) bool { return c.QKVBias && !c.OutBias && !c.Untied }},
	{"qwen3", func(c Config) bool { return c.QKNorm && c.RopeScaling.Kind == ropeYaRN }},
	{"gemma", func(c Config) bool { return c.GELU && c.ScaleEmbed && !c.PostNorm }},
	{"gemma2", func(c Config) bool { return c.ScoreCap == 1.5 && c.LogitCap == 2 && c.isLocal(0) && !c.isLocal(1) }},
	{"gemma3", func(c Config) bool { return c.LocalBase == 200 && c.isLocal(4) && !c.isLocal(5) && c.isLocal(6) }},
	{"llada", func(c Config) bool { return !c.Shift && !c.Halves }},
	{"dream", func(c Config) bool { return c.Shift && c.Halves && c.QKVBias }},
}

// familyValues is what transformers computed.
type familyValues struct {
	Tokens []int
	Hidden [][][]float64 // per layer and before the first: (T,C), behind the last norm
	Logits [][]float64   // (T,V)
}

func openTiny(t testing.TB, name string) *checkpoint.File {
	t.Helper()
	f, err := checkpoint.Open("testdata/tiny-" + name + ".gguf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestFamiliesOfTransformers holds each family, layer by layer, to what
// transformers computes from the same weights; testdata/README.md tells how.
func TestFamiliesOfTransformers(t *testing.T) {
	pool := newPool(t, 2)
	for _, tc := range tinyFamilies {
		t.Run(tc.name, func(t *testing.T) {
			f := openTiny(t, tc.name)
			c, err := ReadConfig(f)
			if err != nil {
				t.Fatal(err)
			}
			if !tc.form(c) {
				t.Errorf("another form than the file's: %+v", c)
			}
			var want familyValues
			readGolden(t, "testdata/tiny-"+tc.name+".values.json", &want)
			if len(want.Hidden) != c.Layers+1 || len(want.Tokens) != len(want.Logits) {
				t.Fatalf("%d layers and %d rows of logits, want %d and %d", len(want.Hidden)-1, len(want.Logits), c.Layers, len(want.Tokens))
			}
			m, err := ReadMasked(f)
			if err != nil {
				t.Fatal(err)
			}
			fam := tinyFamily(t, f)
			for layers := range want.Hidden {
				got := firstLayers(m.Trunk, layers).Hidden(tensor.NewRun(pool), wholePass(want.Tokens, !fam.masked))
				agree(t, fmt.Sprintf("residual stream after %d layers", layers), got.Data, slices.Concat(want.Hidden[layers]...))
			}
			logits, err := allLogits(m, fam.masked, want.Tokens, pool)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, "logits", logits, slices.Concat(want.Logits...))
		})
	}
}

func tinyFamily(t testing.TB, f *checkpoint.File) family {
	t.Helper()
	arch, err := f.String("general.architecture")
	if err != nil {
		t.Fatal(err)
	}
	fam, ok := familyOf(arch)
	if !ok {
		t.Fatalf("architecture %s is not known", arch)
	}
	return fam
}

// firstLayers is a trunk of only so many of its layers.
func firstLayers(t *Trunk, layers int) *Trunk {
	short := *t
	short.Blocks = t.Blocks[:layers]
	return &short
}

func wholePass(tokens []int, causal bool) Pass {
	positions := make([]int, len(tokens))
	for i := range positions {
		positions[i] = i
	}
	return Pass{IDs: tokens, Positions: positions, Spans: []tensor.Span{{Start: 0, Len: len(tokens)}}, Causal: causal}
}

// allLogits asks the evaluator of a family for the logits of all positions.
func allLogits(m *MaskedModel, masked bool, tokens []int, pool *tensor.Pool) ([]float32, error) {
	if masked {
		return NewMasked(m, pool).Logits(tokens, wholePass(tokens, false).Positions)
	}
	return NewDecoder(m.Trunk, pool).ExtendAll(tokens)
}

// TestFamiliesInChunks holds that the cache gives the same bits however a text is
// cut, windows, caps and all.
func TestFamiliesInChunks(t *testing.T) {
	for _, tc := range tinyFamilies {
		f := openTiny(t, tc.name)
		if tinyFamily(t, f).masked {
			continue
		}
		trunk, err := ReadDecoder(f)
		if err != nil {
			t.Fatal(err)
		}
		tokens := make([]int, 40)
		for i := range tokens {
			tokens[i] = i * i % trunk.Vocab
		}
		pool := newPool(t, 3)
		whole, err := NewDecoder(trunk, pool).ExtendAll(tokens)
		if err != nil {
			t.Fatal(err)
		}
		nll := make([]float32, len(tokens)-1)
		if err := NewDecoder(trunk, pool).Score(tokens, nll); err != nil {
			t.Fatal(err)
		}
		for _, cuts := range [][]int{{1, 1, 1, 37}, {3, 20, 17}, {39, 1}, {8, 8, 8, 8, 8}} {
			d, at := NewDecoder(trunk, pool), 0
			if _, err := d.Extend(tokens[5:30]); err != nil {
				t.Fatal(err)
			}
			d.Rewind(0)
			for _, n := range cuts {
				logits, err := d.Extend(tokens[at : at+n])
				if err != nil {
					t.Fatal(err)
				}
				at += n
				want := whole[(at-1)*trunk.Vocab : at*trunk.Vocab]
				if !slices.Equal(logits, want) {
					t.Errorf("%s, cuts %v: other logits after %d tokens", tc.name, cuts, at)
				}
				if at < len(tokens) {
					var sum float64
					for _, l := range want {
						sum += math.Exp(float64(l))
					}
					if loss := math.Log(sum) - float64(want[tokens[at]]); math.Abs(loss-float64(nll[at-1])) > 1e-4 {
						t.Errorf("%s, token %d: loss %g, from its logits %g", tc.name, at, nll[at-1], loss)
					}
				}
			}
		}
	}
}

// TestFamilyFiles holds that what describes a network survives a file, and that its
// sizes are counted.
func TestFamilyFiles(t *testing.T) {
	for _, tc := range tinyFamilies {
		f := openTiny(t, tc.name)
		c, err := ReadConfig(f)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ReadMasked(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.weights(), int(m.Parameters()); got != want {
			t.Errorf("%s: %d weights, want %d", tc.name, got, want)
		}
		arch, _ := f.String("general.architecture")
		again, err := ReadMasked(write(t, arch, c, m.Params(), checkpoint.F32))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if again.Config != c {
			t.Errorf("%s: %+v, want %+v", tc.name, again.Config, c)
		}
	}
}

// TestFamilyFLOPs counts by hand what a network does whose heads have a width of
// their own and see a window of 7.
func TestFamilyFLOPs(t *testing.T) {
	trunk, err := ReadDecoder(openTiny(t, "mistral"))
	if err != nil {
		t.Fatal(err)
	}
	layer := 2*16*24 + 2*16*12 + 3*16*20
	for seen, inView := range map[int]int{20: 7, 5: 5} {
		if got, want := trunk.FLOPs(10, seen, 3), float64(2*(10*2*(layer+2*inView*24)+3*64*16)); got != want {
			t.Errorf("positions that see %d: %g operations, want %g", seen, got, want)
		}
	}
}

// TestFamilyGradients holds the gradients of blocks that differ from Llama's to
// central differences, along the gradient of each weight.
func TestFamilyGradients(t *testing.T) {
	pool := newPool(t, 2)
	for _, name := range []string{"linear", "mistral", "qwen3", "gemma3"} {
		m, err := ReadMasked(openTiny(t, name))
		if err != nil {
			t.Fatal(err)
		}
		tokens, weights := []int{3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, make([]float32, 10*m.Width)
		for i := range weights {
			weights[i] = float32(math.Sin(float64(i)))
		}
		loss := func(learn bool) (sum float64) {
			r := tensor.NewRun(pool, tensor.Training())
			h := m.Hidden(r, wholePass(tokens, true))
			for i, v := range h.Data {
				sum += float64(v) * float64(weights[i])
			}
			if learn {
				copy(r.Gradient(h), weights)
				r.Backward()
			}
			return sum
		}
		for _, p := range m.Params() {
			p.ZeroGrad()
		}
		loss(true)
		for _, p := range m.Params() {
			var norm float64
			for _, g := range p.Grad {
				norm += float64(g) * float64(g)
			}
			if p == m.Output || p == m.Factors {
				continue
			}
			step := float32(2e-3 / math.Sqrt(norm))
			moved := func(by float32) float64 {
				for i, g := range p.Grad {
					p.Data[i] += by * g
				}
				p.Update()
				defer func() {
					for i, g := range p.Grad {
						p.Data[i] -= by * g
					}
					p.Update()
				}()
				return loss(false)
			}
			got := (moved(step) - moved(-step)) / (2 * float64(step))
			if !(math.Abs(got-norm) <= 0.02*norm+1e-3) {
				t.Errorf("%s, %s: along its gradient the loss grows by %g, want %g", name, p.Name, got, norm)
			}
		}
	}
}

// TestNoLength holds that a public masked network says that it cannot tell a length.
func TestNoLength(t *testing.T) {
	f := openTiny(t, "llada")
	m, err := ReadMasked(f)
	if err != nil {
		t.Fatal(err)
	}
	e := NewMasked(m, newPool(t, 1))
	if _, err := e.LengthLogits([]int{1, 2}); err != ErrNoLength || PredictsLength(f) {
		t.Errorf("error %v, predicts a length: %v", err, PredictsLength(f))
	}
	if e.MaxLength() != m.Context-1 {
		t.Errorf("responses of up to %d, want %d", e.MaxLength(), m.Context-1)
	}
}

// TestHostileForms holds that keys beyond the sizes are checked too.
func TestHostileForms(t *testing.T) {
	f := openTiny(t, "gemma3")
	c, err := ReadConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	trunk, err := ReadDecoder(f)
	if err != nil {
		t.Fatal(err)
	}
	for key, tc := range map[string]struct {
		value any
		want  string
	}{
		keyHeadWidth:   {uint32(11), "even width"},
		keyValueWidth:  {uint32(8), "want the head dimension 12"},
		keyWindow:      {int32(-4), "a window of -4"},
		keyLocalBase:   {float32(0.5), "rotary base of local layers is 0.5"},
		keyScoreCap:    {float32(math.NaN()), "soft cap of attention scores is NaN"},
		keyLogitCap:    {"no", "final_logit_softcapping"},
		keyScaling:     {"longrope", "known: none, linear, yarn"},
		keyFactor:      {float32(-1), "rotary scaling by -1"},
		keyExperts:     {uint32(8), "a mixture of experts is not served"},
		keyCausal:      {false, "attention.causal is false, want true"},
		keyGlobalEvery: {[]bool{true, false, false, true, true, true, true}, "at equal distances"},
	} {
		metadata := maps.Clone(c.Metadata(ArchitectureGemma3))
		metadata[ArchitectureGemma3+"."+key] = tc.value
		if _, err := ReadConfig(writeKeys(t, ArchitectureGemma3, metadata, trunk.Params())); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s = %v: error %v, want one with %q", key, tc.value, err, tc.want)
		}
	}
	metadata := c.Metadata(ArchitectureGemma3)
	metadata[ArchitectureGemma3+"."+keyGlobalEvery] = []bool{true, true}
	if _, err := ReadConfig(writeKeys(t, ArchitectureGemma3, metadata, trunk.Params())); err == nil || !strings.Contains(err.Error(), "one for each layer") {
		t.Errorf("a pattern too short: %v", err)
	}
	metadata[ArchitectureGemma3+"."+keyGlobalEvery] = []bool{true, true, true, true, true, false, true}
	if got, err := ReadConfig(writeKeys(t, ArchitectureGemma3, metadata, trunk.Params())); err != nil || got != c {
		t.Errorf("a pattern layer by layer: %+v, %v", got, err)
	}
}

func writeKeys(t *testing.T, arch string, metadata map[string]any, ps []*tensor.Param) *checkpoint.File {
	t.Helper()
	b := checkpoint.NewBuilder(arch)
	for key, v := range metadata {
		if err := b.Set(key, v); err != nil {
			t.Fatal(err)
		}
	}
	return stored(t, arch, b, ps, checkpoint.F32)
}
