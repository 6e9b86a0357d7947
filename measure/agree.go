package measure

import (
	"fmt"
	"math"
	"strings"
)

// Agree compares the times of two comparisons of the same. Rows with the same name
// are a pair. order is false if two rows are in one order in a and in the other in b,
// clearly in both: their spreads do not overlap. worst is how much the ratio of a
// row's time to that of the first row differs, at most: 1.1 where one is a tenth
// more than the other. Without two pairs it is NaN, and order false.
func Agree(a, b *Comparison) (order bool, worst float64) {
	pairs := pairsOf(a, b)
	if len(pairs) < 2 {
		return false, math.NaN()
	}
	order, worst = true, 1
	for i, p := range pairs {
		for _, q := range pairs[:i] {
			if p[0].clearlyBefore(q[0]) && q[1].clearlyBefore(p[1]) || q[0].clearlyBefore(p[0]) && p[1].clearlyBefore(q[1]) {
				order = false
			}
		}
		first := pairs[0]
		ratio := (p[0].Seconds.Median / first[0].Seconds.Median) / (p[1].Seconds.Median / first[1].Seconds.Median)
		worst = max(worst, ratio, 1/ratio)
	}
	return order, worst
}

// pairsOf are rows of both that have the same name, and times.
func pairsOf(a, b *Comparison) [][2]Row {
	var out [][2]Row
	for _, r := range a.Rows {
		if i := b.find(r.Name); i >= 0 && r.Seconds.Median > 0 && b.Rows[i].Seconds.Median > 0 {
			out = append(out, [2]Row{r, b.Rows[i]})
		}
	}
	return out
}

// mostApart is by how much ratios of times may differ between two comparisons of the
// same on a quiet machine.
const mostApart = 1.1

// Against says in lines of text, for people, how the comparison agrees with an
// earlier one: the ratios of times to the first row in both, and what [Agree] says.
func (c *Comparison) Against(earlier *Comparison) string {
	var b strings.Builder
	pairs := pairsOf(earlier, c)
	if len(pairs) < 2 {
		return fmt.Sprintf("against the comparison of %s: fewer than two rows are in both\n", earlier.Model)
	}
	first := pairs[0]
	rows := [][]string{{"time : " + first[0].Name, "before", "now", "differs by"}}
	for _, p := range pairs {
		was, is := p[0].Seconds.Median/first[0].Seconds.Median, p[1].Seconds.Median/first[1].Seconds.Median
		rows = append(rows, []string{p[0].Name, fmt.Sprintf("%.3f", was), fmt.Sprintf("%.3f", is), fmt.Sprintf("%+.1f %%", 100*(is/was-1))})
	}
	fmt.Fprintf(&b, "%s\n\n", figures(rows))
	order, worst := Agree(earlier, c)
	said := "agree in order"
	if !order {
		said = "do not agree in order"
	}
	verdict := fmt.Sprintf("within %.0f %%", 100*(mostApart-1))
	if worst > mostApart {
		verdict = fmt.Sprintf("more than %.0f %% apart", 100*(mostApart-1))
	}
	fmt.Fprintf(&b, "the two %s; ratios differ by up to %.1f %%: %s\n", said, 100*(worst-1), verdict)
	if c.Machine.Load.Busy || earlier.Machine.Load.Busy {
		b.WriteString("the machine was busy in one of them\n")
	}
	return b.String()
}
