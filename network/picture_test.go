package network

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/tensor"
)

var tinyPixel = PixelConfig{
	Width: 6, Height: 5, Colours: 7, Pixel: 4,
	Rows:   Config{Vocab: 20, Context: 12, Width: 16, Layers: 2, Heads: 2, KVHeads: 2, FFN: 24, Eps: 1e-5, RopeBase: 10000},
	Pixels: Config{Vocab: 7, Context: 6, Width: 8, Layers: 1, Heads: 2, KVHeads: 2, FFN: 16, Eps: 1e-5, RopeBase: 10000},
}

var tinyFlow = FlowConfig{
	Width: 8, Height: 6, Channels: 4, Patch: 2, Stem: 3, Dim: 16, Layers: 2, Heads: 2, FFN: 24,
	Text: Config{Vocab: 20, Context: 8, Width: 8, Layers: 1, Heads: 2, KVHeads: 2, FFN: 16, Eps: 1e-5, RopeBase: 10000},
}

// randomise draws all weights so that no part of a network is without a say.
func randomise(ps []*tensor.Param, deviation float64) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, p := range ps {
		for i := range p.Data {
			p.Data[i] = float32(rng.NormFloat64() * deviation)
			if p.Out == 1 {
				p.Data[i]++
			}
		}
		p.Update()
	}
}

func newPixelModel(t testing.TB) *PixelModel {
	t.Helper()
	m, err := NewPixelModel(tinyPixel)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(1)
	randomise(m.Params(), 0.3)
	return m
}

func drawn(n, most int) []int {
	rng := rand.New(rand.NewPCG(8, 8))
	out := make([]int, n)
	for i := range out {
		out[i] = rng.IntN(most)
	}
	return out
}

// TestPixelsOneByOne holds that the evaluator gives each pixel what scoring the
// whole picture gives it, however its tokens arrive and after any rewind.
func TestPixelsOneByOne(t *testing.T) {
	m, pool := newPixelModel(t), newPool(t, 2)
	caption, picture := []int{1, 5, 19}, drawn(30, 7)
	want := make([]float32, 30)
	if err := NewPixel(m, pool).Score(caption, picture, want); err != nil {
		t.Fatal(err)
	}
	loss := func(logits []float32, colour int) float64 {
		var sum float64
		for _, l := range logits {
			sum += math.Exp(float64(l))
		}
		return math.Log(sum) - float64(logits[colour])
	}
	p := NewPixel(m, pool)
	extend := func(tokens ...int) []float32 {
		t.Helper()
		logits, err := p.Extend(tokens)
		if err != nil {
			t.Fatal(err)
		}
		return logits
	}
	prompt := m.Prompt(caption)
	var single [][]float32
	logits := extend(prompt...)
	for i, colour := range picture {
		if got := loss(logits, colour); math.Abs(got-float64(want[i])) > 1e-4 {
			t.Fatalf("pixel %d: loss %g one by one, %g in one pass", i, got, want[i])
		}
		single = append(single, slices.Clone(logits))
		if i+1 < len(picture) {
			logits = extend(colour)
		}
	}
	for _, given := range []int{1, 5, 6, 7, 12, 17, 29} {
		p.Rewind(0)
		extend(prompt[:1]...)
		if got := extend(append(slices.Clone(prompt[1:]), picture[:given]...)...); !slices.Equal(got, single[given]) {
			t.Errorf("%d pixels given at once: other logits", given)
		}
		for _, back := range []int{given, given - 1, given / 2, 0} {
			p.Rewind(len(prompt) + back)
			if back == 0 {
				continue
			}
			p.Rewind(len(prompt) + back - 1)
			if got := extend(picture[back-1]); !slices.Equal(got, single[back]) {
				t.Errorf("rewound from %d to %d pixels: other logits", given, back)
			}
		}
	}
	p.Rewind(2)
	if got := extend(prompt[2:]...); !slices.Equal(got, single[0]) {
		t.Error("rewound into the caption: other logits")
	}
}

