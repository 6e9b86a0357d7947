package measure

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/internal/golden"
	"github.com/stride-ml/stride/measure/plot"
)

const voiceRecipe = `name: fake
title: whistled phones
data: {kind: speech, language: english, folders: [whistles], source: testdata}
elements: {bands: 20, rate: 8000, hop: 80}
network: {kind: acoustic, width: 24, ffn: 32, kernel: 3, encoder_layers: 1, causal_layers: 1, layers: 1}
train: {steps: 1, batch_frames: 200, micro_frames: 100, valid_utterances: 2, warmup: 0}
`

var spokenTexts = []string{"We go.", "No pen.", "Tea again.", "See me."}

func englishPhones(t testing.TB, text string) (phones, all []string) {
	t.Helper()
	l, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	words, err := l.Words(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l.Heard(l.Units(words)), l.BareSounds()
}

// whistle says phones at 8 kHz, each as 0.1 s of a tone of its own, of a level
// that goes with what is said.
func whistle(phones, all []string, level float64) []float32 {
	var out []float32
	for _, p := range phones {
		turns := float64(6 + slices.Index(all, p))
		for i := range 800 {
			out = append(out, float32(level*math.Sin(2*math.Pi*turns*(float64(i)+0.5)/800)))
		}
	}
	return out
}

// whistleData makes a data folder of recordings of the split test.
func whistleData(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	dir := filepath.Join(data, "whistles")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	lines := "file\ttext\tsplit\nnone.wav\tNone.\ttest\n"
	for i, text := range spokenTexts {
		phones, all := englishPhones(t, text)
		var b bytes.Buffer
		if err := audio.EncodeWAV(&b, audio.Sound{Samples: whistle(phones, all, 0.5), Rate: 8000}); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%d.wav", i)
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		lines += name + "\t" + text + "\ttest\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.tsv"), []byte(lines), 0o666); err != nil {
		t.Fatal(err)
	}
	return data
}

// fakeListener counts how often each tenth of a second swings.
type fakeListener struct{ all []string }

func (f fakeListener) Hear(s audio.Sound) ([]string, error) {
	var heard []string
	for part := range slices.Chunk(s.Samples, 800) {
		ups := 0
		for i := 1; i < len(part); i++ {
			if part[i-1] < 0 && part[i] >= 0 {
				ups++
			}
		}
		if i := ups + 1 - 6; i >= 0 && i < len(f.all) {
			heard = append(heard, f.all[i])
		}
	}
	return heard, nil
}

func (fakeListener) Close() {}

// fakeVocoder hums.
type fakeVocoder struct{}

func (fakeVocoder) strategies() []string { return []string{"nar"} }

func (fakeVocoder) costs(string) (seconds, flops float64) { return 1e-6, 1000 }

func (fakeVocoder) speak(_ context.Context, frames stride.Sound, _ string, _ int) ([]float32, error) {
	out := make([]float32, len(frames.Frames)/frames.Bands*frames.Hop)
	for i := range out {
		out[i] = float32(0.4 * math.Sin(2*math.Pi*float64(i)/64))
	}
	return out, nil
}

// fakeVoice is a source made of a table: ar takes 2 ms a frame and says all right,
// a full pass takes 10 ms, and few passes mix up the first phones. The vocoder
// takes 4 ms.
type fakeVoice struct {
	t         *testing.T
	info      stride.Info
	calls     int
	stopAfter int
	cancel    func()
}

func newFakeVoice(t *testing.T) *fakeVoice {
	return &fakeVoice{t: t, info: stride.Info{
		Name: "fake", Strategies: []string{"ar", "nar", "refine"}, Recipe: voiceRecipe,
		Sound: &stride.SoundInfo{Rate: 8000, Hop: 80, Bands: 20, Samples: true, Language: "english"},
	}}
}

func (f *fakeVoice) Info() stride.Info { return f.info }

func (f *fakeVoice) Gain(_ context.Context, length int) (stride.GainResult, error) {
	return stride.GainResult{Length: length, Elements: 500, Positions: float64(length) / 0.01, P: float64(length) / 5}, nil
}

