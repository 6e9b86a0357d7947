package audio

import (
	"image"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

const tickLength = 4

// drawAxes draws ticks below a part of the picture, in seconds, and left of it, in kHz.
func drawAxes(img *image.NRGBA, part image.Rectangle, s Sound) {
	seconds := float64(len(s.Samples)) / float64(s.Rate)
	for _, v := range ticks(seconds, part.Dx()/60) {
		x := part.Min.X + int(math.Round(v/seconds*float64(part.Dx()-1)))
		line(img, image.Rect(x, part.Max.Y, x+1, part.Max.Y+tickLength))
		label := number(v)
		if v == 0 {
			label += " s"
		}
		write(img, label, x-textWidth(number(v))/2, part.Max.Y+tickLength+basicfont.Face7x13.Ascent)
	}
	khz := float64(s.Rate) / 2000
	for _, v := range ticks(khz, part.Dy()/30) {
		y := part.Max.Y - 1 - int(math.Round(v/khz*float64(part.Dy()-1)))
		line(img, image.Rect(part.Min.X-tickLength, y, part.Min.X, y+1))
		write(img, number(v), part.Min.X-tickLength-2-textWidth(number(v)), y+basicfont.Face7x13.Ascent/2-1)
	}
	write(img, "kHz", part.Min.X-tickLength-2-textWidth("kHz"), part.Min.Y-8)
}

// ticks are multiples of 1, 2 or 5 times a power of ten from 0 to the end, about as many as asked for or fewer.
func ticks(end float64, count int) []float64 {
	least := end / float64(max(count, 1))
	power := math.Pow(10, math.Floor(math.Log10(least)))
	step := 10 * power
	for _, k := range []float64{1, 2, 5} {
		if k*power >= least {
			step = k * power
			break
		}
	}
	var out []float64
	for i := 0.0; i*step <= end*(1+1e-9); i++ {
		out = append(out, i*step)
	}
	return out
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func textWidth(s string) int { return len(s) * basicfont.Face7x13.Advance }

func write(img *image.NRGBA, s string, x, baseline int) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(x, baseline)}
	d.DrawString(s)
}

func line(img *image.NRGBA, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetNRGBA(x, y, ink)
		}
	}
}
