package image

import (
	stdimage "image"
	"image/color"
	"math"
)

// Scale makes each pixel k by k pixels; k below 1 counts as 1.
func Scale(img *stdimage.NRGBA, k int) *stdimage.NRGBA {
	k = max(k, 1)
	b := img.Bounds()
	dst := newPicture(k*b.Dx(), k*b.Dy())
	nearest(dst, dst.Rect, img, b)
	return dst
}

// Sheet lays pictures out in rows of so many columns, with a gap around each, on a background; nil is transparent. All
// cells have the size of the largest picture, and smaller ones stand in the middle. Columns below 1 make the sheet about
// as many rows as columns; a nil picture leaves its cell empty.
func Sheet(pictures []*stdimage.NRGBA, columns, gap int, background color.Color) *stdimage.NRGBA {
	n := len(pictures)
	if columns < 1 {
		columns = int(math.Ceil(math.Sqrt(float64(n))))
	}
	columns, gap = min(columns, n), max(gap, 0)
	if n == 0 {
		return newPicture(0, 0)
	}
	var cell stdimage.Point
	for _, p := range pictures {
		if p != nil {
			cell.X, cell.Y = max(cell.X, p.Bounds().Dx()), max(cell.Y, p.Bounds().Dy())
		}
	}
	rows := (n + columns - 1) / columns
	step := cell.Add(stdimage.Pt(gap, gap))
	dst := newPicture(gap+columns*step.X, gap+rows*step.Y)
	ground := color.NRGBA{}
	if background != nil {
		ground = color.NRGBAModel.Convert(background).(color.NRGBA)
	}
	for i := 0; i < len(dst.Pix); i += 4 {
		copy(dst.Pix[i:], []uint8{ground.R, ground.G, ground.B, ground.A})
	}
	for i, p := range pictures {
		if p == nil {
			continue
		}
		corner := stdimage.Pt(gap+i%columns*step.X, gap+i/columns*step.Y)
		over(dst, p, corner.Add(cell.Sub(p.Bounds().Size()).Div(2)))
	}
	return dst
}

// over lays a picture on another. Opaque pixels, and all pixels on a transparent ground, keep every byte; image/draw
// would round them.
func over(dst, src *stdimage.NRGBA, at stdimage.Point) {
	b := src.Bounds()
	for y := range b.Dy() {
		row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):][:4*b.Dx()]
		to := dst.Pix[dst.PixOffset(at.X, at.Y+y):][:4*b.Dx()]
		for x := 0; x < len(row); x += 4 {
			blend(to[x:x+4], row[x:x+4])
		}
	}
}

// blend puts a pixel over another, after Porter and Duff ("Compositing digital images", 1984).
func blend(dst, src []uint8) {
	switch {
	case src[3] == 0:
		return
	case src[3] == 255 || dst[3] == 0:
		copy(dst, src)
		return
	}
	a := float64(src[3]) / 255
	below := float64(dst[3]) / 255 * (1 - a)
	for c := range 3 {
		dst[c] = uint8(math.Round((a*float64(src[c]) + below*float64(dst[c])) / (a + below)))
	}
	dst[3] = uint8(math.Round(255 * (a + below)))
}
