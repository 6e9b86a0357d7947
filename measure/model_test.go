package measure

import (
	"context"
	"image"
	"math"
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

const tinyPictures = `
name: NAME
title: a tiny model of shapes
seed: 1
strategies: STRATEGIES
companions: COMPANIONS
data: {kind: pictures, folder: shapes, captions: captions.tsv, source: testdata}
elements: {width: 16, height: 16, alpha: binary, pieces: 0, min_count: 1, colours: 4}
network:
  kind: KIND
  context: 24
  width: 16
  layers: 1
  heads: 2
  ffn: 16
  patch: 4
  stem: 4
  pixel: 4
  pixels: {width: 16, layers: 1, heads: 2, ffn: 16}
  caption: {width: 16, layers: 1, heads: 2, ffn: 16}
  from: "FROM"
train: {steps: STEPS, batch_pictures: 16, micro_pictures: 16, learning_rate: 0.01, warmup: 2, dropout: 0, ema: 0.9, shortcut: SHORTCUT}
generate: {guidance: 2, shortcut_passes: 4}
weights: f32
`

// trainTiny trains a model from a recipe with words replaced, and returns its
// file.
func trainTiny(t *testing.T, data, dir, recipe string, words ...string) string {
	t.Helper()
	r, err := train.ParseRecipe("tiny", []byte(strings.NewReplacer(words...).Replace(recipe)))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "run-"+r.Name)
	if _, err := train.Run(t.Context(), r, train.Options{Data: data, Out: out, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, r.Name+".gguf")
	if err := os.Rename(filepath.Join(out, "model.gguf"), path); err != nil {
		t.Fatal(err)
	}
	return path
}

func openModel(t *testing.T, path string) *stride.Model {
	t.Helper()
	m, err := stride.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// tinyModel trains a pair of networks for two steps and opens it.
func tinyModel(t *testing.T, data string) *stride.Model {
	t.Helper()
	dir := t.TempDir()
	path := trainTiny(t, data, dir, tinyRecipe, "NAME", "tiny", "COMPANION", "other", "STRATEGIES", "[ar]", "KIND", "decoder")
	trainTiny(t, data, dir, tinyRecipe, "NAME", "other", "COMPANION", "tiny", "STRATEGIES", "[refine, nar]", "KIND", "masked")
	return openModel(t, path)
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
		if r.Objects != 8 || !(r.Seconds.Median > 0) || !(r.Quality.NLL > 0) || !(r.FLOPs > 0) || !(r.Memory > 0) {
			t.Errorf("%s: time %+v, NLL %v, %v FLOPs, %v bytes", r.Name, r.Seconds, r.Quality.NLL, r.FLOPs, r.Memory)
		}
	}
	if got := strings.Join(names, ", "); got != "ar, nar fixed, nar predicted, refine 1, refine 4, speculate ngram 8" {
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

// All of it with networks of pictures, of which the classifier has learned to
// tell the shapes and the others next to nothing.
func TestComparePicturesModel(t *testing.T) {
	data, dir := shapeData(t), t.TempDir()
	path := trainTiny(t, data, dir, tinyPictures, "NAME", "shapes", "COMPANIONS", "[other]", "STRATEGIES", "[ar]", "KIND", "pixel", "STEPS", "3", "SHORTCUT", "0", "FROM", "")
	teacher := trainTiny(t, data, dir, tinyPictures, "NAME", "teacher", "COMPANIONS", "[]", "STRATEGIES", "[refine, nar]", "KIND", "flow", "STEPS", "3", "SHORTCUT", "0", "FROM", "")
	trainTiny(t, data, dir, tinyPictures, "NAME", "other", "COMPANIONS", "[shapes]", "STRATEGIES", "[refine, nar]", "KIND", "flow", "STEPS", "3", "SHORTCUT", "0.25", "FROM", teacher)
	classifier := trainTiny(t, data, dir, tinyPictures, "NAME", "judge", "COMPANIONS", "[]", "STRATEGIES", "[]", "KIND", "classifier", "STEPS", "60", "SHORTCUT", "0", "FROM", "")
	m := openModel(t, path)
	o := CompareOptions{Data: data, Classifier: classifier, Objects: 8, Runs: 2, Passes: []int{1, 3}, Guidance: 1.5, Options: []stride.Option{stride.TopK(3)}}
	c, err := Compare(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range c.Rows {
		names = append(names, r.Name)
		q := r.Pictures
		for what, v := range map[string]float64{
			"time": r.Seconds.Median, "FLOPs": r.FLOPs, "expected time": r.Predicted, "SWD": q.Patches.Median, "FD-own": q.Features.Median,
		} {
			if !(v > 0) {
				t.Errorf("%s of %s is %v", what, r.Name, v)
			}
		}
		if !(q.Captions >= 0 && q.Captions <= 1 && q.Sharpness >= 0 && q.Copies >= 0) {
			t.Errorf("%s: %+v", r.Name, q)
		}
	}
	if got := strings.Join(names, ", "); got != "ar, nar, refine 1, refine 3, shortcut 1, shortcut 2, shortcut 4, shortcut 8" {
		t.Errorf("rows %s", got)
	}
	for name, passes := range map[string]float64{"ar": 256, "nar": 1, "refine 3": 3, "shortcut 8": 8} {
		near(t, "passes of "+name, row(t, c, name).Passes, passes)
	}
	if real, shuffled := c.Real[0].Pictures.Captions, c.Real[2].Pictures.Captions; !(real > 0.8 && shuffled < 0.3) {
		t.Errorf("captions of real pictures right in %v, of others' in %v", real, shuffled)
	}
	if !(c.Gain.P > 0) || c.Gain.Length != 256 || c.Predicted.Fastest == "" || c.Measured.Fastest == "" {
		t.Errorf("gain %+v, predicted %+v, measured %+v", c.Gain, c.Predicted, c.Measured)
	}

	o.Classifier = path
	if _, err := Compare(t.Context(), m, o); err == nil || !strings.Contains(err.Error(), "stride.classifier") {
		t.Errorf("a pixel network as classifier: %v", err)
	}
	testPictureJudge(t, classifier)
}

func testPictureJudge(t *testing.T, path string) {
	j, err := OpenPictureJudge(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	sights, err := j.See([]*image.NRGBA{drawShape("a red square", 1, 4), drawShape("a blue bar", 2, 2)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ caption, category string }{{"a red square", "block"}, {"a BLUE bar", "line"}, {"red, red, red thing", ""}} {
		square, bar := j.Score(sights[0], c.caption, c.category), j.Score(sights[1], c.caption, c.category)
		if strings.Contains(c.caption, "red") != (square > bar) {
			t.Errorf("%s: a red square scores %v, a blue bar %v", c.caption, square, bar)
		}
	}
	if once, twice := j.Score(sights[0], "red", ""), j.Score(sights[0], "red unheard red", ""); once != twice {
		t.Errorf("red scores %v, red unheard red %v: words that are not known or stand twice must not count", once, twice)
	}
	if j.Knows("unheard of") || !j.Knows("some RED thing") || !math.IsNaN(j.Score(sights[0], "unheard", "unheard")) {
		t.Error("words that the judge does not know")
	}
	if _, err := j.See([]*image.NRGBA{image.NewNRGBA(image.Rect(0, 0, 8, 16))}); err == nil || !strings.Contains(err.Error(), "8x16 pixels, expected 16x16") {
		t.Errorf("a picture of another size: %v", err)
	}
}
