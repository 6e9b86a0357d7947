package network

import (
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
	var golden struct {
		Frames  int
		Samples []float64
	}
	readGolden(t, "testdata/tiny-vocoder.samples.json", &golden)
	file, err := checkpoint.Open(tinyVocoderFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := ReadVocoder(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := newVocoder(t, m, 2).Synthesize(vocoderFrames(golden.Frames*m.Bands), 1)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "sound", got, golden.Samples)
}

// writeTinyVocoder writes a small vocoder that leaves no part without a say.
func writeTinyVocoder(t *testing.T) {
	t.Helper()
	m := newVocoderModel(t, tinyVocoder)
	writeTiny(t, tinyVocoderFile, ArchitectureVocoder, m.Metadata(), m.Params())
}
