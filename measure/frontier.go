package measure

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/stride-ml/stride/measure/plot"
)

// ErrNoFrontier says that a comparison has no measure of quality to draw against
// time, or no times.
var ErrNoFrontier = errors.New("no quality was measured beside time: a frontier needs the training data, for its judge")

// WriteFrontier draws quality against the time of an object, one series a
// strategy: for poems the NLL under the judge with its interval, the real poems
// as a line; for other texts the share of repeated runs. It fails with
// [ErrNoFrontier] if there is nothing to draw, and if w does.
func (c *Comparison) WriteFrontier(w io.Writer, format plot.Format) error {
	f := plot.Frontier{Title: c.Model + ": quality against time", Object: c.object()}
	if c.Poems {
		f.Quality = "bits/char under the judge (lower is better)"
		if c.Real == nil {
			f.Quality = "bits/char under its own ar (lower is better)"
		}
		if c.Real != nil && !math.IsNaN(c.Real.NLL) {
			f.Reference, f.ReferenceName = c.Real.NLL, "real poems"
		}
	} else {
		f.Quality = "share of repeated runs (lower is better)"
	}
	for _, r := range c.Rows {
		point, ok := c.point(r)
		if !ok {
			continue
		}
		if n := len(f.Series); n == 0 || f.Series[n-1].Name != r.Strategy {
			f.Series = append(f.Series, plot.Series{Name: r.Strategy})
		}
		s := &f.Series[len(f.Series)-1]
		s.Points = append(s.Points, point)
	}
	if len(f.Series) == 0 {
		return ErrNoFrontier
	}
	if err := f.Write(w, format); err != nil {
		return fmt.Errorf("frontier: %w", err)
	}
	return nil
}

// point is a row as a point of the frontier, if it has both coordinates.
func (c *Comparison) point(r Row) (plot.Point, bool) {
	p := plot.Point{X: r.Seconds.Median, Y: r.RepeatedRuns}
	switch {
	case r.Strategy == "refine":
		p.Label = fmt.Sprintf("%d passes", r.Asked)
		if r.Asked == 1 {
			p.Label = "1 pass"
		}
	case r.Length != "":
		p.Label = r.Length
	default:
		p.Label = r.Strategy
	}
	if c.Poems {
		p.Y = r.Quality.NLL
		if !math.IsNaN(r.NLLLow) {
			p.Low, p.High = r.NLLLow, r.NLLHigh
		}
	}
	return p, p.X > 0 && !math.IsNaN(p.Y)
}
