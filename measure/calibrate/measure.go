package calibrate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// Options say how long a calibration takes. The zero value takes a few seconds.
type Options struct {
	Time   time.Duration // about how long to measure, 5 s if 0: at least three rounds
	Rounds int           // most rounds, in each of which every setting makes an object; 40 if 0
	Seed   uint64
	// Progress, if not nil, is called before each object with the share that is done
	// and what comes next, and at the end with "".
	Progress func(done float64, next string)
}

const (
	usualTime   = 5 * time.Second
	usualRounds = 40
	leastRounds = 3
)

// Lengths at which texts that end where they do are measured, in turns, and the most
// elements of a public model's that is reckoned with.
var limits = [...]int{96, 16, 48}

const mostOpen = 512

// bench makes objects by settings and says what they took: a model, or a table in
// tests.
type bench interface {
	Info() stride.Info
	Tokens(s string) []stride.Token
	make(ctx context.Context, s Setting, p stride.Prompt, limit int, seed uint64) (stride.Stats, error)
}

// modelBench is a model.
type modelBench struct{ *stride.Model }

func (m modelBench) make(ctx context.Context, s Setting, p stride.Prompt, limit int, seed uint64) (stride.Stats, error) {
	opts := append(s.Options(m.Info()), stride.Seed(seed))
	if limit > 0 {
		opts = append(opts, stride.Length(limit))
	}
	_, stats, err := m.Text(ctx, p, opts...)
	return stats, err
}

// Measure finds out what the settings of a model take on this machine, in rounds in
// which they take turns after one that does not count. Quality is not measured: the
// scores are NaN until [Calibration.SetQuality].
func Measure(ctx context.Context, m *stride.Model, o Options) (*Calibration, error) {
	fingerprint, err := m.Fingerprint()
	if err != nil {
		return nil, fmt.Errorf("calibrate: %w", err)
	}
	c, err := measureBy(ctx, modelBench{m}, o, time.Now)
	if err != nil {
		return nil, fmt.Errorf("calibrate %s: %w", m.Info().Name, err)
	}
	c.Fingerprint = fingerprint
	return c, nil
}

// measureBy is [Measure] of any bench, by any clock.
func measureBy(ctx context.Context, b bench, o Options, now func() time.Time) (*Calibration, error) {
	if o.Time == 0 {
		o.Time = usualTime
	}
	if o.Rounds == 0 {
		o.Rounds = usualRounds
	}
	settings, err := settingsOf(b.Info())
	if err != nil {
		return nil, err
	}
	r := &rounds{bench: b, o: o, now: now, c: newCalibration(b.Info()), prompts: promptsOf(b.Info()), settings: settings}
	if len(r.prompts) == 0 {
		return nil, fmt.Errorf("%s starts from no prompt that is built in: nothing to calibrate", b.Info().Name)
	}
	if err := r.warmUp(ctx); err != nil {
		return nil, err
	}
	start := now()
	for n := 0; n < o.Rounds && (n < leastRounds || now().Sub(start) < o.Time); n++ {
		done := now().Sub(start).Seconds() / o.Time.Seconds()
		if n < leastRounds { // however long they take
			done = math.Min(done, float64(n)/leastRounds)
		}
		if err := r.round(ctx, n, math.Min(done, 1)); err != nil {
			return nil, err
		}
	}
	r.tell(1, "")
	return r.finish(), nil
}

// promptsOf are those of the rounds: built-in ones, of which every third text to
// speak is half of one and every third two, so that lengths differ.
func promptsOf(info stride.Info) []stride.Prompt {
	all := slices.Clone(measure.BuiltinPrompts(info))
	if info.Sound == nil {
		return all
	}
	for i := range all {
		switch text := []rune(all[i].Text); i % 3 {
		case 1:
			all[i].Text += " " + all[i-1].Text
		case 2:
			all[i].Text = string(text[:len(text)/2])
		}
	}
	return all
}