func (f *fakeVoice) ElementFLOPs(strategy string) (float64, error) {
	return map[string]float64{"ar": 2e6, "nar": 1e6, "refine": 1e6}[strategy], nil
}

func (f *fakeVoice) Score(context.Context, stride.Prompt, string) (stride.Score, error) {
	return stride.Score{}, errors.New("speech is not scored")
}

func (f *fakeVoice) generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error) {
	if f.calls++; f.stopAfter > 0 && f.calls > f.stopAfter {
		f.cancel()
	}
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	phones, all := englishPhones(f.t, p.Text)
	passes := max(1, by.Asked)
	x := object{prompt: p}
	if by.Strategy == "ar" {
		passes = 5 * len(phones) // two frames a pass
		x.firstSound = 20 * time.Millisecond
	} else {
		for i := range min(len(phones), 4/passes) {
			phones[i] = "ZH"
		}
		x.firstSound = time.Duration(10*passes) * time.Millisecond
	}
	x.sound = audio.Sound{Samples: whistle(phones, all, 0.4), Rate: 8000}
	frames := len(x.sound.Samples) / 80
	total := time.Duration(10*passes+4) * time.Millisecond
	if by.Strategy == "ar" {
		total = time.Duration(2*frames+4) * time.Millisecond
	}
	if seed%2 == 1 {
		total += time.Millisecond
	}
	x.stats = stride.Stats{Strategy: by.Strategy + " + nar", Passes: passes + 1, Elements: 80 * frames, Drawn: 80 * frames, Total: total, FirstStep: total / 2, Stages: []stride.StageStats{
		{Strategy: by.Strategy, Model: "voice", Passes: passes, Elements: frames, Drawn: frames},
		{Strategy: "nar", Model: "vocoder", Passes: 1, Elements: 80 * frames, Drawn: 80 * frames},
	}}
	return x, nil
}

// compareVoice is compare with the fake vocoder and, if it is to listen, recogniser.
func compareVoice(t *testing.T, ctx context.Context, f *fakeVoice, o CompareOptions, listens bool) (*Comparison, error) {
	t.Helper()
	o, err := o.withDefaults(f.info)
	if err != nil {
		t.Fatal(err)
	}
	y, err := newSpeechYard(ctx, f.info, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	y.vocoder = fakeVocoder{}
	if listens {
		_, all := englishPhones(t, "")
		y.listener = fakeListener{all}
	}
	return compareBy(ctx, f, o, y)
}

func TestCompareSpeechGolden(t *testing.T) {
	var told []string
	c, err := compareVoice(t, t.Context(), newFakeVoice(t), CompareOptions{
		Data: whistleData(t), Objects: 10, Passes: []int{1, 4}, Seed: 8,
		Progress: func(done, total int, next string) {
			if done == 0 || done == total {
				told = append(told, next)
			}
		},
	}, true)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(told, ", "), "ar, , measuring recordings, measuring copy synthesis nar, measuring Griffin-Lim, measuring shuffled texts, measuring ar, measuring nar, measuring refine 1, measuring refine 4, "; got != want {
		t.Errorf("progress %s", got)
	}
	table := c.Table()
	golden.Compare(t, "sentences.txt", table)
	for line := range strings.Lines(table) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 125 {
			t.Errorf("%d characters, want at most 125: %s", n, line)
		}
	}

	var b bytes.Buffer
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 1+4+4 {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	for _, want := range []string{"stage_1_passes", "stage_2_passes_per_s", "first_sound_s", "times_real_time_median", "memory_bytes", "score", "frontier", "phone_error_rate_low", "mcd_dtw", "f0_high", "buzz_low", "tempo"} {
		if !slices.Contains(records[0], want) {
			t.Errorf("no column %s in %v", want, records[0])
		}
	}
	frontiers := c.Frontiers()
	if len(frontiers) != 2 {
		t.Fatalf("%d frontiers, want one of the phone error rate and one of MCD-DTW", len(frontiers))
	}
	var svg bytes.Buffer
	if err := frontiers[0].Write(&svg, plot.SVG); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"phone error rate", "second of speech", "recordings", "4 passes"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the frontier does not hold %q", want)
		}
	}
}

