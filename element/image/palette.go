package image

import (
	stdimage "image"
	"image/color"
	"slices"
	"sort"
)

// opaque is the least alpha that counts as opaque where alpha is one of two.
const opaque = 128

// Palette is a list of at most 256 colours. Entry 0 is transparent, the others are opaque.
type Palette []color.NRGBA

// Indices appends to dst the index of each pixel of the picture in raster order (H·W): 0 where alpha is below 128, else
// the entry nearest in Oklab. A palette without opaque entries gives 0 everywhere.
func (p Palette) Indices(dst []int, img *stdimage.NRGBA) []int {
	b := img.Bounds()
	dst = slices.Grow(dst, b.Dx()*b.Dy())
	if len(p) < 2 {
		return append(dst, make([]int, b.Dx()*b.Dy())...)
	}
	near := newFinder(p[1:])
	// Pictures repeat their colours; a small direct-mapped cache saves most of the conversions.
	var cache [256]struct {
		colour [3]uint8
		index  int
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := img.Pix[img.PixOffset(b.Min.X, y):][:4*b.Dx()]
		for x := 0; x < len(row); x += 4 {
			if row[x+3] < opaque {
				dst = append(dst, 0)
				continue
			}
			c := [3]uint8(row[x : x+3])
			slot := &cache[c[0]*7+c[1]*31+c[2]]
			if slot.index == 0 || slot.colour != c {
				i, _ := near.nearest(toLab(color.NRGBA{c[0], c[1], c[2], 255}))
				slot.colour, slot.index = c, i+1
			}
			dst = append(dst, slot.index)
		}
	}
	return dst
}

// Picture makes a picture of w by h pixels from palette indices in raster order. It is transparent where an index is
// missing, -1 or otherwise outside the palette.
func (p Palette) Picture(ids []int, w, h int) *stdimage.NRGBA {
	img := newPicture(w, h)
	for i, id := range ids[:min(len(ids), len(img.Pix)/4)] {
		if id > 0 && id < len(p) {
			c := p[id]
			copy(img.Pix[4*i:], []uint8{c.R, c.G, c.B, c.A})
		}
	}
	return img
}

// newPicture makes a transparent picture; a negative size counts as 0.
func newPicture(w, h int) *stdimage.NRGBA {
	return stdimage.NewNRGBA(stdimage.Rect(0, 0, max(w, 0), max(h, 0)))
}

// finder finds the nearest of a few colours. They are sorted by lightness, so that the search, outwards from the
// lightness sought, stops when that alone is further away than the best.
type finder struct {
	labs  []lab
	order []int // index of each before sorting
}

func newFinder(colours []color.NRGBA) *finder {
	labs := make([]lab, len(colours))
	for i, c := range colours {
		labs[i] = toLab(c)
	}
	return sortedFinder(labs)
}

func sortedFinder(labs []lab) *finder {
	f := &finder{labs: make([]lab, len(labs)), order: make([]int, len(labs))}
	for i := range labs {
		f.order[i] = i
	}
	sort.SliceStable(f.order, func(i, j int) bool { return labs[f.order[i]].l < labs[f.order[j]].l })
	for i, o := range f.order {
		f.labs[i] = labs[o]
	}
	return f
}

// nearest returns the index of the nearest colour and its squared distance. There must be a colour.
func (f *finder) nearest(c lab) (int, float64) {
	hi := sort.Search(len(f.labs), func(i int) bool { return f.labs[i].l >= c.l })
	lo := hi - 1
	best, at := 1e9, 0
	for lo >= 0 || hi < len(f.labs) {
		if lo >= 0 {
			if d := c.l - f.labs[lo].l; d*d >= best {
				lo = -1
			} else {
				if d := c.distance(f.labs[lo]); d < best {
					best, at = d, lo
				}
				lo--
			}
		}
		if hi < len(f.labs) {
			if d := f.labs[hi].l - c.l; d*d >= best {
				hi = len(f.labs)
			} else {
				if d := c.distance(f.labs[hi]); d < best {
					best, at = d, hi
				}
				hi++
			}
		}
	}
	return f.order[at], best
}
