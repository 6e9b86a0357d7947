package stride_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
)

// The voices of the tests have random weights, but their sounds last about nine
// frames.
func init() {
	for _, name := range language.Names() {
		l, err := language.Find(name)
		if err != nil {
			panic(err)
		}
		format := language.Format{Language: l, Symbols: l.Symbols(), Speakers: []string{"nobody"}}
		m, err := network.NewAcousticModel(network.AcousticConfig{Symbols: len(format.Symbols), Speakers: 1, Bands: 20, Rate: 8000, Hop: 80,
			Group: 2, Dim: 16, FFN: 24, Kernel: 3, Encoder: 1, Causal: 1, Flow: 1})
		if err != nil {
			panic(err)
		}
		m.Init(5)
		for i := range m.Prosody.Data {
			m.Prosody.Data[i] *= 0.1
		}
		m.ProsodyBias.Data[0] = float32(math.Log(10))
		models.Add("tiny-"+name, modelFile(network.ArchitectureAcoustic, m.Metadata(), format.Metadata(),
			card.Card{Name: "tiny-" + name, Title: "A test", Strategies: []string{"ar", "nar", "refine"}, Licence: "none", Defaults: card.Defaults{Passes: 4}}.Metadata(),
			func(b *checkpoint.Builder) error { return network.WriteParams(b, m.Params(), nil, checkpoint.F32) }))
	}
	models.Add("tiny-spoken", []byte("name: tiny-spoken\ntitle: A test\nstages:\n  - {model: tiny-english, strategy: ar}\n  - {model: tiny-vocoder}\n"))
}

func modelFile(architecture string, a, b, c map[string]any, weights func(*checkpoint.Builder) error) []byte {
	builder := checkpoint.NewBuilder(architecture)
	var buf bytes.Buffer
	err := errors.Join(card.Store(builder, a, b, c), weights(builder))
	if err == nil {
		_, err = builder.WriteTo(&buf)
	}
	if err != nil {
		panic(err)
	}
	return buf.Bytes()
}

const spokenText = "Good morning, the dragon is awake. It is 1984!"

func spoken(t *testing.T, m *stride.Model, p stride.Prompt, opts ...stride.Option) []stride.Step {
	t.Helper()
	var steps []stride.Step
	for s, err := range m.Generate(t.Context(), p, append(opts, stride.Seed(4))...) {
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, s)
	}
	return steps
}

// TestSpeakingStrategies holds what a pass of each strategy commits, and that all
// speak the same units in as many frames.
func TestSpeakingStrategies(t *testing.T) {
	m := open(t, "tiny-english")
	p := stride.Prompt{Text: spokenText}
	frames := 0
	for _, c := range []struct {
		options []stride.Option
		passes  func(frames int) int
	}{
		{[]stride.Option{stride.AR()}, func(n int) int { return n / 2 }},
		{[]stride.Option{stride.NAR()}, func(int) int { return 2 }}, // one a sentence
		{[]stride.Option{stride.Strategy("refine")}, func(int) int { return 2 * 4 }},
		{[]stride.Option{stride.Refine(3)}, func(int) int { return 2 * 3 }},
	} {
		steps := spoken(t, m, p, c.options...)
		last := steps[len(steps)-1]
		s := last.Object.(stride.Sound)
		if frames == 0 {
			frames = s.Elements()
		}
		if s.Elements() != frames || frames < 300 || !last.Done || last.Stats.Stopped != "end" || last.Stats.Elements != frames {
			t.Errorf("%s: %v, stats %+v; want as many frames as by the others, %d", last.Stats.Strategy, s, last.Stats, frames)
		}
		if want := c.passes(frames); last.Stats.Passes != want || len(steps) != want {
			t.Errorf("%s: %d passes in %d steps, want %d", last.Stats.Strategy, last.Stats.Passes, len(steps), want)
		}
		again := spoken(t, m, p, c.options...)
		if o := again[len(again)-1].Object.(stride.Sound); !slices.Equal(o.Frames, s.Frames) {
			t.Errorf("%s: the same seed gives other frames", last.Stats.Strategy)
		}
		var parts []float32
		var marks []stride.Mark
		for _, step := range spoken(t, m, p, append(c.options, stride.Chunks())...) {
			o := step.Object.(stride.Sound)
			if o.FrameStart*20 != len(parts) {
				t.Fatalf("%s: a chunk begins at frame %d after %d values", last.Stats.Strategy, o.FrameStart, len(parts))
			}
			parts, marks = append(parts, o.Frames...), append(marks, o.Marks...)
		}
		if !slices.Equal(parts, s.Frames) || !slices.Equal(marks, s.Marks) {
			t.Errorf("%s: chunks are not the whole: %d values and %d marks, want %d and %d", last.Stats.Strategy, len(parts), len(marks), len(s.Frames), len(s.Marks))
		}
	}
}

