package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/measure/speech"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/train"
)

// speechYard measures speech beside recordings of the same sentences.
type speechYard struct {
	info     stride.Info
	language *language.Language
	// recordings are those whose texts are asked for; none without data. The
	// prompts are their texts if sources is true.
	recordings []train.Recording
	sources    bool
	skipped    int // recordings that could not be used
	// vocoder makes samples of frames, nil if there is none by itself.
	vocoder vocoder
	// listener is nil if there is none, and deaf says why.
	listener listener
	deaf     string
}

// listener is a [SpeechJudge], or a table in tests.
type listener interface {
	Hear(s audio.Sound) ([]string, error)
	Close()
}

// vocoder is the last stage of a pipeline, or a stand-in in tests.
type vocoder interface {
	// speak makes samples of log-mel frames.
	// By refine in so many passes; 0 for the usual number, and by other strategies.
	speak(ctx context.Context, frames stride.Sound, strategy string, passes int) ([]float32, error)
	// strategies are those it has, the usual one first, and costs the seconds and
	// floating-point operations that a sample takes by one of them.
	strategies() []string
	costs(strategy string) (seconds, flops float64)
}

// modelVocoder is a vocoder with its speed on this machine.
type modelVocoder struct {
	*stride.Model
	known          []string
	seconds, flops map[string]float64 // by strategy
}

// newModelVocoder measures a vocoder that usually works by that strategy.
func newModelVocoder(ctx context.Context, m *stride.Model, usual string) (modelVocoder, error) {
	v := modelVocoder{m, []string{usual}, map[string]float64{}, map[string]float64{}}
	gain, err := m.Gain(ctx, 0)
	if err != nil {
		return v, fmt.Errorf("vocoder: %w", err)
	}
	for _, s := range m.Strategies() {
		if s != usual {
			v.known = append(v.known, s)
		}
		if v.seconds[s] = 1 / gain.Positions; s == "ar" {
			v.seconds[s] = 1 / gain.Elements
		}
		if v.flops[s], err = m.ElementFLOPs(s); err != nil {
			return v, fmt.Errorf("vocoder: %w", err)
		}
	}
	return v, nil
}

func (v modelVocoder) strategies() []string { return v.known }

func (v modelVocoder) costs(strategy string) (seconds, flops float64) {
	return v.seconds[strategy], v.flops[strategy]
}

func (v modelVocoder) speak(ctx context.Context, frames stride.Sound, strategy string, passes int) ([]float32, error) {
	opts := []stride.Option{stride.Strategy(strategy), stride.Seed(1)}
	if passes > 0 {
		opts = append(opts, stride.Passes(passes))
	}
	var samples []float32
	for step, err := range v.Generate(ctx, stride.Prompt{Sound: &frames}, opts...) {
		if err != nil {
			return nil, err
		}
		if s, ok := step.Object.(stride.Sound); ok {
			samples = s.Samples
		}
	}
	return samples, nil
}

// newSpeechYard reads the recordings and opens the recogniser. stages are the
// models of a pipeline.
func newSpeechYard(ctx context.Context, info stride.Info, stages []*stride.Model, o CompareOptions) (*speechYard, error) {
	switch {
	case info.Sound.Language == "":
		return nil, fmt.Errorf("%s speaks no texts, expected a voice", info.Name)
	case !info.Sound.Samples:
		return nil, fmt.Errorf("%s makes log-mel frames, which nobody can hear: expected a pipeline that ends in a vocoder", info.Name)
	}
	y := &speechYard{info: info}
	var err error
	if y.language, err = language.Find(info.Sound.Language); err != nil {
		return nil, err
	}
	recipe := info.Recipe
	if len(stages) > 0 {
		first := stages[0].Info()
		if recipe = first.Recipe; first.Sound == nil {
			return nil, fmt.Errorf("%s does not begin with a voice: what %s writes is not known beforehand", info.Name, first.Name)
		}
		if y.vocoder, err = newModelVocoder(ctx, stages[len(stages)-1], info.Stages[len(stages)-1].Strategy); err != nil {
			return nil, err
		}
	}
	if o.Data != "" {
		if err := y.read(ctx, recipe, o); err != nil {
			return nil, err
		}
	}
	return y, y.listen(o.Recogniser)
}

// read reads recordings of the test split or, without any, of the valid one.
func (y *speechYard) read(ctx context.Context, recipe string, o CompareOptions) error {
	r, err := train.ParseRecipe("recipe of "+y.info.Name, []byte(recipe))
	if err != nil {
		return fmt.Errorf("where the recordings are: %w", err)
	}
	for _, split := range []string{"test", "valid"} {
		y.recordings, y.skipped, err = r.Recordings(ctx, o.Data, split, (o.Objects+o.Count-1)/o.Count)
		if err != nil {
			return err
		}
		if len(y.recordings) > 0 {
			return y.resample()
		}
	}
	return fmt.Errorf("%s: no recordings of the split test or valid that can be used, %d were left out", o.Data, y.skipped)
}

// resample brings recordings to the rate of the voice.
func (y *speechYard) resample() error {
	for i := range y.recordings {
		s, err := y.recordings[i].Sound.Resample(y.info.Sound.Rate)
		if err != nil {
			return fmt.Errorf("%s: %w", y.recordings[i].File, err)
		}
		y.recordings[i].Sound = s
	}
	return nil
}

// listen opens the recogniser of that name or, without one, the bundled one of the
// language.
func (y *speechYard) listen(name string) error {
	if name == "" {
		name = y.language.Name + "-recogniser"
		if _, ok := models.Data(name); !ok {
			y.deaf = "no phone error rate: " + name + " is not bundled, and no other recogniser was given"
			return nil
		}
	}
	j, err := OpenSpeechJudge(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: expected a bundled recogniser or a .gguf file", err)
	}
	if err != nil {
		return err
	}
	for _, s := range y.language.BareSounds() {
		if !slices.Contains(j.Symbols, s) {
			j.Close()
			return fmt.Errorf("recogniser %s: it does not know %q, expected all sounds of %s", name, s, y.language.Name)
		}
	}
	y.listener = j
	return nil
}

