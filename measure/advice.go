package measure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// scored is the place of the metric that gives the scores: the first of which there
// are values, a floor and a ceiling; -1 if there is none.
func (c *Comparison) scored() int {
	for i, m := range c.Metrics {
		_, _, floor := c.bound(i, m.Floor)
		_, _, ceiling := c.bound(i, m.Ceiling)
		if floor && ceiling && slices.ContainsFunc(c.Rows, func(r Row) bool { return !math.IsNaN(r.value(i).Value) }) {
			return i
		}
	}
	return -1
}

// Scores gives for each row a number from 0, the floor, to 1, the ceiling, of the
// first metric that has values and both; NaN where it was not measured. Beyond the
// ceiling is 1; where nearer is better, values beyond it fall off again.
//
// For poems it is NLL: 1 are real poems, or without data those of ar; 0 are the same with
// their characters exchanged at random. For other texts bits an element: 1 are the
// answers of ar, 0 the same with elements exchanged. For pictures FD-own: 1 are real
// pictures, 0 those whose pixels are each from another real one; without data the
// captions: 1 all of them right, 0 those of other pictures. For speech PER: 1
// are recordings, or without data no errors; 0 recordings of other texts, or
// all phones wrong.
func (c *Comparison) Scores() []float64 {
	out := make([]float64, len(c.Rows))
	for i, s := range c.scores() {
		out[i] = s.Value
	}
	return out
}

// scores are the scores with the intervals that those of the metric become.
func (c *Comparison) scores() []Value {
	out := make([]Value, len(c.Rows))
	metric := c.scored()
	for i, r := range c.Rows {
		if out[i] = Bare(math.NaN()); metric < 0 {
			continue
		}
		m := c.Metrics[metric]
		floor, _, _ := c.bound(metric, m.Floor)
		ceiling, _, _ := c.bound(metric, m.Ceiling)
		v := r.value(metric)
		out[i].Value = m.score(v.Value, floor, ceiling)
		low, high := m.score(v.Low, floor, ceiling), m.score(v.High, floor, ceiling)
		if math.IsNaN(low) || math.IsNaN(high) {
			continue
		}
		out[i].Low, out[i].High = min(low, high, out[i].Value), max(low, high, out[i].Value)
		if m.Better == Nearer && (v.Low-ceiling)*(v.High-ceiling) <= 0 {
			out[i].High = 1 // the interval holds the ceiling itself
		}
	}
	return out
}

// score is where a value stands between floor and ceiling.
func (m Metric) score(v, floor, ceiling float64) float64 {
	switch {
	case math.IsNaN(v):
		return v
	case v == ceiling:
		return 1
	case m.Better == Nearer:
		return max(0, 1-math.Abs(v-ceiling)/math.Abs(floor-ceiling))
	case floor == ceiling:
		return math.NaN()
	}
	return min(1, max(0, (v-floor)/(ceiling-floor)))
}

// OnFrontier tells for each row whether no other row beats it: is at least as fast
// and as good, and one of the two more. Without a measure of quality it is the
// fastest alone. Speech is as fast as a second of it.
func (c *Comparison) OnFrontier() []bool {
	on, scores, unscored := make([]bool, len(c.Rows)), c.Scores(), c.scored() < 0
	for i, r := range c.Rows {
		on[i] = r.Seconds.Median > 0 && (!math.IsNaN(scores[i]) || unscored)
		for k, other := range c.Rows {
			faster, slower := other.pace() < r.pace(), other.pace() > r.pace()
			better, worse := scores[k] > scores[i], scores[k] < scores[i]
			if (faster || better) && !slower && !worse {
				on[i] = false
			}
		}
	}
	return on
}

// pace is the time that rows are compared by: of an object, or of speech of a second.
func (row *Row) pace() float64 {
	if v := row.Speaking.RealTime.Median; v > 0 {
		return 1 / v
	}
	return row.Seconds.Median
}

// tieWithout is how far scores without an interval have to be apart.
const tieWithout = 0.01

// betterThan tells whether a score is better than another by more than chance gives.
func (v Value) betterThan(w Value) bool {
	if math.IsNaN(v.Low) || math.IsNaN(w.Low) {
		return v.Value > w.Value+tieWithout
	}
	return v.Low > w.High
}

