package stride_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// tinySizes are those of a vocoder with random weights, for tests.
var tinySizes = network.VocoderConfig{Bands: 20, Rate: 8000, FFT: 256, Hop: 80, Dim: 16, Layers: 2, FFN: 24, Kernel: 5}

func tinyVocoder() *network.VocoderModel {
	m, err := network.NewVocoderModel(tinySizes)
	if err != nil {
		panic(err)
	}
	m.Init(3)
	return m
}

func init() {
	m := tinyVocoder()
	b := checkpoint.NewBuilder(network.ArchitectureVocoder)
	about := card.Card{Name: "tiny-vocoder", Title: "A test", Strategies: []string{"nar"}, Licence: "none"}
	err := card.Store(b, m.Metadata(), about.Metadata())
	if err == nil {
		err = network.WriteParams(b, m.Params(), nil, checkpoint.F32)
	}
	var buf bytes.Buffer
	if err == nil {
		_, err = b.WriteTo(&buf)
	}
	if err != nil {
		panic(err)
	}
	models.Add("tiny-vocoder", buf.Bytes())
}

// hum is a sound of a second or so at a rate.
func hum(samples, rate int) *stride.Sound {
	s := &stride.Sound{Rate: rate}
	for i := range samples {
		s.Samples = append(s.Samples, float32(0.4*math.Sin(2*math.Pi*220*float64(i)/float64(rate))))
	}
	return s
}

// framesOf is the log-mel spectrogram of a sound, as the tiny vocoder takes it.
func framesOf(t testing.TB, s *stride.Sound) *stride.Sound {
	t.Helper()
	mel, err := audio.NewMel(tinySizes.Mel())
	if err != nil {
		t.Fatal(err)
	}
	return &stride.Sound{Frames: mel.Log(nil, s.Samples), Rate: tinySizes.Rate, Bands: tinySizes.Bands, Hop: tinySizes.Hop}
}

// TestVocoder holds that steps are the beginnings of what the network makes of
// all frames at once, to the bit, and that they may be kept.
func TestVocoder(t *testing.T) {
	m := open(t, "tiny-vocoder")
	const frames = 300
	sound := hum(frames*80+30, 8000)
	asked := framesOf(t, sound)
	asked.Marks = []stride.Mark{{Kind: stride.MarkWord, Text: "hum", End: time.Second, Length: 3}}
	pool := tensor.NewPool(1)
	defer pool.Close()
	v, err := network.NewVocoder(tinyVocoder(), pool)
	if err != nil {
		t.Fatal(err)
	}
	want, err := v.Synthesize(asked.Frames, 1)
	if err != nil {
		t.Fatal(err)
	}
	steps := paint(t, m, stride.Prompt{Sound: asked}, stride.Seed(5))
	if len(steps) != 3 { // 128 frames each, and the rest
		t.Errorf("%d steps, want 3", len(steps))
	}
	for i, s := range steps {
		o := s.Object.(stride.Sound)
		if s.Pass != 1 || s.Passes != 1 || s.Fresh != nil || s.Stage != 0 || s.Done != (i == len(steps)-1) || s.Stats.Elements != len(o.Samples) || o.Elements() != len(o.Samples) {
			t.Errorf("step %d is %+v", i+1, s.Stats)
		}
		if len(o.Samples) <= 80*128*i || !slices.Equal(o.Samples, want[:len(o.Samples)]) || o.Start != 0 {
			t.Errorf("step %d: %d samples, which are not the first of %d", i+1, len(o.Samples), len(want))
		}
		if o.Rate != 8000 || o.Hop != 80 || o.Bands != 20 || !slices.Equal(o.Frames, asked.Frames) || len(o.Marks) != 1 {
			t.Errorf("step %d: %v with %d values of frames and marks %v", i+1, o, len(o.Frames), o.Marks)
		}
	}
	last := steps[len(steps)-1]
	if got := last.Object.(stride.Sound).Samples; len(got) != len(want) {
		t.Errorf("%d samples, want %d", len(got), len(want))
	}
	if s := last.Stats; s.Strategy != "nar" || s.Model != "tiny-vocoder" || s.Passes != 1 || s.Stopped != "end" || s.Seed != 5 || s.Stages != nil || s.Stride() != frames*80 {
		t.Errorf("stats %+v", s)
	}
	if got := last.Object.String(); got != "sound of 3.00 s at 8000 Hz" {
		t.Errorf("the sound is %q", got)
	}
	// Of samples, the frames are taken first.
	again := soundOf(paint(t, m, stride.Prompt{Sound: sound}))
	if !slices.Equal(again.Samples, want) || !slices.Equal(again.Frames, asked.Frames) {
		t.Error("samples do not sound as their frames do")
	}
	if other := soundOf(paint(t, m, stride.Prompt{Sound: hum(16000, 16000)})); len(other.Samples) != 8000 {
		t.Errorf("a second of another rate gave %d samples, want 8000", len(other.Samples))
	}
}

