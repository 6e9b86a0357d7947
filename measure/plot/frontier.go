package plot

import (
	"cmp"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Frontier shows quality against time: one series a strategy, one point a
// setting of it. Points of a series are joined in the order given. The time
// axis is logarithmic.
type Frontier struct {
	Title   string
	Quality string   // label of the quality axis with its unit, and which end is better
	Object  string   // what a time is the time of, "poem"; "object" if empty
	Series  []Series // X is the time an object took in seconds, Y its quality
	// Reference is the quality of real objects, drawn as a dashed line with
	// ReferenceName in the legend; none is drawn if the name is empty.
	Reference     float64
	ReferenceName string
}

// Write draws the frontier. It fails if there are no points, if one has a time
// that is not positive or a coordinate that is not finite, or if w fails.
func (f Frontier) Write(w io.Writer, format Format) error {
	if err := f.check(); err != nil {
		return err
	}
	p := newPlot(f.Title, "time per "+f.object()+" (log scale)", f.Quality)
	f.setRanges(p)
	labels := &labels{size: 9, gap: 6}
	for i, s := range f.Series {
		if err := addSeries(p, s, i, labels); err != nil {
			return err
		}
	}
	if f.ReferenceName != "" {
		ends := plotter.XYs{{X: p.X.Min, Y: f.Reference}, {X: p.X.Max, Y: f.Reference}}
		line, err := plotter.NewLine(ends)
		if err != nil {
			return fmt.Errorf("plot: reference %q: %w", f.ReferenceName, err)
		}
		line.Color, line.Width, line.Dashes = ink, 1, []vg.Length{5, 3}
		p.Add(line)
		p.Legend.Add(f.ReferenceName, line)
		labels.lines = append(labels.lines, ends)
	}
	p.Add(labels)
	return render(w, format, p)
}

// check returns an error if something cannot be drawn, or if there is nothing.
func (f Frontier) check() error {
	if err := check(f.Series, true); err != nil {
		return err
	}
	if f.ReferenceName != "" && !drawable(f.Reference) {
		return fmt.Errorf("plot: reference %q is %v: expected a number from %g to %g", f.ReferenceName, f.Reference, -greatest, greatest)
	}
	return nil
}

func (f Frontier) object() string { return cmp.Or(f.Object, "object") }

// setRanges makes room for all points, bars, the reference and some labels.
func (f Frontier) setRanges(p *plot.Plot) {
	low, high := bounds(f.Series, func(p Point) []float64 { return []float64{math.Log10(p.X)} })
	low, high = pad(low, high, 0.12)
	// A range too narrow for two ticks would tell nothing about the scale.
	if middle := (low + high) / 2; high-low < 0.8 {
		low, high = middle-0.4, middle+0.4
	}
	p.X.Min, p.X.Max = math.Pow(10, low), math.Pow(10, high)
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = plot.TickerFunc(secondTicks)

	low, high = bounds(f.Series, func(p Point) []float64 {
		if p.interval() {
			return []float64{p.Y, p.Low, p.High}
		}
		return []float64{p.Y}
	})
	if f.ReferenceName != "" {
		low, high = min(low, f.Reference), max(high, f.Reference)
	}
	p.Y.Min, p.Y.Max = pad(low, high, 0.1)
}

// addSeries adds the points of a strategy, joined, with bars and labels.
func addSeries(p *plot.Plot, s Series, i int, labels *labels) error {
	if len(s.Points) == 0 {
		return nil
	}
	line, dots, err := plotter.NewLinePoints(xys(s.Points))
	if err != nil {
		return fmt.Errorf("plot: series %q: %w", s.Name, err)
	}
	c := palette[i%len(palette)]
	line.Color, line.Width = c, 1.5
	dots.Color, dots.Radius, dots.Shape = c, 3.5, glyphs[i%len(glyphs)]
	bars := struct {
		plotter.XYs
		plotter.YErrors
	}{}
	for _, pt := range s.Points {
		if pt.interval() {
			bars.XYs = append(bars.XYs, plotter.XY{X: pt.X, Y: pt.Y})
			labels.lines = append(labels.lines, plotter.XYs{{X: pt.X, Y: pt.Low}, {X: pt.X, Y: pt.High}})
			bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{pt.Y - pt.Low, pt.High - pt.Y})
		}
	}
	if len(bars.XYs) > 0 {
		e, err := plotter.NewYErrorBars(bars)
		if err != nil {
			return fmt.Errorf("plot: series %q: %w", s.Name, err)
		}
		e.Color, e.Width, e.CapWidth = c, 1, 5
		p.Add(e)
	}
	p.Add(line, dots)
	p.Legend.Add(s.Name, line, dots)
	labels.add(s.Points, c)
	return nil
}
