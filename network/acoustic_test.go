package network

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

var tinyAcoustic = AcousticConfig{Symbols: 6, Speakers: 2, Bands: 10, Rate: 16000, Hop: 160, Group: 2, Dim: 16, FFN: 24, Kernel: 3, Encoder: 2, Causal: 3, Flow: 2}

func newAcousticModel(t testing.TB) *AcousticModel {
	t.Helper()
	m, err := NewAcousticModel(tinyAcoustic)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	tilt(&m.MelNorm)
	m.Voices = []VoiceNorm{{5.2, 0.2, -4, 2}, {4.8, 0.3, -5, 1}}
	return m
}

const tinyAcousticFile = "testdata/tiny-acoustic.gguf"

// What is said in testdata/acoustic.py.
var (
	saidSymbols = []int{3, 0, 4, 1, 2}
	saidPlaces  = []int{0, 2, 3, 4, 0}
	saidFrames  = []int{3, 2, 5, 1, 4}
)

func wave(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(float64(i) * 0.7))
	}
	return x
}

// TestFramesOfPyTorch holds the acoustic network to what its transcription in
// PyTorch computes in float64 from the same file; testdata/README.md tells how.
func TestFramesOfPyTorch(t *testing.T) {
	if *update {
		m := newAcousticModel(t)
		writeTiny(t, tinyAcousticFile, ArchitectureAcoustic, m.Metadata(), m.Params())
	}
	var golden struct{ Prosody, Continued, Finished []float64 }
	readGolden(t, "testdata/tiny-acoustic.frames.json", &golden)
	file, err := checkpoint.Open(tinyAcousticFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := ReadAcoustic(file)
	if err != nil {
		t.Fatal(err)
	}
	r := tensor.NewRun(newPool(t, 2))
	spans := []tensor.Span{{Len: 5}}
	h := m.Encode(r, Units{Symbols: saidSymbols, Places: saidPlaces, Speakers: []int{1, 1, 1, 1, 1}, Spans: spans}, 0)
	agree(t, "prosody", m.Predict(r, h, spans, 0).Data, golden.Prosody)
	l := m.NewLayout(saidFrames, spans)
	cond := m.Condition(r, h, wave(10), l)
	frames := wave(l.Positions() * m.Group * m.Bands)
	agree(t, "frames of ar", m.Continue(r, cond, frames, l.Spans, 0).Data, golden.Continued)
	agree(t, "frames of refine", m.Finish(r, cond, frames, []float32{0.3}, l.Spans, 0).Data, golden.Finished)
}

// spoken plans what is said in so many frames and begins to speak it.
func spoken(t *testing.T, a *Acoustic) *Utterance {
	t.Helper()
	d, err := a.Plan(saidSymbols, saidPlaces, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	copy(d.Frames, saidFrames)
	u, err := a.Speak(d)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestOneByOne holds that the frames that ar makes one position after another are
// those of one pass over all of them, to the bit.
func TestOneByOne(t *testing.T) {
	m := newAcousticModel(t)
	u := spoken(t, NewAcoustic(m, newPool(t, 2)))
	if u.Elements() != 16 || u.Size() != 160 {
		t.Fatalf("%d frames of %d values in all, want 16 and 160: the last unit fills the last position", u.Elements(), u.Size())
	}
	var made []float32
	for {
		values, err := u.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(values) == 0 {
			break
		}
		made = append(made, values...)
	}
	if len(made) != u.Size() {
		t.Fatalf("%d values, want %d", len(made), u.Size())
	}
	r := tensor.NewRun(newPool(t, 1))
	cond := r.New(u.layout.Positions(), m.Dim)
	copy(cond.Data, u.cond)
	previous := append(make([]float32, m.values()), made[:len(made)-m.values()]...)
	if all := m.Continue(r, cond, previous, u.layout.Spans, 0); !slices.Equal(all.Data, made) {
		t.Error("one pass over all positions gives other frames than one after another")
	}
}

// TestAcousticBatch holds that what an utterance gets does not depend on those
// beside it.
func TestAcousticBatch(t *testing.T) {
	m := newAcousticModel(t)
	evaluate := func(symbols, places, speakers, frames []int, times []float32, spans []tensor.Span) (guess, next, finished []float32) {
		r := tensor.NewRun(newPool(t, 2))
		h := m.Encode(r, Units{Symbols: symbols, Places: places, Speakers: speakers, Spans: spans}, 0)
		guess = m.Predict(r, h, spans, 0).Data
		l := m.NewLayout(frames, spans)
		cond := m.Condition(r, h, make([]float32, 2*len(symbols)), l)
		x := make([]float32, l.Positions()*m.values())
		for _, s := range l.Spans {
			copy(x[s.Start*m.values():], wave(s.Len*m.values()))
		}
		return guess, m.Continue(r, cond, x, l.Spans, 0).Data, m.Finish(r, cond, x, times, l.Spans, 0).Data
	}
	g1, n1, f1 := evaluate([]int{1, 2}, []int{4, 0}, []int{0, 0}, []int{3, 4}, []float32{0.7}, []tensor.Span{{Len: 2}})
	g2, n2, f2 := evaluate(saidSymbols, saidPlaces, []int{1, 1, 1, 1, 1}, saidFrames, []float32{0.2}, []tensor.Span{{Len: 5}})
	g, n, f := evaluate(append([]int{1, 2}, saidSymbols...), append([]int{4, 0}, saidPlaces...), []int{0, 0, 1, 1, 1, 1, 1}, append([]int{3, 4}, saidFrames...),
		[]float32{0.7, 0.2}, []tensor.Span{{Len: 2}, {Start: 2, Len: 5}})
	for what, x := range map[string][2][]float32{"prosody": {g, append(g1, g2...)}, "frames of ar": {n, append(n1, n2...)}, "frames of refine": {f, append(f1, f2...)}} {
		if !slices.Equal(x[0], x[1]) {
			t.Errorf("%s: two utterances together get other values than alone", what)
		}
	}
}

// TestLayout holds which unit lies under which frame, and where in it.
func TestLayout(t *testing.T) {
	c := tinyAcoustic
	c.Group = 3
	l := c.NewLayout([]int{2, 3, 1, 4}, []tensor.Span{{Len: 2}, {Start: 2, Len: 2}})
	want := [][]int{{0, 1, 2, 3}, {0, 1, 3, 3}, {1, 1, 3, 3}} // 2 and 4 frames, 1 and 5: whole positions
	for i := range want {
		if !slices.Equal(l.units[i], want[i]) {
			t.Errorf("units under frame %d of each position are %v, want %v", i, l.units[i], want[i])
		}
	}
	if !slices.Equal(l.Spans, []tensor.Span{{Start: 0, Len: 2}, {Start: 2, Len: 2}}) {
		t.Errorf("spans %v", l.Spans)
	}
	if got, want := l.within[3:6], []float32{0.75, 0.1, 0.05}; !slices.Equal(got, want) {
		t.Errorf("the second of two frames is at %v, want %v", got, want)
	}
}

// TestPlan holds that a slower voice takes as much longer, and rounding loses no
// frames.
func TestPlan(t *testing.T) {
	m := newAcousticModel(t)
	clear(m.Prosody.Data)
	m.ProsodyBias.Data = []float32{float32(math.Log(1 + 7.4)), 1, -1}
	a := NewAcoustic(m, newPool(t, 1))
	symbols, places := slices.Repeat(saidSymbols, 10), slices.Repeat([]int{1}, 50)
	for _, tc := range []struct{ slower, frames float32 }{{1, 370}, {2, 740}, {0.5, 185}, {0.1, 100}} {
		d, err := a.Plan(symbols, places, 1, tc.slower)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, n := range d.Frames {
			sum += n
		}
		if float32(sum) != tc.frames {
			t.Errorf("%g times slower: %d frames, want %g", tc.slower, sum, tc.frames)
		}
		if math.Abs(float64(d.Pitch[7]-5.1)) > 1e-5 || math.Abs(float64(d.Energy[7]+6)) > 1e-5 {
			t.Errorf("pitch %g and energy %g, want those of the voice", d.Pitch[7], d.Energy[7])
		}
	}
	for _, tc := range []struct {
		symbols, places []int
		speaker         int
		slower          float32
		want            string
	}{
		{nil, nil, 0, 1, "0 symbols"}, {[]int{1}, []int{1, 2}, 0, 1, "in 2 places"}, {[]int{1}, []int{1}, 0, 0, "slower by 0"},
		{[]int{6}, []int{1}, 0, 1, "symbol 6"}, {[]int{1}, []int{5}, 0, 1, "place 5"}, {[]int{1}, []int{1}, 2, 1, "speaker 2"},
	} {
		if _, err := a.Plan(tc.symbols, tc.places, tc.speaker, tc.slower); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("error %v, want one with %q", err, tc.want)
		}
	}
	d, err := a.Plan(saidSymbols, saidPlaces, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	d.Frames[2] = 0
	if _, err := a.Speak(d); err == nil || !strings.Contains(err.Error(), "unit 2 takes 0 frames") {
		t.Errorf("error %v, want one of unit 2", err)
	}
}

// TestUtteranceVelocity holds that a step to the end leads to what the network
// finishes, and that bad input is told.
func TestUtteranceVelocity(t *testing.T) {
	m := newAcousticModel(t)
	u := spoken(t, NewAcoustic(m, newPool(t, 1)))
	cond, err := u.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	x := wave(u.Size())
	v, err := u.Velocity(x, 0.25, 0, [][]float32{cond})
	if err != nil {
		t.Fatal(err)
	}
	r := tensor.NewRun(newPool(t, 1))
	c := r.New(u.layout.Positions(), m.Dim)
	copy(c.Data, cond)
	for i, want := range m.Finish(r, c, x, []float32{0.25}, u.layout.Spans, 0).Data {
		if got := x[i] + 0.75*v[i]; math.Abs(float64(got-want)) > 1e-5 {
			t.Fatalf("value %d: a step to the end leads to %g, want %g", i, got, want)
		}
	}
	for name, f := range map[string]func() error{
		"a value less": func() error { _, err := u.Velocity(x[1:], 0, 0, [][]float32{cond}); return err },
		"the end":      func() error { _, err := u.Velocity(x, 1, 0, [][]float32{cond}); return err },
		"no condition": func() error { _, err := u.Velocity(x, 0, 0, nil); return err },
	} {
		if err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAcousticFiles(t *testing.T) {
	m := newAcousticModel(t)
	path := t.TempDir() + "/a.gguf"
	write := func(change func(map[string]any)) error {
		metadata := m.Metadata()
		change(metadata)
		writeTiny(t, path, ArchitectureAcoustic, metadata, m.Params())
		f, err := checkpoint.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := ReadAcoustic(f)
		if err == nil && (!slices.Equal(got.Voices, m.Voices) || !slices.Equal(got.Mean, m.Mean) || got.AcousticConfig != m.AcousticConfig) {
			t.Error("the model read is not the one written")
		}
		return err
	}
	if err := write(func(map[string]any) {}); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(map[string]any){
		"voice_norm is <nil>":           func(k map[string]any) { delete(k, keyVoices) },
		"voice_norm of speaker 1":       func(k map[string]any) { k[keyVoices] = []float32{5, 1, 0, 1, 5, 0, 0, 1} },
		"kernel of 4 positions":         func(k map[string]any) { k["stride.acoustic.kernel_length"] = uint32(4) },
		"the sizes in its keys ask for": func(k map[string]any) { k["stride.acoustic.embedding_length"] = uint32(4096) },
		"tensor flow.2":                 func(k map[string]any) { k["stride.acoustic.block_count"] = uint32(3) },
	} {
		if err := write(change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
