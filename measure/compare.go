package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
)

// CompareOptions says what a comparison runs. The zero value is a comparison of
// a minute or so on built-in prompts, without a judge.
type CompareOptions struct {
	// Prompts are the same for every strategy. Without any they are titles and
	// conditions of random test poems if there is Data, and else built in.
	Prompts []stride.Prompt
	Passes  []int  // of refine; 1, 2, 4, 8, 16 and 32 if empty
	Count   int    // objects a prompt in each run; 1 if 0
	Runs    int    // timed repetitions, each with seeds of its own; 5 if 0
	Seed    uint64 // of everything random
	// Data is the folder that holds train.jsonl.gz and test.jsonl.gz of the
	// poems, or whose subfolder tang does. Without it, and for models that do
	// not write poems, nothing is compared with real text: there is no judge.
	Data string
	// Options, such as [stride.Temperature], are used in every generation.
	// Where they say nothing each checkpoint's own defaults hold.
	Options []stride.Option
	// Planned, if not nil, is called with the gain measured and the forecast
	// made, before anything is generated.
	Planned func(*Comparison)
	// Progress, if not nil, is called before each object with the number of
	// objects done and to do, and the name of what comes next.
	Progress func(done, total int, next string)
}

// Comparison is what each strategy of a model costs and gives.
type Comparison struct {
	Model string
	Poems bool // the objects are poems; otherwise texts of any kind
	Gain  stride.GainResult
	Rows  []Row
	// Real holds the figures of test poems of the same forms, as many as each
	// strategy generated or as there are: what to compare with. Nil without Data.
	Real      *Coherence
	Predicted Outcome // from the parallel gain alone
	Measured  Outcome
	Notes     []string // what to know when reading the figures
}

// Row is one strategy with its setting. A figure that was not or could not be
// measured is NaN.
type Row struct {
	Name     string // "nar predicted", "refine 8"
	Strategy string // "ar", "nar", "refine"
	Length   string // of nar: "fixed" or "predicted"; of refine "predicted"
	Asked    int    // passes asked of refine

	Objects  int     // generated, all runs together
	Passes   float64 // passes of the network, mean of the objects
	Elements float64 // elements, mean of the objects; END not counted
	Stride   float64 // elements per pass

	// FLOPs is 2·parameters·positions, mean of the objects: the multiplications
	// and additions by weights. Attention and the prompt are left out.
	FLOPs float64
	// Predicted is the time an object should take, in seconds, by the gain.
	Predicted float64
	// Seconds summarizes the runs: the mean time of an object in each.
	Seconds   Summary
	FirstStep float64 // seconds to the first step, median of the objects
	PerSecond float64 // elements per second at the median time

	// Quality of all objects. Its NLL is under the judge, its interval NLLLow to
	// NLLHigh covers 95 %. For texts that are not poems only Entropy and
	// Distinct2 are there, over elements instead of characters.
	Quality         Coherence
	NLLLow, NLLHigh float64
	// RepeatedRuns is, for texts that are not poems, the share of runs of four
	// elements that stood earlier in the same text.
	RepeatedRuns float64
	// CharBits is, for ar, the exact bits per character of real test poems.
	CharBits float64
}

// Outcome says which of the rows are faster.
type Outcome struct {
	// Fastest is the name of the row with the least time an object; empty if
	// there are no times.
	Fastest string
	// BreakEven is the largest number of passes of a refine compared that was
	// faster than ar; 0 if none was.
	BreakEven int
}

// Compare generates the same objects by every strategy that the model supports
// and measures what they cost and how good they are.
//
// Strategies take turns object by object, so that a machine that slows down
// slows all. Each is run once before anything is timed. The judge is a
// Kneser-Ney 5-gram trained on half 1 (see [Half]) of the training poems.
//
// It fails with a [*stride.OptionError] for options out of range, and if data
// or model do. Once planned, an error comes with the comparison of what there
// is; a cancelled context is such an error.
func Compare(ctx context.Context, m *stride.Model, o CompareOptions) (*Comparison, error) {
	return compare(ctx, modelSource{m, o.Options}, o)
}