// TestMarks holds that words lie where they are written, and follow each other in
// time without gaps.
func TestMarks(t *testing.T) {
	steps := spoken(t, open(t, "tiny-english"), stride.Prompt{Text: spokenText}, stride.NAR())
	s := steps[len(steps)-1].Object.(stride.Sound)
	var words []string
	at := s.Marks[0].Start
	for i, m := range s.Marks {
		if m.Kind == stride.MarkWord {
			if got := spokenText[m.Offset : m.Offset+m.Length]; got != m.Text {
				t.Errorf("word %q is at %q", m.Text, got)
			}
			words = append(words, m.Text)
			if next := s.Marks[i+1]; next.Start != m.Start || next.Kind != stride.MarkPhone || next.Offset != m.Offset {
				t.Errorf("word %+v is followed by %+v, want its first phone", m, next)
			}
			continue
		}
		if m.Start != at || m.End <= m.Start {
			t.Errorf("%s %q lasts from %v to %v, want from %v on", m.Kind, m.Text, m.Start, m.End, at)
		}
		at = m.End
	}
	if want := []string{"Good", "morning", "the", "dragon", "is", "awake", "It", "is", "1984"}; !slices.Equal(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
	if at != s.Duration() {
		t.Errorf("marks end at %v, the sound at %v", at, s.Duration())
	}
}

// TestHowItIsSpoken holds that rate, pitch, lexicon and phones in the text have
// their say.
func TestHowItIsSpoken(t *testing.T) {
	m := open(t, "tiny-english")
	speak := func(text string, lexicon map[string][]string, opts ...stride.Option) stride.Sound {
		steps := spoken(t, m, stride.Prompt{Text: text, Lexicon: lexicon}, append(opts, stride.NAR())...)
		return steps[len(steps)-1].Object.(stride.Sound)
	}
	plain := speak("the dragon", nil)
	if slow := speak("the dragon", nil, stride.Rate(0.5)); math.Abs(float64(slow.Elements())/float64(plain.Elements())-2) > 0.1 {
		t.Errorf("at half the rate %d frames, at the usual one %d", slow.Elements(), plain.Elements())
	}
	for name, o := range map[string]stride.Option{"pitch": stride.Pitch(3), "energy": stride.Energy(-6), "temperature": stride.Temperature(0.5)} {
		if other := speak("the dragon", nil, o); other.Elements() != plain.Elements() || slices.Equal(other.Frames, plain.Frames) {
			t.Errorf("%s: the frames are the same, or another number", name)
		}
	}
	phones := speak("the [[D R AA1 K]]", nil)
	if other := speak("the dragon", map[string][]string{"dragon": {"D", "R", "AA1", "K"}}); !slices.Equal(other.Frames, phones.Frames) {
		t.Error("a word of the lexicon is spoken otherwise than its phones")
	}
	if slices.Equal(phones.Frames, plain.Frames) {
		t.Error("phones in the text change nothing")
	}
	steps := spoken(t, open(t, "tiny-mandarin"), stride.Prompt{Text: "學長今天還說他喜歡我呢", Lexicon: map[string][]string{"喜歡": {"xi3", "huan1"}}})
	if o := steps[len(steps)-1].Object.(stride.Sound); !slices.ContainsFunc(o.Marks, func(m stride.Mark) bool { return m.Text == "uan1" }) {
		t.Errorf("marks %v, want uan1 of the lexicon among them", o.Marks)
	}
}

// TestLongTexts holds that a sentence without end is spoken in parts, and that one
// of no words is passed over.
func TestLongTexts(t *testing.T) {
	m := open(t, "tiny-english")
	text := "😀. " + strings.Repeat("a dragon, ", 100) + "\n\n 😀!"
	words, begun := 0, 0
	for _, s := range spoken(t, m, stride.Prompt{Text: text}, stride.NAR(), stride.Chunks()) {
		begun++
		for _, k := range s.Object.(stride.Sound).Marks {
			if k.Kind == stride.MarkWord {
				words++
			}
		}
	}
	if words != 200 || begun != 4 {
		t.Errorf("%d words in %d passes, want 200 in 4 of at most 60", words, begun)
	}
}

func TestSpokenWrongRequests(t *testing.T) {
	m := open(t, "tiny-english")
	for _, c := range []struct {
		p       stride.Prompt
		options []stride.Option
		want    string
	}{
		{stride.Prompt{}, nil, `text: got ""`},
		{stride.Prompt{Text: "😀 ..."}, nil, "something that can be read as english"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.Rate(3)}, "0.5 to 2"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.Rate(float32(math.NaN()))}, "rate: got NaN"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.Pitch(13)}, "-12 to 12"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.Energy(-21)}, "-20 to 20"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.Temperature(1)}, "a temperature"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.NAR(), stride.Temperature(0)}, "want above 0"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.NAR(), stride.Temperature(3)}, "above 0 to 2"},
		{stride.Prompt{Text: "a"}, []stride.Option{stride.NAR(), stride.Passes(3)}, "passes"},
		{stride.Prompt{Text: "a", Negative: "b"}, nil, "a negative prompt"},
		{stride.Prompt{Text: "a", Conditions: map[string]string{"form": "x"}}, nil, "condition form"},
		{stride.Prompt{Text: "a", Lexicon: map[string][]string{"a": {"QQ"}}}, nil, "lexicon"},
		{stride.Prompt{Text: "One. Two [[QQ]]."}, nil, "in the sentence at byte 5"},
	} {
		var err error
		for _, err = range m.Generate(t.Context(), c.p, c.options...) {
			if err != nil {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.p, err, c.want)
		}
	}
}

