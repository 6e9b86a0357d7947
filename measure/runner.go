package measure

import (
	"context"
	"fmt"
	"image"
	"math"
	"time"

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

// Score implements Scorer, of what is said to a model as it was said.
func (m modelSource) Score(ctx context.Context, p stride.Prompt, response string) (stride.Score, error) {
	if !m.talks {
		return m.Model.Score(ctx, p, response)
	}
	conversation, err := m.Chat(stride.ChatConfig{})
	if err != nil {
		return stride.Score{}, err
	}
	return conversation.Score(ctx, p.Text, response)
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
	load   LoadWatch
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
	defer r.noticeLoad()
	for n := range r.o.Objects {
		r.watchLoad()
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
