package stride

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// chant is an engine that stands in for a speaking model: four frames for each
// letter, one a pass by ar, all in one by nar; rate and lexicon are for it.
type chant struct{ *member }

func init() {
	architectures["test.chant"] = struct {
		strategies []string
		takes      []kind
		makes      kind
		wordless   bool
		open       func(*member) (engine, error)
	}{[]string{"ar", "nar", "refine"}, []kind{kindText}, kindFrames, true, func(e *member) (engine, error) { return chant{e}, nil }}
	for name, bands := range map[string]uint32{"chant": 20, "bass": 10} {
		b := checkpoint.NewBuilder("test.chant")
		about := card.Card{Name: name, Strategies: []string{"ar", "nar", "refine"}, Licence: "none", Credits: "nobody"}
		var buf bytes.Buffer
		if err := errors.Join(card.Store(b, about.Metadata(), map[string]any{"bands": bands}), write(b, &buf)); err != nil {
			panic(err)
		}
		models.Add(name, buf.Bytes())
	}
	models.Add("tiny-speech", []byte("name: tiny-speech\ntitle: A test\nstages:\n  - {model: chant, strategy: ar}\n  - {model: tiny-vocoder}\n"))
}

func write(b *checkpoint.Builder, buf *bytes.Buffer) error {
	_, err := b.WriteTo(buf)
	return err
}

func (chant) read() error                   { return nil }
func (chant) trim()                         {}
func (chant) context() int                  { return 0 }
func (chant) operations(string) float64     { return 1 }
func (chant) refuses(a ask, s string) error { return a.among(a.speech, s) }

func (chant) speed(context.Context, *tensor.Pool, string, int) (float64, error) { return 1, nil }

func (e chant) describe(info *Info) {
	bands, _ := e.file.Value("bands")
	info.Sound = &SoundInfo{Rate: 8000, Hop: 80, Bands: int(bands.(uint32)), Language: "chant", Voice: "nobody"}
}

func (e chant) start(_ *tensor.Pool, p Prompt, c config) (*generation, error) {
	m := &chanting{all: 4 * len(p.Text), step: 1, rate: c.sound.rate, fails: p.Lexicon["fail"] != nil}
	if c.strategy != "ar" {
		m.step = m.all
	}
	var made roll
	g := &generation{machine: m, free: func() { freed++ }, chunks: c.sound.chunks}
	g.show = func(s strategy.Step) Object {
		o := Sound{Rate: 8000, Hop: 80, Bands: 20, Marks: []Mark{{Kind: MarkWord, Text: p.Text}}}
		o.Frames, o.FrameStart = made.take(s, g.chunks)
		o.FrameStart /= 20
		return o
	}
	return g, nil
}

var freed int // generations of chants that were freed

type chanting struct {
	all, step, made, pass int
	rate                  float32
	fails                 bool
}

func (m *chanting) Next() (strategy.Step, error) {
	if m.fails && m.pass == 40 {
		return strategy.Step{}, errors.New("hoarse")
	}
	if m.made == m.all {
		return strategy.Step{}, io.EOF
	}
	m.pass++
	s := strategy.Step{Pass: m.pass, Start: 20 * m.made}
	m.made += m.step
	for i := s.Start; i < 20*m.made; i++ {
		s.Values = append(s.Values, float32(-4+3*math.Sin(float64(i)*0.7))*(1+m.rate/8))
	}
	s.Settled, s.Drawn = 20*m.made, m.made
	if m.made == m.all {
		s.Done, s.Stopped = true, "end"
	}
	return s, nil
}

func mustOpen(t testing.TB, name string) *Model {
	t.Helper()
	m, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stepsOf(t testing.TB, m *Model, p Prompt, opts ...Option) []Step {
	t.Helper()
	var steps []Step
	for s, err := range m.Generate(t.Context(), p, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, s)
	}
	return steps
}