// TestPixelSeesOnlyWhatIsBefore changes a pixel and holds that nothing before
// it, itself included, gets another prediction, and that something after does.
func TestPixelSeesOnlyWhatIsBefore(t *testing.T) {
	m, pool := newPixelModel(t), newPool(t, 1)
	caption, picture := []int{1, 5, 19}, drawn(30, 7)
	before, after := make([]float32, 30), make([]float32, 30)
	p := NewPixel(m, pool)
	if err := p.Score(caption, picture, before); err != nil {
		t.Fatal(err)
	}
	for at := range 29 {
		changed := slices.Clone(picture)
		changed[at] = (changed[at] + 1) % 7
		if err := p.Score(caption, changed, after); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before[:at], after[:at]) {
			t.Errorf("pixel %d is seen by one before it", at)
		}
		if slices.Equal(before[at+1:], after[at+1:]) {
			t.Errorf("pixel %d is seen by none after it", at)
		}
	}
}

func TestPixelErrors(t *testing.T) {
	m, pool := newPixelModel(t), newPool(t, 1)
	p := NewPixel(m, pool)
	for name, tokens := range map[string][]int{
		"no tokens": {}, "no caption": {1}, "END": {8, 7}, "caption too long": m.Prompt(make([]int, 9)),
		"caption after pixels": {8, 1, 9}, "negative": {8, -1}, "past the vocabulary": {28}, "too many pixels": append([]int{8}, make([]int, 30)...),
	} {
		if _, err := p.Extend(tokens); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := p.Extend([]int{8, 1, 2}); err != nil {
		t.Errorf("after errors: %v", err)
	}
	if err := p.Score(nil, make([]int, 30), make([]float32, 30)); err == nil {
		t.Error("scoring without a caption: no error")
	}
}

// TestFlowAgainstObviousVersion compares the network with a transcription of its
// formulas in float64.
func TestFlowAgainstObviousVersion(t *testing.T) {
	m, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	pool := newPool(t, 2)
	f := NewFlow(m, pool)
	rng := rand.New(rand.NewPCG(4, 4))
	x := make([]float32, f.Size())
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	caption, err := f.Encode([]int{3, 4, 19})
	if err != nil {
		t.Fatal(err)
	}
	none, err := f.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	both, err := f.Velocity(x, 0.25, 0.125, [][]float32{caption, none})
	if err != nil {
		t.Fatal(err)
	}
	both = slices.Clone(both)
	for b, c := range [][]float32{caption, none} {
		want := obviousFlow(m, x, 0.25, 0.125, c)
		got := both[b*f.Size() : (b+1)*f.Size()]
		for i := range want {
			if v := (want[i] - float64(x[i])) / 0.75; math.Abs(v-float64(got[i])) > 2e-4*(1+math.Abs(v)) {
				t.Fatalf("condition %d, value %d: %g, want %g", b, i, got[i], v)
			}
		}
		alone, err := f.Velocity(x, 0.25, 0.125, [][]float32{c})
		if err != nil || !slices.Equal(alone, got) {
			t.Errorf("condition %d alone gives other bits than beside another (%v)", b, err)
		}
	}
	if slices.Equal(caption, none) || slices.Equal(both[:f.Size()], both[f.Size():]) {
		t.Error("the caption makes no difference")
	}
}

// obviousFlow is x̂ of one object.
func obviousFlow(m *FlowModel, x []float32, t, span float64, caption []float32) []float64 {
	linear := func(x []float64, w *tensor.Param) []float64 {
		y := make([]float64, w.Out)
		for o := range y {
			for i, v := range x {
				y[o] += v * float64(w.Data[o*w.In+i])
			}
		}
		return y
	}
	silu := func(x []float64) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v / (1 + math.Exp(-v))
		}
		return y
	}
	conv := func(x matrix, w *tensor.Param) matrix {
		y := make(matrix, len(x))
		for i := range x {
			var seen []float64
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					row, column := i/m.Width+dy, i%m.Width+dx
					if row < 0 || row >= m.Height || column < 0 || column >= m.Width {
						seen = append(seen, make([]float64, len(x[0]))...)
					} else {
						seen = append(seen, x[row*m.Width+column]...)
					}
				}
			}
			y[i] = linear(seen, w)
		}
		return y
	}
	clock := func(t float64, in, out *tensor.Param) []float64 {
		e := make([]float64, 2*frequencies)
		for i := range frequencies {
			e[i], e[frequencies+i] = math.Sincos(1000 * t * math.Pow(10000, -float64(i)/frequencies))
		}
		return linear(silu(linear(e, in)), out)
	}
	cond, asked := make([]float64, m.Dim), make([]float64, m.Dim)
	when, length := clock(t, m.TimeIn, m.TimeOut), clock(span, m.SpanIn, m.SpanOut)
	for i := range cond {
		asked[i] = float64(caption[i])
		cond[i] = when[i] + length[i] + asked[i]
	}
	cond = silu(cond)
	guesses := linear(asked, m.GuessOut)
	modulate := func(x, mod []float64, shift, scale int) []float64 {
		var sum float64
		for _, v := range x {
			sum += v * v
		}
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v/math.Sqrt(sum/float64(len(x))+flowEps)*(1+mod[scale+i]) + mod[shift+i]
		}
		return y
	}
	pixels := make(matrix, m.Width*m.Height)
	for i := range pixels {
		for _, v := range x[i*m.Channels : (i+1)*m.Channels] {
			pixels[i] = append(pixels[i], float64(v))
		}
	}
	stem := conv(pixels, m.StemIn)
	across, d := m.Width/m.Patch, m.Dim
	place := func(patch, k int) int { // pixel k of a patch
		return (patch/across*m.Patch+k/m.Patch)*m.Width + patch%across*m.Patch + k%m.Patch
	}
	h := make(matrix, m.positions())
	for p := range h {
		var all []float64
		for k := range m.Patch * m.Patch {
			all = append(all, stem[place(p, k)]...)
		}
		h[p] = linear(all, m.PatchIn)
		guess := linear(guesses[p*m.Channels:(p+1)*m.Channels], m.GuessIn)
		for j := range h[p] {
			h[p][j] += float64(m.Position.Data[p*d+j]) + guess[j]
		}
	}
	for _, b := range m.blocks {
		mod := linear(cond, b.Mod)
		q, k, v := make(matrix, len(h)), make(matrix, len(h)), make(matrix, len(h))
		for i := range h {
			n := modulate(h[i], mod, 0, d)
			q[i], k[i], v[i] = linear(n, b.Q), linear(n, b.K), linear(n, b.V)
		}
		size := d / m.Heads
		for i := range h {
			a := make([]float64, d)
			for head := range m.Heads {
				var sum float64
				for j := range h {
					var dot float64
					for e := head * size; e < (head+1)*size; e++ {
						dot += q[i][e] * k[j][e]
					}
					w := math.Exp(dot / math.Sqrt(float64(size)))
					sum += w
					for e := head * size; e < (head+1)*size; e++ {
						a[e] += w * v[j][e]
					}
				}
				for e := head * size; e < (head+1)*size; e++ {
					a[e] /= sum
				}
			}
			for j, o := range linear(a, b.O) {
				h[i][j] += mod[2*d+j] * o
			}
		}
		for i := range h {
			n := modulate(h[i], mod, 3*d, 4*d)
			gate, up := silu(linear(n, b.Gate)), linear(n, b.Up)
			for j := range gate {
				gate[j] *= up[j]
			}
			for j, o := range linear(gate, b.Down) {
				h[i][j] += mod[5*d+j] * o
			}
		}
	}
	mod := linear(cond, m.HeadMod)
	sum := make(matrix, len(pixels))
	for p := range h {
		out := linear(modulate(h[p], mod, 0, d), m.PatchOut)
		for k := range m.Patch * m.Patch {
			at := place(p, k)
			for j := range m.Stem {
				sum[at] = append(sum[at], out[k*m.Stem+j]+stem[at][j])
			}
		}
	}
	each := func(x matrix) matrix {
		y := make(matrix, len(x))
		for i := range x {
			y[i] = silu(x[i])
		}
		return y
	}
	var out []float64
	for _, row := range conv(each(conv(each(sum), m.Mix)), m.Head) {
		out = append(out, row...)
	}
	return out
}

