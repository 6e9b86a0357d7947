package audio

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Spectrogram draws values (T,Bands), such as those of [Mel.Log], a pixel each: time goes to the right, the first band is
// at the bottom, and colours go from dark for low and below to bright for high and above. Where low is not below high the
// least and the largest value take their place. Values that are not numbers are dark; a part of a frame at the end is
// ignored, and there is no picture (0 by 0) for less than 1 band.
func Spectrogram(values []float32, bands int, low, high float32) *image.NRGBA {
	if bands < 1 {
		return image.NewNRGBA(image.Rectangle{})
	}
	frames := len(values) / bands
	values = values[:frames*bands]
	if !(low < high) {
		low, high = extent(values)
	}
	img := image.NewNRGBA(image.Rect(0, 0, frames, bands))
	for i, v := range values {
		img.SetNRGBA(i/bands, bands-1-i%bands, heatOf(v, low, high))
	}
	return img
}

// heatOf is the colour of a value.
func heatOf(v, low, high float32) color.NRGBA {
	u := (v - low) / (high - low)
	if !(u > 0) {
		return heat[0]
	}
	return heat[int(min(u, 1)*255+0.5)]
}

// extent is the least and the largest of values that are numbers, not infinite ones.
func extent(values []float32) (low, high float32) {
	low, high = math.MaxFloat32, -math.MaxFloat32
	for _, v := range values {
		if !math.IsInf(float64(v), 0) && v == v {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

var (
	paper  = color.NRGBA{255, 255, 255, 255}
	ink    = color.NRGBA{40, 40, 48, 255}
	faint  = color.NRGBA{214, 214, 220, 255}
	pale   = color.NRGBA{150, 170, 205, 255}
	strong = color.NRGBA{48, 86, 150, 255}
)

// Waveform draws samples over a width and height in pixels, -1 at the bottom and 1 at the top: for each column, pale from
// the least to the largest of its samples, and strong for their root mean square around the middle.
func Waveform(x []float32, width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, max(width, 0), max(height, 0)))
	draw.Draw(img, img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	row := func(v float64) int {
		return int(math.Round((1 - float64(clamp(float32(v)))) / 2 * float64(height-1)))
	}
	for c := range width {
		at := func(y int, k color.NRGBA) { img.SetNRGBA(c, y, k) }
		at(row(0), faint)
		part := x[len(x)*c/width : max(len(x)*(c+1)/width, min(len(x)*c/width+1, len(x)))]
		if len(part) == 0 {
			continue
		}
		least, most := extent(part)
		for y := row(float64(most)); y <= row(float64(least)); y++ {
			at(y, pale)
		}
		rms := math.Pow(10, Level(part)/20)
		for y := row(rms); y <= row(-rms); y++ {
			at(y, strong)
		}
	}
	return img
}

// Sizes of [Picture] in pixels.
const (
	leftMargin   = 34 // for numbers of kHz
	rightMargin  = 12
	topMargin    = 6
	bottomMargin = 22 // for numbers of seconds
	gap          = 17 // between waveform and spectrogram, for the unit
	leastWidth   = 160
	leastHeight  = 140
	mostPixels   = 1 << 24
)

// Picture draws a sound over a width and height in pixels: above, its waveform, as high as its peak; below, its spectrogram
// from 0 to half of the rate, 70 dB down from the loudest, with ticks of seconds and kHz. It is an error if the sound has
// no samples or no rate, and if the size is not at least 160 by 140 and at most 16 million pixels.
func Picture(s Sound, width, height int) (*image.NRGBA, error) {
	if err := checkRate(s.Rate); err != nil {
		return nil, err
	}
	if len(s.Samples) == 0 {
		return nil, fmt.Errorf("audio: picture of no samples, want at least 1")
	}
	if width < leastWidth || height < leastHeight || width > mostPixels/height {
		return nil, fmt.Errorf("audio: picture of %dx%d pixels, want at least %dx%d and at most %d in all",
			width, height, leastWidth, leastHeight, mostPixels)
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	split := topMargin + (height-topMargin-bottomMargin-gap)/4
	upper := image.Rect(leftMargin, topMargin, width-rightMargin, split)
	lower := image.Rect(leftMargin, split+gap, width-rightMargin, height-bottomMargin)

	draw.Draw(img, upper, Waveform(loud(s.Samples), upper.Dx(), upper.Dy()), image.Point{}, draw.Src)
	spectrum, err := levels(s, lower.Dx(), lower.Dy())
	if err != nil {
		return nil, err
	}
	_, loudest := extent(spectrum)
	const depth = 70
	draw.Draw(img, lower, Spectrogram(spectrum, lower.Dy(), loudest-depth, loudest), image.Point{}, draw.Src)
	drawAxes(img, lower, s)
	return img, nil
}

// PictureSize is a size for [Picture] in pixels that suits a sound: its width grows with the time, within bounds.
func PictureSize(samples, rate int) (width, height int) {
	const second, least, most, usual = 160, 480, 8000, 420
	return min(max(int(Duration(samples, rate).Seconds()*second), least), most), usual
}

// loud makes samples as loud as they can be.
func loud(x []float32) []float32 {
	peak := Peak(x)
	if peak == 0 {
		return x
	}
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = v / peak
	}
	return out
}

// levels are those of a sound in dB, (width,height): each of a window of about 25 ms, at times and frequencies spread
// evenly. The FFT is long enough to have a bin for each row, and between two bins the larger counts.
func levels(s Sound, width, height int) ([]float32, error) {
	window := min(max(s.Rate/40, 32), maxFFT/4)
	size := 2
	for size < 2*window || size < 2*height && size < maxFFT {
		size *= 2
	}
	c := STFTConfig{FFT: size, Window: window, Hop: 1}
	stft, err := NewSTFT(c)
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, width*height)
	bins := stft.Bins()
	spectrum := make([]complex64, bins)
	for x := range width {
		// Frame t of a hop of 1 has sample t in its middle.
		stft.Frame(spectrum, s.Samples, (2*x+1)*len(s.Samples)/(2*width))
		for y := range height {
			var a float32
			from := y * bins / height
			for _, v := range spectrum[from:max((y+1)*bins/height, from+1)] {
				a = max(a, abs(v))
			}
			out = append(out, float32(20*math.Log10(max(float64(a), 1e-9))))
		}
	}
	return out, nil
}
