package image

import (
	stdimage "image"
	"image/color"
	"testing"
)

// patch is a picture of 8x8 pixels: an outline of one pixel around an area.
func patch(outline, inside color.NRGBA) *stdimage.NRGBA {
	img := newPicture(8, 8)
	for y := range 8 {
		for x := range 8 {
			c := inside
			if x == 0 || y == 0 || x == 7 || y == 7 {
				c = outline
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

var black = color.NRGBA{0, 0, 0, 255}

// The colours are the names' in CSS or near them, so that the test does not repeat the bounds.
func TestColourName(t *testing.T) {
	for want, c := range map[string]color.NRGBA{
		"red": {200, 30, 30, 255}, "orange": {255, 140, 0, 255}, "brown": {139, 69, 19, 255}, "yellow": {255, 235, 20, 255},
		"green": {34, 139, 34, 255}, "cyan": {0, 205, 209, 255}, "blue": {30, 60, 225, 255}, "purple": {90, 20, 130, 255},
		"magenta": {255, 0, 255, 255}, "pink": {255, 182, 193, 255}, "white": {245, 245, 245, 255}, "grey": {128, 128, 128, 255}, "black": {10, 10, 10, 255},
	} {
		if got := ColourName(patch(black, c)); got != want {
			t.Errorf("%v: %q, want %q", c, got, want)
		}
	}
	half := patch(color.NRGBA{}, color.NRGBA{200, 30, 30, 255})
	for y := 1; y < 7; y++ {
		for x := 1; x < 4; x++ {
			half.SetNRGBA(x, y, color.NRGBA{30, 60, 225, 255})
		}
	}
	if got := ColourName(half); got != "" {
		t.Errorf("half red, half blue: %q, want none", got)
	}
	if got := ColourName(newPicture(8, 8)); got != "" {
		t.Errorf("nothing drawn: %q, want none", got)
	}
}

func TestRecolour(t *testing.T) {
	red := patch(black, color.NRGBA{170, 60, 50, 255})
	red.SetNRGBA(0, 0, color.NRGBA{})
	for angle, want := range map[float64]string{0: "red", 120: "green", 225: "blue", 360: "red"} {
		got := Recolour(red, angle)
		if name := ColourName(got); name != want {
			t.Errorf("turned by %g: %q, want %q", angle, name, want)
		}
		if got.NRGBAAt(0, 0) != (color.NRGBA{}) || got.NRGBAAt(1, 0) != black {
			t.Errorf("turned by %g: corner %v, outline %v; want both as they were", angle, got.NRGBAAt(0, 0), got.NRGBAAt(1, 0))
		}
		if l := toLab(got.NRGBAAt(4, 4)).l - toLab(red.NRGBAAt(4, 4)).l; l > 0.03 || l < -0.03 {
			t.Errorf("turned by %g: lightness changed by %g", angle, l)
		}
	}
	if red.NRGBAAt(4, 4) != (color.NRGBA{170, 60, 50, 255}) {
		t.Error("the picture itself was changed")
	}
	grey := patch(black, color.NRGBA{140, 140, 140, 255})
	if got := ColourName(Tint(grey, 264)); got != "blue" {
		t.Errorf("grey tinted at 264: %q, want blue", got)
	}
}

func TestWithColour(t *testing.T) {
	for _, c := range []struct{ caption, name, want string }{
		{"a dragon", "red", "a red dragon"},
		{"a dragon", "orange", "an orange dragon"},
		{"an orc", "blue", "a blue orc"},
		{"An orc", "blue", "A blue orc"},
		{"ratskin cloak", "brown", "brown ratskin cloak"},
		{"", "brown", "brown"},
		{"anvil", "grey", "grey anvil"},
	} {
		if got := WithColour(c.caption, c.name); got != c.want {
			t.Errorf("WithColour(%q, %q) = %q, want %q", c.caption, c.name, got, c.want)
		}
		if with, without := CaptionColour(c.want), CaptionColour(c.caption); with != c.name || without != "" {
			t.Errorf("CaptionColour(%q) = %q, of %q %q; want %q and none", c.want, with, c.caption, without, c.name)
		}
	}
	for caption, want := range map[string]string{"a Golden, old red ring": "golden", "a hundred reddish things": ""} {
		if got := CaptionColour(caption); got != want {
			t.Errorf("CaptionColour(%q) = %q, want %q", caption, got, want)
		}
	}
}