func TestCompareSpeechFigures(t *testing.T) {
	c, err := compareVoice(t, t.Context(), newFakeVoice(t), CompareOptions{Data: whistleData(t), Objects: 8, Passes: []int{4}, Runs: 2}, true)
	if err != nil {
		t.Fatal(err)
	}
	phones := 0
	for _, text := range spokenTexts {
		p, _ := englishPhones(t, text)
		phones += len(p)
	}
	mean := float64(phones) / 4     // tenths of a second of a sentence
	frames := math.Floor(10 * mean) // that are planned with
	ar, nar, refine := row(t, c, "ar"), row(t, c, "nar"), row(t, c, "refine 4")
	for name, v := range map[string][2]float64{
		"passes of ar":           {ar.Speaking.Stages[0].Passes, 5 * mean},
		"passes of ar a second":  {ar.Speaking.Stages[0].PerSecond, 50},
		"passes of the vocoder":  {ar.Speaking.Stages[1].Passes, 1},
		"seconds of a sentence":  {ar.Speaking.Seconds, mean / 10},
		"FLOPs of ar":            {ar.FLOPs, 10*mean*2e6 + 800*mean*1000},
		"FLOPs of refine":        {refine.FLOPs, 4*10*mean*1e6 + 800*mean*1000},
		"expected time of nar":   {nar.Predicted, 0.01 + 80*frames*1e-6},
		"expected time of ar":    {ar.Predicted, frames/500 + 80*frames*1e-6},
		"times real time of nar": {nar.Speaking.RealTime.Median, mean / 10 / 0.0145},
		"first sound of ar":      {ar.Speaking.FirstSound, 0.02},
		"errors of ar":           {ar.Speech.ErrorRate, 0},
		"errors of nar":          {nar.Speech.ErrorRate, 16. / float64(phones)},
		"errors of refine":       {refine.Speech.ErrorRate, 4. / float64(phones)},
		"errors of recordings":   {c.Real[0].Speech.ErrorRate, 0},
		"tempo of ar":            {ar.Speech.figure(7).Median, 1},
	} {
		if math.Abs(v[0]-v[1]) > 1e-9*math.Abs(v[1]) {
			t.Errorf("%s: %v, want %v", name, v[0], v[1])
		}
	}
	if c.Gain.Length != int(frames) || nar.Speech.Phones.Substitutions != 2*16 || ar.Speaking.RealTime.N != 2 {
		t.Errorf("gain %+v, edits %+v, times real time %+v", c.Gain, nar.Speech.Phones, ar.Speaking.RealTime)
	}
	if a, b := ar.Speech.figure(0).Median, nar.Speech.figure(0).Median; !(a < b) {
		t.Errorf("MCD-DTW of ar %v, of nar, which says something else, %v", a, b)
	}
	if hum, inverted := c.Real[1].Speech, c.Real[2].Speech; !(inverted.figure(1).Median < hum.figure(1).Median && hum.ErrorRate > 0.5) {
		t.Errorf("copy synthesis that hums has %+v, Griffin-Lim %+v", hum, inverted)
	}
	if shuffled := c.Real[3]; shuffled.Name != "shuffled texts" || !(shuffled.Speech.ErrorRate > 0.5) || !(shuffled.Speech.figure(0).Median > nar.Speech.figure(0).Median/2) {
		t.Errorf("%s: %+v", shuffled.Name, shuffled.Speech)
	}
	clips := c.Clips()
	if len(clips) != 3*6 || clips[0].Name != "sentence-1-recordings" || clips[17].Name != "sentence-3-refine-4" || len(clips[17].Sound.Samples) == 0 {
		t.Errorf("%d clips: %+v", len(clips), clips[0].Name)
	}
	s := c.Sheets()
	if len(s) != 1 || s[0].Name != "spectrograms" || len(s[0].Columns) != 3 || strings.Join(s[0].Rows, ", ") != "recordings, copy synthesis nar, Griffin-Lim, ar, nar, refine 4" {
		t.Fatalf("sheets %+v", s)
	}
	if b := s[0].Image.Rect; b.Dy() != 4+6*24 || b.Dx() < 3*50 {
		t.Errorf("spectrograms in %v", b)
	}
}

