package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stride-ml/stride"
)

// CompareOptions says what a comparison runs. The zero value is a comparison of
// a minute or so (of pictures and speech: of several) on built-in prompts, without
// a judge but a bundled one.
type CompareOptions struct {
	// Prompts are the same for every strategy. Without any they come from the
	// test data if there is Data, and else are built in: titles and conditions
	// of random poems, captions and categories of evenly spaced pictures, texts of
	// evenly spaced recordings.
	Prompts []stride.Prompt
	Passes  []int // of refine; 1, 2, 4, 8, 16 and, but for speech, 32 if empty
	// Objects is how many each strategy makes in all; if 0, 200 pictures, 20
	// sentences, or of texts Runs times Count for each of the prompts.
	Objects int
	Count   int    // of pictures and speech: objects a prompt; of texts: the same in each run; 1 if 0
	Runs    int    // timed parts, each with seeds of its own; 5 if 0
	Seed    uint64 // of everything random
	// Command is what repeats the comparison, for those who read about it.
	Command []string
	// Data is the folder of the data that the model was trained on. Poems are
	// train.jsonl.gz and test.jsonl.gz in it or in its subfolder tang; pictures and
	// recordings are what the model's recipe says. Without it, and for texts that are not
	// poems, nothing is compared with real objects.
	Data string
	// Classifier is what judges pictures: the name of a bundled model or the
	// path of a .gguf file. If empty it is the bundled one, if any, that is
	// called as the model, a companion of it or the recipe's folder of pictures,
	// with "-classifier" after it.
	Classifier string
	// Recogniser is what listens to speech: the name of a bundled model or the path
	// of a .gguf file. If empty it is the bundled one, if any, that is called as the
	// language that is spoken, with "-recogniser" after it.
	Recogniser string
	// Guidance of ar and refine, for pictures; the model's own if 0. Shortcuts
	// have learned a guidance, and nar has none.
	Guidance float32
	// Options, such as [stride.Temperature], are used in every generation; for
	// pictures in those of ar only. Where they say nothing each checkpoint's
	// own defaults hold.
	Options []stride.Option
	// Draft, for public language models, is a smaller model that speculate guesses
	// with, beside the other ways.
	Draft string
	// Metrics are measures of quality beside those of the package.
	Metrics []Metric
	// Strategies are those to compare; all that the model has if empty.
	Strategies []string
	// Within, if not 0, is about how long the objects may take in all: the first of
	// each row tell how many of them there is time for. Reading the data, the gain,
	// the first objects and measuring quality come on top.
	Within time.Duration
	// Planned, if not nil, is called with the gain measured and the forecast
	// made, before anything is generated.
	Planned func(*Comparison)
	// Progress, if not nil, is called before each object with the number of
	// objects done and to do, and the name of what comes next.
	Progress func(done, total int, next string)
}

// Kind is what the objects compared are.
type Kind string

// The kinds there are.
const (
	KindPoem     Kind = "poem"
	KindText     Kind = "text" // that is no poem
	KindPicture  Kind = "picture"
	KindSentence Kind = "sentence" // that is spoken
)

// Comparison is what each strategy of a model costs and gives.
type Comparison struct {
	Model   string
	Kind    Kind
	Started time.Time
	Machine Machine
	Seed    uint64   // of everything random
	Command []string // that repeats it; nil if nobody said so
	Gain    stride.GainResult
	Rows    []Row
	// Real holds the figures of real objects, to compare with. Of poems it is
	// one row: test poems of the same forms, as many as each strategy generated
	// or as there are. Of pictures see [PictureQuality], of speech [SpeechQuality].
	// Without Data there are none. Behind them stands what is bad for sure, where a
	// metric has its floor: real objects, or else those of ar, whose elements were
	// exchanged at random among them.
	Real      []Row
	Metrics   []Metric // what Row.Values are of, in their order
	Predicted Outcome  // from the parallel gain alone
	Measured  Outcome
	Notes     []string // what to know when reading the figures

	kinds  string // of public language models: the speeds by kind of prompt
	sheets []Sheet
	clips  []Clip
	trails []Trail
}

// Compare generates the same objects by every strategy that the model supports
// and measures what they cost and how good they are.
//
// Strategies take turns object by object, so that a machine that slows down
// slows all. Each is run once before anything is timed. Poems are judged by a
// Kneser-Ney 5-gram trained on half 1 (see [Half]) of the training poems,
// pictures by a [PictureJudge] and as [PictureQuality] says, speech by a
// [SpeechJudge] and as [SpeechQuality] says.
//
// It fails with a [*stride.OptionError] for options out of range, and if data
// or model do. Once planned, an error comes with the comparison of what there
// is; a cancelled context is such an error.
func Compare(ctx context.Context, m *stride.Model, o CompareOptions) (*Comparison, error) {
	return compare(ctx, modelSource{m, o.Guidance, o.Options, talks(m)}, o)
}

// compare is [Compare] for any source.
func compare(ctx context.Context, s source, o CompareOptions) (*Comparison, error) {
	o, err := o.withDefaults(s.Info())
	if err != nil {
		return nil, err
	}
	yard, err := newYardstick(ctx, s, o)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	defer yard.close()
	return compareBy(ctx, s, o, yard)
}

// yardstick is what objects of one kind are measured with.
type yardstick interface {
	kind() Kind
	// prompts are those to use where none are given.
	prompts(o CompareOptions) []stride.Prompt
	// notes say what to know when reading the figures.
	notes(c *Comparison, o CompareOptions) []string
	// measure fills in the quality of the rows, of which objects (by row) may
	// have none, and the real objects beside them. Where not all was generated
	// that was asked for, whole is false.
	measure(ctx context.Context, c *Comparison, o CompareOptions, objects [][]object, whole bool) error
	close()
}

