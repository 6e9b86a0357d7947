package rans

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// code codes symbols, each in the context of those before it and of the last
// number, and returns those it got.
func code(c *Coder, t *Tree, symbols []uint8) []uint8 {
	got := make([]uint8, len(symbols))
	last, before := uint8(0), uint8(0)
	for i, s := range symbols {
		if i%10 == 0 {
			got[i] = uint8(c.Number(int(s), 6))
		} else {
			got[i] = uint8(c.Symbol(t, int(s), last, before))
		}
		last, before = got[i], last
	}
	return got
}

func written(t testing.TB) (symbols []uint8, trees Trees, data []byte) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	symbols = make([]uint8, 20000)
	for i := 1; i < len(symbols); i++ {
		// One step further, or anywhere.
		symbols[i] = (symbols[i-1] + 1) % Symbols
		if r.IntN(20) == 0 {
			symbols[i] = uint8(r.IntN(Symbols))
		}
	}
	trees = make(Trees, 2) // the second has no symbols
	code(NewCounter(), &trees[0], symbols)
	trees.Learn()
	w := NewWriter()
	if err := trees.Code(w); err != nil {
		t.Fatal(err)
	}
	code(w, &trees[0], symbols)
	return symbols, trees, w.Bytes()
}

func TestRoundTrip(t *testing.T) {
	symbols, trees, data := written(t)
	// 18,000 symbols of 0.6 bits, 2,000 of 6, and the table.
	if len(data) > 4000 {
		t.Errorf("%d bytes", len(data))
	}
	got := make(Trees, 2)
	r := NewReader(data)
	if err := got.Code(r); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, trees) {
		t.Error("the trees differ")
	}
	for i, s := range code(r, &got[0], make([]uint8, len(symbols))) {
		if s != symbols[i] {
			t.Fatalf("symbol %d: got %d, want %d", i, s, symbols[i])
		}
	}
	if r.Over() || !r.Ended() {
		t.Error("not at the end of the file")
	}
	r.Number(0, 12)
	r.Number(0, 12)
	if !r.Over() {
		t.Error("not over the end of the file")
	}
}

func TestCodeErrors(t *testing.T) {
	for _, data := range [][]byte{nil, {1, 2, 3}, make([]byte, 100)} {
		if err := make(Trees, 1).Code(NewReader(data)); err == nil {
			t.Errorf("no error of %d bytes", len(data))
		}
	}
}

func FuzzCode(f *testing.F) {
	_, _, data := written(f)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		trees := make(Trees, 2)
		r := NewReader(data)
		if trees.Code(r) == nil {
			code(r, &trees[0], make([]uint8, 100))
		}
	})
}
