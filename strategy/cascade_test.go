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

// slow stands in for the network of a vocoder: two samples a frame, the mean of
// its bands and of those of the next two frames, which have to be there first.
type slow struct {
	bands  int
	frames []float32
	made   int // frames that have samples
	closed bool
	err    error
}

func (n *slow) Write(dst, frames []float32) ([]float32, error) {
	n.frames = append(n.frames, frames...)
	return n.make(dst, 2), n.err
}

func (n *slow) Close(dst []float32) []float32 {
	n.closed = true
	return n.make(dst, 0)
}

func (n *slow) make(dst []float32, behind int) []float32 {
	for all := len(n.frames) / n.bands; n.made < all-behind; n.made++ {
		var sum float32
		seen := n.frames[n.made*n.bands : min(all, n.made+3)*n.bands]
		for _, v := range seen {
			sum += v
		}
		dst = append(dst, sum/float32(len(seen)), -sum/float32(len(seen)))
	}
	return dst
}

// recital is a machine that makes frames of two bands, some a step; by drafts
// it makes two drafts of each before they are settled.
type recital struct {
	frames, step, drafts int
	pass, made           int
	values               []float32
}

func (m *recital) Next() (Step, error) {
	if m.made == m.frames {
		return Step{}, io.EOF
	}
	m.pass++
	draft := m.drafts > 0 && m.pass%(m.drafts+1) != 0
	n := min(m.step, m.frames-m.made)
	m.values = m.values[:0]
	for i := range n {
		v := float32(math.Sin(float64(m.made + i)))
		if draft {
			v = 0
		}
		m.values = append(m.values, v, -2*v)
	}
	s := Step{Pass: m.pass, Values: m.values, Start: 2 * m.made, Settled: 2 * m.made, Drawn: m.made + n}
	if !draft {
		m.made += n
		s.Settled = 2 * m.made
	}
	if m.made == m.frames {
		s.Done, s.Stopped = true, "end"
	}
	return s, nil
}

func vocoderOf(t *testing.T, frames []float32) (Fed, *slow) {
	t.Helper()
	net := &slow{bands: 2}
	m, err := NewVocoder(net, frames, VocoderOptions{Bands: 2, Hop: 2, Chunk: 4, First: 6})
	if err != nil {
		t.Fatal(err)
	}
	return m, net
}

