package image

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func TestValues(t *testing.T) {
	img := paint("rh.")
	img.SetNRGBA(2, 0, none)
	img.Pix[8] = 77 // a hidden colour
	h := float32(2*128.0/255 - 1)
	want := []float32{1, -1, -1, 1, h, -1, -1, h, -1, -1, -1, -1}
	if got := Values(nil, img); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Values([]float32{7}, img); len(got) != 13 || got[0] != 7 {
		t.Errorf("%v, want it appended", got)
	}
}

// TestValuesRoundTrip tries every colour at every alpha.
func TestValuesRoundTrip(t *testing.T) {
	img := newPicture(256, 256)
	for a := range 256 {
		for c := range 256 {
			p := img.Pix[4*(256*a+c):]
			if a > 0 {
				p[0], p[1], p[2], p[3] = uint8(c), uint8(255-c), uint8(c*7), uint8(a)
			}
		}
	}
	x := Values(nil, img)
	for _, v := range x {
		if v < -1 || v > 1 {
			t.Fatalf("value %v, want -1 to 1", v)
		}
	}
	if got := FromValues(x, 256, 256, false); !bytes.Equal(got.Pix, img.Pix) {
		t.Error("changed by the round trip")
	}
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] = 255 * (img.Pix[i] & 1); img.Pix[i] == 0 {
			copy(img.Pix[i-3:], []uint8{0, 0, 0})
		}
	}
	for _, binary := range []bool{false, true} {
		if got := FromValues(Values(nil, img), 256, 256, binary); !bytes.Equal(got.Pix, img.Pix) {
			t.Errorf("alpha of 0 and 255, binary %v: changed by the round trip", binary)
		}
	}
}

func TestFromValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tc := range []struct {
		name   string
		x      []float32
		binary bool
		want   []uint8
	}{
		{"clamped", []float32{3, -3, inf, 9}, false, []uint8{255, 0, 255, 255}},
		{"not numbers", []float32{nan, 1, nan, 1}, false, []uint8{0, 255, 0, 255}},
		{"alpha is not a number", []float32{1, 1, 1, nan}, false, []uint8{0, 0, 0, 0}},
		{"minus infinity", []float32{1, 1, 1, -inf}, true, []uint8{0, 0, 0, 0}},
		{"more colour than alpha", []float32{1, -1, 0, 0}, false, []uint8{255, 0, 255, 128}},
		{"nearer to opaque", []float32{-0.5, -1, -1, 0}, true, []uint8{128, 0, 0, 255}},
		{"nearer to transparent", []float32{-0.5, -1, -1, -0.01}, true, []uint8{0, 0, 0, 0}},
		{"missing", []float32{1, 1, 1}, false, []uint8{0, 0, 0, 0}},
		{"left over", []float32{1, 1, 1, 1, 1, 1, 1, 1}, false, []uint8{255, 255, 255, 255}},
	} {
		if got := FromValues(tc.x, 1, 1, tc.binary); !slices.Equal(got.Pix, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got.Pix, tc.want)
		}
	}
	if got := FromValues([]float32{1}, -1, 5, false); len(got.Pix) != 0 {
		t.Errorf("negative width: %v", got)
	}
}
