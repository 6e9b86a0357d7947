package network

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

var tinyRecogniser = RecogniserConfig{Symbols: []string{"AH", "B", "ong1", "zh"}, Bands: 20, Rate: 16000, Hop: 160, Group: 2, Dim: 16, Layers: 2, FFN: 24, Kernel: 5}

func newRecogniserModel(t testing.TB) *RecogniserModel {
	t.Helper()
	m, err := NewRecogniserModel(tinyRecogniser)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	tilt(&m.MelNorm)
	return m
}

// TestRecogniserBatch holds that what an utterance gets does not depend on those
// beside it, also where its last position lacks a frame.
func TestRecogniserBatch(t *testing.T) {
	m := newRecogniserModel(t)
	all := [][]float32{melFrames(9, m.Bands), nil, melFrames(12, m.Bands), melFrames(1, m.Bands)}
	run := tensor.NewRun(newPool(t, 2))
	together, spans := m.Logits(run, all, 0)
	for i, want := range []tensor.Span{{Start: 0, Len: 5}, {Start: 5, Len: 0}, {Start: 5, Len: 6}, {Start: 11, Len: 1}} {
		if spans[i] != want {
			t.Errorf("utterance %d is at %+v, want %+v", i, spans[i], want)
		}
		if want.Len == 0 {
			continue
		}
		alone, _ := m.Logits(tensor.NewRun(newPool(t, 1)), all[i:i+1], 0)
		if !slices.Equal(alone.Data, together.Data[want.Start*together.Cols:(want.Start+want.Len)*together.Cols]) {
			t.Errorf("utterance %d alone gets other logits than with others", i)
		}
	}
}

func TestGreedy(t *testing.T) {
	m := newRecogniserModel(t)
	for _, tc := range []struct{ classes, want []int }{
		{[]int{4, 4}, nil}, {[]int{2, 2, 4, 2, 0, 0}, []int{2, 2, 0}}, {[]int{4, 1, 3, 3, 1, 4}, []int{1, 3, 1}}, {nil, nil},
	} {
		x := &tensor.Tensor{Rows: len(tc.classes) + 1, Cols: 5, Data: make([]float32, 5*(len(tc.classes)+1))}
		x.Row(0)[3] = 1 // of another utterance
		for i, c := range tc.classes {
			x.Row(i + 1)[c] = 1
		}
		if got := m.Greedy(x, tensor.Span{Start: 1, Len: len(tc.classes)}); !slices.Equal(got, tc.want) {
			t.Errorf("classes %v: symbols %v, want %v", tc.classes, got, tc.want)
		}
	}
}

func TestRecogniserInput(t *testing.T) {
	m := newRecogniserModel(t)
	m.HeadBias.Data[2] = 100
	r := NewRecogniser(m, newPool(t, 1))
	if got, err := r.Recognise(melFrames(7, m.Bands)); err != nil || !slices.Equal(got, []string{"ong1"}) {
		t.Errorf("recognised %q, %v, want ong1 alone", got, err)
	}
	if got, err := r.Recognise(nil); err != nil || got != nil {
		t.Errorf("recognised %q in no frames, %v", got, err)
	}
	bad := melFrames(3, m.Bands)
	bad[45] = float32(math.Inf(-1))
	for want, mel := range map[string][]float32{"band 5 of frame 2 is -Inf": bad, "59 log-mel values, want whole frames of 20": bad[:59]} {
		if _, err := r.Recognise(mel); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestRecogniserLearns fits three utterances: with dropout the loss still falls to
// where every symbol is recognised.
func TestRecogniserLearns(t *testing.T) {
	m := newRecogniserModel(t)
	m.Init(3)
	rng := rand.New(rand.NewPCG(2, 9))
	labels := [][]int{{0, 1, 1, 2}, {3}, {2, 0, 3, 2, 1}}
	var all [][]float32
	for range labels {
		x := melFrames(30, m.Bands)
		for i := range x {
			x[i] += float32(rng.NormFloat64())
		}
		all = append(all, x)
	}
	run := tensor.NewRun(newPool(t, 2), tensor.Training())
	losses := make([]float32, len(labels))
	for step := range 200 {
		run.Reset(uint64(step))
		for _, p := range m.Params() {
			p.Update()
			p.ZeroGrad()
		}
		logits, spans := m.Logits(run, all, 0.1)
		run.CTC(logits, spans, labels, m.Blank(), []float32{1, 1, 1}, losses)
		run.Backward()
		for _, p := range m.Params() {
			var norm float64
			for _, g := range p.Grad {
				norm += float64(g) * float64(g)
			}
			for i, g := range p.Grad {
				p.Data[i] -= 0.03 * g / float32(math.Sqrt(norm)+1e-6)
			}
		}
	}
	for _, p := range m.Params() {
		p.Update()
	}
	logits, spans := m.Logits(tensor.NewRun(newPool(t, 1)), all, 0)
	for i, want := range labels {
		if got := m.Greedy(logits, spans[i]); !slices.Equal(got, want) {
			t.Errorf("utterance %d: symbols %v, want %v (loss %g)", i, got, want, losses[i])
		}
	}
}

// TestRecogniserFile writes a recogniser and reads it back.
func TestRecogniserFile(t *testing.T) {
	m := newRecogniserModel(t)
	write := func(edit func(b *checkpoint.Builder) error) (*RecogniserModel, error) {
		return ReadRecogniser(writeModel(t, ArchitectureRecogniser, m.Metadata(), m.Params(), edit))
	}
	got, err := write(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.RecogniserConfig, m.RecogniserConfig) || !slices.Equal(got.Mean, m.Mean) || !slices.Equal(got.Deviation, m.Deviation) {
		t.Errorf("read %+v, %v, %v", got.RecogniserConfig, got.Mean, got.Deviation)
	}
	total := 0
	for i, p := range got.Params() {
		if total += p.Size(); !slices.Equal(p.Data, m.Params()[i].Data) {
			t.Errorf("%s differs", p.Name)
		}
	}
	if total != m.weights() {
		t.Errorf("%d weights, sizes say %d", total, m.weights())
	}
	set := func(key string, value any) func(b *checkpoint.Builder) error {
		return func(b *checkpoint.Builder) error { return b.Set("stride.recogniser."+key, value) }
	}
	for want, edit := range map[string]func(b *checkpoint.Builder) error{
		"kernel of 4 positions":         set("kernel_length", uint32(4)),
		"layers is 0":                   set("block_count", uint32(0)),
		"frames of a position is 65":    set("group_length", uint32(65)),
		"number of symbols is 0":        set("symbols", []string{}),
		`symbol 2 is "B"`:               set("symbols", []string{"AH", "B", "B", "zh"}),
		"stride.recogniser.symbols":     set("symbols", "AH"),
		"tensor head.weight has":        set("symbols", []string{"AH", "B", "zh"}),
		"tensor conv_in.weight has":     set("kernel_length", uint32(7)),
		"weights, its tensors have":     set("embedding_length", uint32(60000)),
		"mel_mean is []float32 of 2":    set("mel_mean", m.Mean[:2]),
		"architecture is \"stride.vo":   func(b *checkpoint.Builder) error { return b.Set("general.architecture", ArchitectureVocoder) },
		"is not part of this network; ": func(b *checkpoint.Builder) error { return b.Add("more", checkpoint.F32, []int{1}, []float32{1}) },
	} {
		if _, err := write(edit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
