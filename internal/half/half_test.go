package half

import (
	"math"
	"testing"
)

// TestHalf holds that each half survives the way to float32 and back, and that between two halves rounding goes to the
// nearer, on a tie to the even one.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		f := From(uint16(h))
		back := To(f)
		if f != f {
			if back&0x7c00 != 0x7c00 || back&0x3ff == 0 || back>>15 != uint16(h>>15) {
				t.Fatalf("NaN %#x comes back as %#x", h, back)
			}
			continue
		}
		if back != uint16(h) {
			t.Fatalf("%#x is %g and comes back as %#x", h, f, back)
		}
		if h&0x7fff >= 0x7bff { // the next is infinity
			continue
		}
		next := From(uint16(h + 1))
		middle := (f + next) / 2 // exact in float32
		even := uint16(h + h&1)
		for _, c := range []struct {
			value float32
			want  uint16
		}{{middle, even}, {math.Nextafter32(middle, f), uint16(h)}, {math.Nextafter32(middle, next), uint16(h + 1)}} {
			if got := To(c.value); got != c.want {
				t.Fatalf("%g becomes %#x, want %#x", c.value, got, c.want)
			}
		}
	}
	if To(65519.996) != 0x7bff || To(65520) != 0x7c00 || To(-1e30) != 0xfc00 {
		t.Error("wrong rounding at the greatest half")
	}
}