// speech is a cascade of frames and the samples of these.
func speech(t *testing.T, first Machine) Machine {
	t.Helper()
	m, err := NewCascade([]Stage{
		{Name: "frames", Begin: func() (Machine, error) { return first, nil }},
		{Name: "samples", Fed: true, Begin: func() (Machine, error) { v, _ := vocoderOf(t, nil); return v, nil }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// samplesOf are those of the last stage's steps, which continue each other.
func samplesOf(t *testing.T, steps []Step) []float32 {
	t.Helper()
	var out []float32
	for _, s := range steps {
		if s.Stage != s.Stages {
			continue
		}
		if s.Start != len(out) || s.Settled != s.Start+len(s.Values) || s.Drawn != s.Settled {
			t.Errorf("%v: settled up to %d, %d drawn after %d samples", s, s.Settled, s.Drawn, len(out))
		}
		out = append(out, s.Values...)
	}
	return out
}

// What cascades do in which order.
func TestGoldenCascadeTraces(t *testing.T) {
	poemThenPicture := func() Machine {
		net, pictures := spring(), drawings(ring, cross)
		m, err := NewCascade([]Stage{
			{Name: "poem", Begin: func() (Machine, error) { return open(t, "nar", net, tableOptions(7)), nil }},
			{Name: "picture", Begin: func() (Machine, error) {
				o := flowOptions(1, 4)
				o.Condition.Tokens = []int{1}
				return openFlow(t, "refine", pictures, o), nil
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name string
		m    Machine
	}{
		{"cascade_speech", speech(t, &recital{frames: 19, step: 1})},
		{"cascade_speech_short", speech(t, &recital{frames: 3, step: 1})},
		{"cascade_speech_drafts", speech(t, &recital{frames: 19, step: 8, drafts: 2})},
		{"cascade_poem_picture", poemThenPicture()},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			for _, s := range finish(t, c.m) {
				fmt.Fprintln(&b, s)
			}
			golden.Compare(t, c.name+".txt", b.String())
		})
	}
}

// TestCascadeIsItsStages holds that the samples of a stage that is fed are those
// of all frames at once, however the frames come.
func TestCascadeIsItsStages(t *testing.T) {
	for _, first := range []*recital{
		{frames: 1, step: 1}, {frames: 19, step: 1}, {frames: 20, step: 7}, {frames: 40, step: 40}, {frames: 23, step: 5, drafts: 3},
	} {
		n := first.frames
		var frames []float32
		for i := range n {
			v := float32(math.Sin(float64(i)))
			frames = append(frames, v, -2*v)
		}
		given := slices.Clone(frames)
		whole, _ := vocoderOf(t, frames)
		steps := finish(t, whole)
		want := samplesOf(t, steps)
		if len(want) != 2*n || steps[len(steps)-1].Length != 2*n || !slices.Equal(frames, given) {
			t.Errorf("%d frames gave %d samples, length %d", n, len(want), steps[len(steps)-1].Length)
		}
		if got := samplesOf(t, finish(t, speech(t, first))); !slices.Equal(got, want) {
			t.Errorf("%d frames, %d a step: samples %v, want %v", n, first.step, got, want)
		}
	}
}

// failing is a machine that fails in its third pass.
type failing struct{ pass int }

var errBroken = errors.New("out of order")

func (m *failing) Next() (Step, error) {
	if m.pass++; m.pass == 3 {
		return Step{}, errBroken
	}
	return Step{Pass: m.pass, Values: make([]float32, 2), Start: 2*m.pass - 2, Settled: 2 * m.pass}, nil
}

// offbeat makes one step that a vocoder of two bands cannot take.
type offbeat struct{ step Step }

func (m *offbeat) Next() (Step, error) { return m.step, nil }

func TestCascadeErrors(t *testing.T) {
	begin := func(m Machine, err error) func() (Machine, error) {
		return func() (Machine, error) { return m, err }
	}
	vocoder := func() (Machine, error) { v, _ := vocoderOf(t, nil); return v, nil }
	deaf := func() (Machine, error) {
		v, net := vocoderOf(t, nil)
		net.err = errBroken
		return v, nil
	}
	loud := func() (Machine, error) {
		v, net := vocoderOf(t, nil)
		net.frames = []float32{float32(math.NaN()), 0}
		return v, nil
	}
	three := make([]float32, 3)
	for want, stages := range map[string][]Stage{
		"no stages":                              nil,
		"stage 1, a: is fed, and no stage":       {{Name: "a", Fed: true, Begin: vocoder}},
		"stage 1, a: out of order":               {{Name: "a", Begin: begin(nil, errBroken)}},
		"stage 2, b: a *strategy.failing cannot": {{Name: "a", Begin: vocoder}, {Name: "b", Fed: true, Begin: begin(&failing{}, nil)}},
		"stage 1, b: out of order":               {{Name: "b", Begin: begin(&failing{}, nil)}, {Name: "c", Fed: true, Begin: vocoder}},
		"stage 2, d: out of order":               {{Name: "b", Begin: begin(&recital{frames: 2, step: 1}, nil)}, {Name: "d", Begin: begin(nil, errBroken)}},
		"stage 2, e: nar: out of order":          {{Name: "b", Begin: begin(&recital{frames: 9, step: 1}, nil)}, {Name: "e", Fed: true, Begin: deaf}},
		"sample 0 is NaN, want a finite":         {{Name: "b", Begin: begin(&recital{frames: 9, step: 1}, nil)}, {Name: "e", Fed: true, Begin: loud}},
		"values 0 to 3 of frames, settled up to 3; want whole frames of 2 from value 0 on": {
			{Name: "b", Begin: begin(&offbeat{Step{Values: three, Settled: 3}}, nil)}, {Name: "e", Fed: true, Begin: vocoder}},
		"values 2 to 5 of frames, settled up to 4": {
			{Name: "b", Begin: begin(&offbeat{Step{Values: three, Start: 2, Settled: 4}}, nil)}, {Name: "e", Fed: true, Begin: vocoder}},
		"settled up to value 2, want all 3 at the end": {
			{Name: "b", Begin: begin(&offbeat{Step{Values: three, Settled: 2, Done: true}}, nil)}, {Name: "e", Fed: true, Begin: vocoder}},
	} {
		m, err := NewCascade(stages)
		for err == nil {
			var s Step
			if s, err = m.Next(); s.Done {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if m != nil {
			if _, again := m.Next(); again != err {
				t.Errorf("then error %v, want %v again", again, err)
			}
		}
	}
}

func TestVocoderErrors(t *testing.T) {
	good := VocoderOptions{Bands: 2, Hop: 2, Chunk: 4, First: 6}
	with := func(change func(*VocoderOptions)) VocoderOptions {
		o := good
		change(&o)
		return o
	}
	for want, o := range map[string]VocoderOptions{
		"bands: got 0": with(func(o *VocoderOptions) { o.Bands = 0 }),
		"hop: got -1":  with(func(o *VocoderOptions) { o.Hop = -1 }),
		"chunk: got 0": with(func(o *VocoderOptions) { o.Chunk = 0 }),
		"first: got 3": with(func(o *VocoderOptions) { o.First = 3 }),
	} {
		_, err := NewVocoder(&slow{bands: 2}, nil, o)
		var bad *OptionError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want an option error with %q", err, want)
		}
	}
	if _, err := NewVocoder(&slow{bands: 2}, make([]float32, 3), good); err == nil || !strings.Contains(err.Error(), "3 values of frames, want whole frames of 2") {
		t.Errorf("half a frame: error %v", err)
	}
	m, _ := vocoderOf(t, nil)
	if _, err := m.Next(); err == nil || !strings.Contains(err.Error(), "0 frames wait, a step takes 6") {
		t.Errorf("nothing to do: error %v", err)
	}
	m, _ = vocoderOf(t, make([]float32, 4))
	if err := m.Feed(Step{}); err == nil || !strings.Contains(err.Error(), "had all of them") {
		t.Errorf("fed too much: error %v", err)
	}
	// A sound of nothing has no samples.
	m, net := vocoderOf(t, nil)
	if err := m.Feed(Step{Done: true}); err != nil {
		t.Fatal(err)
	}
	if s, err := m.Next(); err != nil || !s.Done || s.Known() != 0 || !net.closed {
		t.Errorf("no frames gave %v, %v", s, err)
	}
	if _, err := m.Next(); err != io.EOF {
		t.Errorf("after the end: error %v, want EOF", err)
	}
}

// TestFedMemory holds that a long object takes no more memory than what waits.
func TestFedMemory(t *testing.T) {
	m, net := vocoderOf(t, nil)
	frame := make([]float32, 2)
	for i := range 10000 {
		if err := m.Feed(Step{Values: frame, Start: 2 * i, Settled: 2*i + 2}); err != nil {
			t.Fatal(err)
		}
		for m.Ready() {
			if _, err := m.Next(); err != nil {
				t.Fatal(err)
			}
		}
		net.frames, net.made = net.frames[:0], 0
	}
	if v := m.(*vocoder); cap(v.waiting) > 64 || cap(v.made) > 64 {
		t.Errorf("%d values wait in room for %d, %d samples in room for %d", len(v.waiting), cap(v.waiting), len(v.made), cap(v.made))
	}
}
