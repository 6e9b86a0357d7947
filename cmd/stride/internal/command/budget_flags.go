package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure/calibrate"
)

// budgetFlags let figures of this machine choose strategy and passes.
type budgetFlags struct {
	Budget  *time.Duration `help:"Take the best strategy and passes that are ready within this time, as in 200ms, weights loaded; measured once for each model (see: stride calibrate)." placeholder:"TIME"`
	Quality *float64       `help:"Take the fastest strategy and passes of at least this quality, 0 to 1; with --budget the best within it." placeholder:"Q"`
}

// budgeted says whether there is anything to choose by.
func (f *budgetFlags) budgeted() bool { return f.Budget != nil || f.Quality != nil }

// need is what to choose by, and the strategy and passes that the choice is limited
// to.
func (f *budgetFlags) need(strategy string, passes *int) (calibrate.Need, error) {
	n := calibrate.Need{Strategy: strategy}
	if passes != nil {
		n.Passes = *passes
	}
	bad := func(option, value, want string) (calibrate.Need, error) {
		return n, &stride.OptionError{Option: option, Value: value, Want: want}
	}
	if strings.Contains(strategy, "+") {
		return bad("strategy", strategy, "one that is calibrated with --budget or --quality: that of the first stage alone")
	}
	if f.Budget != nil {
		if n.Budget = *f.Budget; n.Budget <= 0 {
			return bad("budget", n.Budget.String(), "more than 0")
		}
	}
	if f.Quality != nil {
		if n.Quality = *f.Quality; !(n.Quality > 0 && n.Quality <= 1) {
			return bad("quality", fmt.Sprint(n.Quality), "more than 0, to 1")
		}
	}
	return n, nil
}

// chooser is what a setting is chosen for.
type chooser struct {
	c       *console
	m       *stride.Model
	prompt  stride.Prompt
	length  int  // asked for, 0 for none
	silent  bool // nothing is said
	nothing bool // of the choice: it is said elsewhere
}

// choose chooses strategy and passes of generate, if that was asked for, and takes
// them as if they had been, so that all that tells how an object was made tells them.
func (g *generateCommand) choose(ctx context.Context, c *console, m *stride.Model, prompt stride.Prompt) error {
	if !g.budgeted() {
		return nil
	}
	if flag := g.uncalibrated(); flag != "" {
		return usageError{fmt.Errorf("--budget and --quality choose by what was measured without --%s, want no such flag", flag)}
	}
	info := m.Info()
	if info.Sound != nil && (info.Sound.Language == "" || !info.Sound.Samples) {
		return usageError{fmt.Errorf("--budget and --quality are for texts, pictures and voices; %s makes %s of what another model or a file gives", g.Model, makes(info))}
	}
	need, err := g.need(string(g.Strategy), g.Passes)
	if err != nil {
		return err
	}
	length := 0
	switch int(g.Length) {
	case 0:
	case stride.LengthFixed:
		need.Length = "fixed"
	case stride.LengthPredicted:
		need.Length = "predicted"
	default:
		need.Length, length = "predicted", int(g.Length)
	}
	x := chooser{c: c, m: m, prompt: prompt, length: length, silent: g.Quiet, nothing: g.JSON}
	choice, err := x.choose(ctx, need)
	if err != nil {
		return err
	}
	g.choice = newBudgetJSON(choice)
	g.take(choice, info)
	return calibrate.Ready(ctx, m, prompt, g.options(0)...)
}

// take takes a choice as if it had been asked for.
func (g *generateCommand) take(choice calibrate.Choice, info stride.Info) {
	g.Strategy, g.Passes = chosen(choice)
	switch {
	case g.Length != 0:
	case choice.Limit > 0:
		g.Length = lengthFlag(choice.Limit)
	case choice.Length == "fixed":
		g.Length = stride.LengthFixed
	}
	if info.Picture != nil && choice.Strategy == "refine" && choice.Shortcut != (choice.Passes <= info.Picture.Shortcut) {
		g.Shortcut = &choice.Shortcut
	}
}

// chosen is a choice as the flags that would ask for it.
func chosen(choice calibrate.Choice) (strategyFlag, *int) {
	if choice.Strategy == "refine" {
		return strategyFlag(choice.Strategy), &choice.Passes
	}
	return strategyFlag(choice.Strategy), nil
}

