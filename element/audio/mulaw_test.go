package audio

import (
	"math"
	"slices"
	"testing"
)

// TestMuLawReference compares with numpy; testdata/reference.py made the values.
func TestMuLawReference(t *testing.T) {
	var want struct {
		Samples []float32
		Levels  []int
		Decoded []float64
	}
	readJSON(t, "mulaw.json", &want)
	for i, q := range EncodeMuLaw(nil, want.Samples) {
		if int(q) != want.Levels[i] {
			t.Errorf("%v: level %d, want %d", want.Samples[i], q, want.Levels[i])
		}
	}
	levels := make([]uint8, 256)
	for i := range levels {
		levels[i] = uint8(i)
	}
	decoded := DecodeMuLaw(nil, levels)
	if d := furthest(decoded, want.Decoded); d > 1e-6 {
		t.Errorf("off by %g", d)
	}
	if got := EncodeMuLaw(nil, decoded); !slices.Equal(got, levels) {
		t.Errorf("levels came back as %v", got)
	}
}

func TestMuLawEdges(t *testing.T) {
	inf := float32(math.Inf(1))
	got := EncodeMuLaw([]uint8{1}, []float32{0, 1, -1, 2, -2, inf, -inf, float32(math.NaN())})
	if want := []uint8{1, 128, 255, 0, 255, 0, 255, 0, 128}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// The finest steps are near silence, the coarsest at full scale.
	if got := DecodeMuLaw([]float32{5}, []uint8{0, 128, 255}); got[0] != 5 || got[1] != -1 || got[3] != 1 || got[2] > 1e-4 {
		t.Errorf("%v", got)
	}
}
