package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// labels writes the labels of points where they cover least: each takes, of the
// places around its point, the one that meets the fewest points, lines and
// labels already there.
type labels struct {
	size   vg.Length     // of the letters
	gap    vg.Length     // between a point and its label
	lines  []plotter.XYs // all that is drawn
	bare   plotter.XYs   // points without a label
	points []labelled
}

type labelled struct {
	at    plotter.XY
	label string
	color color.Color
}

func (l *labels) add(points []Point, c color.Color) {
	l.lines = append(l.lines, xys(points))
	for _, p := range points {
		if p.Label == "" {
			// Points without a label are still in the way of others' labels.
			l.bare = append(l.bare, plotter.XY{X: p.X, Y: p.Y})
			continue
		}
		l.points = append(l.points, labelled{plotter.XY{X: p.X, Y: p.Y}, p.Label, c})
	}
}

// places are the directions in which a label may stand from its point, best
// first: -1 is left or below, 1 right or above.
var places = [...]struct{ x, y float64 }{
	{1, 0}, {0, 1}, {0, -1}, {1, 1}, {1, -1}, {-1, 0}, {-1, 1}, {-1, -1},
}

// What it costs a label to meet something; to leave the frame is worst.
const (
	meetsLine   = 2
	meetsPoint  = 6
	meetsLabel  = 20
	leavesFrame = 100
)

// Plot implements plot.Plotter.
func (l *labels) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	place := func(at plotter.XY) vg.Point { return vg.Point{X: toX(at.X), Y: toY(at.Y)} }
	for i, box := range l.arrange(c, place) {
		sty := labelStyle(l.size)
		sty.Color = l.points[i].color
		c.FillText(sty, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, l.points[i].label)
	}
}

func labelStyle(size vg.Length) text.Style {
	sty := text.Style{Handler: plot.DefaultTextHandler, XAlign: draw.XCenter, YAlign: draw.YCenter}
	style(&sty, size)
	return sty
}

// arrange returns where each label stands on a canvas whose points place gives.
func (l *labels) arrange(c draw.Canvas, place func(plotter.XY) vg.Point) []vg.Rectangle {
	sty := labelStyle(l.size)
	boxes := make([]vg.Rectangle, 0, len(l.points))
	for _, pt := range l.points {
		at, size := place(pt.at), sty.Rectangle(pt.label).Size()
		var best vg.Rectangle
		least := math.MaxInt
		for rank, dir := range places {
			centre := vg.Point{
				X: at.X + vg.Length(dir.x)*(size.X/2+l.gap),
				Y: at.Y + vg.Length(dir.y)*(size.Y/2+l.gap),
			}
			half := vg.Point{X: size.X / 2, Y: size.Y / 2}
			box := vg.Rectangle{Min: centre.Sub(half), Max: centre.Add(half)}
			if cost := len(places)*l.cost(box, boxes, c, place) + rank; cost < least {
				best, least = box, cost
			}
		}
		boxes = append(boxes, best)
	}
	return boxes
}

// cost says how bad a place for a label is.
func (l *labels) cost(box vg.Rectangle, taken []vg.Rectangle, c draw.Canvas, place func(plotter.XY) vg.Point) int {
	cost := 0
	if !c.Contains(box.Min) || !c.Contains(box.Max) {
		cost += leavesFrame
	}
	for _, other := range taken {
		if meets(box, other) {
			cost += meetsLabel
		}
	}
	for _, pt := range l.points {
		cost += hides(box, place(pt.at))
	}
	for _, at := range l.bare {
		cost += hides(box, place(at))
	}
	// A line that grazes a label makes it as hard to read as one behind it.
	const graze = 2
	wide := vg.Rectangle{Min: box.Min.Sub(vg.Point{X: graze, Y: graze}), Max: box.Max.Add(vg.Point{X: graze, Y: graze})}
	for _, line := range l.lines {
		for i := 1; i < len(line); i++ {
			if crosses(wide, place(line[i-1]), place(line[i])) {
				cost += meetsLine
			}
		}
	}
	return cost
}

// hides is what it costs to stand on the glyph of a point.
func hides(box vg.Rectangle, at vg.Point) int {
	const radius = 4
	reach := vg.Point{X: radius, Y: radius}
	if meets(box, vg.Rectangle{Min: at.Sub(reach), Max: at.Add(reach)}) {
		return meetsPoint
	}
	return 0
}

func meets(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// crosses reports whether the line from a to b passes through box (the method
// of Liang and Barsky: cut the line by each side and see what is left).
func crosses(box vg.Rectangle, a, b vg.Point) bool {
	from, to := 0., 1.
	d := b.Sub(a)
	for _, side := range [...]struct{ step, room vg.Length }{
		{-d.X, a.X - box.Min.X}, {d.X, box.Max.X - a.X}, {-d.Y, a.Y - box.Min.Y}, {d.Y, box.Max.Y - a.Y},
	} {
		switch t := float64(side.room / side.step); {
		case side.step == 0 && side.room < 0:
			return false
		case side.step < 0:
			from = max(from, t)
		case side.step > 0:
			to = min(to, t)
		}
	}
	return from <= to
}
