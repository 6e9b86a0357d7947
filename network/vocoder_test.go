package network

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
)

var tinyVocoder = VocoderConfig{Bands: 20, Rate: 16000, FFT: 64, Hop: 20, Dim: 16, Layers: 2, FFN: 24, Kernel: 5}

// tilt gives every band a mean and a deviation of its own.
func tilt(n *MelNorm) {
	for i := range n.Mean {
		n.Mean[i], n.Deviation[i] = -3+0.1*float32(i), 1+0.05*float32(i)
	}
}

func newVocoderModel(t testing.TB, c VocoderConfig) *VocoderModel {
	t.Helper()
	m, err := NewVocoderModel(c)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	tilt(&m.MelNorm)
	return m
}

func newVocoder(t testing.TB, m *VocoderModel, workers int) *Vocoder {
	t.Helper()
	v, err := NewVocoder(m, newPool(t, workers))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// melFrames is frames of any log-mel values.
func melFrames(frames, bands int) []float32 {
	rng := rand.New(rand.NewPCG(4, 2))
	out := make([]float32, frames*bands)
	for i := range out {
		out[i] = float32(-3 + 2*rng.NormFloat64())
	}
	return out
}

// TestVocoderStreams makes an utterance in pieces of many sizes: the samples are
// those of one pass over all frames, to the bit.
func TestVocoderStreams(t *testing.T) {
	m := newVocoderModel(t, tinyVocoder)
	mel := melFrames(75, m.Bands)
	run := tensor.NewRun(newPool(t, 1))
	heads := m.Heads(run, mel, []tensor.Span{{Len: 75}})
	var all []complex64
	for i := range heads.Rows {
		all = append(all, make([]complex64, m.Bins())...)
		spectrum(all[i*m.Bins():], heads.Row(i))
	}
	stft, err := audio.NewSTFT(m.STFT())
	if err != nil {
		t.Fatal(err)
	}
	want := stft.Inverse(nil, all, 75*m.Hop)
	v := newVocoder(t, m, 2)
	whole, err := v.Synthesize(mel, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(whole, want) {
		t.Error("samples of an utterance differ from those of one pass")
	}
	for _, tc := range []struct{ chunk, write int }{{1, 1}, {3, 7}, {0, 4}, {8, 75}, {200, 10}, {75, 75}} {
		s := v.Stream(tc.chunk, 1)
		var got []float32
		behind := 0
		for part := range slices.Chunk(mel, tc.write*m.Bands) {
			if got, err = s.Write(got, part); err != nil {
				t.Fatal(err)
			}
			if tc.chunk == 1 {
				behind = max(behind, s.made.frames*m.Hop-len(got))
			}
		}
		if tc.chunk == 1 && behind > (m.FFT-m.Hop)/2 {
			t.Errorf("up to %d samples of known spectra were held back, want %d", behind, (m.FFT-m.Hop)/2)
		}
		if tc.chunk == 1 && s.made.frames != 75-m.Reach() {
			t.Errorf("spectra of %d frames before the end, want %d", s.made.frames, 75-m.Reach())
		}
		if got = s.Close(s.Close(got)); !slices.Equal(got, want) {
			t.Errorf("chunks of %d, %d frames a time: %d samples, not those of one pass, %d", tc.chunk, tc.write, len(got), len(want))
		}
		if _, err := s.Write(nil, mel); err == nil {
			t.Error("a closed stream takes frames")
		}
	}
	for _, frames := range []int{0, 1, 2} {
		if got, err := v.Synthesize(mel[:frames*m.Bands], 1); err != nil || len(got) != frames*m.Hop {
			t.Errorf("%d frames gave %d samples, %v", frames, len(got), err)
		}
	}
}

// TestVocoderStreamMemory holds that a long stream takes no more memory.
func TestVocoderStreamMemory(t *testing.T) {
	m := newVocoderModel(t, tinyVocoder)
	v := newVocoder(t, m, 1)
	s := v.Stream(8, 1)
	mel := melFrames(8, m.Bands)
	out := make([]float32, 0, 8*m.Hop)
	write := func() {
		if _, err := s.Write(out, mel); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		write()
	}
	rows, spectra := cap(s.blocks[1].rows), cap(s.made.spectra)
	// A parallel loop takes 3, and a few more under the race detector; each frame or layer by itself would be many.
	if n := testing.AllocsPerRun(100, write); n > 8 {
		t.Errorf("%g allocations a chunk, want at most 8", n)
	}
	if cap(s.blocks[1].rows) != rows || cap(s.made.spectra) != spectra {
		t.Errorf("buffers grew from %d and %d to %d and %d", rows, spectra, cap(s.blocks[1].rows), cap(s.made.spectra))
	}
}

func TestVocoderInput(t *testing.T) {
	v := newVocoder(t, newVocoderModel(t, tinyVocoder), 1)
	bad := melFrames(3, 20)
	bad[45] = float32(math.NaN())
	for want, mel := range map[string][]float32{"band 5 of frame 2 is NaN": bad, "59 log-mel values, want whole frames of 20": bad[:59]} {
		if _, err := v.Synthesize(mel, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestVocoderGradients compares gradients of a weighted sum of samples with
// central differences, through transforms and all kinds of weights.
func TestVocoderGradients(t *testing.T) {
	m := newVocoderModel(t, tinyVocoder)
	rng := rand.New(rand.NewPCG(6, 1))
	mel := melFrames(15, m.Bands)
	spans := []tensor.Span{{Start: 0, Len: 9}, {Start: 9, Len: 6}}
	weights := make([]float32, 15*m.Hop)
	for i := range weights {
		weights[i] = float32(rng.NormFloat64())
	}
	s, err := NewSynthesis(m.VocoderConfig, len(spans))
	if err != nil {
		t.Fatal(err)
	}
	run := tensor.NewRun(newPool(t, 2), tensor.Training())
	eval := func() (sum float64) {
		run.Reset(0)
		for _, p := range m.Params() {
			p.Update()
			p.ZeroGrad()
		}
		y := s.Waveform(run, m.Heads(run, mel, spans), spans)
		for i, v := range y.Data {
			sum += float64(v) * float64(weights[i])
		}
		copy(run.Gradient(y), weights)
		run.Backward()
		return sum
	}
	eval()
	for _, p := range m.Params() {
		grad := slices.Clone(p.Grad)
		for range 6 {
			const h = 2e-3
			i := rng.IntN(len(grad))
			old := p.Data[i]
			p.Data[i] = old + h
			up := eval()
			p.Data[i] = old - h
			down := eval()
			p.Data[i] = old
			if want := (up - down) / (2 * h); math.Abs(want-float64(grad[i])) > 2e-2*max(1, math.Abs(want)) {
				t.Errorf("%s[%d]: gradient %.5f, central difference %.5f", p.Name, i, grad[i], want)
			}
		}
	}
}

// TestLoudestIsBounded holds that a magnitude at its bound has no gradient, and
// its phase has.
func TestLoudestIsBounded(t *testing.T) {
	row, s, drow := []float32{7, 0.5}, make([]complex64, 1), make([]float32, 2)
	spectrum(s, row)
	if a := math.Hypot(float64(real(s[0])), float64(imag(s[0]))); math.Abs(a-math.Exp(loudest)) > 1e-3 {
		t.Errorf("magnitude %g, want e^%d", a, loudest)
	}
	spectrumGrad(drow, row, s, []complex64{1})
	if want := -math.Exp(loudest) * math.Sin(0.5); drow[0] != 0 || math.Abs(float64(drow[1])-want) > 1e-3 {
		t.Errorf("gradient %v, want 0 and %g", drow, want)
	}
}

// writeModel writes a model file in F32, after a change if edit is not nil, and
// opens it.
func writeModel(t *testing.T, architecture string, metadata map[string]any, params []*tensor.Param, edit func(b *checkpoint.Builder) error) *checkpoint.File {
	t.Helper()
	b := checkpoint.NewBuilder(architecture)
	for k, v := range metadata {
		if err := b.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteParams(b, params, nil, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		if err := edit(b); err != nil {
			t.Fatal(err)
		}
	}
	path := t.TempDir() + "/m.gguf"
	if err := b.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	f, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// TestVocoderFile writes a vocoder and reads it back.
func TestVocoderFile(t *testing.T) {
	m := newVocoderModel(t, tinyVocoder)
	write := func(edit func(b *checkpoint.Builder) error) (*VocoderModel, error) {
		f := writeModel(t, ArchitectureVocoder, m.Metadata(), m.Params(), edit)
		return ReadVocoder(f)
	}
	got, err := write(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.VocoderConfig != m.VocoderConfig || !slices.Equal(got.Mean, m.Mean) || !slices.Equal(got.Deviation, m.Deviation) {
		t.Errorf("read %+v, %v, %v", got.VocoderConfig, got.Mean, got.Deviation)
	}
	for i, p := range got.Params() {
		if !slices.Equal(p.Data, m.Params()[i].Data) {
			t.Errorf("%s differs", p.Name)
		}
	}
	set := func(key string, value any) func(b *checkpoint.Builder) error {
		return func(b *checkpoint.Builder) error { return b.Set("stride.vocoder."+key, value) }
	}
	for want, edit := range map[string]func(b *checkpoint.Builder) error{
		"kernel of 4 frames":           set("kernel_length", uint32(4)),
		"kernel is 100001":             set("kernel_length", uint32(100001)),
		"FFT of 65 samples":            set("fft_length", uint32(65)),
		"hop of 40 samples":            set("hop_length", uint32(40)),
		"layers is 0":                  set("block_count", uint32(0)),
		"mel bands":                    set("mel_bands", uint32(3000)),
		"weights, its tensors have":    set("embedding_length", uint32(60000)),
		"tensor conv_in.weight has":    set("kernel_length", uint32(7)),
		"deviation of band 3 is -1":    set("mel_deviation", append(append(slices.Clone(m.Deviation[:3]), -1), m.Deviation[4:]...)),
		"want an array of 20 float32":  set("mel_mean", "zero"),
		"is []float32 of 2, want":      set("mel_mean", m.Mean[:2]),
		"is not part of this network;": func(b *checkpoint.Builder) error { return b.Add("more", checkpoint.F32, []int{1}, []float32{1}) },
	} {
		if _, err := write(edit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
