package measure

import (
	"cmp"
	stdimage "image"
	"image/color"
	"slices"

	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/measure/picture"
)

// Sheet is pictures of a comparison to look at.
type Sheet struct {
	Name  string // "sheet", "nearest", "spectrograms"
	Image *stdimage.NRGBA
	// Columns and Rows say what each of them shows.
	Columns, Rows []string
}

// Sheets returns pictures to look at, if there is something to see. Of pictures, in
// the one called sheet a line is a prompt: the real picture that it was taken
// from, if it was, and what each row of the comparison made of it with the same
// seed. In the one called nearest, which needs the training data, a line is a row
// of the comparison: pictures of it, each with the training picture nearest to it
// on its right (perhaps the mirror image is what is near), from the nearest pair of
// all on the left to the farthest. Of speech there is one called spectrograms, in
// which a line is a row of the comparison, and a column the same sentence by each.
func (c *Comparison) Sheets() []Sheet { return slices.Clone(c.sheets) }

const (
	sheetLines   = 12
	nearestPairs = 8
	sheetCell    = 64 // pixels of a side, about
)

// sheetGround is a grey that neither dark nor bright things vanish on.
var sheetGround = color.NRGBA{128, 128, 128, 255}

// newSheet lays out lines of pictures, all of as many.
func newSheet(name string, columns, rows []string, lines [][]*stdimage.NRGBA) Sheet {
	var all []*stdimage.NRGBA
	for _, p := range slices.Concat(lines...) {
		if p != nil {
			p = image.Scale(p, max(1, sheetCell/max(p.Rect.Dx(), p.Rect.Dy())))
		}
		all = append(all, p)
	}
	return Sheet{name, image.Sheet(all, len(columns), sheetCell/16, sheetGround), columns, rows}
}

// sampleSheet shows what the rows made of the first of so many prompts. real are
// the pictures that these were taken from, or none.
func sampleSheet(c *Comparison, objects [][]object, prompts int, real []image.Item) (Sheet, bool) {
	var columns, rows []string
	if len(real) > 0 {
		columns = append(columns, "real")
	}
	lines := min(sheetLines, prompts)
	for i, r := range c.Rows {
		columns = append(columns, r.Name)
		lines = min(lines, len(objects[i]))
	}
	if lines == 0 {
		return Sheet{}, false
	}
	cells := make([][]*stdimage.NRGBA, lines)
	for n := range cells {
		rows = append(rows, objects[0][n].prompt.Text)
		if len(real) > 0 {
			cells[n] = append(cells[n], real[n].Image)
		}
		for i := range c.Rows {
			cells[n] = append(cells[n], objects[i][n].image)
		}
	}
	return newSheet("sheet", columns, rows, cells), true
}

// nearestLine shows pictures of a set, each followed by the training picture that
// is nearest to it, from the nearest pair to the farthest.
func nearestLine(pictures []*stdimage.NRGBA, matches []picture.Match, training []image.Item) []*stdimage.NRGBA {
	order := make([]int, len(matches))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(matches[a].Distance, matches[b].Distance) })
	line := make([]*stdimage.NRGBA, 0, 2*nearestPairs)
	n := min(nearestPairs, len(order))
	for k := range n {
		i := order[k*(len(order)-1)/max(n-1, 1)]
		line = append(line, pictures[i], training[matches[i].Index].Image)
	}
	return line[:cap(line)] // the rest is empty
}

// nearestColumns are those of the sheet called nearest.
func nearestColumns() []string {
	var out []string
	for range nearestPairs {
		out = append(out, "picture", "nearest training picture")
	}
	return out
}