// Advice says in one sentence what to choose when, from the rows on the frontier:
// the fastest, and after it those that are better by more than the intervals of
// quality allow for. Rows whose times differ by less than their spread are called a tie.
// It is empty where nothing was measured.
func (c *Comparison) Advice() string {
	steps := c.ladder()
	if len(steps) == 0 {
		return ""
	}
	scores := c.scores()
	fastest := c.Rows[steps[0]]
	var b strings.Builder
	metric := c.scored()
	if metric < 0 {
		fmt.Fprintf(&b, "%s is fastest, %s%s; without a measure of quality nobody can say when it pays to wait longer", fastest.Name, c.takes(fastest), c.ties(steps[0]))
		return b.String() + c.busy() + "."
	}
	fmt.Fprintf(&b, "By %s (0: %s, 1: %s) ", c.Metrics[metric].Name, c.boundName(metric, c.Metrics[metric].Floor), c.boundName(metric, c.Metrics[metric].Ceiling))
	last := steps[len(steps)-1]
	if len(steps) == 1 {
		fmt.Fprintf(&b, "choose %s: nothing is faster (%s), and nothing better than its %.2f by more than chance%s", fastest.Name, c.takes(fastest), scores[last].Value, c.ties(last))
	} else {
		fmt.Fprintf(&b, "choose %s if it must be fast: %.2f in %s%s", fastest.Name, scores[steps[0]].Value, c.takes(fastest), c.ties(steps[0]))
		for _, i := range steps[1:] {
			fmt.Fprintf(&b, "; %s where %s are there: %.2f%s", c.Rows[i].Name, c.takes(c.Rows[i]), scores[i].Value, c.ties(i))
		}
		b.WriteString("; nothing slower is better by more than chance")
	}
	return b.String() + c.busy() + "."
}

// ladder are rows from the fastest on, each better than the one before by more than
// chance; of rows whose times are a tie, the best.
func (c *Comparison) ladder() []int {
	var on []int
	for i, yes := range c.OnFrontier() {
		if yes {
			on = append(on, i)
		}
	}
	slices.SortStableFunc(on, func(a, b int) int { return cmp.Compare(c.Rows[a].pace(), c.Rows[b].pace()) })
	scores := c.scores()
	var steps []int
	for _, i := range on {
		if n := len(steps); n > 0 {
			if !scores[i].betterThan(scores[steps[n-1]]) {
				continue
			}
			if c.Rows[i].asFastAs(c.Rows[steps[n-1]]) {
				steps = steps[:n-1]
			}
		}
		steps = append(steps, i)
	}
	return steps
}

// unknownSpread is that of times of fewer than three runs, which tell none: a share.
const unknownSpread = 0.05

// asFastAs tells whether the spreads of two rows' times overlap.
func (row *Row) asFastAs(other Row) bool {
	return !row.clearlyBefore(other) && !other.clearlyBefore(*row)
}

// clearlyBefore tells whether a row is faster than another in all of its runs.
func (row *Row) clearlyBefore(other Row) bool {
	a, b := row.Seconds, other.Seconds
	if min(a.N, b.N) < 3 {
		return a.Greatest*(1+unknownSpread) < b.Smallest*(1-unknownSpread)
	}
	return a.Greatest < b.Smallest
}

// ties names other rows that are as fast and as good as a row, as far as can be told.
func (c *Comparison) ties(i int) string {
	scores := c.scores()
	var names []string
	for k := range c.Rows {
		same := !scores[k].betterThan(scores[i]) && !scores[i].betterThan(scores[k])
		if k != i && same && c.Rows[k].asFastAs(c.Rows[i]) {
			names = append(names, c.Rows[k].Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (a tie with " + strings.Join(names, ", ") + ")"
}

// takes is the time of a row in words.
func (c *Comparison) takes(r Row) string {
	ms := 1e3 * r.Seconds.Median
	if c.Kind == KindSentence {
		return fmt.Sprintf("%.0f ms a sentence", ms)
	}
	if ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// busy is a warning to add to what is said of times.
func (c *Comparison) busy() string {
	if c.Machine.Load.Busy {
		return "; but the machine was busy, so measure again before you rely on times"
	}
	return ""
}

// boundName says what stands for a floor or a ceiling.
func (c *Comparison) boundName(metric int, bounds []Bound) string {
	v, row, _ := c.bound(metric, bounds)
	switch {
	case row != "":
		return row
	case c.Metrics[metric].Percent:
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return strings.TrimSpace(fmt.Sprintf("%g %s", v, c.Metrics[metric].Unit))
}

// Scored says what the scores are made of: "NLL from 0 (...) to 1 (...)"; it is empty
// where there are none.
func (c *Comparison) Scored() string {
	metric := c.scored()
	if metric < 0 {
		return ""
	}
	m := c.Metrics[metric]
	how := map[Direction]string{Lower: "lower is better", Higher: "higher is better", Nearer: "the nearer to that the better, from either side"}[m.Better]
	return fmt.Sprintf("%s from 0 (%s) to 1 (%s), %s", m.Name, c.boundName(metric, m.Floor), c.boundName(metric, m.Ceiling), how)
}

// boundNotes say how the scores and the marks are to be read.
func (c *Comparison) boundNotes() []string {
	scored := c.Scored()
	if scored == "" {
		return nil
	}
	return []string{
		"score: " + scored,
		"*: on the frontier, no other row is at least as fast and as good, and one of both more",
	}
}
