package calibrate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stride-ml/stride"
)

// Need is what a setting is chosen by.
type Need struct {
	Budget  time.Duration // most time, from the call to the last step; 0 is any
	Quality float64       // least score; 0 is any
	// Strategy, Passes and Length limit the choice to settings that have them; zero
	// values do not.
	Strategy string
	Passes   int
	Length   string
}

// Choice is the setting chosen, and why.
type Choice struct {
	Estimate
	Need   Need
	Work   Work
	From   Source    // of the score
	Better *Estimate // the fastest that is better and does not fit the budget; nil if none is
	Faster *Estimate // the best that is faster and not good enough; nil if none is
}

// Options are those of the setting, with the limit of the length.
func (c Choice) Options(info stride.Info) []stride.Option {
	out := c.Setting.Options(info)
	if c.Limit > 0 {
		out = append(out, stride.Length(c.Limit))
	}
	return out
}

// Choose picks a setting for a piece of work: with a budget the one of the best
// quality that 95 of 100 runs of fit it, of those alike (0.02 apart) the fastest; with a quality alone
// the fastest that has it. Where a text ends is not known, so that a budget may
// limit its length; then the setting that allows most is picked.
//
// What cannot be had is a [*stride.OptionError] that says what could.
func (c *Calibration) Choose(n Need, w Work) (Choice, error) {
	if err := c.possible(n); err != nil {
		return Choice{}, err
	}
	entries, err := c.among(n)
	if err != nil {
		return Choice{}, err
	}
	all := make([]Estimate, len(entries))
	for i, e := range entries {
		all[i] = e.estimate(w, n.Budget)
	}
	fits := func(e Estimate) bool { return n.Budget == 0 || e.High <= n.Budget }
	good := func(e Estimate) bool { return n.Quality == 0 || hundredths(e.Score) >= hundredths(n.Quality) }
	var can []Estimate
	for _, e := range all {
		if fits(e) && good(e) {
			can = append(can, e)
		}
	}
	if len(can) == 0 {
		return Choice{}, c.unreachable(n, w, all, fits, good)
	}
	if n.Budget > 0 {
		can = c.best(can)
	}
	choice := Choice{Estimate: slices.MinFunc(can, fastestFirst), Need: n, Work: w, From: c.Quality.From}
	for i, e := range all {
		switch {
		case c.compare(e.Entry, choice.Entry) > 0 && !fits(e):
			if choice.Better == nil || e.High < choice.Better.High {
				choice.Better = &all[i]
			}
		case e.Expected < choice.Expected && !good(e):
			if choice.Faster == nil || c.bestFirst(e, *choice.Faster) < 0 {
				choice.Faster = &all[i]
			}
		}
	}
	return choice, nil
}

// alike is the difference of scores, in hundredths, that some hundred objects do not
// tell.
const alike = 2

// best are the estimates of the best quality, with those of a score alike, that leave
// a text the greatest length.
func (c *Calibration) best(all []Estimate) []Estimate {
	top := slices.MinFunc(all, c.bestFirst)
	return slices.DeleteFunc(slices.Clone(all), func(e Estimate) bool {
		worse := c.compare(e.Entry, top.Entry) < 0
		return e.Limit != top.Limit || worse && !(hundredths(top.Score)-hundredths(e.Score) <= alike)
	})
}

// bestFirst orders by quality, then by the length that is left to a text, then by
// time.
func (c *Calibration) bestFirst(a, b Estimate) int {
	room := func(e Estimate) int {
		if e.Limit == 0 {
			return math.MaxInt
		}
		return e.Limit
	}
	return cmp.Or(c.compare(b.Entry, a.Entry), cmp.Compare(room(b), room(a)), fastestFirst(a, b))
}

func fastestFirst(a, b Estimate) int {
	return cmp.Or(cmp.Compare(a.Expected, b.Expected), cmp.Compare(a.High, b.High))
}

// possible refuses needs out of range, and qualities that nobody measured.
func (c *Calibration) possible(n Need) error {
	bad := func(option, value, want string) error {
		return &stride.OptionError{Option: option, Value: value, Want: want}
	}
	asked := fmt.Sprint(n.Quality)
	switch {
	case n.Budget < 0:
		return bad("budget", n.Budget.String(), "more than 0")
	case !(n.Quality >= 0 && n.Quality <= 1):
		return bad("quality", asked, "0 to 1")
	case n.Quality > 0 && c.Quality.From == FromOneText:
		return bad("quality", asked, fmt.Sprintf("none: all settings of %s give the same text", c.Model))
	case n.Quality > 0 && c.Quality.From == FromOrder:
		return bad("quality", asked, fmt.Sprintf("a quality that was measured: stride calibrate %s --data DIR does that", c.Model))
	}
	return nil
}