// TestSpeechCascade holds that samples begin while frames are still made, and are
// those that the vocoder makes of all of them.
func TestSpeechCascade(t *testing.T) {
	m := mustOpen(t, "tiny-speech")
	text := strings.Repeat("la", 50) // 400 frames
	before := freed
	steps := stepsOf(t, m, Prompt{Text: text}, Seed(1))
	if freed != before+1 {
		t.Errorf("%d generations of the first stage were freed, want 1", freed-before)
	}
	last := steps[len(steps)-1]
	o := last.Object.(Sound)
	vocoder := mustOpen(t, "tiny-vocoder")
	alone := stepsOf(t, vocoder, Prompt{Sound: &Sound{Frames: o.Frames, Rate: 8000, Hop: 80, Bands: 20}})
	want := alone[len(alone)-1].Object.(Sound).Samples
	if len(want) != 400*80 || !slices.Equal(o.Samples, want) || len(o.Frames) != 400*20 || len(o.Marks) != 1 {
		t.Errorf("the last step is %v with %d values of frames and marks %v, want %d samples", o, len(o.Frames), o.Marks, len(want))
	}
	passes, first := [2]int{}, 0
	for i, s := range steps {
		o := s.Object.(Sound)
		passes[s.Stage-1] = s.Pass
		if s.Stages != 2 || s.Pass != s.Stats.Stages[s.Stage-1].Passes || s.Stats.Passes != passes[0]+passes[1] || s.Done != (i == len(steps)-1) {
			t.Fatalf("step %d is %+v", i+1, s)
		}
		if s.Stage == 2 {
			if first == 0 {
				first = passes[0]
			}
			if !slices.Equal(o.Samples, want[:len(o.Samples)]) || len(o.Frames) != 20*passes[0] || s.Stats.Elements != len(o.Samples) {
				t.Errorf("step %d shows %v, which is not the beginning", i+1, o)
			}
		} else if o.Samples != nil || len(o.Frames) != 20*passes[0] || s.Stats.Stages[0].Elements != passes[0] {
			t.Errorf("step %d shows %v", i+1, o)
		}
	}
	if first != 16 { // its reach is 6 frames, and it works on 16 at a time
		t.Errorf("the first samples came after %d frames, want 16", first)
	}
	s := last.Stats
	if s.Strategy != "ar + nar" || s.Model != "tiny-speech" || s.Passes != 401 || s.Elements != 32000 || s.Drawn != 32000 || s.Stopped != "end" || s.Seed != 1 {
		t.Errorf("stats %+v", s)
	}
	a, b := s.Stages[0], s.Stages[1]
	if a.Strategy != "ar" || a.Model != "chant" || a.Passes != 400 || a.Elements != 400 || a.Stopped != "end" ||
		b.Strategy != "nar" || b.Model != "tiny-vocoder" || b.Passes != 1 || b.Elements != 32000 || b.Stopped != "end" {
		t.Errorf("stages %+v", s.Stages)
	}
	if !(0 < a.FirstStep && a.FirstStep <= b.FirstStep && b.FirstStep <= a.Total && a.Total <= b.Total && b.Total == s.Total && s.FirstStep == a.FirstStep && a.Busy > 0 && b.Busy > 0 && a.Busy+b.Busy <= s.Total) {
		t.Errorf("times of the stages %+v, in all %v after %v", s.Stages, s.Total, s.FirstStep)
	}
	if want := "ar + nar · 400 + 1 passes · 32000 elements · stride 79.8 · "; !strings.HasPrefix(s.String(), want) {
		t.Errorf("the summary is %q, want one that begins with %q", s, want)
	}
	if steps[0].Stats.Stages[0].Passes != 1 {
		t.Error("later steps changed the stats of the first")
	}
}

// TestSpeechInOtherWays asks for what the file does not say.
func TestSpeechInOtherWays(t *testing.T) {
	m := mustOpen(t, "tiny-speech")
	p := Prompt{Text: "lalala"}
	plain := stepsOf(t, m, p)
	for _, tc := range []struct {
		opts     []Option
		strategy string
		passes   int
		same     bool
	}{
		{nil, "ar + nar", 25, true},
		{[]Option{NAR()}, "nar + nar", 2, true},
		{[]Option{Refine(3)}, "refine + nar", 2, true},
		{[]Option{Rate(2)}, "ar + nar", 25, false},
	} {
		steps := stepsOf(t, m, p, tc.opts...)
		last := steps[len(steps)-1]
		same := slices.Equal(last.Object.(Sound).Samples, plain[len(plain)-1].Object.(Sound).Samples)
		if last.Stats.Strategy != tc.strategy || last.Stats.Passes != tc.passes || same != tc.same {
			t.Errorf("stats %+v, the same sound: %v; want %+v", last.Stats, same, tc)
		}
	}
	// In chunks both stages show only what is new.
	var samples, frames []float32
	for _, s := range stepsOf(t, m, p, Chunks()) {
		o := s.Object.(Sound)
		if s.Stage == 1 && (o.FrameStart != len(frames)/20 || len(o.Frames) != 20) || s.Stage == 2 && (o.Start != len(samples) || o.Frames != nil || o.Marks != nil) {
			t.Errorf("a chunk of stage %d: %d samples from %d, %d values of frames from %d", s.Stage, len(o.Samples), o.Start, len(o.Frames), o.FrameStart)
		}
		samples, frames = append(samples, o.Samples...), append(frames, o.Frames...)
	}
	if o := plain[len(plain)-1].Object.(Sound); !slices.Equal(samples, o.Samples) || !slices.Equal(frames, o.Frames) {
		t.Errorf("chunks make up %d samples and %d values of frames", len(samples), len(frames))
	}
}

