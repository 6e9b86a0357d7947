package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPython reads a file that the gguf package of Python wrote (testdata/make.py).
func TestPython(t *testing.T) {
	f, err := Open("testdata/python.gguf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for key, want := range map[string]any{
		"general.architecture": "llama",
		"general.name":         "made by python",
		"t.uint8":              uint8(200),
		"t.int8":               int8(-100),
		"t.uint16":             uint16(60000),
		"t.int16":              int16(-30000),
		"t.uint32":             uint32(4000000000),
		"t.int32":              int32(-2000000000),
		"t.uint64":             uint64(1<<63 + 1),
		"t.int64":              int64(-1 << 62),
		"t.float32":            float32(0.1),
		"t.float64":            float64(0.1),
		"t.bool":               true,
		"t.string":             "生成學習",
		"t.strings":            []string{"春", "眠", "", "<0x0A>"},
		"t.ints":               []int32{1, -2, 3},
		"t.floats":             []float32{0.5, -1.25},
		"t.bools":              []bool{true, false, true},
	} {
		if got, ok := f.Value(key); !ok || !cmp.Equal(got, want) {
			t.Errorf("%s is %T(%[2]v), want %T(%[3]v)", key, got, want)
		}
	}
	if len(f.Keys()) != 18 {
		t.Errorf("keys are %q", f.Keys())
	}

	text, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Type   string
		Shape  []int
		Values []float32
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors()) != len(expected) {
		t.Errorf("%d tensors, want %d", len(f.Tensors()), len(expected))
	}
	for name, want := range expected {
		info, ok := f.Tensor(name)
		if !ok || info.Type.String() != want.Type || !cmp.Equal(info.Shape, want.Shape) {
			t.Errorf("%s is %+v, want type %s and shape %v", name, info, want.Type, want.Shape)
			continue
		}
		got := make([]float32, len(want.Values))
		err := f.Float32(name, got)
		if !info.Type.supported() {
			if err == nil {
				t.Errorf("%s was read", name)
			}
			continue
		}
		if err != nil || !cmp.Equal(got, want.Values) {
			t.Errorf("%s: %v, difference\n%s", name, err, cmp.Diff(want.Values, got))
		}
	}
}

// TestQuants compares F16 and Q8_0 with numpy and the gguf package, bit for bit (testdata/make.py).
func TestQuants(t *testing.T) {
	raw, err := os.ReadFile("testdata/quants.bin")
	if err != nil {
		t.Fatal(err)
	}
	const n = 4096
	values := make([]float32, n)
	decode(F32, values, raw[:4*n])
	for _, c := range []struct {
		kind Type
		want []byte
	}{
		{F32, raw[:4*n]},
		{F16, raw[4*n:][:2*n]},
		{Q8_0, raw[6*n:]},
	} {
		got := make([]byte, len(c.want))
		if err := encode(c.kind, got, values); err != nil {
			t.Errorf("%v: %v", c.kind, err)
		}
		if !bytes.Equal(got, c.want) {
			for i := range got {
				if got[i] != c.want[i] {
					t.Fatalf("%v: byte %d is %#x, want %#x", c.kind, i, got[i], c.want[i])
				}
			}
		}
	}
}

// TestHalf holds that each half survives the way to float32 and back, and that between two halves rounding goes to the
// nearer, on a tie to the even one.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		f := fromHalf(uint16(h))
		back := toHalf(f)
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
		next := fromHalf(uint16(h + 1))
		middle := (f + next) / 2 // exact in float32
		even := uint16(h + h&1)
		for _, c := range []struct {
			value float32
			want  uint16
		}{{middle, even}, {math.Nextafter32(middle, f), uint16(h)}, {math.Nextafter32(middle, next), uint16(h + 1)}} {
			if got := toHalf(c.value); got != c.want {
				t.Fatalf("%g becomes %#x, want %#x", c.value, got, c.want)
			}
		}
	}
	if toHalf(65519.996) != 0x7bff || toHalf(65520) != 0x7c00 || toHalf(-1e30) != 0xfc00 {
		t.Error("wrong rounding at the greatest half")
	}
}

// TestBytes holds the bytes of a file, spelled out after the specification.
func TestBytes(t *testing.T) {
	b := NewBuilder("x")
	must(t, b.Set("n", uint32(7)))
	must(t, b.Set("s", []string{"a", "bc"}))
	must(t, b.Add("w", F16, []int{2, 1}, []float32{1, -2}))
	le := binary.LittleEndian
	str := func(h []byte, s string) []byte { return append(le.AppendUint64(h, uint64(len(s))), s...) }
	w := append([]byte("GGUF"), 3, 0, 0, 0)
	w = le.AppendUint64(w, 1) // tensors
	w = le.AppendUint64(w, 3) // keys
	w = str(le.AppendUint32(str(w, "general.architecture"), 8), "x")
	w = le.AppendUint32(le.AppendUint32(str(w, "n"), 4), 7)
	w = le.AppendUint32(le.AppendUint32(str(w, "s"), 9), 8)
	w = str(str(le.AppendUint64(w, 2), "a"), "bc")
	w = le.AppendUint32(str(w, "w"), 2)
	w = le.AppendUint64(le.AppendUint64(w, 1), 2)                            // innermost dimension first
	w = le.AppendUint64(le.AppendUint32(w, 1), 0)                            // type, offset
	w = append(w, make([]byte, alignUp(int64(len(w)), 32)-int64(len(w)))...) // to the data
	w = append(w, 0x00, 0x3c, 0x00, 0xc0)
	w = append(w, make([]byte, 28)...)
	var got bytes.Buffer
	n, err := b.WriteTo(&got)
	if err != nil || n != int64(len(w)) {
		t.Errorf("wrote %d bytes, %v, want %d", n, err, len(w))
	}
	if diff := cmp.Diff(w, got.Bytes()); diff != "" {
		t.Error(diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