// newYardstick reads what the objects of a source are measured with.
func newYardstick(ctx context.Context, s source, o CompareOptions) (yardstick, error) {
	info := s.Info()
	_, poems := info.Conditions["form"]
	switch {
	case info.Picture != nil:
		return newPictureYard(ctx, info, o)
	case info.Sound != nil:
		var stages []*stride.Model
		if m, ok := s.(modelSource); ok {
			stages = m.Stages()
		}
		return newSpeechYard(ctx, info, stages, o)
	case !poems:
		return textYard{s}, nil
	}
	y := &poemYard{source: s}
	if o.Data == "" {
		return y, nil
	}
	var err error
	y.yardsticks, err = readYardsticks(ctx, o.Data)
	return y, err
}

// compareBy is [compare] with a yardstick.
func compareBy(ctx context.Context, s source, o CompareOptions, yard yardstick) (*Comparison, error) {
	info := s.Info()
	c := &Comparison{Model: info.Name, Kind: yard.kind(), Started: time.Now(), Machine: ThisMachine(), Seed: o.Seed, Command: o.Command}
	var err error
	if c.Metrics, err = metricsOf(c.Kind, o); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if len(o.Prompts) == 0 {
		o.Prompts = yard.prompts(o)
	}
	if o.Objects == 0 {
		o.Objects = len(o.Prompts) * o.Count * o.Runs
	}
	r := &runner{source: s, o: o, c: c}
	if y, ok := yard.(*speechYard); ok {
		r.frames, r.last = y.frames(), y.lastSeconds()
	}
	if err := r.plan(ctx, info); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	o = r.o // with fewer objects where there is no time for more
	c.Notes = append(c.Notes, yard.notes(c, o)...)
	if missing := c.missing(); missing != "" {
		c.Notes = append(c.Notes, missing)
	}
	if o.Planned != nil {
		o.Planned(c)
	}
	err = r.run(ctx)
	r.costs()
	whole := err == nil
	if !whole {
		ctx = context.WithoutCancel(ctx) // what a cancelled run has generated is still measured
	}
	measured := yard.measure(ctx, c, o, r.objects, whole)
	if measured == nil {
		measured = c.evaluate(ctx, s, r.objects)
	}
	if whole {
		err = measured
	}
	if err != nil {
		return c, fmt.Errorf("compare: %w", err)
	}
	return c, nil
}

// withDefaults returns the options with what was left out.
func (o CompareOptions) withDefaults(info stride.Info) (CompareOptions, error) {
	if len(o.Passes) == 0 {
		o.Passes = []int{1, 2, 4, 8, 16, 32}
		if info.Sound != nil {
			o.Passes = o.Passes[:5]
		}
	}
	o.Passes = slices.Compact(slices.Sorted(slices.Values(o.Passes)))
	if o.Passes[0] < 1 {
		return o, &stride.OptionError{Option: "passes", Value: fmt.Sprint(o.Passes[0]), Want: "1 or more"}
	}
	for _, n := range []struct {
		option   string
		value    *int
		standard int
	}{{"count", &o.Count, 1}, {"runs", &o.Runs, 5}, {"objects", &o.Objects, 0}} {
		if *n.value < 0 {
			return o, &stride.OptionError{Option: n.option, Value: fmt.Sprint(*n.value), Want: "1 or more"}
		}
		if *n.value == 0 {
			*n.value = n.standard
		}
	}
	for _, foreign := range []struct {
		option, value string
		takes         bool
		makes         string
	}{
		{"guidance", fmt.Sprint(o.Guidance), info.Picture != nil, "pictures"}, {"classifier", o.Classifier, info.Picture != nil, "pictures"},
		{"recogniser", o.Recogniser, info.Sound != nil, "speech"},
	} {
		if !foreign.takes && foreign.value != "" && foreign.value != "0" {
			return o, &stride.OptionError{Option: foreign.option, Value: foreign.value, Want: "none: the model makes no " + foreign.makes}
		}
	}
	switch {
	case o.Objects != 0:
	case info.Picture != nil:
		o.Objects = usualPictures
	case info.Sound != nil:
		o.Objects = usualSentences
	}
	return o, nil
}

// How many objects each strategy makes where nothing else is asked for.
const (
	usualPictures  = 200
	usualSentences = 20
)

// telling returns what says what is measured after all objects of so many rows
// were made; where not all were, somebody is waiting for the end, and it is silent.
func (o CompareOptions) telling(rows int, whole bool) func(what string) {
	return func(what string) {
		if total := o.Objects * rows; o.Progress != nil && whole {
			o.Progress(total, total, what)
		}
	}
}

// missing says which network the parallel gain lacks, if any.
func (c *Comparison) missing() string {
	var missing []string
	if c.Gain.Positions == 0 {
		missing = append(missing, c.Kind.network("nar"))
	}
	if c.Gain.Elements == 0 {
		missing = append(missing, c.Kind.network("ar"))
	}
	if len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("the model has no %s network, so no parallel gain", strings.Join(missing, " and no "))
}

// network is what the network is called that serves a strategy.
func (k Kind) network(strategy string) string {
	switch {
	case k == KindPicture && strategy == "ar":
		return "pixel"
	case k == KindPicture || k == KindSentence && strategy != "ar":
		return "flow"
	case strategy == "ar":
		return "causal"
	}
	return "masked"
}

var errNothing = errors.New("nothing was generated")