func TestPoemIsSpoken(t *testing.T) {
	path := t.TempDir() + "/recital.yaml"
	writeFile(t, path, "name: recital\nstages:\n  - {model: tiny, length: 3, temperature: 0}\n  - {model: chant, strategy: nar, rate: 2}\n  - {model: tiny-vocoder}\n")
	m := mustOpen(t, path)
	steps := stepsOf(t, m, Prompt{Text: "春曉", Conditions: map[string]string{"form": "五絕"}}, Seed(1))
	var poem string
	for _, s := range steps {
		if s.Stage == 1 {
			poem = s.Object.String()
		}
	}
	last := steps[len(steps)-1]
	if o := last.Object.(Sound); poem != "春眠不" || len(o.Samples) != 80*4*len(poem) || o.Marks[0].Text != poem {
		t.Errorf("of %q came %v with marks %v", poem, o, o.Marks)
	}
	if s := last.Stats; s.Strategy != "ar + nar + nar" || s.Passes != s.Stages[0].Passes+2 || s.Stages[0].Elements != 3 {
		t.Errorf("stats %+v", s)
	}
	info := m.Info()
	if info.Name != "recital" || info.Architecture != "cascade" || strings.Join(info.Strategies, " ") != "ar speculate refine nar" || info.Default != "ar" || len(info.Conditions["form"]) != 2 || info.Picture != nil {
		t.Errorf("info %+v", info)
	}
	if want := (SoundInfo{Rate: 8000, Hop: 80, Bands: 20, Samples: true, Language: "chant", Voice: "nobody"}); *info.Sound != want {
		t.Errorf("sounds %+v, want %+v", *info.Sound, want)
	}
	if len(info.Stages) != 3 || info.Stages[1] != (StageInfo{Model: "chant", Strategy: "nar", Architecture: "test.chant"}) || info.Licence != "none" || info.Credits != "nobody" || info.Parameters == 0 || !strings.HasPrefix(info.Recipe, "name: recital") {
		t.Errorf("stages %+v, licence %q, credits %q", info.Stages, info.Licence, info.Credits)
	}
	if v, err := m.Condition("form", "七絕"); err != nil || v != "七言絕句" {
		t.Errorf("form 七絕 is %q, %v", v, err)
	}
}

