package strategy

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/golden"
)

// waves stands in for a network of samples of four levels, two samples a frame: the
// next level is likely one higher than the last, or that of the frame.
type waves struct {
	frames []float32
	made   int
	closed bool
	err    error
	logits [4]float32
}

func (n *waves) Write(frames []float32) error {
	n.frames = append(n.frames, frames...)
	return n.err
}

func (n *waves) Close()      { n.closed = true }
func (n *waves) Ready() bool { return n.made < len(n.frames) }

func (n *waves) Next(before int) ([]float32, error) {
	if !n.Ready() {
		return nil, errors.New("no frame")
	}
	frame := n.frames[n.made/2*2]
	n.made++
	for i := range n.logits {
		n.logits[i] = -float32(math.Abs(float64(i) - 2*float64(frame)))
	}
	n.logits[(before+1)%4] += 1.5
	return n.logits[:], nil
}

func waveOptions(seed uint64) WaveOptions {
	return WaveOptions{Sampling: Sampling{Temperature: 1}, Seed: seed, Bands: 2, Hop: 2, Level: []float32{-1, -0.5, 0.5, 1}, Quiet: 1}
}

func waveOf(t *testing.T, frames []float32, o WaveOptions) (Fed, *waves) {
	t.Helper()
	net := &waves{}
	m, err := NewWave(net, frames, o)
	if err != nil {
		t.Fatal(err)
	}
	return m, net
}

// TestWave holds that samples are one a pass, that those of a stage that is fed are
// those of all frames at once, and that chance comes from the seed.
func TestWave(t *testing.T) {
	const frames = 19
	var given []float32
	for i := range frames {
		given = append(given, float32(math.Sin(float64(i))), -2*float32(math.Sin(float64(i))))
	}
	whole, net := waveOf(t, given, waveOptions(1))
	steps := finish(t, whole)
	want := samplesOf(t, steps)
	if last := steps[len(steps)-1]; len(want) != 2*frames || last.Pass != 2*frames || last.Length != 2*frames || last.Passes != 2*frames || !net.closed {
		t.Errorf("%d samples, last step %v, closed %v; want %d, one a pass", len(want), last, net.closed, 2*frames)
	}
	for _, seed := range []uint64{1, 2} {
		m, err := NewCascade([]Stage{
			{Name: "frames", Begin: func() (Machine, error) { return &recital{frames: frames, step: 1}, nil }},
			{Name: "samples", Fed: true, Begin: func() (Machine, error) { v, _ := waveOf(t, nil, waveOptions(seed)); return v, nil }},
		})
		if err != nil {
			t.Fatal(err)
		}
		steps := finish(t, m)
		if same := slices.Equal(samplesOf(t, steps), want); same != (seed == 1) {
			t.Errorf("seed %d: the same samples as with seed 1: %v", seed, same)
		}
		if seed == 1 {
			var b strings.Builder
			for _, s := range steps {
				fmt.Fprintln(&b, s)
			}
			golden.Compare(t, "cascade_wave.txt", b.String())
		}
	}
}

func TestWaveErrors(t *testing.T) {
	with := func(change func(*WaveOptions)) WaveOptions {
		o := waveOptions(1)
		change(&o)
		return o
	}
	for want, o := range map[string]WaveOptions{
		"bands: got 0":        with(func(o *WaveOptions) { o.Bands = 0 }),
		"hop: got -1":         with(func(o *WaveOptions) { o.Hop = -1 }),
		"level: got 0":        with(func(o *WaveOptions) { o.Level = nil }),
		"quiet: got 4":        with(func(o *WaveOptions) { o.Quiet = 4 }),
		"temperature: got -1": with(func(o *WaveOptions) { o.Temperature = -1 }),
	} {
		_, err := NewWave(&waves{}, nil, o)
		var bad *OptionError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want an option error with %q", err, want)
		}
	}
	if _, err := NewWave(&waves{}, make([]float32, 3), waveOptions(1)); err == nil || !strings.Contains(err.Error(), "ar: 3 values of frames, want whole frames of 2") {
		t.Errorf("half a frame: error %v", err)
	}
	if _, err := NewWave(&waves{err: errBroken}, make([]float32, 2), waveOptions(1)); !errors.Is(err, errBroken) {
		t.Errorf("a broken network: error %v", err)
	}
	for want, o := range map[string]WaveOptions{
		"ar: sample 0: no frame":           waveOptions(1),
		"ar: sample 0: 4 logits, want 3":   with(func(o *WaveOptions) { o.Level = o.Level[:3] }),
		"ar: sample 0: logit of token 0 o": waveOptions(1),
	} {
		m, net := waveOf(t, nil, o)
		switch {
		case strings.Contains(want, "4 logits"):
			net.frames = []float32{0, 0}
		case strings.Contains(want, "logit of"):
			net.frames = []float32{float32(math.NaN()), 0}
		}
		if _, err := m.Next(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	// A sound of nothing has no samples.
	m, net := waveOf(t, nil, waveOptions(1))
	if m.Ready() {
		t.Error("ready without frames")
	}
	if err := m.Feed(Step{Done: true}); err != nil {
		t.Fatal(err)
	}
	if s, err := m.Next(); err != nil || !s.Done || s.Known() != 0 || !net.closed {
		t.Errorf("no frames gave %v, %v", s, err)
	}
	if _, err := m.Next(); err != io.EOF {
		t.Errorf("after the end: error %v, want EOF", err)
	}
	if err := m.Feed(Step{}); err == nil || !strings.Contains(err.Error(), "had all of them") {
		t.Errorf("fed too much: error %v", err)
	}
}
