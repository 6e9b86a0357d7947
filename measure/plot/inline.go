package plot

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The room around the frame of an inline plot, in pixels, and a line of its text.
const (
	inlineTop, inlineBottom = 44, 40
	inlineLeft, inlineRight = 44, 10
	inlineLine              = 16
)

// Inline returns the frontier as an SVG element of so many pixels for a web page,
// which gives it its font and colours by these classes: plot; axis, grid and tick;
// reference; best, the line through the best points; series and s0, s1, ... of a
// series, in it point, best, ring, glyph, bar, label and tip. Each point can be focused, and its
// tip, of class tip, says its figures; the page shows it while it is. It fails as
// Write does.
func (f Frontier) Inline(width, height int) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	d := &inline{Frontier: f, width: float64(width)}
	d.bottom = float64(height) - inlineBottom - d.legendHeight()
	d.scale()
	d.begin(height)
	d.axes()
	if f.ReferenceName != "" {
		d.reference()
	}
	d.best()
	labels := d.arrange()
	for i, s := range f.Series {
		d.series(i, s, labels[i])
	}
	d.legend(height)
	d.print("</svg>\n")
	return d.out.String(), nil
}

// inline is a plot while it is drawn.
type inline struct {
	Frontier
	out                    strings.Builder
	width, bottom          float64
	minX, maxX, minY, maxY float64
}

func (d *inline) print(format string, args ...any) { fmt.Fprintf(&d.out, format, args...) }

// scale makes room for all that is drawn, as setRanges does.
func (d *inline) scale() {
	p := plot.New()
	d.setRanges(p)
	d.minX, d.maxX, d.minY, d.maxY = p.X.Min, p.X.Max, p.Y.Min, p.Y.Max
}

func (d *inline) x(v float64) float64 {
	share := math.Log(v/d.minX) / math.Log(d.maxX/d.minX)
	return inlineLeft + share*(d.width-inlineLeft-inlineRight)
}

func (d *inline) y(v float64) float64 {
	return d.bottom - (v-d.minY)/(d.maxY-d.minY)*(d.bottom-inlineTop)
}

// begin opens the element and says what it shows.
func (d *inline) begin(height int) {
	d.print(`<svg class="plot" viewBox="0 0 %.0f %d" width="%.0f" height="%d" role="group" aria-label="%s">`+"\n",
		d.width, height, d.width, height, html.EscapeString(d.Title))
}

