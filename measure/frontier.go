package measure

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

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

// Frontiers returns quality against the time of an object, a plot for each
// metric that is [Metric.Plotted] and has values, with its interval, and real objects
// as a line. What [Comparison.OnFrontier] marks is best in the plot of the metric
// that gives the scores. Speech is drawn against the time of a second of it. In each there is a
// series for each strategy.
func (c *Comparison) Frontiers() []plot.Frontier {
	var out []plot.Frontier
	on, scored := c.OnFrontier(), c.scored()
	for i, m := range c.Metrics {
		if !m.Plotted {
			continue
		}
		f := plot.Frontier{Title: c.Model + ": quality against time", Object: string(c.Kind), Quality: m.axis()}
		if c.Kind == KindSentence {
			f.Object = "second of speech, 1 s being real time"
		}
		if v, row, ok := c.bound(i, m.Ceiling); ok && row != "" {
			f.Reference, f.ReferenceName = m.shown(v), row
		}
		for k, r := range c.Rows {
			point, ok := m.point(r, i)
			if !ok {
				continue
			}
			point.Name, point.Best = r.Name, on[k] && i == scored
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

// shown is a value on the axis.
func (m Metric) shown(v float64) float64 {
	if m.Percent {
		return 100 * v
	}
	return v
}

// axis is what stands beside the axis.
func (m Metric) axis() string {
	label := m.Title
	switch {
	case m.Percent:
		label += " in %"
	case m.Unit != "" && !strings.Contains(label, m.Unit+"/"):
		label += " in " + m.Unit
	}
	return fmt.Sprintf("%s (%s is better)", label, m.Better)
}

// point is a row as a point of the frontier, if it has both coordinates.
func (m Metric) point(r Row, metric int) (plot.Point, bool) {
	v := r.value(metric)
	p := plot.Point{X: r.pace(), Y: m.shown(v.Value)}
	if !math.IsNaN(v.Low) {
		p.Low, p.High = m.shown(v.Low), m.shown(v.High)
	}
	switch {
	case r.Strategy == "refine":
		p.Label = passesOf(r.Asked)
	case r.Length != "":
		p.Label = r.Length
	default:
		p.Label = r.Strategy
	}
	return p, p.X > 0 && !math.IsNaN(p.Y)
}
