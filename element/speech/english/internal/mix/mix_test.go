package mix

import (
	"math/rand/v2"
	"testing"
)

// code codes bits that mostly repeat the last, by all that a coder has, and
// returns those it got.
func code(c *Coder, bits []int) []int {
	m := NewMixer(2, 8)
	var g Guess
	got := make([]int, len(bits))
	last := 0
	for i, b := range bits {
		switch i % 3 {
		case 0:
			got[i] = c.Number(b, 1)
		case 1:
			got[i] = c.Bit(&g, b)
		default:
			m.Context(0, 1, 0)
			m.Context(1, uint32(last), 0)
			got[i] = m.Bit(c, uint32(i%2), b)
		}
		last = got[i]
	}
	return got
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	bits := make([]int, 20000)
	for i := 1; i < len(bits); i++ {
		bits[i] = bits[i-1]
		if r.IntN(20) == 0 {
			bits[i] = r.IntN(2)
		}
	}
	w := NewWriter()
	code(w, bits)
	file := w.Bytes()
	// Two bits in three are predicted by something.
	if len(file) > 2500*3/4 {
		t.Errorf("%d bytes", len(file))
	}
	reader := NewReader(file)
	for i, b := range code(reader, make([]int, len(bits))) {
		if b != bits[i] {
			t.Fatalf("bit %d differs", i)
		}
	}
	if reader.Over() {
		t.Error("over the end of the file")
	}
	short := NewReader(file[:100])
	code(short, make([]int, len(bits)))
	if !short.Over() {
		t.Error("not over the end of a file cut short")
	}
}
