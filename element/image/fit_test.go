package image

import (
	"bytes"
	stdimage "image"
	"image/color"
	"strings"
	"testing"
)

func TestFitNearest(t *testing.T) {
	wide := paint("rrbb", "rrbb")
	for _, tc := range []struct {
		name string
		src  *stdimage.NRGBA
		fit  Fit
		want string
	}{
		{"pad wide", wide, Fit{Width: 4, Height: 4, Mode: Pad}, "..../rrbb/rrbb/...."},
		{"pad smaller", wide, Fit{Width: 2, Height: 2, Mode: Pad}, "rb/.."},
		{"pad high", paint("r", "b"), Fit{Width: 4, Height: 4, Mode: Pad}, ".rr./.rr./.bb./.bb."},
		{"crop", paint("grrbbg", "grrbbg"), Fit{Width: 2, Height: 2, Mode: Crop}, "rb/rb"},
		{"crop high", paint("g", "r", "b", "g"), Fit{Width: 2, Height: 2, Mode: Crop}, "rr/rr"},
		{"stretch", wide, Fit{Width: 2, Height: 4, Mode: Stretch}, "rb/rb/rb/rb"},
		{"own size", wide, Fit{}, "rrbb/rrbb"},
		{"own width", wide, Fit{Height: 1, Mode: Stretch}, "rrbb"},
		{"thin", paint(strings.Repeat("r", 50)), Fit{Width: 2, Height: 2, Mode: Pad}, "rr/.."},
		{"part", paint("gggg", "grbg", "gggg").SubImage(stdimage.Rect(1, 1, 3, 2)).(*stdimage.NRGBA), Fit{Width: 4, Height: 2}, "rrbb/rrbb"},
		{"nothing", newPicture(0, 0), Fit{Width: 1, Height: 1}, "."},
	} {
		tc.fit.Nearest = true
		if got := letters(tc.fit.Apply(tc.src)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestFitKeepsBytes(t *testing.T) {
	img := newPicture(4, 4)
	for i := range img.Pix {
		img.Pix[i] = uint8(37 * i)
	}
	for mode := Pad; mode <= Stretch; mode++ {
		for _, near := range []bool{false, true} {
			got := Fit{4, 4, mode, near}.Apply(img)
			if !bytes.Equal(got.Pix, img.Pix) {
				t.Errorf("%v, nearest %v: changed", mode, near)
			}
			if &got.Pix[0] == &img.Pix[0] {
				t.Errorf("%v, nearest %v: not a copy", mode, near)
			}
		}
	}
}

func TestFitSmooth(t *testing.T) {
	// The hidden colour of transparent pixels must not bleed into the edge.
	img := newPicture(64, 64)
	for i := 0; i < len(img.Pix); i += 4 {
		c := color.NRGBA{0, 255, 0, 0}
		if i%256 < 100 {
			c = red
		}
		img.SetNRGBA(i/4%64, i/4/64, c)
	}
	for _, size := range []int{16, 23, 100} {
		got := Fit{Width: size, Height: size}.Apply(img)
		faint := 0
		for i := 0; i < len(got.Pix); i += 4 {
			if p := got.Pix[i:]; p[3] > 0 && (p[0] < 254 || p[1] > 1) {
				t.Fatalf("size %d: pixel %v, want red", size, p[:4])
			}
			if a := got.Pix[i+3]; a > 0 && a < 255 {
				faint++
			}
		}
		if got.Rect.Dx() != size || faint == 0 {
			t.Errorf("size %d: %v with %d faint pixels, want some at the edge", size, got.Rect, faint)
		}
	}
}

func TestFitModeText(t *testing.T) {
	for mode, name := range map[FitMode]string{Pad: "pad", Crop: "crop", Stretch: "stretch"} {
		b, err := mode.MarshalText()
		if err != nil || string(b) != name || mode.String() != name {
			t.Errorf("%d: %s, %v", int(mode), b, err)
		}
		got := FitMode(-1)
		if err := got.UnmarshalText(b); err != nil || got != mode {
			t.Errorf("%s: %v, %v", b, got, err)
		}
	}
	var m FitMode
	if err := m.UnmarshalText([]byte("fill")); err == nil || err.Error() != `fit mode is "fill", want pad, crop or stretch` {
		t.Error(err)
	}
	if _, err := FitMode(3).MarshalText(); err == nil {
		t.Error("mode 3: no error")
	}
	if s := FitMode(3).String(); s != "FitMode(3)" {
		t.Error(s)
	}
}