func (*speechYard) kind() Kind { return KindSentence }

func (y *speechYard) close() {
	if y.listener != nil {
		y.listener.Close()
	}
}

func (y *speechYard) prompts(CompareOptions) []stride.Prompt {
	if len(y.recordings) == 0 {
		return builtinPrompts(y.info)
	}
	y.sources = true
	out := make([]stride.Prompt, len(y.recordings))
	for i, r := range y.recordings {
		out[i] = stride.Prompt{Text: r.Text}
	}
	return out
}

// usualSeconds is how long a sentence is where no recording tells it.
const usualSeconds = 3

// frames is the mean number of frames of a sentence.
func (y *speechYard) frames() int {
	hop := y.info.Sound.Hop
	if len(y.recordings) == 0 {
		return usualSeconds * y.info.Sound.Rate / hop
	}
	samples := 0
	for _, r := range y.recordings {
		samples += len(r.Sound.Samples)
	}
	return max(1, samples/(hop*len(y.recordings)))
}

// lastSeconds is how long the last stage should take for such a sentence by each of
// its strategies; nil without one.
func (y *speechYard) lastSeconds() []lastStage {
	if y.vocoder == nil {
		return nil
	}
	var out []lastStage
	for _, s := range y.vocoder.strategies() {
		seconds, _ := y.vocoder.costs(s)
		out = append(out, lastStage{s, seconds * float64(y.frames()*y.info.Sound.Hop)})
	}
	return out
}

// lastStrategy is that of the last stage in a row.
func (y *speechYard) lastStrategy(row *Row) string {
	return cmp.Or(row.Last, y.vocoder.strategies()[0])
}

func (y *speechYard) notes(c *Comparison, o CompareOptions) []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	add("%d sentences a row, of %d, seed %d; all rows have the same sentences and seeds", o.Objects, min(o.Objects, len(o.Prompts)), o.Seed)
	add("ms/sentence: mean of a part of the sentences, median of %d parts; spread: fastest to slowest part", o.Runs)
	add("passes: of each stage for a sentence; passes/s: for a second of speech, which one sample after another would take %d", y.info.Sound.Rate)
	add("first sound: from the text to the first sample, median; x real time: seconds of speech made in one")
	if y.listener == nil {
		notes = append(notes, y.deaf)
	} else {
		add("PER: phones that %s hears wrongly, without stress and rests; 95 %% interval by resampling sentences", y.listenerName())
		if y.tonal() {
			add("tones: of the finals that it hears as such, those with another tone")
		}
	}
	if len(y.recordings) == 0 {
		add("no data folder given, so nothing is compared with recordings")
		return notes
	}
	if y.listener != nil {
		add("PER of recordings is the best that can be heard, that of shuffled texts is of speech that says something else")
	}
	add("other figures: medians of the sentences; strategies along a warped path, the others frame by frame")
	add("copy synthesis: frames of recordings by the vocoder alone; Griffin-Lim: the same by %d iterations, which it must beat", griffinLim)
	if y.skipped > 0 {
		add("%d recordings could not be used and are left out", y.skipped)
	}
	return notes
}

// tonal tells whether the language has tones.
func (y *speechYard) tonal() bool {
	return slices.ContainsFunc(y.language.BareSounds(), func(s string) bool { return y.language.Base(s) != s })
}

// phones are what should be heard of a text.
func (y *speechYard) phones(text string) ([]string, error) {
	words, err := y.language.Words(text, nil)
	if err != nil {
		return nil, err
	}
	return y.language.Heard(y.language.Units(words)), nil
}

// utterance is a sound that says a text.
type utterance struct {
	sound audio.Sound
	says  []string // phones
	of    int      // recording of the same text, -1 without any
}

// measure implements yardstick.
func (y *speechYard) measure(ctx context.Context, c *Comparison, o CompareOptions, objects [][]object, whole bool) error {
	tell := o.telling(len(c.Rows), whole)
	if err := y.addReal(ctx, c, o.Seed, tell); err != nil {
		return err
	}
	for i := range c.Rows {
		row := &c.Rows[i]
		if len(objects[i]) == 0 {
			continue
		}
		tell("measuring " + row.Name)
		if y.vocoder != nil {
			_, flops := y.vocoder.costs(y.lastStrategy(row))
			row.FLOPs += flops * row.Elements
		}
		all, err := y.spoken(objects[i], len(o.Prompts))
		if err == nil {
			row.Speech, err = y.quality(ctx, all, speech.Compare, o.Seed)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		y.show(c, row.Name, all)
	}
	tell("")
	if s, ok := y.sheet(c); ok {
		c.sheets = append(c.sheets, s)
	}
	return nil
}

// spoken are the objects of a row, which were made of so many prompts in turn.
func (y *speechYard) spoken(objects []object, prompts int) ([]utterance, error) {
	out := make([]utterance, len(objects))
	for i, x := range objects {
		says, err := y.phones(x.prompt.Text)
		if err != nil {
			return nil, err
		}
		out[i] = utterance{x.sound, says, -1}
		if y.sources {
			out[i].of = i % prompts
		}
	}
	return out, nil
}

// listenerName is what notes call the recogniser.
func (y *speechYard) listenerName() string {
	if j, ok := y.listener.(*SpeechJudge); ok {
		return strings.TrimSuffix(filepath.Base(j.Name), ".gguf")
	}
	return "the recogniser"
}
