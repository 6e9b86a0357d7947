package audio

import (
	"image/color"
	"math"
)

// heat is a scale of 256 colours from dark violet over red to light yellow. Their lightness rises evenly to the eye, so
// that what is twice as bright looks it, and in grey too.
var heat = func() (scale [256]color.NRGBA) {
	for i := range scale {
		v := float64(i) / 255
		// Hue in degrees, from violet through red to yellow; colour is strongest in the middle.
		hue := (290 + 180*math.Pow(v, 0.9)) * math.Pi / 180
		chroma := 0.06 + 0.13*math.Sin(math.Pi*math.Pow(v, 0.85)) - 0.01*v
		scale[i] = oklab(0.13+0.85*v, chroma*math.Cos(hue), chroma*math.Sin(hue))
	}
	return scale
}()

// oklab converts from Oklab (Ottosson, "A perceptual color space for image processing", 2020) to sRGB.
func oklab(lightness, a, b float64) color.NRGBA {
	l := math.Pow(lightness+0.3963377774*a+0.2158037573*b, 3)
	m := math.Pow(lightness-0.1055613458*a-0.0638541728*b, 3)
	s := math.Pow(lightness-0.0894841775*a-1.2914855480*b, 3)
	encode := func(v float64) uint8 {
		if v = min(max(v, 0), 1); v <= 0.0031308 {
			return uint8(math.Round(255 * 12.92 * v))
		}
		return uint8(math.Round(255 * (1.055*math.Pow(v, 1/2.4) - 0.055)))
	}
	return color.NRGBA{
		R: encode(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		G: encode(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		B: encode(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
		A: 255,
	}
}