// soundOf is what a generation ended with.
func soundOf(steps []stride.Step) stride.Sound { return steps[len(steps)-1].Object.(stride.Sound) }

// TestChunks holds that chunks make up the sound.
func TestChunks(t *testing.T) {
	m := open(t, "tiny-vocoder")
	asked := hum(30000, 8000)
	whole := soundOf(paint(t, m, stride.Prompt{Sound: asked}))
	var samples []float32
	for _, s := range paint(t, m, stride.Prompt{Sound: asked}, stride.Chunks()) {
		o := s.Object.(stride.Sound)
		if o.Start != len(samples) || len(o.Samples) == 0 || o.Frames != nil || s.Stats.Elements != o.Start+len(o.Samples) {
			t.Errorf("a chunk of %d samples begins at %d after %d", len(o.Samples), o.Start, len(samples))
		}
		samples = append(samples, o.Samples...)
	}
	if !slices.Equal(samples, whole.Samples) {
		t.Errorf("%d samples in chunks, not the %d of the whole", len(samples), len(whole.Samples))
	}
	// One that is cancelled has no chunk twice.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	samples = samples[:0]
	for s, err := range m.Generate(ctx, stride.Prompt{Sound: asked}, stride.Chunks()) {
		o := s.Object.(stride.Sound)
		if o.Start != len(samples) {
			t.Errorf("cancelled: a chunk begins at %d after %d", o.Start, len(samples))
		}
		samples = append(samples, o.Samples...)
		cancel()
		if s.Done && (!errors.Is(err, context.Canceled) || len(o.Samples) > 0 || s.Stats.Stopped != "cancelled") {
			t.Errorf("cancelled: %v, %+v", err, s)
		}
	}
}

func TestVocoderInfo(t *testing.T) {
	m := open(t, "tiny-vocoder")
	info := m.Info()
	if want := (stride.SoundInfo{Rate: 8000, Hop: 80, Bands: 20, Samples: true}); info.Sound == nil || *info.Sound != want {
		t.Errorf("sounds are %+v, want %+v", info.Sound, want)
	}
	if info.Default != "nar" || info.Architecture != "stride.vocoder" || info.Picture != nil || info.Parameters == 0 || m.Tokens("a") != nil {
		t.Errorf("info %+v", info)
	}
	g, err := m.Gain(t.Context(), 0)
	if err != nil || g.Length != 8000 || g.Positions <= 0 || g.Elements != 0 || g.P != 0 {
		t.Errorf("gain %+v, %v", g, err)
	}
	flops, err := m.ElementFLOPs("nar")
	if err != nil || math.Abs(flops*80-tinySizes.FLOPs()) > 1 {
		t.Errorf("%g operations a sample, %v; want those of a frame, %g, over 80", flops, err, tinySizes.FLOPs())
	}
}

