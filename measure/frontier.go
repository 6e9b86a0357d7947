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
// strategy: the first of [Comparison.Frontiers]. It fails with [ErrNoFrontier] if
// there is nothing to draw, and if w does.
func (c *Comparison) WriteFrontier(w io.Writer, format plot.Format) error {
	all := c.Frontiers()
	if len(all) == 0 {
		return ErrNoFrontier
	}
	if err := all[0].Write(w, format); err != nil {
		return fmt.Errorf("frontier: %w", err)
	}
	return nil
}

// quality is a measure of quality that a frontier shows.
type quality struct {
	label string // of its axis
	value func(r Row) (value, low, high float64)
}

// qualities are those of the objects, the one to look at first.
func (c *Comparison) qualities() []quality {
	switch c.Kind {
	case KindPoem:
		q := quality{"bits/char under the judge (lower is better)", func(r Row) (float64, float64, float64) { return r.Quality.NLL, r.NLLLow, r.NLLHigh }}
		if len(c.Real) == 0 {
			q.label = "bits/char under its own ar (lower is better)"
		}
		return []quality{q}
	case KindPicture:
		spread := func(s Summary) (float64, float64, float64) { return s.Median, s.Smallest, s.Greatest }
		return []quality{
			{"FD-own: distance of features (lower is better)", func(r Row) (float64, float64, float64) { return spread(r.Pictures.Features) }},
			{"SWD: distance of patches (lower is better)", func(r Row) (float64, float64, float64) { return spread(r.Pictures.Patches) }},
		}
	case KindSentence:
		return []quality{
			{"phone error rate in % (lower is better)", func(r Row) (float64, float64, float64) {
				return 100 * r.Speech.ErrorRate, 100 * r.Speech.ErrorLow, 100 * r.Speech.ErrorHigh
			}},
			{"MCD-DTW in dB (lower is better)", func(r Row) (float64, float64, float64) {
				s := r.Speech.figure(0)
				return s.Median, s.Lower, s.Upper
			}},
		}
	}
	return []quality{{"share of repeated runs (lower is better)", func(r Row) (float64, float64, float64) { return r.RepeatedRuns, math.NaN(), math.NaN() }}}
}

// Frontiers returns quality against the time of an object, a plot for each
// measure of quality that there are figures of: for poems the NLL under the judge
// with its interval, the real poems as a line; for other texts the share of
// repeated runs; for pictures FD-own, and then SWD, with their spread, the floor of
// real pictures as a line; for speech, against the time of a second of it, the phone
// error rate with its interval, that of recordings as a line, and then the
// mel-cepstral distortion with its quartiles. In each there is a series for each
// strategy.
func (c *Comparison) Frontiers() []plot.Frontier {
	var out []plot.Frontier
	for _, q := range c.qualities() {
		f := plot.Frontier{Title: c.Model + ": quality against time", Object: string(c.Kind), Quality: q.label}
		if c.Kind == KindSentence {
			f.Object = "second of speech, 1 s being real time"
		}
		if len(c.Real) > 0 {
			if v, _, _ := q.value(c.Real[0]); !math.IsNaN(v) {
				f.Reference, f.ReferenceName = v, c.Real[0].Name
			}
		}
		for _, r := range c.Rows {
			point, ok := q.point(r)
			if !ok {
				continue
			}
			if n := len(f.Series); n == 0 || f.Series[n-1].Name != r.series() {
				f.Series = append(f.Series, plot.Series{Name: r.series()})
			}
			s := &f.Series[len(f.Series)-1]
			s.Points = append(s.Points, point)
		}
		if len(f.Series) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// series is which points the row's is joined with.
func (row *Row) series() string {
	if row.Shortcut {
		return "refine, shortcuts"
	}
	return row.Strategy
}

// point is a row as a point of the frontier, if it has both coordinates.
func (q quality) point(r Row) (plot.Point, bool) {
	value, low, high := q.value(r)
	p := plot.Point{X: r.Seconds.Median, Y: value}
	if v := r.Speaking.RealTime.Median; v > 0 {
		p.X = 1 / v
	}
	if !math.IsNaN(low) {
		p.Low, p.High = low, high
	}
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
	return p, p.X > 0 && !math.IsNaN(p.Y)
}
