package measure

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/train"
)

const tinyRecipe = `
name: NAME
title: a tiny model
seed: 1
strategies: STRATEGIES
companions: [COMPANION]
data:
  kind: poems
  train: [{file: tang/train.jsonl.gz}]
  valid: [{file: tang/test.jsonl.gz}]
  source: testdata
elements: {pieces: 0, min_count: 1}
network: {kind: KIND, context: 128, max_length: 64, width: 16, layers: 1, heads: 2, ffn: 32}
train: {steps: 2, batch_tokens: 256, micro_tokens: 256, learning_rate: 0.001, warmup: 1}
weights: f32
`

// tinyModel trains a pair of networks for two steps and opens it.
func tinyModel(t *testing.T, data string) *stride.Model {
	t.Helper()
	dir := t.TempDir()
	for _, c := range [][]string{{"NAME", "tiny", "COMPANION", "other", "STRATEGIES", "[ar]", "KIND", "decoder"}, {"NAME", "other", "COMPANION", "tiny", "STRATEGIES", "[refine, nar]", "KIND", "masked"}} {
		r, err := train.ParseRecipe(c[1], []byte(strings.NewReplacer(c...).Replace(tinyRecipe)))
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, "run-"+c[1])
		if _, err := train.Run(t.Context(), r, train.Options{Data: data, Out: out}); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(out, "model.gguf"), filepath.Join(dir, c[1]+".gguf")); err != nil {
			t.Fatal(err)
		}
	}
	m, err := stride.Open(filepath.Join(dir, "tiny.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// All of it with real networks, which have learned nothing: what comes out is
// poor, but each strategy has to do what its row says.
func TestCompareModel(t *testing.T) {
	data := dataFolder(t)
	m := tinyModel(t, data)
	c, err := Compare(t.Context(), m, CompareOptions{
		Data: data, Runs: 2, Prompts: builtinPrompts(m.Info())[:4], Passes: []int{1, 4},
		Options: []stride.Option{stride.Temperature(1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !(c.Gain.P > 0) || c.Predicted.Fastest == "" || c.Measured.Fastest == "" {
		t.Errorf("gain %+v, predicted %+v, measured %+v", c.Gain, c.Predicted, c.Measured)
	}
	names := []string{}
	for _, r := range c.Rows {
		names = append(names, r.Name)
		if r.Objects != 8 || !(r.Seconds.Median > 0) || !(r.Quality.NLL > 0) || !(r.FLOPs > 0) {
			t.Errorf("got %+v", r)
		}
	}
	if got := strings.Join(names, ", "); got != "ar, nar fixed, nar predicted, refine 1, refine 4" {
		t.Errorf("rows %s", got)
	}
	for name, passes := range map[string]float64{"nar fixed": 1, "nar predicted": 2, "refine 1": 2} {
		near(t, "passes of "+name, row(t, c, name).Passes, passes)
	}
	// Same seeds, and one pass of refine is nar.
	if a, b := row(t, c, "nar predicted").Quality.NLL, row(t, c, "refine 1").Quality.NLL; a != b {
		t.Errorf("NLL of nar is %v, of refine in one pass %v", a, b)
	}

	path := filepath.Join(data, "tang", "test.jsonl.gz")
	given, err := EvaluateLikelihood(t.Context(), m, path, true, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "bits of ar", row(t, c, "ar").CharBits, given.BitsPerChar)
	blind, err := EvaluateLikelihood(t.Context(), m, path, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	if given.Units != blind.Units || given.BitsPerChar == blind.BitsPerChar || !(given.Low < given.BitsPerChar) {
		t.Errorf("given title and form %+v, without %+v", given, blind)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := EvaluateLikelihood(ctx, m, path, true, 0); err == nil {
		t.Error("cancelled, and no error")
	}
}
