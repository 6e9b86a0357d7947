package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/stride-ml/stride"
)

// source generates the objects to compare: a model, or a table in tests.
type source interface {
	Scorer
	Gain(ctx context.Context, length int) (stride.GainResult, error)
	generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error)
}

// object is one generated object.
type object struct {
	prompt stride.Prompt
	text   string
	pieces []string // its elements, where they are text
	stats  stride.Stats
	run    int
}

// modelSource is a model as a source, with options for every generation.
type modelSource struct {
	*stride.Model
	options []stride.Option
}

func (m modelSource) generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error) {
	opts := append([]stride.Option{}, m.options...)
	opts = append(opts, stride.Strategy(by.Strategy), stride.Seed(seed))
	switch {
	case by.Strategy == "refine":
		opts = append(opts, stride.Passes(by.Asked), stride.Length(stride.LengthPredicted))
	case by.Length == "fixed":
		opts = append(opts, stride.Length(stride.LengthFixed))
	case by.Length == "predicted":
		opts = append(opts, stride.Length(stride.LengthPredicted))
	}
	out := object{prompt: p}
	for step, err := range m.Generate(ctx, p, opts...) {
		if err != nil {
			return out, err
		}
		out.stats = step.Stats
		if step.Done {
			out.text = step.Object.String()
			if t, ok := step.Object.(stride.Text); ok {
				out.pieces = t.Pieces
			}
		}
	}
	return out, nil
}

// runner carries out a comparison.
type runner struct {
	source  source
	o       CompareOptions
	c       *Comparison
	objects [][]object // by row
}

// plan measures the gain, lays out the rows and predicts their times.
func (r *runner) plan(ctx context.Context, info stride.Info) error {
	length := r.expectedLength()
	if info.MaxLength > 0 {
		length = min(length, info.MaxLength)
	}
	gain, err := r.source.Gain(ctx, length)
	if err != nil {
		return fmt.Errorf("parallel gain: %w", err)
	}
	r.c.Gain = gain
	for _, row := range r.layout(info.Strategies) {
		_, err := r.source.generate(ctx, r.o.Prompts[0], row, r.o.Seed)
		var unsupported *stride.UnsupportedError
		if errors.As(err, &unsupported) {
			r.c.Notes = append(r.c.Notes, fmt.Sprintf("%s left out: %v", row.Name, err))
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		row.Predicted = r.predict(row, info)
		r.c.Rows = append(r.c.Rows, row)
	}
	if len(r.c.Rows) == 0 {
		return fmt.Errorf("%w: the model supports %v, expected ar, nar or refine", errNothing, info.Strategies)
	}
	r.c.Predicted = r.c.outcome(func(r Row) float64 { return r.Predicted })
	r.objects = make([][]object, len(r.c.Rows))
	return nil
}

// layout returns the rows to compare, without any figures yet.
func (r *runner) layout(strategies []string) []Row {
	var rows []Row
	add := func(strategy, length string, asked int, name string) {
		row := emptyRow(name)
		row.Strategy, row.Length, row.Asked = strategy, length, asked
		rows = append(rows, row)
	}
	for _, s := range []string{"ar", "nar", "refine"} {
		if !slices.Contains(strategies, s) {
			continue
		}
		switch s {
		case "ar":
			add(s, "", 0, s)
		case "nar":
			add(s, "fixed", 0, "nar fixed")
			add(s, "predicted", 0, "nar predicted")
		case "refine":
			for _, n := range r.o.Passes {
				add(s, "predicted", n, fmt.Sprintf("refine %d", n))
			}
		}
	}
	return rows
}

// emptyRow is a row in which nothing has been measured.
func emptyRow(name string) Row {
	nan := math.NaN()
	return Row{
		Name: name, Passes: nan, Elements: nan, Stride: nan, FLOPs: nan, Predicted: nan,
		Seconds: Summarize(nil), FirstStep: nan, PerSecond: nan,
		Quality: Coherence{NLL: nan, Entropy: nan, Distinct2: nan, UnseenPairs: nan, CopiedLines: nan, RepeatedLines: nan, Form: FormCheck{nan, nan, nan, nan}},
		NLLLow:  nan, NLLHigh: nan, RepeatedRuns: nan, CharBits: nan,
	}
}

// usualLength is the length of a response, END counted, where no form tells it.
const usualLength = 32

// expectedLength is the mean length of the responses in elements, newlines and
// END counted.
func (r *runner) expectedLength() int {
	sum := 0
	for _, p := range r.o.Prompts {
		n := usualLength
		if f := askedForm(p.Conditions["form"]); f != (Form{}) {
			n = f.Lines * (f.Chars + 1)
		}
		sum += n
	}
	return (sum + len(r.o.Prompts)/2) / len(r.o.Prompts)
}

// predict says how long an object should take in seconds: by ar as long as its
// elements, by N passes as long as the positions of N full passes. The pass that
// predicts the length sees only the prompt and takes its share of a full one.
func (r *runner) predict(row Row, info stride.Info) float64 {
	gain := r.c.Gain
	length := float64(gain.Length)
	if row.Strategy == "ar" {
		return length / positive(gain.Elements)
	}
	prompt := 0.
	for _, p := range r.o.Prompts {
		prompt += float64(utf8.RuneCountInString(p.Text)+len(info.Conditions)+2) / float64(len(r.o.Prompts))
	}
	full := length / positive(gain.Positions)
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

// run generates all objects. Rows take turns, each round beginning with another,
// so that none always comes after the same one.
func (r *runner) run(ctx context.Context) error {
	perRun := len(r.o.Prompts) * r.o.Count
	rows := len(r.c.Rows)
	total, done := r.o.Runs*perRun*rows, 0
	for n := range r.o.Runs * perRun {
		p := r.o.Prompts[n%perRun%len(r.o.Prompts)]
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
			x.prompt, x.run = p, n/perRun
			r.objects[i] = append(r.objects[i], x)
			done++
		}
	}
	if r.o.Progress != nil {
		r.o.Progress(done, total, "")
	}
	return nil
}
