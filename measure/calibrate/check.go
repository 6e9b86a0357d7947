package calibrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// Tolerance is how far a run may be over its budget and still hold it, and
// mostOver the share of runs that may be further over.
const (
	Tolerance = 1.2
	mostOver  = 0.05
)

// CheckRun is one object of a [Check].
type CheckRun struct {
	Setting  string
	Expected time.Duration
	Took     time.Duration
	Budget   time.Duration
}

// Over says whether the run did not hold its budget.
func (r CheckRun) Over() bool { return r.Took.Seconds() > Tolerance*r.Budget.Seconds() }

// Check says how a budget is held. Refused are runs for which no setting fitted,
// because the machine was too slow at that moment; they count as over.
type Check struct {
	Runs    []CheckRun
	Refused int
}

// CheckBudget makes n objects within a budget, of prompts in turn and with seeds
// from the given one on. Each begins with a model that is opened anew, as a command
// does: its weights are loaded, the slowdown measured, a setting chosen and made
// ready, and then it is timed. Progress, if not nil, is called after each.
//
// It fails with what [Calibration.Choose] fails with in the first run, and as
// generating does.
func (c *Calibration) CheckBudget(ctx context.Context, open func() (*stride.Model, error), need Need, n int, seed uint64, progress func(done int)) (Check, error) {
	var out Check
	for i := range n {
		run, err := c.checkOne(ctx, open, need, i, seed+uint64(i))
		var option *stride.OptionError
		switch {
		case err == nil:
			out.Runs = append(out.Runs, run)
		case len(out.Runs) > 0 && errors.As(err, &option): // it was possible before
			out.Refused++
		default:
			return out, fmt.Errorf("run %d: %w", i+1, err)
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return out, nil
}

func (c *Calibration) checkOne(ctx context.Context, open func() (*stride.Model, error), need Need, i int, seed uint64) (CheckRun, error) {
	m, err := open()
	if err != nil {
		return CheckRun{}, err
	}
	defer m.Close()
	prompts := measure.BuiltinPrompts(m.Info())
	p := prompts[i%len(prompts)]
	choice, err := c.Pick(ctx, m, p, 0, need)
	if err != nil {
		return CheckRun{}, err
	}
	opts := append(choice.Options(m.Info()), stride.Seed(seed))
	if err := Ready(ctx, m, p, opts...); err != nil {
		return CheckRun{}, err
	}
	_, stats, err := m.Text(ctx, p, opts...)
	return CheckRun{choice.Name, choice.Expected, stats.Total, need.Budget}, err
}

// Pick measures the machine's slowdown, where there is a budget, and chooses a
// setting for a prompt and an option of a length (0 for none).
func (c *Calibration) Pick(ctx context.Context, m *stride.Model, p stride.Prompt, length int, need Need) (Choice, error) {
	w := c.Work(m, p, length)
	if need.Budget > 0 {
		if _, err := c.Choose(Need{Strategy: need.Strategy, Passes: need.Passes, Length: need.Length, Quality: need.Quality}, w); err != nil {
			return Choice{}, err // no time would do
		}
		var err error
		if w.Slowdown, err = c.Slowdown(ctx, m); err != nil {
			return Choice{}, err
		}
	}
	return c.Choose(need, w)
}

// Held says whether at most 5 of 100 runs were over the budget by more than 20 %, or
// refused.
func (k Check) Held() bool {
	return float64(k.over()+k.Refused) <= mostOver*float64(len(k.Runs)+k.Refused)
}

func (k Check) over() int {
	n := 0
	for _, r := range k.Runs {
		if r.Over() {
			n++
		}
	}
	return n
}

// String is a table of what was chosen, the distribution of times as shares of the
// budget, and how many were over.
func (k Check) String() string {
	if len(k.Runs) == 0 {
		return "no runs\n"
	}
	var b strings.Builder
	var shares, misses []float64
	chosen := map[string]int{}
	var order []string
	for _, r := range k.Runs {
		shares = append(shares, r.Took.Seconds()/r.Budget.Seconds())
		misses = append(misses, r.Took.Seconds()/r.Expected.Seconds())
		if chosen[r.Setting]++; chosen[r.Setting] == 1 {
			order = append(order, r.Setting)
		}
	}
	fmt.Fprintf(&b, "chosen: ")
	for i, name := range order {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%d)", name, chosen[name])
	}
	line := func(what string, values []float64) {
		fmt.Fprintf(&b, "\n%s  ", what)
		for _, q := range []struct {
			name string
			at   float64
		}{{"least", 0}, {"median", 0.5}, {"90th", 0.9}, {"95th", 0.95}, {"99th", 0.99}, {"most", 1}} {
			fmt.Fprintf(&b, "  %s %.2f", q.name, measure.Quantile(values, q.at))
		}
	}
	line("time / budget  ", shares)
	line("time / expected", misses)
	verdict := "held"
	if !k.Held() {
		verdict = "not held"
	}
	refused := ""
	if k.Refused > 0 {
		refused = fmt.Sprintf(", %d refused because the machine was too slow at that moment", k.Refused)
	}
	fmt.Fprintf(&b, "\n%d of %d runs over %s by more than 20 %%%s: %s, 5 of 100 may be\n", k.over(), len(k.Runs)+k.Refused, k.Runs[0].Budget, refused, verdict)
	return b.String()
}
