package command

import (
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/network"
)

// TestRecogniserIsShown holds that a recogniser of speech is known as a model that
// only helps others, and what is said of it.
func TestRecogniserIsShown(t *testing.T) {
	f, err := checkpoint.Open("../../../../network/testdata/tiny-recogniser.gguf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !assists(f) {
		t.Error("a recogniser is not known as a model that only helps others")
	}
	facts, err := networkFacts(f, stride.Info{Architecture: network.ArchitectureRecogniser})
	if want := "2 layers, 16 wide, feed-forward 24, kernel 5; 4 symbols, 2 frames a position"; err != nil || facts.sizes != want {
		t.Errorf("sizes %q, %v, want %q", facts.sizes, err, want)
	}
}