// TestSpokenPipeline holds that a pipeline says a text by the frames of its first
// stage, and ends within a pass when it is cancelled.
func TestSpokenPipeline(t *testing.T) {
	m := open(t, "tiny-spoken")
	if info := m.Info(); info.Sound == nil || info.Sound.Language != "english" || !info.Sound.Samples || !slices.Equal(info.Strategies, []string{"ar", "nar", "refine"}) {
		t.Errorf("info %+v, sound %+v", info, info.Sound)
	}
	frames := spoken(t, open(t, "tiny-english"), stride.Prompt{Text: spokenText}, stride.Refine(2))
	want := frames[len(frames)-1].Object.(stride.Sound)
	steps := spoken(t, m, stride.Prompt{Text: spokenText}, stride.Refine(2))
	last := steps[len(steps)-1]
	s := last.Object.(stride.Sound)
	if len(s.Samples) != 80*want.Elements() || !slices.Equal(s.Frames, want.Frames) || !slices.Equal(s.Marks, want.Marks) {
		t.Errorf("%v with %d values of frames and %d marks, want those of %v", s, len(s.Frames), len(s.Marks), want)
	}
	if last.Stats.Strategy != "refine + nar" || last.Stats.Passes != 2*2+1 {
		t.Errorf("stats %+v, want two passes for each of two sentences, and one", last.Stats)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range m.Generate(ctx, stride.Prompt{Text: spokenText}) {
		if n++; n == 3 {
			cancel()
		}
		if n > 4 || n == 4 && !errors.Is(err, context.Canceled) {
			t.Fatalf("step %d after it was cancelled in the third: %v", n, err)
		}
	}
}

// TestSpokenGain holds that both speeds of a voice are measured.
func TestSpokenGain(t *testing.T) {
	r, err := open(t, "tiny-english").Gain(t.Context(), 0)
	if err != nil || r.Length != 100 || !(r.Positions > 0 && r.Elements > 0 && r.P > 0) {
		t.Errorf("gain %+v, %v; want that over a second, 100 frames", r, err)
	}
	for _, s := range []string{"ar", "nar"} {
		if n, err := open(t, "tiny-english").ElementFLOPs(s); err != nil || !(n > 1000) {
			t.Errorf("%s: %g operations for a frame, %v", s, n, err)
		}
	}
}
