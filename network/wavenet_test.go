package network

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stride-ml/stride/tensor"
)

var tinyWaveNet = WaveNetConfig{Bands: 20, Rate: 16000, Hop: 12, Parts: 4, Dim: 16, Layers: 5, Cycle: 3, Cond: 16, Kernel: 5, Hidden: 24}

func newWaveNetModel(t testing.TB, c WaveNetConfig) *WaveNetModel {
	t.Helper()
	m, err := NewWaveNetModel(c)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	tilt(&m.MelNorm)
	return m
}

// TestWaveNetStreams makes logits sample by sample, the frames coming in pieces of
// many sizes: they are those of one evaluation of all samples, to the bit.
func TestWaveNetStreams(t *testing.T) {
	m := newWaveNetModel(t, tinyWaveNet)
	const frames = 9
	mel := melFrames(frames, m.Bands)
	rng := rand.New(rand.NewPCG(3, 1))
	before := make([]int, frames*m.Hop)
	for i := range before {
		before[i] = rng.IntN(WaveLevels)
	}
	run := tensor.NewRun(newPool(t, 2))
	states := m.States(run, WaveBatch{Before: before, Mel: mel, Spans: []tensor.Span{{Len: frames}}})
	want := run.Linear(states, m.Head)
	w := NewWaveNet(m, newPool(t, 1))
	for _, piece := range []int{1, 2, 4, frames} {
		v := w.Wave()
		var got []float32
		for at := 0; at < frames; at += piece {
			if err := v.Write(mel[at*m.Bands : min(frames, at+piece)*m.Bands]); err != nil {
				t.Fatal(err)
			}
			if at+piece >= frames {
				v.Close()
			}
			for v.Ready() {
				logits, err := v.Next(before[len(got)/WaveLevels])
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, logits...)
			}
		}
		if !slices.Equal(got, want.Data) {
			t.Errorf("frames in pieces of %d: %d logits differ from the %d of one evaluation", piece, len(got), len(want.Data))
		}
	}
}

// TestWaveNetPast holds that a sample depends on as many before it as Past says.
func TestWaveNetPast(t *testing.T) {
	m := newWaveNetModel(t, tinyWaveNet)
	const frames = 4
	mel := melFrames(frames, m.Bands)
	last := func(change int) []float32 {
		before := make([]int, frames*m.Hop)
		if change >= 0 {
			before[change] = 200
		}
		run := tensor.NewRun(newPool(t, 1))
		states := m.States(run, WaveBatch{Before: before, Mel: mel, Spans: []tensor.Span{{Len: frames}}})
		return slices.Clone(states.Row(states.Rows - 1))
	}
	n := frames*m.Hop - m.Past()
	if n < 1 {
		t.Fatalf("%d samples, %d of which count; the test wants more", frames*m.Hop, m.Past())
	}
	plain := last(-1)
	if !slices.Equal(plain, last(n-1)) {
		t.Errorf("the last sample depends on one that is more than %d before it", m.Past())
	}
	if slices.Equal(plain, last(n)) {
		t.Errorf("the last sample does not depend on the first of the %d before it", m.Past())
	}
}

func TestWaveRefuses(t *testing.T) {
	w := NewWaveNet(newWaveNetModel(t, tinyWaveNet), newPool(t, 1))
	v := w.Wave()
	if _, err := v.Next(128); err == nil {
		t.Error("a sample without frames, want an error")
	}
	if err := v.Write(make([]float32, 7)); err == nil {
		t.Error("7 values of frames of 20, want an error")
	}
	if err := v.Write(melFrames(3, 20)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Next(256); err == nil {
		t.Error("level 256, want an error")
	}
	v.Close()
	v.Close()
	if err := v.Write(melFrames(1, 20)); err == nil {
		t.Error("frames after the end, want an error")
	}
	for _, c := range []func(*WaveNetConfig){
		func(c *WaveNetConfig) { c.Dim = 0 }, func(c *WaveNetConfig) { c.Kernel = 4 }, func(c *WaveNetConfig) { c.Parts = 5 }, func(c *WaveNetConfig) { c.Cycle = 40 },
	} {
		bad := tinyWaveNet
		c(&bad)
		if _, err := NewWaveNetModel(bad); err == nil {
			t.Errorf("%+v, want an error", bad)
		}
	}
}
