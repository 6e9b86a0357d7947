package measure

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
)

// source generates the objects to compare: a model, or a table in tests.
type source interface {
	Scorer
	Gain(ctx context.Context, length int) (stride.GainResult, error)
	ElementFLOPs(strategy string) (float64, error)
	generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error)
}

// object is one generated object.
type object struct {
	prompt stride.Prompt
	text   string
	pieces []string // its elements, where they are text
	image  *image.NRGBA
	sound  audio.Sound
	stats  stride.Stats
	run    int
	// firstSound is the time from the call to the first sample.
	firstSound time.Duration
}

// modelSource is a model as a source, with the guidance and the options that
// [CompareOptions] has.
type modelSource struct {
	*stride.Model
	guidance float32
	options  []stride.Option
	talks    bool // prompts are what a person says to it
}

func (m modelSource) generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error) {
	return m.watch(ctx, p, by, seed, func(stride.Step) {})
}

// watch implements watcher.
func (m modelSource) watch(ctx context.Context, p stride.Prompt, by Row, seed uint64, see func(stride.Step)) (object, error) {
	var opts []stride.Option
	if by.Strategy == "ar" || m.Info().Picture == nil {
		opts = append(opts, m.options...)
	}
	if public(m.Info()) {
		opts = append([]stride.Option{stride.Length(publicLength)}, opts...)
	}
	opts = append(opts, stride.Seed(seed))
	if m.guidance != 0 && m.Info().Picture != nil && by.Strategy != "nar" && !by.Shortcut {
		opts = append(opts, stride.Guidance(m.guidance))
	}
	opts = append(opts, by.Options(m.Info())...)
	out := object{prompt: p}
	steps := m.Generate(ctx, p, opts...)
	if m.talks {
		conversation, err := m.Chat(stride.ChatConfig{})
		if err != nil {
			return out, err
		}
		steps = conversation.Send(ctx, p.Text, opts...)
	}
	for step, err := range steps {
		if err != nil {
			return out, err
		}
		out.stats = step.Stats
		see(step)
		if s, ok := step.Object.(stride.Sound); ok && out.firstSound == 0 && len(s.Samples) > 0 {
			out.firstSound = step.Stats.Total
		}
		if step.Done {
			out.text = step.Object.String()
			switch x := step.Object.(type) {
			case stride.Text:
				out.pieces = x.Pieces
			case stride.Picture:
				out.image = x.Image
			case stride.Sound:
				out.sound = audio.Sound{Samples: x.Samples, Rate: x.Rate}
			}
		}
	}
	return out, nil
}

// strategies are those that the model is asked for.
func (row *Row) strategies() string {
	if row.Last == "" {
		return row.Strategy
	}
	return row.Strategy + "+" + row.Last
}

// lastStage is a strategy of the last stage of a pipeline, and how long it should
// take for an object, in seconds.
type lastStage struct {
	strategy string
	seconds  float64
}

// runner carries out a comparison.
type runner struct {
	source  source
	o       CompareOptions
	c       *Comparison
	objects [][]object // by row
	flops   []float64  // of an element, by row
	// Of speech: the frames of a sentence, and the strategies by which its samples
	// are made, the usual one first.
	frames int
	last   []lastStage
}