func TestVocoderWrongRequests(t *testing.T) {
	m := open(t, "tiny-vocoder")
	good := hum(800, 8000)
	nan := hum(800, 8000)
	nan.Samples[400] = float32(math.NaN())
	for want, tc := range map[string]struct {
		p    stride.Prompt
		opts []stride.Option
	}{
		"sound: got nothing, want a sound":                                {stride.Prompt{Text: "hello"}, nil},
		"sound: got 79 samples at 8000 Hz, want a frame or more":          {stride.Prompt{Sound: hum(79, 8000)}, nil},
		"sound: got 0 samples at 8000 Hz":                                 {stride.Prompt{Sound: &stride.Sound{}}, nil},
		"sound: got samples at 0 Hz":                                      {stride.Prompt{Sound: hum(800, 0)}, nil},
		"frames at 8000 Hz, 80 samples a frame of 5 bands, want 8000 Hz":  {stride.Prompt{Sound: &stride.Sound{Frames: make([]float32, 10), Rate: 8000, Hop: 80, Bands: 5}}, nil},
		"sound: got 30 values of frames, want whole frames of 20":         {stride.Prompt{Sound: &stride.Sound{Frames: make([]float32, 30), Rate: 8000, Hop: 80, Bands: 20}}, nil},
		"is NaN, want a finite logarithm":                                 {stride.Prompt{Sound: nan}, nil},
		"strategy ar does not support model tiny-vocoder":                 {stride.Prompt{Sound: good}, []stride.Option{stride.AR()}},
		"strategy nar does not support a temperature":                     {stride.Prompt{Sound: good}, []stride.Option{stride.Temperature(1)}},
		"does not support a pitch, which is for speech":                   {stride.Prompt{Sound: good}, []stride.Option{stride.Pitch(1)}},
		"does not support a picture to begin from, which is for pictures": {stride.Prompt{Sound: good, Picture: shape("cross", red)}, nil},
		"does not support a lexicon, which is for speech":                 {stride.Prompt{Sound: good, Lexicon: map[string][]string{"a": {"AH0"}}}, nil},
		"does not support condition form":                                 {stride.Prompt{Sound: good, Conditions: map[string]string{"form": "x"}}, nil},
		"tiny-vocoder: strategy nar does not support a number of passes":  {stride.Prompt{Sound: good}, []stride.Option{stride.Passes(3)}},
	} {
		_, _, err := m.Text(t.Context(), tc.p, tc.opts...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	poems := open(t, "tiny")
	for want, tc := range map[string]struct {
		p    stride.Prompt
		opts []stride.Option
	}{
		"does not support a sound to speak again, which is for vocoders": {stride.Prompt{Sound: good}, nil},
		"does not support sounds in chunks, which is for speech":         {stride.Prompt{}, []stride.Option{stride.Chunks()}},
	} {
		if _, _, err := poems.Text(t.Context(), tc.p, tc.opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a model of poems: error %v, want one with %q", err, want)
		}
	}
}

func TestSound(t *testing.T) {
	for _, tc := range []struct {
		s        stride.Sound
		want     string
		elements int
		lasts    time.Duration
	}{
		{stride.Sound{}, "sound of 0.00 s at 0 Hz", 0, 0},
		{*hum(19840, 16000), "sound of 1.24 s at 16000 Hz", 19840, 1240 * time.Millisecond},
		{stride.Sound{Frames: make([]float32, 124*80), Rate: 16000, Bands: 80, Hop: 160}, "124 log-mel frames", 124, 1240 * time.Millisecond},
		{stride.Sound{Frames: make([]float32, 80), Rate: 16000, Bands: 80, Hop: 160}, "1 log-mel frame", 1, 10 * time.Millisecond},
	} {
		if tc.s.String() != tc.want || tc.s.Elements() != tc.elements || tc.s.Duration() != tc.lasts {
			t.Errorf("%v, %d elements, %v; want %s, %d, %v", tc.s, tc.s.Elements(), tc.s.Duration(), tc.want, tc.elements, tc.lasts)
		}
	}
}

// A vocoder makes a sound of a spectrogram. Steps come while it works, so that a
// player may begin: with Chunks each has what is new.
func ExampleModel_Generate_sound() {
	m, err := stride.Open("tiny-vocoder")
	if err != nil {
		panic(err)
	}
	defer m.Close()
	recorded := hum(16000, 8000) // two seconds
	for step, err := range m.Generate(context.Background(), stride.Prompt{Sound: recorded}, stride.Chunks()) {
		if err != nil {
			panic(err)
		}
		s := step.Object.(stride.Sound)
		fmt.Printf("%.2f s to %.2f s\n", audio.Duration(s.Start, s.Rate).Seconds(), audio.Duration(s.Start+len(s.Samples), s.Rate).Seconds())
	}
	// Output:
	// 0.00 s to 1.21 s
	// 1.21 s to 2.00 s
}
