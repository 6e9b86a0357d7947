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

const tinyVocoderFile = "testdata/tiny-vocoder.gguf"

// TestSamplesOfPyTorch holds the vocoder to what its transcription in PyTorch
// computes in float64 from the same file; testdata/README.md tells how.
func TestSamplesOfPyTorch(t *testing.T) {
	if *update {
		writeTinyVocoder(t)
	}
	data, err := os.ReadFile("testdata/tiny-vocoder.samples.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Frames  int
		Samples []float64
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	file, err := checkpoint.Open(tinyVocoderFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := ReadVocoder(file)
	if err != nil {
		t.Fatal(err)
	}
	mel := make([]float32, golden.Frames*m.Bands)
	for i := range mel {
		mel[i] = float32(-3 + 2*math.Sin(float64(i)*0.7))
	}
	got, err := newVocoder(t, m, 2).Synthesize(mel)
	if err != nil {
		t.Fatal(err)
	}
	if len(golden.Samples) != len(got) {
		t.Fatalf("%d samples, want %d", len(got), len(golden.Samples))
	}
	var worst, largest float64
	for i, want := range golden.Samples {
		worst, largest = max(worst, math.Abs(want-float64(got[i]))), max(largest, math.Abs(want))
	}
	if !(worst <= 1e-5*largest) {
		t.Errorf("samples differ by up to %g, the largest is %g; want 1e-5 of it", worst, largest)
	}
	t.Logf("largest difference %.1e of the largest sample", worst/largest)
}

// writeTinyVocoder writes a small vocoder that leaves no part without a say.
func writeTinyVocoder(t *testing.T) {
	t.Helper()
	m := newVocoderModel(t, tinyVocoder)
	b := checkpoint.NewBuilder(ArchitectureVocoder)
	for _, k := range slices.Sorted(maps.Keys(m.Metadata())) {
		if err := b.Set(k, m.Metadata()[k]); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteParams(b, m.Params(), nil, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteFile(tinyVocoderFile); err != nil {
		t.Fatal(err)
	}
}
