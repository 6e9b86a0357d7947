package train

import (
	"math"
	"strings"
	"testing"

	"github.com/stride-ml/stride/network"
)

const tinyWaveNet = `name: tiny
title: Small sounds, a sample at a time
seed: 3
data: {kind: sounds, folders: [tones, more], source: somewhere}
elements: {bands: 20}
network: {kind: wavenet, width: 16, layers: 6, cycle: 6, cond: 16, kernel: 3, ffn: 32}
train: {steps: 9, batch_segments: 3, micro_segments: 2, segment_frames: 12, valid_segments: 2, learning_rate: 0.01, warmup: 2, decay: 0.5, validate: 8, checkpoint: 6}
weights: f32
`

// TestWaveNetResume stops a run again and again and compares every byte with an
// unbroken run of another number of workers.
func TestWaveNetResume(t *testing.T) {
	data, r := tones(t), parsed(t, tinyWaveNet)
	whole := t.TempDir()
	if _, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	resumes(t, r, data, whole, 4, 5)
}

// TestWaveNetLearns holds that buzzes become far likelier than chance, which is 8
// bits a sample, and that the model that is written can be read.
func TestWaveNetLearns(t *testing.T) {
	r := parsed(t, strings.NewReplacer("steps: 9", "steps: 50", "valid_segments: 2", "valid_segments: 2, ema: 0.9").Replace(tinyWaveNet))
	result, err := Run(t.Context(), r, Options{Data: tones(t), Out: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !(result.ValidBits < 5.5 && result.TestBits < 6.5) || math.Abs(result.Valid/math.Ln2-result.ValidBits) > 1e-6 {
		t.Errorf("%.2f bits a sample of held-out sounds, %.2f of test sounds, want below 5.5 and 6.5; loss %.3f", result.ValidBits, result.TestBits, result.Valid)
	}
	t.Logf("%.2f bits a sample", result.ValidBits)
	f := open(t, result.Model)
	if _, err := network.ReadWaveNet(f); err != nil {
		t.Error(err)
	}
}

func TestWaveNetRecipeErrors(t *testing.T) {
	for from, want := range map[string]string{
		"kernel: 3": "kernel of 4 conditions", "cond: 16": "width of the condition is 0", "cycle: 6": "cycle is 17", "ffn: 32": "hidden width is 0",
	} {
		to := map[string]string{"kernel: 3": "kernel: 4", "cond: 16": "cond: 0", "cycle: 6": "cycle: 17", "ffn: 32": "ffn: 0"}[from]
		_, err := ParseRecipe("r.yaml", []byte(strings.Replace(tinyWaveNet, from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", to, err, want)
		}
	}
}
