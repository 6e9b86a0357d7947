package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/calibrate"
)

// calibrateCommand is stride calibrate.
type calibrateCommand struct {
	Model string `arg:"" help:"Name of a bundled model, or the path of a .gguf file."`

	Show  bool          `xor:"what" help:"Only print what was measured before, and where it is kept."`
	Force bool          `xor:"what" help:"Measure anew what was measured before."`
	Time  time.Duration `default:"5s" help:"About how long to measure times; each setting makes at least three objects." placeholder:"TIME"`

	Data    string `help:"Folder of the training and test data: measure quality too, beside real objects. That takes minutes." placeholder:"DIR"`
	Objects int    `help:"Objects of each setting to measure quality by; default: that of stride compare." placeholder:"N"`
	Scores  string `help:"Write the quality into a file of JSON, beside that of other models, as bundled ones are kept." placeholder:"FILE"`

	Check   int           `help:"Make N objects within --budget and say how many were over it by more than 20 %." placeholder:"N"`
	Budget  time.Duration `help:"The budget of --check, as in 200ms." placeholder:"TIME"`
	Quality float64       `help:"The least quality of --check, 0 to 1." placeholder:"Q"`
	Seed    uint64        `default:"1" help:"Seed of all that is random."`
}

// Help is shown below the flags' help.
func (calibrateCommand) Help() string {
	return `Measures what each strategy and number of passes takes on this machine, by the length of what is made, for --budget and --quality of stride generate and stride speak. The figures are kept in the folder of caches, for this model, processor, number of cores and version of stride; generate measures them by itself where there are none.

Quality is a number from 0, the floor, to 1, the ceiling of the first measure of stride compare. It is the same on any machine: for bundled models it is a part of the program, for others --data measures it. Without data poems and voices are judged by what there is, and of pictures more passes are taken to be better.

--check opens the model anew for each object, as generate does, and takes built-in prompts with seeds from --seed on. It fails where more than 5 of 100 are over the budget by more than 20 %.

Examples:

  stride calibrate tang
  stride calibrate tang --show
  stride calibrate tang --data ~/data
  stride calibrate tiles --check 100 --budget 200ms`
}

// Validate is called by kong.
func (p *calibrateCommand) Validate() error {
	switch {
	case p.Check < 0 || p.Objects < 0:
		return errors.New("--check and --objects want 1 or more")
	case p.Check > 0 && p.Budget <= 0:
		return errors.New("--check wants a --budget, as in --budget 200ms")
	case p.Check == 0 && (p.Budget != 0 || p.Quality != 0):
		return errors.New("--budget and --quality are those of --check; to make an object: stride generate MODEL --budget TIME")
	case p.Time <= 0:
		return fmt.Errorf("--time is %s, want more than 0", p.Time)
	}
	return nil
}

// Run is called by kong.
func (p *calibrateCommand) Run(ctx context.Context, c *console) error {
	m, err := stride.Open(p.Model)
	if err != nil {
		return err
	}
	defer m.Close()
	store, err := calibrate.DefaultStore()
	if err != nil {
		return err
	}
	calibration, err := store.Load(m)
	if p.Show {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s was not calibrated here yet: stride calibrate %s does it", m.Info().Name, p.Model)
		}
		if err != nil {
			return err
		}
		return p.print(c, calibration, "\nkept in "+store.Path(calibration.Model, calibration.Fingerprint, calibration.Machine)+"\n")
	}
	var stale *calibrate.StaleError
	switch {
	case errors.As(err, &stale):
		fmt.Fprintf(c.err, "%v; measured anew\n", stale)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := p.measureQuality(ctx, c, m, store); err != nil {
		return err
	}
	if err != nil || p.Force {
		if err := measureTimes(ctx, c, m, store, calibrate.Options{Time: p.Time, Seed: p.Seed}); err != nil {
			return err
		}
	}
	if calibration, err = store.Load(m); err != nil { // with the quality
		return err
	}
	if p.Scores != "" {
		if err := calibrate.MergeScores(p.Scores, calibration.Quality); err != nil {
			return err
		}
	}
	if p.Check > 0 {
		return p.check(ctx, c, calibration)
	}
	return p.print(c, calibration, "")
}

// print prints a calibration as a table, and what is to be said after it.
func (p *calibrateCommand) print(c *console, calibration *calibrate.Calibration, after string) error {
	out := strings.Join(calibration.Heading(), "\n") + "\n\n" + table(calibration.Rows(), 1, 2, 3, 4, 5) + after
	return writeAll(c.styledOut, out)
}

// measureQuality measures how good what the settings make is, where that can be told
// and is not known.
func (p *calibrateCommand) measureQuality(ctx context.Context, c *console, m *stride.Model, store calibrate.Store) error {
	known, err := store.Quality(m)
	switch {
	case err != nil:
		return err
	case known.Stale != nil:
		fmt.Fprintf(c.err, "%v; measured anew\n", known.Stale)
	case p.Data == "" && known.From != calibrate.FromOrder && !(p.Force && known.From == calibrate.FromItself):
		return nil
	}
	o := measure.CompareOptions{Data: p.Data, Objects: p.Objects, Seed: p.Seed}
	if p.Data == "" && p.Objects == 0 {
		o.Objects = quickObjects
	}
	told := progressOf(c, "measuring quality")
	o.Progress = func(done, total int, next string) { told(float64(done)/float64(total), next) }
	q, err := calibrate.MeasureQuality(ctx, m, o)
	if err != nil {
		return err
	}
	if q.From != calibrate.FromData && p.Data != "" {
		fmt.Fprintf(c.err, "no quality was measured by the data in %s\n", p.Data)
	}
	return store.SaveQuality(q) // also of nothing, in the place of a damaged file
}

// quickObjects is how many objects of each setting tell its quality without data.
const quickObjects = 24

// measureTimes measures a calibration and keeps it.
func measureTimes(ctx context.Context, c *console, m *stride.Model, store calibrate.Store, o calibrate.Options) error {
	o.Progress = progressOf(c, "measuring times")
	calibration, err := calibrate.Measure(ctx, m, o)
	if err != nil {
		return err
	}
	return store.Save(calibration)
}

// progressOf says in a terminal how far something is, in one line that is redrawn.
func progressOf(c *console, what string) func(done float64, next string) {
	return func(done float64, next string) {
		switch {
		case !c.errTerminal:
		case next == "":
			fmt.Fprint(c.err, "\r"+clearLine)
		default:
			fmt.Fprintf(c.err, "\r%s: %.0f %%  %s"+clearLine, what, 100*done, next)
		}
	}
}

// check makes objects within a budget and says how that was held.
func (p *calibrateCommand) check(ctx context.Context, c *console, calibration *calibrate.Calibration) error {
	open := func() (*stride.Model, error) { return stride.Open(p.Model) }
	told := progressOf(c, "checking")
	result, err := calibration.CheckBudget(ctx, open, calibrate.Need{Budget: p.Budget, Quality: p.Quality}, p.Check, p.Seed, func(done int) {
		next := fmt.Sprintf("%d of %d", done, p.Check)
		if done == p.Check {
			next = ""
		}
		told(float64(done)/float64(p.Check), next)
	})
	if err != nil {
		return err
	}
	if err := writeAll(c.out, result.String()); err != nil {
		return err
	}
	if !result.Held() {
		return errors.New("the budget was not held")
	}
	return nil
}
