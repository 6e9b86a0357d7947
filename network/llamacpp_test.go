package network

import (
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/internal/card"
)

var update = flag.Bool("update", false, "write testdata/tiny-llama.gguf anew; then run testdata/llamacpp.py on it")

const tinyLlama = "testdata/tiny-llama.gguf"

// TestLogitsOfLlamaCpp holds the decoder to the logits that llama.cpp computed
// from the same file and tokens; testdata/README.md tells how. They differ by
// 6e-7 of the spread of a position's logits; the smallest mistake tried, the
// usual epsilon in place of the file's in one norm, makes that 2e-4.
func TestLogitsOfLlamaCpp(t *testing.T) {
	if *update {
		writeTinyLlama(t)
	}
	const tolerance = 1e-5 // of the spread: sums run in another order
	data, err := os.ReadFile("testdata/tiny-llama.logits.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Tokens []int       `json:"tokens"`
		Logits [][]float32 `json:"logits"` // (T,V)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	f, err := checkpoint.Open(tinyLlama)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pool := newPool(t, 2)
	trunk, err := ReadDecoder(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(golden.Tokens) == 0 || len(golden.Logits) != len(golden.Tokens) || len(golden.Logits[0]) != trunk.Vocab {
		t.Fatalf("%d rows of logits for %d tokens and a vocabulary of %d", len(golden.Logits), len(golden.Tokens), trunk.Vocab)
	}
	d := NewDecoder(trunk, pool)
	var worst float64
	for i, id := range golden.Tokens {
		got, err := d.Extend([]int{id})
		if err != nil {
			t.Fatal(err)
		}
		want := golden.Logits[i]
		spread := float64(slices.Max(want) - slices.Min(want))
		for v := range want {
			diff := math.Abs(float64(got[v]-want[v])) / spread
			if !(diff <= tolerance) {
				t.Fatalf("position %d, token %d: logit %g, llama.cpp gives %g; they differ by %.1e of the spread, want at most %.0e", i, v, got[v], want[v], diff, tolerance)
			}
			worst = max(worst, diff)
		}
	}
	t.Logf("largest difference %.1e of the spread", worst)
}

// writeTinyLlama writes a small model that leaves no part of the network
// without a say: norms that are not 1, an epsilon and a rotary base of its own,
// grouped heads, and weights large enough for attention to choose.
func writeTinyLlama(t *testing.T) {
	t.Helper()
	poem := "春眠不覺曉\n處處聞啼鳥\n夜來風雨聲\n花落知多少"
	tok, err := text.Train(slices.Values([]string{"春曉", poem, "the sheen of the sea, the sheer cliff, unbreakable"}),
		text.TrainOptions{Pieces: 16, MinCount: 1, Controls: []string{text.Token("sep"), text.Token("mask")}})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Vocab: tok.Size(), Context: 64, Width: 32, Layers: 2, Heads: 4, KVHeads: 2, FFN: 80, Eps: 1e-3, RopeBase: 500}
	trunk := newTrunk(t, c)
	rng := rand.New(rand.NewPCG(5, 5))
	for _, p := range trunk.Params() {
		if p.Out == 1 {
			for i := range p.Data {
				p.Data[i] = float32(1 + 0.3*rng.NormFloat64())
			}
		}
	}
	b := checkpoint.NewBuilder(ArchitectureLlama)
	about := map[string]any{"general.name": "tiny-llama", "general.description": "random weights, for a test"}
	if err := card.Store(b, about, c.Metadata(ArchitectureLlama), tok.Metadata()); err != nil {
		t.Fatal(err)
	}
	if err := WriteParams(b, trunk.Params(), nil, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteFile(tinyLlama); err != nil {
		t.Fatal(err)
	}
}
