package plot

import (
	"fmt"
	"io"
	"math"

	"gonum.org/v1/plot/plotter"
)

// LossCurve shows the loss of a training run against the elements it has seen.
type LossCurve struct {
	Title    string
	Elements string  // what was seen: "tokens"; "elements" if empty
	Loss     string  // label of the loss axis with its unit; "loss" if empty
	Train    []Point // X is elements seen, Y the loss; in the order of X
	Valid    []Point
}

// mostTrain is how many points of the training loss are drawn: more of them
// only show the noise of single batches.
const mostTrain = 500

// Write draws the curve. Neighbouring training losses are averaged where there
// are more than 500. The axis is scaled to what comes after the first tenth of
// the run where the steep start would leave the rest flat. It fails if there
// are no points, if a coordinate is not finite, or if w fails.
func (l LossCurve) Write(w io.Writer, format Format) error {
	series := []Series{{Name: "train", Points: thin(l.Train, mostTrain)}, {Name: "validation", Points: l.Valid}}
	if err := check(series, false); err != nil {
		return err
	}
	elements, loss := l.Elements, l.Loss
	if elements == "" {
		elements = "elements"
	}
	if loss == "" {
		loss = "loss"
	}
	p := newPlot(l.Title, elements+" seen", loss)
	_, last := bounds(series, func(p Point) []float64 { return []float64{p.X} })
	p.X.Min, p.X.Max = 0, max(last*1.02, 1)
	p.X.Tick.Marker = evenTicks(quantity)
	p.Y.Min, p.Y.Max = lossRange(series, last)

	for i, s := range series {
		if len(s.Points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(xys(s.Points))
		if err != nil {
			return fmt.Errorf("plot: %s loss: %w", s.Name, err)
		}
		line.Color, dots.Color, dots.Radius, dots.Shape = palette[i], palette[i], 2.2, glyphs[0]
		line.Width = 1.8
		if s.Name == "train" {
			line.Width = 1
		}
		low, high := p.Y.Min, p.Y.Max
		p.Add(line)
		if s.Name == "train" && len(s.Points) > 1 || len(s.Points) > 60 {
			p.Legend.Add(s.Name, line)
		} else {
			dots.XYs = within(dots.XYs, low, high)
			p.Add(dots)
			p.Legend.Add(s.Name, line, dots)
		}
		// Adding a line has widened the axes to all of it.
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, max(last*1.02, 1), low, high
	}
	return render(w, format, p)
}

// lossRange returns the range of the loss axis.
func lossRange(series []Series, last float64) (low, high float64) {
	low, high = bounds(series, func(p Point) []float64 { return []float64{p.Y} })
	settled := math.Inf(-1)
	for _, s := range series {
		for _, p := range s.Points {
			if p.X >= last/10 {
				settled = max(settled, p.Y)
			}
		}
	}
	if high-low > 2*(settled-low) && settled > low {
		high = settled + (settled-low)/2
	}
	return pad(low, high, 0.05)
}

// within returns the points that lie within the axis: gonum clips lines, not
// the glyphs of points.
func within(points plotter.XYs, low, high float64) plotter.XYs {
	var out plotter.XYs
	for _, p := range points {
		if p.Y >= low && p.Y <= high {
			out = append(out, p)
		}
	}
	return out
}

// thin averages neighbouring points until there are at most n.
func thin(points []Point, n int) []Point {
	if len(points) <= n {
		return points
	}
	out := make([]Point, n)
	for i := range out {
		part := points[i*len(points)/n : (i+1)*len(points)/n]
		for _, p := range part {
			out[i].X += p.X / float64(len(part))
			out[i].Y += p.Y / float64(len(part))
		}
	}
	return out
}
