package measure

import (
	"fmt"
	"math"
	"strings"
)

// Scores gives for each row a number from 0, the floor, to 1, the ceiling, of the
// kind's first measure of quality; NaN where it was not measured.
func (c *Comparison) Scores() []float64 {
	scores := make([]float64, len(c.Rows))
	value := c.qualities()[0].value
	worst, best := math.Inf(-1), math.Inf(1)
	for _, r := range c.Rows {
		if v, _, _ := value(r); !math.IsNaN(v) {
			worst, best = math.Max(worst, v), math.Min(best, v)
		}
	}
	if len(c.Real) > 0 {
		if v, _, _ := value(c.Real[0]); !math.IsNaN(v) {
			best = v
		}
	}
	for i, r := range c.Rows {
		v, _, _ := value(r)
		scores[i] = 1 - math.Max(0, v-best)/(worst-best)
		if worst == best && v == best {
			scores[i] = 1
		}
	}
	return scores
}

// OnFrontier tells for each row whether no other row beats it in both time and
// quality. Without a measure of quality it is the fastest alone.
func (c *Comparison) OnFrontier() []bool {
	on, scores := make([]bool, len(c.Rows)), c.Scores()
	for i, r := range c.Rows {
		on[i] = r.Seconds.Median > 0
		for k, other := range c.Rows {
			faster, better := other.Seconds.Median < r.Seconds.Median, scores[k] > scores[i]
			slower, worse := other.Seconds.Median > r.Seconds.Median, scores[k] < scores[i]
			if (faster || better) && !slower && !worse {
				on[i] = false
			}
		}
	}
	return on
}

// Advice says in one sentence which strategy to choose when; it is empty where
// nothing was measured.
func (c *Comparison) Advice() string {
	var parts []string
	scores := c.Scores()
	for i, on := range c.OnFrontier() {
		if r := c.Rows[i]; on && !math.IsNaN(scores[i]) {
			parts = append(parts, fmt.Sprintf("%s gives %.2f in %.1f ms", r.Name, scores[i], 1e3*r.Seconds.Median))
		} else if on {
			parts = append(parts, fmt.Sprintf("%s takes %.1f ms", r.Name, 1e3*r.Seconds.Median))
		}
	}
	return strings.Join(parts, "; ")
}
