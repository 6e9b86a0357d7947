package network

import (
	"math"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

const tinyRecogniserFile = "testdata/tiny-recogniser.gguf"

// TestLogitsOfPyTorch holds the recogniser to what its transcription in PyTorch
// computes in float64 from the same file; testdata/README.md tells how.
func TestLogitsOfPyTorch(t *testing.T) {
	if *update {
		m := newRecogniserModel(t)
		writeTiny(t, tinyRecogniserFile, ArchitectureRecogniser, m.Metadata(), m.Params())
	}
	var golden struct {
		Frames int
		Logits []float64
	}
	readGolden(t, "testdata/tiny-recogniser.logits.json", &golden)
	file, err := checkpoint.Open(tinyRecogniserFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := ReadRecogniser(file)
	if err != nil {
		t.Fatal(err)
	}
	mel := make([]float32, golden.Frames*m.Bands)
	for i := range mel {
		mel[i] = float32(-3 + 2*math.Sin(float64(i)*0.7))
	}
	got, _ := m.Logits(tensor.NewRun(newPool(t, 2)), [][]float32{mel}, 0)
	agree(t, "logits", got.Data, golden.Logits)
}
