package image

import (
	stdimage "image"
	"math"
	"slices"
)

// Channels is the number of values of a pixel: red, green, blue and alpha.
const Channels = 4

// Values appends to dst the picture as values (H·W,4) of -1 to 1, the colours multiplied by alpha: a fully transparent
// pixel is -1,-1,-1,-1 whatever its hidden colour. That is what flow models see.
func Values(dst []float32, img *stdimage.NRGBA) []float32 {
	b := img.Bounds()
	dst = slices.Grow(dst, Channels*b.Dx()*b.Dy())
	eachPixel(img, func(p []uint8) {
		a := float64(p[3])
		for _, c := range p[:3] {
			dst = append(dst, float32(2*float64(c)*a/(255*255)-1))
		}
		dst = append(dst, float32(2*a/255-1))
	})
	return dst
}

// eachPixel calls f with the four bytes of each pixel in raster order.
func eachPixel(img *stdimage.NRGBA, f func(p []uint8)) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := img.Pix[img.PixOffset(b.Min.X, y):][:4*b.Dx()]
		for x := 0; x < len(row); x += 4 {
			f(row[x : x+4])
		}
	}
}

// FromValues undoes [Values] for a picture of w by h pixels. Values outside -1 to 1 are clamped and those that are not
// numbers count as -1; pixels without values are transparent. With binary, alpha becomes 0 or 255, whichever is nearer.
// For values that come from a picture the result is that picture, its hidden colours apart.
func FromValues(x []float32, w, h int, binary bool) *stdimage.NRGBA {
	img := newPicture(w, h)
	n := min(len(x)/Channels, len(img.Pix)/4)
	for i := range n {
		v, p := x[Channels*i:][:Channels], img.Pix[4*i:][:4]
		a := unit(v[3])
		alpha := byteOf(a)
		if binary {
			alpha = 255 * (alpha / opaque)
		}
		if alpha == 0 {
			continue
		}
		for c := range 3 {
			p[c] = byteOf(unit(v[c]) / a)
		}
		p[3] = alpha
	}
	return img
}

// unit maps -1..1 to 0..1.
func unit(v float32) float64 {
	if v != v {
		return 0
	}
	return min(max((float64(v)+1)/2, 0), 1)
}

func byteOf(v float64) uint8 { return uint8(math.Round(255 * min(v, 1))) }
