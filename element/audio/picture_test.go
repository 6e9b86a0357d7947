package audio

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

func TestHeat(t *testing.T) {
	last := -1.0
	for i, c := range heat {
		grey := 0.2126*math.Pow(float64(c.R)/255, 2.2) + 0.7152*math.Pow(float64(c.G)/255, 2.2) + 0.0722*math.Pow(float64(c.B)/255, 2.2)
		if grey < last || c.A != 255 {
			t.Errorf("colour %d, %v, is not brighter than the one before", i, c)
		}
		last = grey
	}
	if heat[0].R > 20 || heat[255].R < 240 || heat[255].G < 230 {
		t.Errorf("from %v to %v", heat[0], heat[255])
	}
}

func TestSpectrogram(t *testing.T) {
	nan := float32(math.NaN())
	values := []float32{0, 1, 2, 3, 4, 5, nan, -9, 99, 7} // 3 frames of 3 bands, and a part
	img := Spectrogram(values, 3, 0, 5)
	if img.Rect != image.Rect(0, 0, 3, 3) {
		t.Fatal(img.Rect)
	}
	for _, tc := range []struct {
		x, y int
		want color.NRGBA
	}{
		{0, 2, heat[0]}, {0, 1, heat[51]}, {0, 0, heat[102]}, {1, 0, heat[255]}, {2, 2, heat[0]}, {2, 1, heat[0]}, {2, 0, heat[255]},
	} {
		if got := img.NRGBAAt(tc.x, tc.y); got != tc.want {
			t.Errorf("%d,%d: %v, want %v", tc.x, tc.y, got, tc.want)
		}
	}
	scaled := Spectrogram([]float32{-4, nan, 6}, 1, 0, 0)
	if got := []color.NRGBA{scaled.NRGBAAt(0, 0), scaled.NRGBAAt(1, 0), scaled.NRGBAAt(2, 0)}; !slices.Equal(got, []color.NRGBA{heat[0], heat[0], heat[255]}) {
		t.Errorf("%v", got)
	}
	for _, img := range []*image.NRGBA{Spectrogram(nil, 80, 0, 0), Spectrogram(values, 0, 0, 0), Spectrogram([]float32{nan, nan}, 1, 0, 0), Spectrogram([]float32{3, 3}, 1, 0, 0)} {
		if n := img.Rect.Dx() * img.Rect.Dy(); len(img.Pix) != 4*n {
			t.Errorf("%v", img.Rect)
		}
	}
}

func TestWaveform(t *testing.T) {
	x := append(make([]float32, 50), tone(50, 1000, 100, 1, 1)...)
	img := Waveform(x, 10, 21)
	if img.NRGBAAt(1, 0) != paper || img.NRGBAAt(1, 10) != strong || img.NRGBAAt(1, 11) != paper {
		t.Errorf("silence: %v %v", img.NRGBAAt(1, 0), img.NRGBAAt(1, 10))
	}
	if img.NRGBAAt(7, 1) != pale || img.NRGBAAt(7, 5) != strong || img.NRGBAAt(7, 19) != pale {
		t.Errorf("a tone: %v %v %v", img.NRGBAAt(7, 1), img.NRGBAAt(7, 5), img.NRGBAAt(7, 19))
	}
	// Sizes that do not fit, and values that are no samples.
	for _, x := range [][]float32{nil, {0.5}, {float32(math.NaN()), 7, float32(math.Inf(-1))}} {
		for _, size := range []image.Point{{0, 0}, {-4, 9}, {30, 1}, {1, 30}, {50, 40}} {
			if got := Waveform(x, size.X, size.Y).Rect; got.Dx() != max(size.X, 0) || got.Dy() != max(size.Y, 0) {
				t.Errorf("%v of %v", got, size)
			}
		}
	}
}

func TestPicture(t *testing.T) {
	// A tone in the second half, at a quarter of the rate.
	s := Sound{append(make([]float32, 8000), tone(8000, 16000, 4000, 0.1, 1)...), 16000}
	img, err := Picture(s, 400, 300)
	if err != nil || img.Rect != image.Rect(0, 0, 400, 300) {
		t.Fatalf("%v, %v", img.Rect, err)
	}
	at := func(second, khz float64) color.NRGBA {
		top := topMargin + (300-topMargin-bottomMargin-gap)/4 + gap
		x := leftMargin + second*float64(400-leftMargin-rightMargin)
		y := float64(300-bottomMargin) - khz/8*float64(300-bottomMargin-top)
		return img.NRGBAAt(int(x), int(y))
	}
	if on, off, before := at(0.75, 4), at(0.75, 6), at(0.25, 4); on.R < 240 || off.R > 60 || before != heat[0] {
		t.Errorf("%v in the tone, %v above, %v before", on, off, before)
	}
	tick := leftMargin + int(math.Round(0.4*float64(400-leftMargin-rightMargin-1)))
	if y := 300 - bottomMargin + 1; img.NRGBAAt(tick, y) != ink || img.NRGBAAt(tick+1, y) != paper {
		t.Errorf("no tick at 0.4 s: %v, %v beside it", img.NRGBAAt(tick, y), img.NRGBAAt(tick+1, y))
	}
	for _, s := range []Sound{{make([]float32, 1), 8000}, {noise(50, 1), 1}, {noise(3, 1), maxRate}} {
		if _, err := Picture(s, leastWidth, leastHeight); err != nil {
			t.Errorf("%d samples at %d Hz: %v", len(s.Samples), s.Rate, err)
		}
	}
}

func TestPictureErrors(t *testing.T) {
	x := noise(10, 1)
	for _, tc := range []struct {
		s             Sound
		width, height int
		want          string
	}{
		{Sound{x, 0}, 400, 300, "audio: rate 0 Hz, want 1 to 768000"},
		{Sound{nil, 16000}, 400, 300, "audio: picture of no samples, want at least 1"},
		{Sound{x, 16000}, 100, 300, "audio: picture of 100x300 pixels, want at least 160x140 and at most 16777216 in all"},
		{Sound{x, 16000}, 1 << 20, 1 << 20, "audio: picture of 1048576x1048576 pixels, want at least 160x140 and at most 16777216 in all"},
	} {
		if _, err := Picture(tc.s, tc.width, tc.height); fmt.Sprint(err) != tc.want {
			t.Errorf("%v, want %s", err, tc.want)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, tc := range []struct {
		end   float64
		count int
		want  []float64
	}{
		{8, 8, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8}},
		{8, 5, []float64{0, 2, 4, 6, 8}},
		{3.785, 4, []float64{0, 1, 2, 3}},
		{0.4, 2, []float64{0, 0.2, 0.4}},
		{70, 3, []float64{0, 50}},
		{1, 0, []float64{0, 1}},
	} {
		got := ticks(tc.end, tc.count)
		if !slices.EqualFunc(got, tc.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("to %g: %v, want %v", tc.end, got, tc.want)
		}
	}
}

func TestPictureSize(t *testing.T) {
	for _, c := range [][3]int{{0, 16000, 480}, {16000, 16000, 480}, {64000, 16000, 640}, {1 << 30, 16000, 8000}} {
		if width, height := PictureSize(c[0], c[1]); width != c[2] || height != 420 {
			t.Errorf("%d samples, %d a second: got %dx%d, want %dx420", c[0], c[1], width, height, c[2])
		}
	}
}
