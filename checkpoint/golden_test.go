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
		if err != nil || !cmp.Equal(got, want.Values) {
			t.Errorf("%s: %v, difference\n%s", name, err, cmp.Diff(want.Values, got))
		}
	}
}

// TestQuants compares what is written with numpy and the gguf package, bit for bit (testdata/make.py).
func TestQuants(t *testing.T) {
	raw, err := os.ReadFile("testdata/quants.bin")
	if err != nil {
		t.Fatal(err)
	}
	const n = 4096
	values := make([]float32, n)
	decode(F32, values, raw[:4*n])
	for _, kind := range []Type{F32, F16, Q8_0, Q4_0, Q4_1} {
		_, size, _, _ := kind.size([]int{n})
		want := raw[:size]
		raw = raw[size:]
		got := make([]byte, size)
		if problem, _ := fits(kind, values, 0); problem != "" {
			t.Errorf("%v: %s", kind, problem)
		}
		encode(kind, got, values)
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%v: byte %d is %#x, want %#x", kind, i, got[i], want[i])
				break
			}
		}
	}
	if len(raw) > 0 {
		t.Errorf("%d bytes are left", len(raw))
	}
}

// TestBlocks compares what is read from random blocks with the gguf package, bit for bit (testdata/make.py).
func TestBlocks(t *testing.T) {
	raw, err := os.ReadFile("testdata/blocks.bin")
	must(t, err)
	const n = 1024
	for _, kind := range []Type{BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K} {
		_, size, _, _ := kind.size([]int{n})
		got, want := make([]float32, n), make([]float32, n)
		decode(kind, got, raw[:size])
		decode(F32, want, raw[size:][:4*n])
		raw = raw[size+4*n:]
		for i := range got {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				t.Errorf("%v: value %d is %g, want %g", kind, i, got[i], want[i])
				break
			}
		}
	}
	if len(raw) > 0 {
		t.Errorf("%d bytes are left", len(raw))
	}
}

// TestTypes holds that each type that can be read has a place in TestBlocks, and what Block tells.
func TestTypes(t *testing.T) {
	const want = "F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K or BF16"
	if got := namesOf(Type.readable); got != want {
		t.Errorf("types that can be read are %s, want %s", got, want)
	}
	for kind, want := range map[Type][2]int{F32: {1, 4}, Q4_0: {32, 18}, Q6_K: {256, 210}, 23: {256, 136}, 4: {}, -1: {}, 99: {}} {
		if values, bytes := kind.Block(); values != want[0] || bytes != want[1] {
			t.Errorf("a block of %v has %d values in %d bytes, want %v", kind, values, bytes, want)
		}
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