func TestFlowErrors(t *testing.T) {
	m, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFlow(m, newPool(t, 1))
	x, c := make([]float32, f.Size()), make([]float32, m.Dim)
	for name, call := range map[string]func() error{
		"values":      func() error { _, err := f.Velocity(x[1:], 0, 0, [][]float32{c}); return err },
		"time 1":      func() error { _, err := f.Velocity(x, 1, 0, [][]float32{c}); return err },
		"time NaN":    func() error { _, err := f.Velocity(x, float32(math.NaN()), 0, [][]float32{c}); return err },
		"span":        func() error { _, err := f.Velocity(x, 0, 2, [][]float32{c}); return err },
		"conditions":  func() error { _, err := f.Velocity(x, 0, 0, nil); return err },
		"condition":   func() error { _, err := f.Velocity(x, 0, 0, [][]float32{c[1:]}); return err },
		"caption":     func() error { _, err := f.Encode(make([]int, 9)); return err },
		"token":       func() error { _, err := f.Encode([]int{20}); return err },
		"wrong patch": func() error { c := tinyFlow; c.Patch = 5; _, err := NewFlowModel(c); return err },
		"text":        func() error { c := tinyFlow; c.Text.Heads = 0; _, err := NewFlowModel(c); return err },
	} {
		if call() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestPictureFiles writes each network of pictures and reads it back.
func TestPictureFiles(t *testing.T) {
	pixel := newPixelModel(t)
	flow, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	randomise(flow.Params(), 0.3)
	classifier, err := NewClassifierModel(ClassifierConfig{Width: 8, Height: 16, Channels: 4, Base: 3, Features: 5, Labels: 6})
	if err != nil {
		t.Fatal(err)
	}
	classifier.Init(2)
	for _, c := range []struct {
		architecture string
		metadata     map[string]any
		params       []*tensor.Param
		read         func(f *checkpoint.File) ([]*tensor.Param, error)
	}{
		{ArchitecturePixel, pixel.Metadata(), pixel.Params(), func(f *checkpoint.File) ([]*tensor.Param, error) {
			m, err := ReadPixel(f)
			if err != nil {
				return nil, err
			}
			return m.Params(), nil
		}},
		{ArchitectureFlow, flow.Metadata(), flow.Params(), func(f *checkpoint.File) ([]*tensor.Param, error) {
			m, err := ReadFlow(f)
			if err != nil {
				return nil, err
			}
			return m.Params(), nil
		}},
		{ArchitectureClassifier, classifier.Metadata(), classifier.Params(), func(f *checkpoint.File) ([]*tensor.Param, error) {
			m, err := ReadClassifier(f)
			if err != nil {
				return nil, err
			}
			return m.Params(), nil
		}},
	} {
		write := func(leaveOut string) *checkpoint.File {
			b := checkpoint.NewBuilder(c.architecture)
			for k, v := range c.metadata {
				if k != leaveOut {
					if err := b.Set(k, v); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := WriteParams(b, c.params, nil, checkpoint.F32); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "m.gguf")
			if err := b.WriteFile(path); err != nil {
				t.Fatal(err)
			}
			f, err := checkpoint.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
			return f
		}
		got, err := c.read(write(""))
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range c.params {
			if got[i].Name != p.Name || !slices.Equal(got[i].Data, p.Data) {
				t.Errorf("%s: %s is not what was written", c.architecture, p.Name)
			}
		}
		if _, err := c.read(write(c.architecture + ".width")); err == nil {
			t.Errorf("%s without its width: no error", c.architecture)
		}
	}
}

// TestSizesOfAbsurdFiles holds that no memory is taken for weights that a file
// says it has and does not.
func TestSizesOfAbsurdFiles(t *testing.T) {
	pixel := newPixelModel(t)
	flow, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	text := newTrunk(t, tiny)
	if got, want := tiny.weights(), int(text.Parameters()); got != want {
		t.Errorf("a trunk of %d weights, want %d", got, want)
	}
	if got, want := tinyPixel.weights(), int(pixel.Parameters()); got != want {
		t.Errorf("a pixel network of %d weights, want %d", got, want)
	}
	if got, want := tinyFlow.weights(), int(flow.Parameters()); got != want {
		t.Errorf("a flow network of %d weights, want %d", got, want)
	}
	for _, c := range []struct {
		architecture, key string
		metadata          map[string]any
		params            []*tensor.Param
	}{
		{ArchitectureLlama, ".feed_forward_length", tiny.Metadata(ArchitectureLlama), text.Params()},
		{ArchitecturePixel, ".row.feed_forward_length", pixel.Metadata(), pixel.Params()},
		{ArchitecturePixel, ".pixel_embedding_length", pixel.Metadata(), pixel.Params()},
		{ArchitectureFlow, ".feed_forward_length", flow.Metadata(), flow.Params()},
		{ArchitectureFlow, ".caption.feed_forward_length", flow.Metadata(), flow.Params()},
	} {
		c.metadata[c.architecture+c.key] = uint32(maxWidth)
		b := checkpoint.NewBuilder(c.architecture)
		if err := errors.Join(card.Store(b, c.metadata), WriteParams(b, c.params, nil, checkpoint.F32)); err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if _, err := b.WriteTo(&buf); err != nil {
			t.Fatal(err)
		}
		f, err := checkpoint.Parse("absurd", buf.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		read := map[string]func() error{
			ArchitectureLlama: func() error { _, err := ReadDecoder(f); return err },
			ArchitecturePixel: func() error { _, err := ReadPixel(f); return err },
			ArchitectureFlow:  func() error { _, err := ReadFlow(f); return err },
		}[c.architecture]
		if err := read(); err == nil || !strings.Contains(err.Error(), "the sizes in its keys ask for") {
			t.Errorf("%s%s: error %v", c.architecture, c.key, err)
		}
	}
	long := tinyFlow
	long.Text.Context = maxCaption + 1
	if err := long.Validate(); err == nil {
		t.Error("captions of any length: no error")
	}
}

// TestClassify holds that pictures are classified one by one as together.
func TestClassify(t *testing.T) {
	m, err := NewClassifierModel(ClassifierConfig{Width: 8, Height: 8, Channels: 4, Base: 4, Features: 6, Labels: 5})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(1)
	rng := rand.New(rand.NewPCG(5, 5))
	pictures := make([][]float32, classifyAtOnce+3)
	for i := range pictures {
		pictures[i] = make([]float32, 8*8*4)
		for j := range pictures[i] {
			pictures[i][j] = rng.Float32()*2 - 1
		}
	}
	c := NewClassifier(m, newPool(t, 2))
	features, logits, err := c.Classify(pictures)
	if err != nil || len(features) != len(pictures) || len(logits[0]) != 5 || len(features[0]) != 6 {
		t.Fatalf("%d features, %v", len(features), err)
	}
	for i, p := range pictures {
		f, l, err := c.Classify([][]float32{p})
		if err != nil || !slices.Equal(f[0], features[i]) || !slices.Equal(l[0], logits[i]) {
			t.Fatalf("picture %d gets other bits alone (%v)", i, err)
		}
	}
	if _, _, err := c.Classify([][]float32{{1, 2}}); err == nil {
		t.Error("a picture of the wrong size: no error")
	}
}

// TestPicturesAllocateNothing holds that passes in steady state allocate
// nothing.
func TestPicturesAllocateNothing(t *testing.T) {
	flow, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	flow.Init(1)
	pool := newPool(t, 1)
	f := NewFlow(flow, pool)
	x, conditions := make([]float32, f.Size()), [][]float32{make([]float32, flow.Dim), make([]float32, flow.Dim)}
	if n := testing.AllocsPerRun(20, func() {
		if _, err := f.Velocity(x, 0.5, 0, conditions); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("a pass of the flow network makes %g allocations", n)
	}
	m := newPixelModel(t)
	p := NewPixel(m, pool)
	picture := [1]int{}
	prompt := m.Prompt([]int{1, 2})
	if n := testing.AllocsPerRun(5, func() {
		p.Rewind(0)
		if _, err := p.Extend(prompt); err != nil {
			t.Fatal(err)
		}
		for i := range m.Elements() - 1 {
			picture[0] = i % m.Colours
			if _, err := p.Extend(picture[:]); err != nil {
				t.Fatal(err)
			}
		}
	}); n > 0 {
		t.Errorf("a picture of the pixel network makes %g allocations", n)
	}
}