// plan measures the gain, lays out the rows and predicts their times.
func (r *runner) plan(ctx context.Context, info stride.Info) error {
	length := r.expectedLength(info)
	gain, err := r.source.Gain(ctx, length)
	if err != nil {
		return fmt.Errorf("parallel gain: %w", err)
	}
	r.c.Gain = gain
	var round time.Duration
	for _, row := range r.layout(info) {
		first, trail, err := r.warmUp(ctx, row)
		var unsupported *stride.UnsupportedError
		if errors.As(err, &unsupported) {
			r.c.Notes = append(r.c.Notes, fmt.Sprintf("%s left out: %v", row.Name, err))
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		row.Predicted = r.predict(row, info)
		flops, err := r.source.ElementFLOPs(row.Strategy)
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		r.flops = append(r.flops, flops)
		r.c.Rows = append(r.c.Rows, row)
		r.c.trails = append(r.c.trails, trail)
		round += first.stats.Total
	}
	if len(r.c.Rows) == 0 {
		return fmt.Errorf("%w: the model supports %v, expected ar, nar or refine", errNothing, info.Strategies)
	}
	r.limit(round)
	if !public(info) { // what speculate takes depends on the text
		r.c.Predicted = r.c.outcome(func(r Row) float64 { return r.Predicted })
	}
	r.objects = make([][]object, len(r.c.Rows))
	return nil
}

// limit lets a row make fewer objects where all of them would take longer than
// asked for, given how long a round of one each took.
func (r *runner) limit(round time.Duration) {
	if r.o.Within > 0 && round > 0 {
		r.o.Objects = max(1, min(r.o.Objects, int(r.o.Within/round)))
		r.o.Runs = min(r.o.Runs, r.o.Objects)
	}
}

// layout returns the rows to compare, without any figures yet.
func (r *runner) layout(info stride.Info) []Row {
	var rows []Row
	add := func(name, strategy string, asked int) *Row {
		row := emptyRow(name)
		row.Strategy, row.Asked, row.Conditions = strategy, asked, 1
		rows = append(rows, row)
		return &rows[len(rows)-1]
	}
	for _, s := range []string{"ar", "nar", "refine"} {
		switch {
		case !slices.Contains(info.Strategies, s):
		case s == "ar" || s == "nar" && !sequence(info):
			row := add(s, s, 0)
			if s == "ar" && info.Picture != nil && guided(r.o.guidance(info, s)) {
				row.Conditions = 2
			}
			for i := 1; s == "ar" && i < len(r.last); i++ {
				add(s+" + "+r.last[i].strategy, s, 0).Last = r.last[i].strategy
			}
		case s == "nar":
			add("nar fixed", s, 0).Length = "fixed"
			add("nar predicted", s, 0).Length = "predicted"
		default:
			for _, n := range r.o.Passes {
				row := add(fmt.Sprintf("refine %d", n), s, n)
				if sequence(info) {
					row.Length = "predicted"
				} else if info.Picture != nil && guided(r.o.guidance(info, s)) {
					row.Conditions = 2
				}
			}
			if info.Picture != nil && info.Picture.Shortcut > 0 {
				for _, n := range shortcuts {
					add(fmt.Sprintf("shortcut %d", n), s, n).Shortcut = true
				}
			}
		}
	}
	if public(info) {
		for _, s := range r.o.speculations() {
			row := add("speculate "+s.name, "speculate", s.most)
			row.Draft = s.draft
		}
	}
	return rows
}

// sequence says whether nar and refine have to find out how many elements there
// are. A picture has all of its pixels, and of speech that is a part of the model.
func sequence(info stride.Info) bool { return info.Picture == nil && info.Sound == nil }

// shortcuts are the passes of refine that are compared with shortcuts.
var shortcuts = [...]int{1, 2, 4, 8}

// guided says whether a guidance takes a second evaluation.
func guided(guidance float64) bool { return guidance != 0 && guidance != 1 }

// guidance is that of ar or refine for pictures.
func (o CompareOptions) guidance(info stride.Info, strategy string) float64 {
	switch {
	case o.Guidance != 0:
		return float64(o.Guidance)
	case strategy == "ar":
		return info.Picture.GuidanceAR
	}
	return info.Picture.Guidance
}

// emptyRow is a row in which nothing has been measured.
func emptyRow(name string) Row {
	nan := math.NaN()
	return Row{
		Name: name, Passes: nan, Elements: nan, Stride: nan, FLOPs: nan, Predicted: nan,
		Seconds: Summarize(nil), FirstStep: nan, PerSecond: nan, Accepted: nan, Same: nan,
		Quality: Coherence{NLL: nan, Entropy: nan, Distinct2: nan, UnseenPairs: nan, CopiedLines: nan, RepeatedLines: nan, Form: FormCheck{nan, nan, nan, nan}},
		NLLLow:  nan, NLLHigh: nan, RepeatedRuns: nan, CharBits: nan, Pictures: noPictures(), Speaking: noSpeaking(), Speech: noSpeech(),
	}
}

// usualLength is the length of a response, END counted, where no form tells it.
const usualLength = 32

// expectedLength is the mean length of the responses in elements: of texts
// newlines and END counted, of pictures all pixels, of speech all frames.
func (r *runner) expectedLength(info stride.Info) int {
	if info.Picture != nil {
		return info.Picture.Width * info.Picture.Height
	}
	if info.Sound != nil {
		return r.frames
	}
	sum := 0
	for _, p := range r.o.Prompts {
		n := usualLength
		if f := askedForm(p.Conditions["form"]); f != (Form{}) {
			n = f.Lines * (f.Chars + 1)
		}
		sum += n
	}
	length := (sum + len(r.o.Prompts)/2) / len(r.o.Prompts)
	if info.MaxLength > 0 {
		length = min(length, info.MaxLength)
	}
	return length
}

// predict says how long an object should take in seconds: by ar as long as its
// elements, by N passes as long as the positions of N full passes, for each
// condition, and after that as long as the last stage. The pass that predicts the length sees only the prompt and takes its
// share of a full one.
func (r *runner) predict(row Row, info stride.Info) float64 {
	gain := r.c.Gain
	length := float64(gain.Length)
	var after float64
	for i, last := range r.last {
		if i == 0 && row.Last == "" || last.strategy == row.Last {
			after = last.seconds
		}
	}
	if row.Strategy == "speculate" {
		return math.NaN() // it depends on the text
	}
	if row.Strategy == "ar" {
		return float64(row.Conditions)*length/positive(gain.Elements) + after
	}
	full := length / positive(gain.Positions)
	if !sequence(info) {
		return float64(max(1, row.Asked)*row.Conditions)*full + after
	}
	prompt := 0.
	for _, p := range r.o.Prompts {
		prompt += float64(utf8.RuneCountInString(p.Text)+len(info.Conditions)+2) / float64(len(r.o.Prompts))
	}
	switch {
	case row.Length == "fixed":
		return float64(info.MaxLength) / positive(gain.Positions)
	case row.Strategy == "refine":
		return (math.Min(float64(row.Asked), length) + prompt/(prompt+length)) * full
	}
	return (1 + prompt/(prompt+length)) * full
}

// positive is v, or NaN where nothing was measured.
func positive(v float64) float64 {
	if v > 0 {
		return v
	}
	return math.NaN()
}

// perRun is how many objects of each row a run has; the last may have fewer.
func (r *runner) perRun() int { return (r.o.Objects + r.o.Runs - 1) / r.o.Runs }

// run generates all objects. Rows take turns, each round beginning with another,
// so that none always comes after the same one.
func (r *runner) run(ctx context.Context) error {
	rows := len(r.c.Rows)
	total, done := r.o.Objects*rows, 0
	for n := range r.o.Objects {
		p := r.o.Prompts[n%len(r.o.Prompts)]
		for k := range rows {
			i := (n + k) % rows
			row := r.c.Rows[i]
			if r.o.Progress != nil {
				r.o.Progress(done, total, row.Name)
			}
			x, err := r.source.generate(ctx, p, row, r.o.Seed+uint64(n))
			if err != nil {
				return fmt.Errorf("%s, prompt %q: %w", row.Name, p.Text, err)
			}
			x.prompt, x.run = p, n/r.perRun()
			r.objects[i] = append(r.objects[i], x)
			done++
		}
	}
	if r.o.Progress != nil {
		r.o.Progress(done, total, "")
	}
	return nil
}

// costs fills in what the rows cost.
func (r *runner) costs() {
	for i := range r.c.Rows {
		if objects := r.objects[i]; len(objects) > 0 {
			r.c.Rows[i].cost(objects, r.flops[i], r.perRun())
		}
	}
	r.speculated()
	r.c.Measured = r.c.outcome(func(r Row) float64 { return r.Seconds.Median })
}

// cost fills in what the objects cost. Runs that were not finished do not count
// for the time, unless there is no other. flops are those of an element.
func (row *Row) cost(objects []object, flops float64, perRun int) {
	n := float64(len(objects))
	var passes, elements, evaluated float64
	var first []float64
	for _, x := range objects {
		passes += float64(x.stats.Passes)
		elements += float64(x.stats.Elements)
		evaluated += row.evaluated(x.stats)
		first = append(first, x.stats.FirstStep.Seconds())
	}
	row.Objects = len(objects)
	row.Passes, row.Elements, row.Stride = passes/n, elements/n, elements/passes
	row.FLOPs = flops * evaluated / n
	row.FirstStep = Summarize(first).Median
	row.Seconds = byRun(objects, perRun, object.seconds, func(object) float64 { return 1 })
	row.PerSecond = row.Elements / positive(row.Seconds.Median)
	if len(objects[0].stats.Stages) > 0 {
		row.Speaking = speaking(objects, perRun)
	}
}

// seconds is how long the object took.
func (x object) seconds() float64 { return x.stats.Total.Seconds() }

// byRun summarizes the ratios of two sums over the objects of each run. Runs that
// were not finished do not count, unless there is no other.
func byRun(objects []object, perRun int, above, below func(object) float64) Summary {
	sums, divisors, count := map[int]float64{}, map[int]float64{}, map[int]int{}
	for _, x := range objects {
		sums[x.run] += above(x)
		divisors[x.run] += below(x)
		count[x.run]++
	}
	var runs []float64
	for run, sum := range sums {
		if count[run] == perRun || len(sums) == 1 {
			runs = append(runs, sum/divisors[run])
		}
	}
	return Summarize(runs)
}

// evaluated is how many elements the network evaluated for an object: by ar each
// that was drawn, by the others every slot in each pass, all for each condition. The pass
// that predicts the length sees no slot. Of a pipeline they are those of its first
// stage.
func (row *Row) evaluated(s stride.Stats) float64 {
	drawn, passes := s.Drawn, s.Passes
	if len(s.Stages) > 0 {
		drawn, passes = s.Stages[0].Drawn, max(1, row.Asked) // a pass of each sentence sees that alone
	}
	if row.Strategy == "speculate" {
		return float64(drawn + s.Drafted - s.Accepted)
	}
	if row.Strategy == "ar" {
		return float64(drawn * row.Conditions)
	}
	if row.Length == "predicted" {
		passes--
	}
	return float64(drawn * passes * row.Conditions)
}