// compare is [Compare] for any source.
func compare(ctx context.Context, s source, o CompareOptions) (*Comparison, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	info := s.Info()
	_, poems := info.Conditions["form"]
	c := &Comparison{Model: info.Name, Poems: poems}
	var yard *yardsticks
	if o.Data != "" && poems {
		if yard, err = readYardsticks(ctx, o.Data); err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
	}
	if len(o.Prompts) == 0 {
		o.Prompts = builtinPrompts(info)
		if yard != nil {
			o.Prompts = nil
			for _, p := range shuffled(yard.test, o.Seed)[:min(defaultPrompts, len(yard.test))] {
				o.Prompts = append(o.Prompts, promptOf(p, info))
			}
		}
	}
	r := &runner{source: s, o: o, c: c}
	if err := r.plan(ctx, info); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	c.note(o, yard)
	if o.Planned != nil {
		o.Planned(c)
	}
	runErr := r.run(ctx)
	if err := r.sumUp(context.WithoutCancel(ctx), info, yard); runErr == nil {
		runErr = err // what a cancelled run has generated is still summed up
	}
	if yard != nil {
		real := alike(shuffled(yard.test, o.Seed), o.Prompts, len(o.Prompts)*o.Count*o.Runs)
		q := Measure(samplesOf(real), yard.judge, yard.training)
		c.Real = &q
		if n := len(o.Prompts) * o.Count * o.Runs; q.Samples < n {
			c.Notes = append(c.Notes, fmt.Sprintf("only %d real poems beside %d of each strategy: do not compare entropy and distinct-2 with theirs, which depend on the number", q.Samples, n))
		}
		if i := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Strategy == "ar" }); i >= 0 && runErr == nil {
			var l Likelihood
			l, runErr = scorePoems(ctx, s, spaced(yard.test, mostScored), true)
			c.Rows[i].CharBits = l.BitsPerChar
		}
	}
	if runErr != nil {
		return c, fmt.Errorf("compare: %w", runErr)
	}
	return c, nil
}

// mostScored is on how many test poems ar's bits per character are taken.
const mostScored = 200

// withDefaults returns the options with what was left out.
func (o CompareOptions) withDefaults() (CompareOptions, error) {
	if len(o.Passes) == 0 {
		o.Passes = []int{1, 2, 4, 8, 16, 32}
	}
	o.Passes = slices.Compact(slices.Sorted(slices.Values(o.Passes)))
	if o.Passes[0] < 1 {
		return o, &stride.OptionError{Option: "passes", Value: fmt.Sprint(o.Passes[0]), Want: "1 or more"}
	}
	for _, n := range []struct {
		option   string
		value    *int
		standard int
	}{{"count", &o.Count, 1}, {"runs", &o.Runs, 5}} {
		if *n.value < 0 {
			return o, &stride.OptionError{Option: n.option, Value: fmt.Sprint(*n.value), Want: "1 or more"}
		}
		if *n.value == 0 {
			*n.value = n.standard
		}
	}
	return o, nil
}

// note says what to know when reading the figures.
func (c *Comparison) note(o CompareOptions, yard *yardsticks) {
	add := func(format string, args ...any) { c.Notes = append(c.Notes, fmt.Sprintf(format, args...)) }
	add("%d prompts x %d x %d runs, seed %d; a time is the mean of a run, the median of the runs, spread from the fastest to the slowest run",
		len(o.Prompts), o.Count, o.Runs, o.Seed)
	add("each network samples by its own defaults where no option was given")
	switch {
	case yard != nil:
		add("NLL: bits a character, newline or END under a Kneser-Ney %d-gram that only counted half of the training poems and shares nothing with the networks; read it beside entropy, the commonplace is likely too", judgeOrder)
		add("unseen pairs and copied lines: against all training poems; bits/char: exact, on %d test poems given title and form", min(mostScored, len(yard.test)))
	case c.Poems:
		add("no data folder given, so no unseen pairs or copied lines, and no judge: NLL is under the model's own causal network, bits a character; ar is at home there, and its row flattered")
	default:
		add("not poems: entropy and distinct-2 count elements; repeated is the share of runs of %d elements that stood earlier in the same text", runLength)
	}
	if c.Gain.P == 0 {
		var missing []string
		if c.Gain.Positions == 0 {
			missing = append(missing, "masked")
		}
		if c.Gain.Elements == 0 {
			missing = append(missing, "causal")
		}
		add("the model has no %s network, so no parallel gain", strings.Join(missing, " and no "))
	}
}

// outcome finds which rows are faster, by some time of a row.
func (c *Comparison) outcome(seconds func(Row) float64) Outcome {
	var out Outcome
	least, ar := math.Inf(1), math.NaN()
	for _, r := range c.Rows {
		t := seconds(r)
		if t < least {
			out.Fastest, least = r.Name, t
		}
		if r.Strategy == "ar" {
			ar = t
		}
	}
	for _, r := range c.Rows {
		if r.Strategy == "refine" && seconds(r) < ar {
			out.BreakEven = max(out.BreakEven, r.Asked)
		}
	}
	return out
}

var errNothing = errors.New("nothing was generated")
