package align

import (
	"math"
	"testing"
)

func TestFeatures(t *testing.T) {
	const bands, frames = 20, 30
	// The third cosine over the bands rises by 0.5 a frame, on top of a level.
	mel := make([]float32, frames*bands+3)
	basis := cosines(bands)
	for f := range frames {
		for b := range bands {
			mel[f*bands+b] = float32(-4 + 0.5*float64(f)*basis[3*bands+b])
		}
	}
	x := Features([]float32{7}, mel, bands)
	if len(x) != 1+frames*Dim || x[0] != 7 {
		t.Fatalf("%d values, the first is %g", len(x), x[0])
	}
	x = x[1:]
	for f := range frames {
		for k := range Dim {
			want := 0.0
			switch k {
			case 3:
				want = 0.5 * (float64(f) - float64(frames-1)/2)
			case 3 + cepstra:
				want = 0.5
			}
			if inside := f >= 2*reach && f < frames-2*reach; k >= cepstra && !inside {
				continue
			}
			if got := float64(x[f*Dim+k]); math.Abs(got-want) > 1e-4 {
				t.Fatalf("value %d of frame %d is %g, want %g", k, f, got, want)
			}
		}
	}
	for _, bands := range []int{-1, 0, 1000} {
		if got := Features(nil, mel, bands); len(got) != 0 {
			t.Errorf("%d bands: %d values", bands, len(got))
		}
	}
}