// uncalibrated is a flag that is given and changes what a setting takes or gives
// by more than a spread; "" for none.
func (g *generateCommand) uncalibrated() string {
	for _, f := range []struct {
		flag  string
		given bool
	}{
		{"block", g.Block != nil}, {"remask", g.Remask}, {"draft", g.Draft != ""}, {"draft-most", g.DraftMost != nil},
		{"context-shift", g.ContextShift != nil}, {"schema", g.Schema != ""}, {"grammar", g.Grammar != ""},
		{"guidance", g.Guidance != nil}, {"negative", g.Negative != ""}, {"solver", g.Solver != ""}, {"shortcut", g.Shortcut != nil},
		{"toward", g.Toward != ""}, {"toward-seed", g.TowardSeed != nil},
	} {
		if f.given {
			return f.flag
		}
	}
	return ""
}

// choose chooses strategy and passes of speak.
func (s *speakCommand) choose(ctx context.Context, c *console, m *stride.Model, prompt stride.Prompt) (*budgetJSON, error) {
	need, err := s.need(string(s.Strategy), s.Passes)
	if err != nil {
		return nil, err
	}
	x := chooser{c: c, m: m, prompt: prompt, silent: s.Quiet, nothing: s.JSON}
	choice, err := x.choose(ctx, need)
	if err != nil {
		return nil, err
	}
	s.Strategy, s.Passes = chosen(choice)
	return newBudgetJSON(choice), calibrate.Ready(ctx, m, prompt, s.options()...)
}

// choose picks a setting by what was calibrated, or is now, and says which and why.
func (x chooser) choose(ctx context.Context, need calibrate.Need) (calibrate.Choice, error) {
	calibration, err := x.calibration(ctx)
	if err != nil {
		return calibrate.Choice{}, err
	}
	choice, err := calibration.Pick(ctx, x.m, x.prompt, x.length, need)
	if err != nil || x.silent || x.nothing {
		return choice, err
	}
	return choice, writeAll(x.c.err, choice.String()+"\n")
}

// calibration is the one that is kept, or a new one of times alone.
func (x chooser) calibration(ctx context.Context) (*calibrate.Calibration, error) {
	store, err := calibrate.DefaultStore()
	if err != nil {
		return nil, err
	}
	calibration, err := x.load(store)
	var stale *calibrate.StaleError
	why := "was not calibrated here yet"
	switch {
	case err == nil:
		return calibration, nil
	case errors.As(err, &stale):
		why = stale.Error()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if !x.silent {
		fmt.Fprintf(x.c.err, "%s: %s; measuring what its settings take, once, for some seconds\n", x.m.Info().Name, why)
	}
	if err := measureTimes(ctx, x.c, x.m, store, calibrate.Options{}); err != nil {
		return nil, err
	}
	return x.load(store)
}

// load reads what is kept, and tells of a quality that cannot be used.
func (x chooser) load(store calibrate.Store) (*calibrate.Calibration, error) {
	calibration, err := store.Load(x.m)
	if err == nil && calibration.Quality.Stale != nil && !x.silent {
		fmt.Fprintf(x.c.err, "%v; not used, stride calibrate measures it anew\n", calibration.Quality.Stale)
	}
	return calibration, err
}

// budgetJSON is what was chosen, in the last step of --json.
type budgetJSON struct {
	Setting  string   `json:"setting"`
	Budget   float64  `json:"budget_ms,omitempty"`
	Expected float64  `json:"expected_ms"`
	High     float64  `json:"p95_ms"`
	Quality  *float64 `json:"quality"` // null where it was not measured
	From     string   `json:"quality_from"`
	Slowdown float64  `json:"slowdown,omitempty"`
	Limit    int      `json:"limit,omitempty"` // most elements, so that it fits
	Reason   string   `json:"reason"`
}

func newBudgetJSON(c calibrate.Choice) *budgetJSON {
	out := &budgetJSON{
		Setting: c.Name, Budget: milliseconds(c.Need.Budget), Expected: milliseconds(c.Expected), High: milliseconds(c.High),
		From: string(c.From), Slowdown: c.Work.Slowdown, Limit: c.Limit, Reason: c.String(),
	}
	if !math.IsNaN(c.Score) {
		out.Quality = &c.Score
	}
	return out
}
