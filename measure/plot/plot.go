// Package plot draws what Stride measures, as SVG or PNG: quality against time
// ([Frontier]) and the loss of a training run ([LossCurve]).
//
// It stands apart from package measure and imports nothing of Stride, so that
// training may draw with it too. Text is set in a Latin font: in PNG other
// scripts come out as boxes, in SVG in whatever font the viewer has.
package plot

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Format is a file format of pictures.
type Format string

// The formats there are.
const (
	SVG Format = "svg"
	PNG Format = "png"
)

// Point is one measured value.
type Point struct {
	X, Y float64
	// Low and High are the ends of Y's confidence interval, drawn as a bar;
	// none is if they are equal.
	Low, High float64
	Label     string // beside the point; may be empty
	Name      string // what it is, where a page says its figures; series and label if empty
	Best      bool   // nothing is better in both coordinates
}

// Series is a row of points that belong together.
type Series struct {
	Name   string // in the legend
	Points []Point
}

const (
	width, height = 17 * vg.Centimeter, 10.5 * vg.Centimeter
	margin        = 8 // points, on each side
)

// palette is that of Okabe and Ito, which colour-blind people can tell apart;
// black comes last, it is the colour of text.
var palette = [...]color.RGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {60, 60, 60, 255},
}

var (
	ink   = color.RGBA{40, 40, 40, 255}
	faint = color.RGBA{226, 226, 226, 255}
)

var glyphs = [...]draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{},
}

// families names fonts as wide as the one the text was measured with, for
// viewers that lack it.
const families = "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"

// newPlot returns an empty plot in the style of all of them.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	style(&p.Title.TextStyle, 13)
	p.Title.Text, p.Title.Padding = title, 8
	setAxis(&p.X, x)
	setAxis(&p.Y, y)
	p.Y.Tick.Marker = evenTicks(number)
	style(&p.Legend.TextStyle, 10)
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, 5
	p.Legend.YPosition = draw.PosCenter
	p.Legend.ThumbnailWidth = 22
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = faint, faint
	p.Add(grid)
	return p
}

func setAxis(axis *plot.Axis, label string) {
	style(&axis.Label.TextStyle, 11)
	style(&axis.Tick.Label, 10)
	axis.Label.Text, axis.Label.Padding = label, 4
	axis.Color, axis.Tick.Color = ink, ink
	axis.Padding = 4
}

func style(s *text.Style, size vg.Length) {
	s.Font = font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
	s.Color = ink
}

// render writes the plot with its legend to the right, where it covers nothing.
func render(w io.Writer, format Format, p *plot.Plot) error {
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch format {
	case SVG:
		canvas = vgsvg.New(width, height)
	case PNG:
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	default:
		return fmt.Errorf("plot: unknown format %q: expected %q or %q", format, SVG, PNG)
	}
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Rectangle.Path())
	area := draw.Crop(whole, margin, -margin, margin, -margin)

	legend := p.Legend
	p.Legend = plot.NewLegend()
	column := legend.Rectangle(area).Size().X
	left := draw.Crop(area, 0, -column-2*margin, 0, 0)
	p.Draw(left)
	top := p.DataCanvas(left).Max.Y
	legend.Draw(draw.Crop(area, area.Size().X-column, 0, 0, top-area.Max.Y))
	var picture bytes.Buffer
	if _, err := canvas.WriteTo(&picture); err != nil {
		return fmt.Errorf("plot: drawing %s: %w", format, err)
	}
	out := picture.Bytes()
	if format == SVG {
		out = bytes.ReplaceAll(out, []byte("font-family:Liberation Sans;"), []byte(families))
	}
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("plot: writing %s: %w", format, err)
	}
	return nil
}

// Coordinates beyond these are mistakes, and drawing them would overflow.
const (
	greatest     = 1e15
	smallestTime = 1e-12
)

// check returns an error if a coordinate cannot be drawn, or if there is none.
func check(series []Series, logarithmic bool) error {
	n := 0
	for _, s := range series {
		for i, p := range s.Points {
			n++
			for _, v := range []float64{p.X, p.Y, p.Low, p.High} {
				if !drawable(v) {
					return fmt.Errorf("plot: point %d of %q has %v: expected a number from %g to %g", i, s.Name, v, -greatest, greatest)
				}
			}
			if logarithmic && p.X < smallestTime {
				return fmt.Errorf("plot: point %d of %q: x is %v: expected at least %g", i, s.Name, p.X, smallestTime)
			}
		}
	}
	if n == 0 {
		return errors.New("plot: no points to draw")
	}
	return nil
}

func drawable(v float64) bool { return math.Abs(v) <= greatest }

func xys(points []Point) plotter.XYs {
	out := make(plotter.XYs, len(points))
	for i, p := range points {
		out[i] = plotter.XY{X: p.X, Y: p.Y}
	}
	return out
}

// pad widens [low, high] by a share of itself, so that nothing sits on the frame.
func pad(low, high, share float64) (float64, float64) {
	by := (high - low) * share
	if by == 0 {
		by = max(math.Abs(low)*share, 1e-9)
	}
	return low - by, high + by
}

// interval reports whether the point has a confidence interval.
func (p Point) interval() bool { return p.Low != p.High }

// bounds returns the least and the greatest of what value yields for the points.
func bounds(series []Series, values func(Point) []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range series {
		for _, p := range s.Points {
			v := values(p)
			low, high = min(low, slices.Min(v)), max(high, slices.Max(v))
		}
	}
	return low, high
}
