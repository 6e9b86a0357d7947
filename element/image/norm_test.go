package image

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	stdimage "image"
)

func noisy(n int) []*stdimage.NRGBA {
	rng := rand.New(rand.NewPCG(3, 4))
	var out []*stdimage.NRGBA
	for range n {
		p := newPicture(8, 8)
		for i := 0; i < len(p.Pix); i += 4 {
			if a := uint8(rng.IntN(3) * 127); a > 0 {
				copy(p.Pix[i:], []uint8{uint8(100 + rng.IntN(50)), uint8(rng.IntN(256)), uint8(rng.IntN(30)), a})
			}
		}
		out = append(out, p)
	}
	return out
}

// TestNorm holds that the pictures a norm was learned from have mean 0 and
// deviation 1 in all four values, and that it can be undone.
func TestNorm(t *testing.T) {
	pictures := noisy(20)
	norm := LearnNorm(pictures)
	var sum, squares [Channels]float64
	for _, p := range pictures {
		x := norm.Values(nil, p)
		for i, v := range x {
			sum[i%Channels] += float64(v) / (20 * 64)
			squares[i%Channels] += float64(v) * float64(v) / (20 * 64)
		}
		back := norm.Picture(x, 8, 8, false)
		for i, v := range p.Pix {
			if v != back.Pix[i] {
				t.Fatalf("byte %d of a pixel: %d, after the round trip %d", i%4, v, back.Pix[i])
			}
		}
	}
	for c := range Channels {
		if math.Abs(sum[c]) > 1e-4 || math.Abs(squares[c]-1) > 1e-4 {
			t.Errorf("value %d: mean %g, mean square %g; want 0 and 1", c, sum[c], squares[c])
		}
	}
	if x := norm.Values([]float32{7}, pictures[0]); len(x) != 1+4*64 || x[0] != 7 {
		t.Errorf("%d values after %v, want them appended", len(x), x[0])
	}
}

func TestNormOfOneColour(t *testing.T) {
	p := newPicture(4, 4)
	for i := range p.Pix {
		p.Pix[i] = 255
	}
	norm := LearnNorm([]*stdimage.NRGBA{p})
	for _, v := range norm.Values(nil, p) {
		if v != 0 {
			t.Fatalf("value %g, want 0", v)
		}
	}
	if got := norm.Picture(norm.Values(nil, p), 4, 4, true); !bytes.Equal(got.Pix, p.Pix) {
		t.Error("changed by the round trip")
	}
}

func TestZeroNorm(t *testing.T) {
	p := noisy(1)[0]
	x := Norm{}.Values(nil, p)
	for i, v := range Values(nil, p) {
		if x[i] != v {
			t.Fatalf("value %d is %g, want the plain %g", i, x[i], v)
		}
	}
	if got := (Norm{}).Picture(x, 8, 8, false); !bytes.Equal(got.Pix, p.Pix) {
		t.Error("changed by the round trip")
	}
}