// newCalibration is one without figures.
func newCalibration(info stride.Info) *Calibration {
	c := &Calibration{Format: Format, Model: info.Name, Machine: measure.ThisMachine(), Measured: time.Now().UTC().Truncate(time.Second), Unit: Elements}
	switch {
	case info.Picture != nil:
		c.Unit, c.Lengths = Pictures, Lengths{Median: 1, Most: 1}
	case info.Sound != nil:
		c.Unit, c.Lengths = Characters, Lengths{Median: 1, Most: 1}
	case len(info.Conditions["form"]) > 0:
		for _, name := range info.Conditions["form"] {
			if f, err := measure.ParseForm(name); err == nil {
				n := float64(f.Elements())
				c.Lengths.Median += n / float64(len(info.Conditions["form"]))
				c.Lengths.Most = math.Max(c.Lengths.Most, n)
			}
		}
	default:
		most := float64(info.MaxLength - 1)
		c.Lengths = Lengths{Median: math.Min(most, mostOpen), Most: math.Min(most, mostOpen), Open: true, Capped: most > mostOpen}
	}
	return c
}

// rounds are the rounds of a calibration.
type rounds struct {
	bench
	o        Options
	now      func() time.Time
	c        *Calibration
	load     measure.LoadWatch
	prompts  []stride.Prompt
	settings []Setting
	runs     [][]run // by setting
	probes   []float64
	natural  []float64 // lengths of texts that ended where they did
}

func (r *rounds) tell(done float64, next string) {
	if r.o.Progress != nil {
		r.o.Progress(done, next)
	}
}

// warmUp makes an object by each setting, which is not timed, and leaves out those
// that the model cannot do. It chooses the probe.
func (r *rounds) warmUp(ctx context.Context) error {
	var can []Setting
	for _, s := range r.settings {
		r.tell(0, s.Name)
		_, err := r.make(ctx, s, r.prompts[0], r.limit(s, 1), r.o.Seed)
		var unsupported *stride.UnsupportedError
		switch {
		case errors.As(err, &unsupported):
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		can = append(can, s)
	}
	if len(can) == 0 {
		return errors.New("no setting works")
	}
	r.settings, r.runs = can, make([][]run, len(can))
	r.c.Probe.Setting = probeOf(can)
	return nil
}

// limit is the most elements in a round, 0 for none.
func (r *rounds) limit(s Setting, round int) int {
	l := r.c.Lengths
	if !l.Open || !s.leftToRight() || round%len(limits) == 0 && !l.Capped {
		return 0
	}
	return min(limits[round%len(limits)], int(l.Most))
}

// round makes an object by each setting and times the probe. Rounds begin with
// another setting each.
func (r *rounds) round(ctx context.Context, n int, done float64) error {
	p := r.prompts[n%len(r.prompts)]
	for k := range r.settings {
		i := (n + k) % len(r.settings)
		s := r.settings[i]
		r.tell(done, s.Name)
		r.load.Look()
		limit := r.limit(s, n)
		stats, err := r.make(ctx, s, p, limit, r.o.Seed+uint64(n))
		if err != nil {
			return fmt.Errorf("%s, prompt %q: %w", s.Name, p.Text, err)
		}
		w := r.c.work(p, limit, func(text string) int { return len(r.Tokens(text)) })
		one := run{prompt: w.Prompt, length: w.Length, first: stats.FirstStep.Seconds(), total: stats.Total.Seconds()}
		if r.c.Lengths.Open {
			one.length = float64(stats.Drawn)
			if limit == 0 && s.Strategy == ar {
				r.natural = append(r.natural, one.length)
			}
		}
		r.runs[i] = append(r.runs[i], one)
	}
	seconds, err := probe(ctx, r.bench, r.c.Probe.Setting)
	r.probes = append(r.probes, seconds)
	return err
}

// finish makes figures of the runs.
func (r *rounds) finish() *Calibration {
	costs := make([]Cost, len(r.settings))
	for i, s := range r.settings {
		costs[i] = fit(r.runs[i], s.leftToRight() && r.c.Unit == Elements, s.share(r.c.Unit))
	}
	spread(costs, r.runs)
	for i, s := range r.settings {
		r.c.Entries = append(r.c.Entries, Entry{Setting: s, Cost: costs[i], Score: math.NaN()})
	}
	r.c.Machine.Load = r.load.Load()
	r.c.Probe.Seconds = measure.Quantile(r.probes, 0.5)
	if len(r.natural) > 0 {
		r.c.Lengths.Median = measure.Quantile(r.natural, 0.5)
	}
	return r.c
}