func TestCascadeWrongRequests(t *testing.T) {
	m := mustOpen(t, "tiny-speech")
	for want, tc := range map[string]struct {
		p    Prompt
		opts []Option
	}{
		"tiny-speech: chant: strategy ar does not support guidance, which is for pictures": {Prompt{}, []Option{Guidance(2)}},
		"tiny-speech: chant: strategy nar does not support a negative prompt":              {Prompt{Negative: "x"}, []Option{NAR()}},
		"tiny-speech: strategy ar does not support condition form":                         {Prompt{Conditions: map[string]string{"form": "x"}}, nil},
		"tiny-speech: strategy speculate does not support model chant; supported by: ar":   {Prompt{}, []Option{Strategy("speculate")}},
		"tiny-speech: stage 1, chant: hoarse":                                              {Prompt{Text: "lalalalalalala", Lexicon: map[string][]string{"fail": {}}}, nil},
	} {
		_, _, err := m.Text(t.Context(), tc.p, tc.opts...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestCascadeIsCancelled holds that a cascade ends before the next pass, of
// whatever stage, and gives back all evaluators.
func TestCascadeIsCancelled(t *testing.T) {
	m := mustOpen(t, "tiny-speech")
	for _, at := range []int{1, 16, 17, 18} { // the 17th step is of the vocoder
		ctx, cancel := context.WithCancel(t.Context())
		steps, before := 0, freed
		for s, err := range m.Generate(ctx, Prompt{Text: "lalalalalala"}) {
			if steps++; steps == at {
				cancel()
			}
			if steps > at && (!errors.Is(err, context.Canceled) || s.Stats.Stopped != "cancelled" || !s.Done) {
				t.Errorf("after %d steps: %v, %+v", at, err, s)
			}
		}
		if steps != at+1 || freed != before+1 {
			t.Errorf("cancelled at step %d: %d steps, %d freed", at, steps, freed-before)
		}
		cancel()
	}
	v := m.pipeline.stages[1].model.members[0].engine.(*vocoders)
	if got := len(v.nets.free); got != 1 {
		t.Errorf("%d evaluators of the vocoder are free, want 1", got)
	}
}

// TestStatsOfStages adds passes up.
func TestStatsOfStages(t *testing.T) {
	s := Stats{Stages: make([]StageStats, 2)}
	for i, step := range []strategy.Step{{Stage: 1, Stages: 2, Pass: 1}, {Stage: 1, Stages: 2, Pass: 3}, {Stage: 2, Stages: 2, Pass: 1, Values: []float32{1}, Drawn: 5}} {
		s = s.after(step, time.Duration(i+1), 1)
	}
	if s.Passes != 4 || s.Elements != 5 || s.FirstStep != 1 || s.Stages[1].FirstStep != 3 || s.Stages[0].Busy != 2 {
		t.Errorf("stats %+v", s)
	}
}

// TestRoll holds that drafts replace each other in what is shown, and not in what
// was shown, and that chunks have only what is settled.
func TestRoll(t *testing.T) {
	var whole, parts roll
	var shown [][]float32
	for i, tc := range []struct {
		s     strategy.Step
		all   []float32
		chunk []float32
		start int
	}{
		{strategy.Step{}, nil, nil, 0},
		{strategy.Step{Values: []float32{1, 2}, Settled: 2}, []float32{1, 2}, []float32{1, 2}, 0},
		{strategy.Step{Values: []float32{0, 0}, Start: 2, Settled: 2}, []float32{1, 2, 0, 0}, nil, 2},
		{strategy.Step{Values: []float32{3, 4, 5}, Start: 2, Settled: 4}, []float32{1, 2, 3, 4, 5}, []float32{3, 4}, 2},
		{strategy.Step{Values: []float32{6, 7}, Start: 4, Settled: 6}, []float32{1, 2, 3, 4, 6, 7}, []float32{6, 7}, 4},
	} {
		all, none := whole.take(tc.s, false)
		chunk, start := parts.take(tc.s, true)
		if !slices.Equal(all, tc.all) || none != 0 || !slices.Equal(chunk, tc.chunk) || start != tc.start {
			t.Errorf("step %d: %v, and the chunk %v from %d; want %v, and %v from %d", i, all, chunk, start, tc.all, tc.chunk, tc.start)
		}
		shown = append(shown, all)
	}
	if !slices.Equal(shown[2], []float32{1, 2, 0, 0}) || !slices.Equal(shown[3], []float32{1, 2, 3, 4, 5}) {
		t.Errorf("later steps changed what was shown to %v", shown)
	}
}

// FuzzPipeline holds that a file opens a pipeline or is a [*PipelineError].
func FuzzPipeline(f *testing.F) {
	for _, s := range []string{
		"name: a\nstages: [{model: chant, rate: 2}, {model: tiny-vocoder}]\n", "name: a\nstages:\n- model: chant\n- model: chant\n",
		"name: a\nstages: &x\n- *x\n", "stages: {a: b}", "? [a]\n: b\n", "name: a\nstages: [{model: chant, conditions: {a: b}, solver: 1}]", "\x00", "--- a\n--- b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := openPipeline("fuzz", data)
		if where := (*PipelineError)(nil); err != nil && !errors.As(err, &where) {
			t.Errorf("error %v is not of a place in the file", err)
		}
		if err != nil {
			return
		}
		if len(p.stages) == 0 || (&Model{pipeline: p}).Info().Name != p.name {
			t.Errorf("opened %+v", p)
		}
		if err := (&Model{pipeline: p}).closeFiles(); err != nil {
			t.Error(err)
		}
	})
}
