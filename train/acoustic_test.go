package train

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

const tinyVoice = `name: tiny
title: Small words
seed: 3
data: {kind: speech, language: english, folders: [words], source: somewhere}
elements: {bands: 20}
network: {kind: acoustic, width: 24, ffn: 32, kernel: 3, encoder_layers: 1, causal_layers: 2, layers: 2}
train: {steps: 14, batch_frames: 200, micro_frames: 100, valid_utterances: 2, learning_rate: 0.01, warmup: 2, decay: 0.5, validate: 8, checkpoint: 6}
weights: f32
`

func tinyAcoustic(t testing.TB) *Recipe {
	t.Helper()
	return parsed(t, tinyVoice)
}

func TestAcousticResumes(t *testing.T) {
	data, r, whole := words(t), tinyAcoustic(t), t.TempDir()
	if _, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	resumes(t, r, data, whole, 4, 5)
}

// TestAcousticLearns holds that a voice learns how long its sounds are, and that
// all strategies make frames that are those of the sounds.
func TestAcousticLearns(t *testing.T) {
	data, r := words(t), tinyAcoustic(t)
	r.Train.Steps, r.Train.EMA, r.Train.Validate, r.Train.Dropout = 250, 0.95, 250, 0
	result, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, result.Model)
	m, err := network.ReadAcoustic(f)
	if err != nil {
		t.Fatal(err)
	}
	format, err := language.FormatFromMetadata(f.Value)
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	a := network.NewAcoustic(m, pool)
	var symbols, places []int
	for i, s := range []string{speech.Silence, "T", "UW1", "."} {
		symbols, places = append(symbols, format.Symbol(s)), append(places, int([]speech.Place{speech.Rest, speech.First, speech.Last, speech.Rest}[i]))
	}
	d, err := a.Plan(symbols, places, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range []string{"T", "UW"} {
		if n := d.Frames[i+1]; n < 8 || n > 24 {
			t.Errorf("%s takes %d frames, want 10 to 20 as in the recordings, give or take", u, n)
		}
	}
	u, err := a.Speak(d)
	if err != nil {
		t.Fatal(err)
	}
	var byAR []float32
	for {
		values, err := u.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(values) == 0 {
			break
		}
		byAR = append(byAR, values...)
	}
	cond, err := u.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	byNAR, err := u.Velocity(make([]float32, u.Size()), 0, 0, [][]float32{cond})
	if err != nil {
		t.Fatal(err)
	}
	// A buzz of 430 Hz and one of 1700: bands 2 and 9 tell the middle of one from that
	// of the other.
	middle := func(i int) int {
		at := 0
		for _, n := range d.Frames[:i] {
			at += n
		}
		return at + d.Frames[i]/2
	}
	for name, x := range map[string][]float32{"ar": byAR, "nar": slices.Clone(byNAR)} {
		u.Restore(x)
		at := func(unit, band int) float32 { return x[middle(unit)*m.Bands+band] }
		if low, high := at(1, 2)-at(2, 2), at(2, 9)-at(1, 9); !(low > 1 && high > 1) {
			t.Errorf("%s: at 430 Hz T is louder than UW by %.1f, at 1700 Hz softer by %.1f, want 1 or more", name, low, high)
		}
	}
}

// TestUnreadSpeech holds that sounds whose text cannot be used are told, and the
// others are learned from.
func TestUnreadSpeech(t *testing.T) {
	data := words(t)
	path := filepath.Join(data, "words", manifest)
	list, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(list), "\n")
	lines[1], lines[2], lines[3] = "0.wav\t\ttrain", "1.wav\t😀\ttrain", "2.wav\t"+strings.Repeat("see so ", 30)+"\ttrain"
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	r := tinyAcoustic(t)
	r.Train.Steps, r.Train.Warmup = 1, 0
	var told []string
	if _, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1, Progress: func(p Progress) { told = append(told, p.Message) }}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"left out 0.wav: no text", `left out 1.wav: text "😀": nothing that can be read as english`, "left out 2.wav: "} {
		if !slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("nothing is told that begins with %q: %q", want, told)
		}
	}
}

// TestPerformance holds what becomes of rests, and of the pitch of sounds without
// one.
func TestPerformance(t *testing.T) {
	p := performance{units: make([]speech.Unit, 6), voiced: []bool{false, true, false, false, true, false}, pitch: []float32{0, 5, 0, 0, 8, 0}}
	if err := p.bridge(); err != nil || !slices.Equal(p.pitch, []float32{5, 5, 6, 7, 8, 8}) {
		t.Errorf("pitch %v, %v; want 5 5 6 7 8 8", p.pitch, err)
	}
	if err := (&performance{units: make([]speech.Unit, 2), voiced: make([]bool, 2), pitch: make([]float32, 2)}).bridge(); err == nil {
		t.Error("no error for a sound without any pitch")
	}
	o := &acousticObjective{speeches: speeches{sounds: sounds{t: &trainer{recipe: tinyAcoustic(t)}}}}
	c := &clip{}
	c.pcm = make([]byte, 2*160*50)
	rest := speech.Unit{Symbol: ",", Place: speech.Rest}
	sound := func(s string) speech.Unit { return speech.Unit{Symbol: s, Place: speech.Only} }
	l := line{units: []speech.Unit{{Symbol: "^"}, sound("A"), rest, sound("B"), rest, sound("C"), rest, sound("D"), {Symbol: "."}},
		added: []bool{false, false, true, false, true, false, false, false, false}, loud: make([]float64, 50)}
	for i := range l.loud {
		l.loud[i] = float64(i)
	}
	// A short rest that nobody asked for belongs to the sound before, a long one is
	// one, and that of the text was not made.
	got, err := o.perform(&utterance{clip: c}, &l, []int{4, 5, 3, 6, 8, 7, 0, 9, 8})
	if err == nil || !strings.Contains(err.Error(), "no pitch") {
		t.Fatalf("error %v, want one of silence that has no pitch", err)
	}
	var symbols []string
	for _, u := range got.units {
		symbols = append(symbols, u.Symbol)
	}
	if want := []string{"^", "A", "B", ",", "C", "D", "."}; !slices.Equal(symbols, want) || !slices.Equal(got.frames, []int{4, 8, 6, 8, 7, 9, 8}) {
		t.Errorf("units %q of %v frames, want %q of 4 8 6 8 7 9 8", symbols, got.frames, want)
	}
	if math.Abs(float64(got.energy[1])-7.5) > 1e-6 {
		t.Errorf("energy %g, want 7.5, the mean of frames 4 to 11", got.energy[1])
	}
}
