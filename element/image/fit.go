package image

import (
	"fmt"
	stdimage "image"

	"golang.org/x/image/draw"
)

// FitMode is what becomes of a picture of another shape.
type FitMode int

const (
	Pad     FitMode = iota // the whole picture, in the middle of transparent margins
	Crop                   // the middle of the picture fills the size
	Stretch                // the picture takes the new shape
)

var fitNames = []string{Pad: "pad", Crop: "crop", Stretch: "stretch"}

// String returns the name that recipes use.
func (m FitMode) String() string {
	if m < 0 || int(m) >= len(fitNames) {
		return fmt.Sprintf("FitMode(%d)", int(m))
	}
	return fitNames[m]
}

// MarshalText writes the mode as pad, crop or stretch.
func (m FitMode) MarshalText() ([]byte, error) {
	if m < 0 || int(m) >= len(fitNames) {
		return nil, fmt.Errorf("fit mode is %d, want 0 to %d", int(m), len(fitNames)-1)
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads pad, crop or stretch.
func (m *FitMode) UnmarshalText(b []byte) error {
	for i, name := range fitNames {
		if name == string(b) {
			*m = FitMode(i)
			return nil
		}
	}
	return fmt.Errorf("fit mode is %q, want pad, crop or stretch", b)
}

// Fit brings pictures to one size.
type Fit struct {
	Width, Height int // 0: the picture's own
	Mode          FitMode
	Nearest       bool // takes the nearest pixel, for pixel art; else Catmull-Rom on colours multiplied by alpha
}

// Apply returns a copy of the picture, Width by Height pixels. One that is of that size keeps every byte.
func (f Fit) Apply(src stdimage.Image) *stdimage.NRGBA {
	b := src.Bounds()
	w, h := f.Width, f.Height
	if w <= 0 {
		w = b.Dx()
	}
	if h <= 0 {
		h = b.Dy()
	}
	dst := newPicture(w, h)
	if b.Empty() || dst.Rect.Empty() {
		return dst
	}
	if b.Size() == dst.Rect.Size() {
		convert(dst, src, stdimage.Point{}, b)
		return dst
	}
	to, from := dst.Rect, b
	switch f.Mode {
	case Pad:
		to = middle(dst.Rect, b.Dx(), b.Dy())
	case Crop:
		from = middle(b, w, h)
	}
	if f.Nearest {
		nearest(dst, to, src, from)
		return dst
	}
	smooth := stdimage.NewRGBA64(dst.Rect) // 16 bits, or the colours of faint pixels would be rounded away
	draw.CatmullRom.Scale(smooth, to, src, from, draw.Src, nil)
	convert(dst, smooth, stdimage.Point{}, smooth.Rect)
	return dst
}

// middle is the largest rectangle of the shape w by h in the middle of r, at least one pixel wide and high.
func middle(r stdimage.Rectangle, w, h int) stdimage.Rectangle {
	size := r.Size()
	if size.X*h > size.Y*w {
		size.X = max((size.Y*w+h/2)/h, 1)
	} else {
		size.Y = max((size.X*h+w/2)/w, 1)
	}
	at := r.Min.Add(r.Size().Sub(size).Div(2))
	return stdimage.Rectangle{Min: at, Max: at.Add(size)}
}

// nearest scales by the pixel nearest to the middle of each.
func nearest(dst *stdimage.NRGBA, to stdimage.Rectangle, src stdimage.Image, from stdimage.Rectangle) {
	for y := range to.Dy() {
		sy := from.Min.Y + (2*y+1)*from.Dy()/(2*to.Dy())
		for x := range to.Dx() {
			sx := from.Min.X + (2*x+1)*from.Dx()/(2*to.Dx())
			convert(dst, src, to.Min.Add(stdimage.Pt(x, y)), stdimage.Rect(sx, sy, sx+1, sy+1))
		}
	}
}
