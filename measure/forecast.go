package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Outcome says which of the rows are faster.
type Outcome struct {
	// Fastest is the name of the row with the least time an object; empty if
	// there are no times.
	Fastest string
	// BreakEven is the largest number of passes of a refine compared that was
	// faster than ar; 0 if none was.
	BreakEven int
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
		if r.Strategy == "ar" && math.IsNaN(ar) {
			ar = t
		}
	}
	for _, r := range c.Rows {
		if r.Strategy == "refine" && !r.Shortcut && seconds(r) < ar {
			out.BreakEven = max(out.BreakEven, r.Asked)
		}
	}
	return out
}

// Forecast says in a few lines of text, for people, what the parallel gain is, what
// follows from it, and what was measured.
func (c *Comparison) Forecast() string {
	var b strings.Builder
	if g := c.Gain; g.P > 0 {
		fmt.Fprintf(&b, "parallel gain P = %.2f: %.0f positions/s in a full pass of %d, %.0f elements/s one at a time\n", g.P, g.Positions, g.Length, g.Elements)
		fmt.Fprintf(&b, "the break-even rule: refine of N passes can beat ar only if N < P%s\n", c.ruleHere())
	}
	for _, o := range []struct {
		name    string
		outcome Outcome
		seconds func(Row) float64
	}{
		{"predicted", c.Predicted, func(r Row) float64 { return r.Predicted }},
		{"measured", c.Measured, func(r Row) float64 { return r.Seconds.Median }},
	} {
		if o.outcome.Fastest == "" || c.timed(o.seconds) < 2 {
			continue
		}
		fmt.Fprintf(&b, "%s: %s is fastest", o.name, o.outcome.Fastest)
		if i := c.find(o.outcome.Fastest); i >= 0 {
			fmt.Fprintf(&b, " (%.1f ms)", 1e3*o.seconds(c.Rows[i]))
		}
		if c.Gain.P > 0 && c.has("ar") && c.has("refine") {
			if n := o.outcome.BreakEven; n > 0 {
				fmt.Fprintf(&b, "; refine beats ar at up to %s of those compared", passesOf(n))
			} else {
				b.WriteString("; refine does not beat ar")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// timed is how many rows have some time.
func (c *Comparison) timed(seconds func(Row) float64) int {
	n := 0
	for _, r := range c.Rows {
		n += count(seconds(r) > 0)
	}
	return n
}

// passesOf is a number of passes in words.
func passesOf(n int) string {
	if n == 1 {
		return "1 pass"
	}
	return fmt.Sprintf("%d passes", n)
}

// ruleHere says what to count as a pass in the rule.
func (c *Comparison) ruleHere() string {
	ar, conditions, length := 1, 0, false
	for _, r := range c.Rows {
		switch {
		case r.Strategy == "ar":
			ar = max(1, r.Conditions)
		case r.Strategy == "refine" && !r.Shortcut:
			conditions, length = max(1, r.Conditions), r.Length == "predicted"
		}
	}
	switch {
	case conditions > ar:
		return fmt.Sprintf("/2 = %.2f, as with guidance a pass evaluates two conditions", c.Gain.P/2)
	case conditions == 1 && ar == 2:
		return fmt.Sprintf(" * 2 = %.2f, as with guidance ar evaluates two conditions", 2*c.Gain.P)
	case length:
		return ", counting the pass that finds the length by its share"
	}
	return ""
}

// has tells whether a strategy is among the rows.
func (c *Comparison) has(strategy string) bool {
	return slices.ContainsFunc(c.Rows, func(r Row) bool { return r.Strategy == strategy })
}

// find is the index of the row with a name, -1 if there is none.
func (c *Comparison) find(name string) int {
	return slices.IndexFunc(c.Rows, func(r Row) bool { return r.Name == name })
}
