package calibrate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// probeOf is the setting of the probe: all at once where there is that, else one
// element after another.
func probeOf(settings []Setting) Setting {
	for _, strategy := range []string{nar, refine, ar} {
		if i := slices.IndexFunc(settings, func(s Setting) bool { return s.Strategy == strategy }); i >= 0 {
			return settings[i]
		}
	}
	return settings[0]
}

// probeElements is how many elements the probe draws where they come one after
// another.
const probeElements = 16

// probe makes a small object, always the same, and returns the seconds it took.
func probe(ctx context.Context, b bench, s Setting) (float64, error) {
	all := measure.BuiltinPrompts(b.Info())
	prompt, limit := all[0], 0
	switch {
	case b.Info().Sound != nil:
		prompt = slices.MinFunc(all, func(a, b stride.Prompt) int { return len(a.Text) - len(b.Text) })
	case s.leftToRight() && b.Info().Picture == nil:
		prompt, limit = stride.Prompt{Text: "A"}, probeElements
	}
	stats, err := b.make(ctx, s, prompt, limit, 1)
	if err != nil {
		return 0, fmt.Errorf("probe by %s: %w", s.Name, err)
	}
	return stats.Total.Seconds(), nil
}

// The probe is made probeRuns times at most, and no more after probeTime, but three
// times unless that takes longer than probePatience: a single run may meet a moment
// in which the machine did something else.
const (
	probeTime     = 60 * time.Millisecond
	probePatience = 300 * time.Millisecond
	probeRuns     = 5
)

// Slowdown loads the model's weights and repeats the probe for a moment: how many
// times slower than when it was calibrated the machine is. A faster one is not
// believed: what is fast now may not stay so.
func (c *Calibration) Slowdown(ctx context.Context, m *stride.Model) (float64, error) {
	return c.slowdown(ctx, modelBench{m}, time.Now)
}

func (c *Calibration) slowdown(ctx context.Context, b bench, now func() time.Time) (float64, error) {
	if _, err := probe(ctx, b, c.Probe.Setting); err != nil { // loads, and warms up
		return 0, err
	}
	var seconds []float64
	for start := now(); len(seconds) < probeRuns; {
		if spent := now().Sub(start); len(seconds) > 0 && spent > probePatience || len(seconds) >= 3 && spent > probeTime {
			break
		}
		s, err := probe(ctx, b, c.Probe.Setting)
		if err != nil {
			return 0, err
		}
		seconds = append(seconds, s)
	}
	return math.Max(1, measure.Quantile(seconds, 0.5)/c.Probe.Seconds), nil
}

// readySteps is how many steps a generation goes to have its weights loaded and its
// buffers made.
const readySteps = 2

// Ready begins an object as it will be made and leaves it, so that what follows
// finds weights loaded and buffers made. It fails as [stride.Model.Generate] does.
func Ready(ctx context.Context, m *stride.Model, p stride.Prompt, opts ...stride.Option) error {
	n := 0
	for _, err := range m.Generate(ctx, p, opts...) {
		if err != nil {
			return err
		}
		if n++; n == readySteps {
			break
		}
	}
	return nil
}
