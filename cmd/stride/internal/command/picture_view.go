package command

import (
	"fmt"
	stdimage "image"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
)

// gallery shows pictures as they appear, side by side as far as the terminal is
// wide. It is one presenter for all pictures of a run.
type gallery struct {
	live
	n        int                // pictures to show
	title    string             // of all of them; "" where each has a caption of its own
	caption  func(i int) string // of picture i
	colours  bool
	inPlace  bool   // each picture takes the place of the one before
	doneOnly bool   // only finished pictures are shown
	bare     bool   // nothing is shown but the pictures
	row      []hung // finished pictures beside the one that is made
	shown    int    // finished pictures in all
}

// hung is a picture that hangs in the gallery.
type hung struct {
	image   *stdimage.NRGBA
	known   int
	caption string
	seed    uint64
}

// redrawEvery is the least time between two drawings of a picture whose steps
// nobody asked to see one by one; ar makes thousands of them.
const redrawEvery = 33 * time.Millisecond

// newGallery returns the presenter for n pictures.
func newGallery(c *console, n int, pace time.Duration, hurry <-chan struct{}) *gallery {
	g := &gallery{n: n, colours: c.colours, caption: func(int) string { return "" }}
	g.live = live{view: g, out: c.styledOut, size: c.size, pace: pace, skip: redrawEvery, hurry: hurry}
	return g
}

// several tells whether pictures hang side by side.
func (g *gallery) several() bool { return g.n > 1 && !g.inPlace }

func (g *gallery) show(step stride.Step) error {
	p, ok := step.Object.(stride.Picture)
	if !ok || g.doneOnly && !step.Done {
		return nil
	}
	if width, _ := g.size(); len(g.row) > 0 && len(g.row) == g.across(width, p.Image) {
		g.row, g.lines, g.stale = nil, nil, false // what hangs there stays
		if err := writeAll(g.out, "\n"); err != nil {
			return err
		}
	}
	if err := g.live.show(step); err != nil {
		return err
	}
	if step.Done {
		if !g.inPlace {
			g.row = append(g.row, g.hang(step, p))
		}
		g.shown++
	}
	return nil
}

// hang labels the picture that is made.
func (g *gallery) hang(step stride.Step, p stride.Picture) hung {
	return hung{p.Image, p.Known, g.caption(g.shown), step.Stats.Seed}
}

// between is the number of cells between two pictures.
const between = 2

// across is how many pictures hang side by side.
func (g *gallery) across(width int, p *stdimage.NRGBA) int {
	return max((width-margin-1+between)/(p.Bounds().Dx()+between), 1)
}

// frame draws the row of pictures that the step's is the last of.
func (g *gallery) frame(step stride.Step, width, height int) []string {
	p := step.Object.(stride.Picture)
	indent := strings.Repeat(" ", margin)
	room := max(width-margin-1, 8)
	var lines []string
	if g.title != "" && !g.bare && g.shown == len(g.row) {
		for _, line := range wrap(appendGlyphs(nil, g.title, settled), room) {
			lines = append(lines, indent+strong.Render(textOf(line)))
		}
		lines = append(lines, "")
	}
	lines = append(lines, g.drawn(append(slices.Clone(g.row), g.hang(step, p)), room, height)...)
	full := !g.inPlace && len(g.row)+1 == g.across(width, p.Image)
	last := full || g.shown+1 == g.n || step.Stats.Stopped == stoppedCancelled
	if !(step.Done && last) && !g.bare {
		status := passLine(step)
		if g.n > 1 {
			status = fmt.Sprintf("picture %d/%d%s%s", g.shown+1, g.n, separator, status)
		}
		lines = append(lines, "", indent+dim.Render(shortened(status, room)))
	}
	return lines
}

// drawn draws pictures side by side, with what tells them apart.
func (g *gallery) drawn(row []hung, width, height int) []string {
	indent := strings.Repeat(" ", margin)
	var lines []string
	for i, h := range row {
		small, known := shrunk(h.image, h.known, width, max(height-1, 8))
		column, wide := cells(small, known, g.colours), small.Bounds().Dx()
		if g.several() && !g.bare {
			if g.title == "" && h.caption != "" {
				column = append([]string{strong.Render(clipped(h.caption, wide))}, column...)
			}
			label := fmt.Sprintf("seed %d", h.seed)
			if len(label) > wide {
				label = fmt.Sprint(h.seed)
			}
			column = append(column, dim.Render(clipped(label, wide)))
		}
		if i == 0 {
			lines = slices.Repeat([]string{indent}, len(column))
		}
		for y, cell := range column {
			lines[y] += cell
			if i < len(row)-1 {
				lines[y] += strings.Repeat(" ", max(wide-lipgloss.Width(cell), 0)+between)
			}
		}
	}
	for y := range lines {
		lines[y] = strings.TrimRight(lines[y], " ")
	}
	return lines
}

// clipped makes text fit into so many cells of one line.
func clipped(text string, width int) string {
	all := appendGlyphs(nil, strings.ReplaceAll(text, "\n", " "), settled)
	if widthOf(all) <= width {
		return textOf(all)
	}
	for len(all) > 0 && widthOf(all) > width-1 {
		all = all[:len(all)-1]
	}
	return textOf(all) + "…"
}

// pictureProgress says what a pass did to a picture, as the end of [passLine].
func pictureProgress(s stride.Step, p stride.Picture) string {
	if n := p.Elements(); p.Known < n || len(s.Fresh) > 0 {
		return fmt.Sprintf("%s%d of %d pixels", separator, p.Known, n)
	}
	line := fmt.Sprintf("%st %.2f", separator, s.Time)
	if s.Pass > 1 {
		line += fmt.Sprintf("%schange %.2f", separator, s.Change)
	}
	return line
}

// summarizeAll writes one summary of several pictures.
func summarizeAll(c *console, all []stride.Stats) error {
	if len(all) == 0 {
		return nil
	}
	last := all[len(all)-1]
	sum, seeds := stride.Stats{Stopped: last.Stopped}, fmt.Sprintf("seed %d", all[0].Seed)
	for _, s := range all {
		sum.Passes, sum.Elements, sum.Total = sum.Passes+s.Passes, sum.Elements+s.Elements, sum.Total+s.Total
	}
	if all[0].Seed != last.Seed {
		seeds = fmt.Sprintf("seeds %d to %d", all[0].Seed, last.Seed)
	}
	return summaryLine(c, strings.Join([]string{
		last.Strategy, fmt.Sprintf("%d pictures", len(all)), fmt.Sprintf("%d passes", sum.Passes), fmt.Sprintf("stride %.1f", sum.Stride()),
		fmt.Sprintf("%.1f ms a picture", milliseconds(sum.Total)/float64(len(all))), fmt.Sprintf("%.0f elements/s", sum.Rate()), seeds,
	}, separator), last.Stopped)
}