// axes draws the frame, its ticks and what they count.
func (d *inline) axes() {
	left, right := float64(inlineLeft), d.width-inlineRight
	d.print(`<text class="axis" x="0" y="12">%s</text>`+"\n", html.EscapeString(d.Quality))
	d.print(`<text class="axis" x="%.1f" y="%.1f" text-anchor="middle">time per %s (log scale)</text>`+"\n",
		(left+right)/2, d.bottom+34, html.EscapeString(d.object()))
	free := math.Inf(-1) // where the last label ended
	for _, t := range secondTicks(d.minX, d.maxX) {
		x := d.x(t.Value)
		d.print(`<path class="grid" d="M%.1f %dV%.1f"/>`, x, inlineTop, d.bottom)
		if half := 3.4 * float64(len([]rune(t.Label))); t.Label != "" && x-half > free {
			d.print(`<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x, d.bottom+16, t.Label)
			free = x + half + 4
		}
	}
	for _, t := range evenTicks(number)(d.minY, d.maxY) {
		y := d.y(t.Value)
		d.print(`<path class="grid" d="M%.1f %.1fH%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			left, y, right, left-6, y+4, t.Label)
	}
	d.print("\n")
}

// reference draws the quality of real objects.
func (d *inline) reference() {
	y := d.y(d.Reference)
	d.print(`<path class="reference" d="M%d %.1fH%.1f"/><text class="reference" x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n",
		inlineLeft, y, d.width-inlineRight, d.width-inlineRight-2, y-4, html.EscapeString(d.ReferenceName))
}

// best joins the points that nothing beats.
func (d *inline) best() {
	var points []Point
	for _, s := range d.Series {
		for _, p := range s.Points {
			if p.Best {
				points = append(points, p)
			}
		}
	}
	if len(points) < 2 {
		return
	}
	slices.SortFunc(points, func(a, b Point) int { return int(math.Copysign(1, a.X-b.X)) })
	d.print(`<path class="best" d="M`)
	for i, p := range points {
		if i > 0 {
			d.print("H%.1fV", d.x(p.X))
			d.print("%.1f", d.y(p.Y))
			continue
		}
		d.print("%.1f %.1f", d.x(p.X), d.y(p.Y))
	}
	d.print(`"/>` + "\n")
}

// inlineText is the size of labels in pixels.
const inlineText = 11

// arrange returns where the labels stand, by series and point.
func (d *inline) arrange() [][]vg.Rectangle {
	// The y axis of the labels points down: which side is up is all the same to them.
	place := func(at plotter.XY) vg.Point { return vg.Point{X: vg.Length(d.x(at.X)), Y: vg.Length(d.y(at.Y))} }
	l := &labels{size: inlineText, gap: 9}
	for _, s := range d.Series {
		l.add(s.Points, nil)
	}
	if d.ReferenceName != "" {
		above := d.Reference + 8*(d.maxY-d.minY)/(d.bottom-inlineTop) // through the letters of its name
		for _, y := range []float64{d.Reference, above} {
			l.lines = append(l.lines, plotter.XYs{{X: d.minX, Y: y}, {X: d.maxX, Y: y}})
		}
	}
	frame := draw.Canvas{Rectangle: vg.Rectangle{
		Min: vg.Point{X: inlineLeft, Y: inlineTop}, Max: vg.Point{X: vg.Length(d.width - inlineRight), Y: vg.Length(d.bottom)}}}
	boxes := l.arrange(frame, place)
	out := make([][]vg.Rectangle, len(d.Series))
	for i, s := range d.Series {
		for _, p := range s.Points {
			var box vg.Rectangle
			if p.Label != "" {
				box, boxes = boxes[0], boxes[1:]
			}
			out[i] = append(out[i], box)
		}
	}
	return out
}

// series draws the points of a strategy, joined, with their labels and tips.
func (d *inline) series(i int, s Series, labels []vg.Rectangle) {
	d.print(`<g class="series s%d">`, i%len(palette))
	for k, p := range s.Points {
		if k == 0 {
			d.print(`<path class="join" d="M%.1f %.1f`, d.x(p.X), d.y(p.Y))
			continue
		}
		d.print("L%.1f %.1f", d.x(p.X), d.y(p.Y))
	}
	d.print(`"/>` + "\n")
	for k, p := range s.Points {
		class := "point"
		if p.Best {
			class = "point best"
		}
		x, y := d.x(p.X), d.y(p.Y)
		tip := html.EscapeString(d.tip(s.Name, p))
		d.print(`<g class="%s" tabindex="0" role="img" aria-label="%s">`, class, tip)
		if p.interval() {
			d.print(`<path class="bar" d="M%.1f %.1fV%.1f"/>`, x, d.y(p.Low), d.y(p.High))
		}
		if p.Best {
			d.print(`<circle class="ring" cx="%.1f" cy="%.1f" r="8"/>`, x, y)
		}
		d.print(`<circle class="touch" cx="%.1f" cy="%.1f" r="14"/>%s`, x, y, glyph(i, x, y))
		if p.Label != "" {
			box := labels[k]
			d.print(`<text class="label" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
				(box.Min.X+box.Max.X)/2, (box.Min.Y+box.Max.Y)/2+4, html.EscapeString(p.Label))
		}
		d.print(`<text class="tip" x="0" y="30">%s</text></g>`+"\n", tip)
	}
	d.print("</g>\n")
}

// tip says what a point is, in one line.
func (d *inline) tip(series string, p Point) string {
	name := p.Name
	if name == "" {
		name = strings.TrimSpace(series + " " + p.Label)
	}
	out := fmt.Sprintf("%s: %s, %.4g", name, seconds(p.X), p.Y)
	if p.interval() {
		out += fmt.Sprintf(" (%.3g to %.3g)", p.Low, p.High)
	}
	if p.Best {
		out += ", on the frontier"
	}
	return out
}

// glyph is the mark of a series at a point.
func glyph(i int, x, y float64) string {
	shape := [...]string{"", "m-4.5 -4.5h9v9h-9z", "m0 -6l5.5 9.5h-11z", "m0 -6l6 6l-6 6l-6 -6z"}[i%4]
	if shape == "" {
		return fmt.Sprintf(`<circle class="glyph" cx="%.1f" cy="%.1f" r="4.5"/>`, x, y)
	}
	return fmt.Sprintf(`<path class="glyph" d="M%.1f %.1f%s"/>`, x, y, shape)
}

// entry is a name of the legend and where it stands, line 0 at the top.
type entry struct {
	x    float64
	line int
}

// entries lays the legend out in as many lines as it takes.
func (d *inline) entries() []entry {
	var out []entry
	at := entry{x: inlineLeft}
	for _, s := range d.Series {
		room := float64(labelStyle(inlineText).Rectangle(s.Name).Size().X) + 34
		if at.x > inlineLeft && at.x+room > d.width-inlineRight {
			at = entry{inlineLeft, at.line + 1}
		}
		out = append(out, at)
		at.x += room
	}
	return out
}

func (d *inline) legendHeight() float64 {
	all := d.entries()
	return float64(inlineLine * (all[len(all)-1].line + 1))
}

func (d *inline) legend(height int) {
	top := float64(height) - d.legendHeight() + inlineLine/2
	for i, e := range d.entries() {
		y := top + float64(inlineLine*e.line)
		d.print(`<g class="series s%d">%s<text class="label" x="%.1f" y="%.1f">%s</text></g>`+"\n",
			i%len(palette), glyph(i, e.x+6, y), e.x+16, y+4, html.EscapeString(d.Series[i].Name))
	}
}