// Without a recogniser, and without recordings, there is less.
func TestCompareSpeechBare(t *testing.T) {
	c, err := compareVoice(t, t.Context(), newFakeVoice(t), CompareOptions{Data: whistleData(t), Objects: 4}, false)
	if err != nil {
		t.Fatal(err)
	}
	table := c.Table()
	if strings.Contains(table, "PER  ") || !strings.Contains(table, "MCD-DTW") || !strings.Contains(table, "no phone error rate: english-recogniser is not bundled") || !strings.Contains(table, "score: MCD-DTW from 0 (shuffled texts) to 1 (0 dB)") {
		t.Errorf("without a recogniser:\n%s", table)
	}
	if len(c.Rows) != 7 || c.Rows[6].Name != "refine 16" {
		t.Errorf("%d rows, want ar, nar and refine up to 16", len(c.Rows))
	}
	if f := c.Frontiers(); len(f) != 1 || !strings.HasPrefix(f[0].Quality, "mel-cepstral distortion") {
		t.Errorf("frontiers %+v", f)
	}
	c, err = compareVoice(t, t.Context(), newFakeVoice(t), CompareOptions{Objects: 9, Passes: []int{2}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if table := c.Table(); strings.Contains(table, "MCD") || !strings.Contains(table, "PER") || !strings.Contains(table, "no data folder given") || len(c.Real) != 0 {
		t.Errorf("without recordings:\n%s", table)
	}
	// Texts of one's own have no recordings.
	c, err = compareVoice(t, t.Context(), newFakeVoice(t), CompareOptions{Data: whistleData(t), Objects: 2, Passes: []int{2}, Prompts: []stride.Prompt{{Text: "Me too."}}}, true)
	if err != nil || row(t, c, "ar").Speech.Figures != nil || c.Real[1].Speech.Figures == nil {
		t.Errorf("a text of one's own: %v, %+v", err, c)
	}
}

func TestCompareSpeechCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := newFakeVoice(t)
	f.stopAfter, f.cancel = 3+6, cancel
	c, err := compareVoice(t, ctx, f, CompareOptions{Data: whistleData(t), Objects: 8, Passes: []int{2}}, true)
	if !errors.Is(err, context.Canceled) || c == nil {
		t.Fatalf("got %v", err)
	}
	if r := row(t, c, "ar"); r.Objects != 2 || r.Speech.ErrorRate != 0 || len(c.Real) != 4 || c.Table() == "" {
		t.Errorf("%+v, %d rows of recordings", r, len(c.Real))
	}
}

func TestCompareSpeechErrors(t *testing.T) {
	data := whistleData(t)
	for _, c := range []struct {
		name string
		with func(*fakeVoice, *CompareOptions)
		want string
	}{
		{"no recipe", func(f *fakeVoice, o *CompareOptions) { f.info.Recipe = "x: 1" }, "where the recordings are"},
		{"no folder", func(f *fakeVoice, o *CompareOptions) { o.Data = t.TempDir() }, "the data comes from: testdata"},
		{"no recogniser", func(f *fakeVoice, o *CompareOptions) { o.Recogniser = "none.gguf" }, "none.gguf"},
		{"a vocoder", func(f *fakeVoice, o *CompareOptions) { f.info.Sound.Language = "" }, "fake speaks no texts"},
		{"frames", func(f *fakeVoice, o *CompareOptions) { f.info.Sound.Samples = false }, "a pipeline that ends in a vocoder"},
		{"a classifier", func(f *fakeVoice, o *CompareOptions) { o.Classifier = "x" }, "the model makes no pictures"},
	} {
		f, o := newFakeVoice(t), CompareOptions{Data: data}
		c.with(f, &o)
		if _, err := compare(t.Context(), f, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	var bad *stride.OptionError
	if _, err := compare(t.Context(), newFakePictures(), CompareOptions{Recogniser: "x"}); !errors.As(err, &bad) {
		t.Errorf("a recogniser of pictures: %v", err)
	}
}
