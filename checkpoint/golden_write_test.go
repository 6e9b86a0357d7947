package checkpoint

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/stride.gguf anew; then run testdata/check.py on it")

// TestWritten holds the bytes of testdata/stride.gguf, which testdata/check.py has read with the gguf package of
// Python: what is written today is what another implementation has understood.
func TestWritten(t *testing.T) {
	b := NewBuilder("llama")
	for _, p := range []pair{
		{key: "llama.block_count", value: uint32(6)},
		{key: "tokenizer.ggml.tokens", value: []string{"春", "<0x0A>", ""}},
		{key: "t.floats", value: []float32{1, 2.5}},
		{key: "t.bools", value: []bool{true, false}},
		{key: "t.bool", value: true},
		{key: "t.int64", value: int64(-5)},
		{key: "t.float64", value: 0.1},
		{key: "t.bytes", value: []int8{-1, 2}},
	} {
		must(t, b.Set(p.key, p.value))
	}
	values := make([]float32, 2*3*64)
	for i := range values {
		values[i] = float32(i%97)/8 - 5
	}
	must(t, b.Add("cube.f32", F32, []int{2, 3, 64}, values))
	must(t, b.Add("matrix.f16", F16, []int{6, 64}, values))
	must(t, b.Add("vector.f16", F16, []int{3}, values[:3]))
	must(t, b.Add("matrix.q8_0", Q8_0, []int{6, 64}, values))
	must(t, b.Add("matrix.q4_0", Q4_0, []int{6, 64}, values))
	must(t, b.Add("matrix.q4_1", Q4_1, []int{6, 64}, values))
	var got bytes.Buffer
	_, err := b.WriteTo(&got)
	must(t, err)
	const path = "testdata/stride.gguf"
	if *update {
		must(t, os.WriteFile(path, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the bytes of %s have changed; if that is meant, run the test with -update and then testdata/check.py", path)
	}
}
