package measure

import (
	"context"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
)

// sumUp turns the objects generated into the figures of the rows.
func (r *runner) sumUp(ctx context.Context, info stride.Info, yard *yardsticks) error {
	for i := range r.c.Rows {
		row, objects := &r.c.Rows[i], r.objects[i]
		if len(objects) == 0 {
			continue
		}
		row.cost(objects, info, len(r.o.Prompts)*r.o.Count)
		if r.c.Poems {
			row.Quality = measurePoems(objects, yard)
		} else {
			row.Quality, row.RepeatedRuns = measureTexts(objects)
		}
		if yard == nil && r.c.Poems && slices.Contains(info.Strategies, "ar") {
			if err := r.judgeByModel(ctx, &row.Quality, objects); err != nil {
				return err
			}
		}
		row.NLLLow, row.NLLHigh = row.Quality.NLLInterval(0.95, r.o.Seed)
	}
	r.c.Measured = r.c.outcome(func(r Row) float64 { return r.Seconds.Median })
	return nil
}

// judgeByModel takes the NLL under the model's own causal network, for want of
// a judge that is none of the networks compared.
func (r *runner) judgeByModel(ctx context.Context, c *Coherence, objects []object) error {
	bits, units := make([]float64, len(objects)), make([]float64, len(objects))
	for i, x := range objects {
		s, err := r.source.Score(ctx, x.prompt, x.text)
		if err != nil {
			return err
		}
		bits[i], units[i] = s.Bits, float64(s.Units)
	}
	c.judged(bits, units)
	return nil
}

// cost fills in what the objects cost. Runs that were not finished do not count
// for the time, unless there is no other.
func (row *Row) cost(objects []object, info stride.Info, perRun int) {
	n := float64(len(objects))
	var passes, elements, positions float64
	var first []float64
	seconds, count := map[int]float64{}, map[int]int{}
	for _, x := range objects {
		passes += float64(x.stats.Passes)
		elements += float64(x.stats.Elements)
		positions += positionsOf(*row, x.stats)
		first = append(first, x.stats.FirstStep.Seconds())
		seconds[x.run] += x.stats.Total.Seconds()
		count[x.run]++
	}
	row.Objects = len(objects)
	row.Passes, row.Elements, row.Stride = passes/n, elements/n, elements/passes
	row.FLOPs = 2 * float64(info.Parameters) * positions / n
	row.FirstStep = Summarize(first).Median
	var runs []float64
	for run, sum := range seconds {
		if count[run] == perRun || len(seconds) == 1 {
			runs = append(runs, sum/float64(count[run]))
		}
	}
	row.Seconds = Summarize(runs)
	row.PerSecond = row.Elements / positive(row.Seconds.Median)
}

// positionsOf is how many positions of the response the network computed: one
// for each element by ar, every slot in each pass by the others. The pass that
// predicts the length sees none of them.
func positionsOf(row Row, s stride.Stats) float64 {
	if row.Strategy == "ar" {
		return float64(s.Drawn)
	}
	passes := s.Passes
	if row.Length == "predicted" {
		passes--
	}
	return float64(s.Drawn * passes)
}

func measurePoems(objects []object, yard *yardsticks) Coherence {
	samples := make([]Sample, len(objects))
	for i, x := range objects {
		samples[i] = Sample{Poem: ParsePoem(x.text), Ended: x.stats.Stopped == "end", Asked: askedForm(x.prompt.Conditions["form"])}
	}
	if yard == nil {
		return Measure(samples, nil, nil)
	}
	return Measure(samples, yard.judge, yard.training)
}

// runLength is the length of the runs of elements that a text should not repeat.
const runLength = 4

// measureTexts measures texts of any kind over their elements: how varied they
// are, and the share of runs of elements that stood earlier in the same text.
func measureTexts(objects []object) (c Coherence, repeated float64) {
	c = emptyRow("").Quality
	c.Samples = len(objects)
	elements, distinct := map[string]int{}, map[[2]string]bool{}
	pairs, runs, again := 0, 0, 0
	for _, x := range objects {
		earlier := map[string]bool{}
		for i, piece := range x.pieces {
			elements[piece]++
			c.Characters++
			if i > 0 {
				pairs++
				distinct[[2]string{x.pieces[i-1], piece}] = true
			}
			if i+1 >= runLength {
				runs++
				run := strings.Join(x.pieces[i+1-runLength:i+1], "\x00")
				again += count(earlier[run])
				earlier[run] = true
			}
		}
	}
	c.Entropy, c.Distinct2 = entropy(elements, c.Characters), share(len(distinct), pairs)
	return c, share(again, runs)
}
