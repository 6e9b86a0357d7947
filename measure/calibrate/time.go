package calibrate

import (
	"math"
	"time"

	"github.com/stride-ml/stride/measure"
)

// Cost is what a setting takes: Fixed + PerPrompt·(tokens of the prompt) +
// PerElement·(length), in seconds, as the median of runs, and by which factor runs
// are slower.
type Cost struct {
	Fixed      float64 `json:"fixed_s"`
	PerPrompt  float64 `json:"per_prompt_token_s,omitempty"` // of ar and speculate
	PerElement float64 `json:"per_element_s"`
	P95        float64 `json:"p95_factor"` // 95 of 100 runs stay below this factor
	Runs       int     `json:"runs"`
}

// seconds is the time to expect.
func (c Cost) seconds(prompt, length float64) float64 {
	return c.Fixed + c.PerPrompt*prompt + c.PerElement*length
}

// run is one timed generation.
type run struct {
	prompt, length float64
	first, total   float64 // seconds to the first step and to the last
}

// grows is the least share of a time that grows with the length, where it does at
// all: a line through few runs that others disturbed may be flat, and would promise
// anything for a long object.
const grows = 0.5

// fit finds the cost of a setting by its runs, of whose time at least a share grows
// with the length. Where elements come one after another the first step tells what
// the prompt takes, and the rest what elements do; elsewhere every pass has both.
func fit(runs []run, leftToRight bool, share float64) Cost {
	c := Cost{Runs: len(runs)}
	if leftToRight {
		rest, perElement := line(runs, share, func(r run) (x, y float64) { return r.length, r.total - r.first })
		fixed, perPrompt := line(runs, 0, func(r run) (x, y float64) { return r.prompt, r.first })
		if perPrompt > perElement { // prompts much alike tell little, and tokens together take no longer than apart
			perPrompt = perElement
			fixed, _ = line(runs, 0, func(r run) (x, y float64) { return 0, math.Max(0, r.first-perPrompt*r.prompt) })
		}
		c.Fixed, c.PerPrompt, c.PerElement = fixed+rest, perPrompt, perElement
		return c
	}
	c.Fixed, c.PerElement = line(runs, share, func(r run) (x, y float64) { return r.length, r.total })
	return c
}

// line fits y = a + b·x, neither of them below 0, such that some slow runs do not
// count: the median of all slopes between two points (Theil 1950, Sen 1968) and the
// median of what is left. Where x does not vary b is 0. At least a share of the y of
// the median x is b·x.
func line(runs []run, share float64, point func(run) (x, y float64)) (a, b float64) {
	var slopes, rest, ratios, xs, ys []float64
	for i, r := range runs {
		x, y := point(r)
		xs, ys = append(xs, x), append(ys, y)
		for _, s := range runs[:i] {
			if u, v := point(s); u != x {
				slopes = append(slopes, (y-v)/(x-u))
			}
		}
		if x > 0 {
			ratios = append(ratios, y/x)
		}
	}
	if len(slopes) > 0 {
		b = math.Max(0, measure.Quantile(slopes, 0.5))
	}
	if x := measure.Quantile(xs, 0.5); share > 0 && x > 0 {
		b = math.Max(b, share*measure.Quantile(ys, 0.5)/x)
	}
	for _, r := range runs {
		x, y := point(r)
		rest = append(rest, y-b*x)
	}
	if a = measure.Quantile(rest, 0.5); a < 0 { // a line through the origin
		return 0, measure.Quantile(ratios, 0.5)
	}
	return a, b
}

// leastFactor is the least spread that is believed: so few runs do not meet all that
// may come between.
const leastFactor = 1.1

// spread gives each cost its factor: that of its own runs, or those of all
// settings if that is greater, since what disturbs one may disturb each.
func spread(costs []Cost, runs [][]run) {
	var all []float64
	own := make([][]float64, len(costs))
	for i, c := range costs {
		for _, r := range runs[i] {
			if expected := c.seconds(r.prompt, r.length); expected > 0 {
				own[i] = append(own[i], r.total/expected)
			}
		}
		all = append(all, own[i]...)
	}
	for i := range costs {
		costs[i].P95 = math.Max(leastFactor, math.Max(measure.Quantile(own[i], 0.95), measure.Quantile(all, 0.95)))
	}
}

// duration of seconds, no longer than a Duration can be.
func duration(seconds float64) time.Duration {
	if seconds >= math.MaxInt64/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(seconds * float64(time.Second))
}
