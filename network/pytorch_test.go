package network

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

const tinyFlowFile = "testdata/tiny-flow.gguf"

// TestVelocityOfPyTorch holds the flow network to what its transcription in
// PyTorch computes in float64 from the same file; testdata/README.md tells how.
func TestVelocityOfPyTorch(t *testing.T) {
	if *update {
		writeTinyFlow(t)
	}
	var golden struct {
		Tokens     []int
		Time, Span float32
		Velocity   []float64
	}
	readGolden(t, "testdata/tiny-flow.velocity.json", &golden)
	file, err := checkpoint.Open(tinyFlowFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := ReadFlow(file)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFlow(m, newPool(t, 2))
	caption, err := f.Encode(golden.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, f.Size())
	for i := range x {
		x[i] = float32(math.Sin(float64(i) * 0.7))
	}
	got, err := f.Velocity(x, golden.Time, golden.Span, [][]float32{caption})
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "velocity", got, golden.Velocity)
}

// readGolden reads a file of JSON in testdata.
func readGolden(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// agree holds values to those computed in float64, by the largest of them.
func agree(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	var worst, largest float64
	for i, v := range want {
		worst, largest = max(worst, math.Abs(v-float64(got[i]))), max(largest, math.Abs(v))
	}
	if !(worst <= 1e-5*largest) {
		t.Errorf("values of the %s differ by up to %g, the largest is %g; want 1e-5 of it", what, worst, largest)
	}
	t.Logf("largest difference %.1e of the largest value of the %s", worst/largest, what)
}

// writeTiny writes a model file of metadata and weights in F32.
func writeTiny(t *testing.T, path, architecture string, metadata map[string]any, params []*tensor.Param) {
	t.Helper()
	b := checkpoint.NewBuilder(architecture)
	for _, k := range slices.Sorted(maps.Keys(metadata)) {
		if err := b.Set(k, metadata[k]); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteParams(b, params, nil, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteFile(path); err != nil {
		t.Fatal(err)
	}
}

// writeTinyFlow writes a small flow network that leaves no part without a say.
func writeTinyFlow(t *testing.T) {
	t.Helper()
	m, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	writeTiny(t, tinyFlowFile, ArchitectureFlow, m.Metadata(), m.Params())
}
