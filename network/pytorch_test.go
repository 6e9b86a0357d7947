package network

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
)

const tinyFlowFile = "testdata/tiny-flow.gguf"

// TestVelocityOfPyTorch holds the flow network to what its transcription in
// PyTorch computes in float64 from the same file; testdata/README.md tells how.
func TestVelocityOfPyTorch(t *testing.T) {
	if *update {
		writeTinyFlow(t)
	}
	data, err := os.ReadFile("testdata/tiny-flow.velocity.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Tokens     []int
		Time, Span float32
		Velocity   []float64
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
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
	if len(golden.Velocity) != len(got) {
		t.Fatalf("%d values, want %d", len(got), len(golden.Velocity))
	}
	var worst, largest float64
	for i, want := range golden.Velocity {
		worst, largest = max(worst, math.Abs(want-float64(got[i]))), max(largest, math.Abs(want))
	}
	if !(worst <= 1e-5*largest) {
		t.Errorf("velocities differ by up to %g, the largest is %g; want 1e-5 of it", worst, largest)
	}
	t.Logf("largest difference %.1e of the largest velocity", worst/largest)
}

// writeTinyFlow writes a small flow network that leaves no part without a say.
func writeTinyFlow(t *testing.T) {
	t.Helper()
	m, err := NewFlowModel(tinyFlow)
	if err != nil {
		t.Fatal(err)
	}
	randomise(m.Params(), 0.3)
	b := checkpoint.NewBuilder(ArchitectureFlow)
	for _, k := range slices.Sorted(maps.Keys(m.Metadata())) {
		if err := b.Set(k, m.Metadata()[k]); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteParams(b, m.Params(), nil, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteFile(tinyFlowFile); err != nil {
		t.Fatal(err)
	}
}
