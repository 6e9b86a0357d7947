package command

import (
	"fmt"
	stdimage "image"
	"image/color"
	"math"
	"strings"

	"github.com/stride-ml/stride/element/image"
)

// Escape sequences of ECMA-48 and ITU T.416 for the colours of half a cell.
const (
	foreground = "\x1b[38;2;%d;%d;%dm"
	background = "\x1b[48;2;%d;%d;%dm"
	noGround   = "\x1b[49m"
	noStyle    = "\x1b[m"
)

const (
	upperHalf = "▀"
	lowerHalf = "▄"
	notDrawn  = "·" // pixels that are not known yet
)

// shades are characters from dark to bright on a dark terminal, for one that
// shows no colours. Even a black pixel differs from none.
const shades = ".:-=+*#%@"

// cells draws a picture in character cells of two pixels each, one above the
// other: lines of as many cells as the picture is wide. Transparent pixels show
// the terminal's own background. Of the pixels, in raster order, only the first
// so many are known.
func cells(p *stdimage.NRGBA, known int, colours bool) []string {
	b := p.Bounds()
	at := func(x, y int) color.NRGBA {
		if y >= b.Dy() {
			return color.NRGBA{}
		}
		return p.NRGBAAt(b.Min.X+x, b.Min.Y+y)
	}
	var lines []string
	for y := 0; y < b.Dy(); y += 2 {
		var l cellLine
		for x := range b.Dx() {
			switch {
			case y*b.Dx()+x >= known:
				l.plain(dim.Render(notDrawn))
			case colours:
				l.halves(at(x, y), at(x, y+1))
			default:
				l.plain(shade(at(x, y), at(x, y+1)))
			}
		}
		lines = append(lines, l.done())
	}
	return lines
}

// cellLine is a line of cells with the colours that are in force at its end.
type cellLine struct {
	strings.Builder
	fore, back color.NRGBA // not opaque: the terminal's own
}

// opaque tells whether a pixel is shown.
func opaque(c color.NRGBA) bool { return c.A >= 128 }

// halves writes a cell of two pixels.
func (l *cellLine) halves(upper, lower color.NRGBA) {
	half, fore, back := upperHalf, upper, lower
	switch {
	case opaque(upper):
	case opaque(lower):
		half, fore, back = lowerHalf, lower, upper
	default:
		half, fore = " ", l.fore
	}
	if fore.A = 255; opaque(fore) && half != " " && fore != l.fore {
		fmt.Fprintf(l, foreground, fore.R, fore.G, fore.B)
		l.fore = fore
	}
	if !opaque(back) {
		back = color.NRGBA{}
	} else {
		back.A = 255
	}
	switch {
	case back == l.back:
	case back.A == 0:
		l.WriteString(noGround)
	default:
		fmt.Fprintf(l, background, back.R, back.G, back.B)
	}
	l.back = back
	l.WriteString(half)
}

// plain writes text without the colours of pixels.
func (l *cellLine) plain(s string) {
	l.reset()
	l.WriteString(s)
}

func (l *cellLine) reset() {
	if l.fore.A != 0 || l.back.A != 0 {
		l.WriteString(noStyle)
	}
	l.fore, l.back = color.NRGBA{}, color.NRGBA{}
}

func (l *cellLine) done() string {
	l.reset()
	return l.String()
}

// shade is the character for a cell of two pixels.
func shade(upper, lower color.NRGBA) string {
	if !opaque(upper) && !opaque(lower) {
		return " "
	}
	light := (brightness(upper) + brightness(lower)) / 2
	return string(shades[min(int(light*float64(len(shades))), len(shades)-1)])
}

// brightness is the luma of ITU-R BT.709, 0 to 1; that of a transparent pixel is
// 0.
func brightness(c color.NRGBA) float64 {
	if !opaque(c) {
		return 0
	}
	return (0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)) / 255
}

// shrunk makes a picture, and how many of its pixels are known, fit into so many
// columns and rows of cells: every k-th pixel of every k-th row.
func shrunk(p *stdimage.NRGBA, known, columns, rows int) (*stdimage.NRGBA, int) {
	w, h := p.Bounds().Dx(), p.Bounds().Dy()
	k := int(math.Ceil(max(float64(w)/float64(max(columns, 1)), float64(h)/float64(2*max(rows, 1)), 1)))
	if k == 1 {
		return p, known
	}
	small := image.Fit{Width: (w + k - 1) / k, Height: (h + k - 1) / k, Mode: image.Stretch, Nearest: true}
	if known < w*h {
		known = known / w / k * small.Width
	} else {
		known = small.Width * small.Height
	}
	return small.Apply(p), known
}