// among are the entries that a need does not rule out; passes that were not
// measured are taken from those around them.
func (c *Calibration) among(n Need) ([]Entry, error) {
	var out []Entry
	var passes, lengths, strategies []string
	for _, e := range c.Entries {
		if !slices.Contains(strategies, e.Strategy) {
			strategies = append(strategies, e.Strategy)
		}
		switch {
		case n.Strategy != "" && e.Strategy != n.Strategy:
		case n.Length != "" && e.Length != "" && e.Length != n.Length:
			lengths = append(lengths, e.Length)
		case n.Passes != 0 && e.Passes != n.Passes:
			if e.Strategy == refine {
				passes = append(passes, fmt.Sprint(e.Passes))
			}
		default:
			out = append(out, e)
		}
	}
	if n.Passes != 0 && len(passes) > 0 {
		out = append(out, c.between(n)...)
	}
	switch {
	case len(out) > 0:
		return out, nil
	case len(passes) > 0:
		return nil, &stride.OptionError{Option: "passes", Value: fmt.Sprint(n.Passes), Want: fmt.Sprintf("%s to %s, which are calibrated", passes[0], passes[len(passes)-1])}
	case n.Passes != 0:
		return nil, &stride.UnsupportedError{Strategy: cmp.Or(n.Strategy, strategies[0]), Want: "a number of passes"}
	case len(lengths) > 0:
		return nil, &stride.OptionError{Option: "length", Value: n.Length, Want: strings.Join(slices.Compact(lengths), " or ")}
	}
	return nil, &stride.OptionError{Option: "strategy", Value: n.Strategy, Want: strings.Join(strategies, " or ") + ", which are calibrated"}
}

// between are entries of passes that were not measured, each between its
// neighbours of one kind: times and scores on the straight line.
func (c *Calibration) between(n Need) []Entry {
	var out []Entry
	for _, shortcut := range []bool{false, true} {
		var below, above *Entry
		for i, e := range c.Entries {
			switch {
			case e.Strategy != refine || e.Shortcut != shortcut || n.Length != "" && e.Length != n.Length:
			case e.Passes < n.Passes && (below == nil || e.Passes > below.Passes):
				below = &c.Entries[i]
			case e.Passes >= n.Passes && (above == nil || e.Passes < above.Passes):
				above = &c.Entries[i]
			}
		}
		if below == nil || above == nil || above.Passes == n.Passes {
			continue
		}
		part := float64(n.Passes-below.Passes) / float64(above.Passes-below.Passes)
		mix := func(a, b float64) float64 { return a*(1-part) + b*part }
		e, a, b := *above, below.Cost, above.Cost
		e.Passes, e.Name = n.Passes, strings.Fields(above.Name)[0]+" "+fmt.Sprint(n.Passes)
		e.Score = mix(below.Score, above.Score)
		e.Cost = Cost{
			Fixed: mix(a.Fixed, b.Fixed), PerPrompt: mix(a.PerPrompt, b.PerPrompt), PerElement: mix(a.PerElement, b.PerElement),
			P95: max(a.P95, b.P95),
		}
		out = append(out, e)
	}
	return out
}

// unreachable says what could be had instead.
func (c *Calibration) unreachable(n Need, w Work, all []Estimate, fits, good func(Estimate) bool) error {
	var fitting, fine []Estimate
	for _, e := range all {
		if fits(e) {
			fitting = append(fitting, e)
		}
		if good(e) {
			fine = append(fine, e)
		}
	}
	high := func(a, b Estimate) int { return cmp.Compare(a.High, b.High) }
	switch {
	case len(fitting) == 0:
		least := slices.MinFunc(all, high)
		of := ""
		if least.Limit > 0 {
			of = fmt.Sprintf(" of at most %d elements", least.Limit)
		}
		want := fmt.Sprintf("at least %s: the fastest here, %s%s, takes %s, in 95 of 100 runs less than that", up(least.High), least.Name, of, milliseconds(least.Expected))
		return &stride.OptionError{Option: "budget", Value: n.Budget.String(), Want: want + slower(w) + c.busy()}
	case len(fine) == 0:
		best := slices.MinFunc(all, c.bestFirst)
		return &stride.OptionError{Option: "quality", Value: fmt.Sprint(n.Quality), Want: fmt.Sprintf("at most %s, what %s has in %s", score(best.Score), best.Name, milliseconds(best.Expected))}
	}
	best, need := slices.MinFunc(fitting, c.bestFirst), slices.MinFunc(fine, high)
	return &stride.OptionError{Option: "quality", Value: fmt.Sprint(n.Quality), Want: fmt.Sprintf("at most %s within %s, what %s has; %s would take a budget of %s, by %s",
		score(best.Score), n.Budget, best.Name, score(need.Score), up(need.High), need.Name) + slower(w) + c.busy()}
}
