package audio

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"
)

// TestCorrect holds a corrected frame to its definition: each frequency times the
// weighted mean of what its bands lack, phases as they were.
func TestCorrect(t *testing.T) {
	m, err := NewMel(DefaultMel)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 4000)
	for i := range x {
		x[i] = float32(0.3*math.Sin(float64(i)*0.07) + 0.1*math.Sin(float64(i)*float64(i)*1e-4))
	}
	spectrum := make([]complex64, m.stft.Bins())
	m.stft.Frame(spectrum, x, 9)
	frame := m.Log(nil, x)[9*80:][:80]
	// What has the right bands stays, but for what is added to them.
	same := slices.Clone(spectrum)
	m.Correct(same, Magnitudes(nil, frame))
	for k, v := range same {
		if d := cmplx.Abs(complex128(v - spectrum[k])); d > 2e-3*cmplx.Abs(complex128(spectrum[k]))+1e-4 {
			t.Fatalf("frequency %d of a right spectrum is %v, was %v", k, v, spectrum[k])
		}
	}
	for b := range frame {
		frame[b] += float32(math.Sin(float64(b)))
	}
	frame[40] += 5 // more than a pass may add
	got := slices.Clone(spectrum)
	m.Correct(got, Magnitudes(nil, frame))
	var ratios [80]float64
	for b, f := range m.filters {
		var sum float64
		for i, w := range f.weights {
			sum += float64(w) * cmplx.Abs(complex128(spectrum[f.start+i]))
		}
		ratios[b] = min(math.Exp(float64(frame[b]))/(sum+1e-6), 4)
	}
	for k := range got {
		var gain, weight float64
		for b, f := range m.filters {
			if i := k - f.start; i >= 0 && i < len(f.weights) {
				gain += float64(f.weights[i]) * ratios[b]
				weight += float64(f.weights[i])
			}
		}
		want := complex128(spectrum[k])
		if weight > 0 {
			want *= complex(gain/weight, 0)
		}
		if cmplx.Abs(complex128(got[k])-want) > 1e-4*cmplx.Abs(want)+1e-7 {
			t.Errorf("frequency %d is %v, want %v", k, got[k], want)
		}
	}
	clear(spectrum)
	m.Correct(spectrum, Magnitudes(nil, frame))
	if slices.ContainsFunc(spectrum, func(v complex64) bool { return v != 0 }) {
		t.Error("silence became a sound")
	}
}
