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

// TestG711 compares with lin2ulaw of audioop, in Python 3.11.
func TestG711(t *testing.T) {
	in := []int16{0, 1, 4, -4, 100, -100, 1000, -1000, 8031, -8031, 20000, 32124, 32635, 32767, -32768}
	want := []byte{0xff, 0xff, 0xfe, 0x7e, 0xf2, 0x72, 0xce, 0x4e, 0xa0, 0x20, 0x8c, 0x80, 0x80, 0x80, 0x00}
	var x []float32
	for _, v := range in {
		x = append(x, float32(v)/(1<<15))
	}
	if got := AppendG711(nil, x); !slices.Equal(got, want) {
		t.Errorf("got %#x, want %#x", got, want)
	}
	nan := float32(math.NaN())
	if got := AppendG711(nil, []float32{nan, 2, -2}); !slices.Equal(got, []byte{0xff, 0x80, 0}) {
		t.Errorf("outside -1 to 1: %#x", got)
	}
}
