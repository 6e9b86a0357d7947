package stride_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/train"
)

const draftRecipe = `name: %NAME%
title: Guesses of a test
data: {kind: conversations, train: [{file: talks.jsonl}], source: somewhere, licence: none}
network: {kind: draft, target: talking.gguf, candidates: 60, ffn: 32, max_length: 40}
train: {steps: 80, batch_tokens: 128, micro_tokens: 128, learning_rate: 0.01, warmup: 5, ema: 0.9, keep_states: 1}
`

// drafted trains a draft head for the tiny model and returns the paths of both.
func drafted(t *testing.T, name string) (model, head string) {
	t.Helper()
	model = talking(t, talkTemplate)
	dir := filepath.Dir(model)
	var rows []byte
	for _, p := range poems {
		row, err := json.Marshal(train.Exchange{Prompt: p.Title, Response: strings.Join(p.Lines, "\n")})
		if err != nil {
			t.Fatal(err)
		}
		rows = append(append(rows, row...), '\n')
	}
	if err := os.WriteFile(filepath.Join(dir, "talks.jsonl"), rows, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := train.ParseRecipe("draft", []byte(strings.Replace(draftRecipe, "%NAME%", name, 1)))
	if err != nil {
		t.Fatal(err)
	}
	result, err := train.Run(t.Context(), r, train.Options{Data: dir, Out: filepath.Join(dir, name)})
	if err != nil {
		t.Fatal(err)
	}
	return model, result.Model
}

// TestDraftHead holds that a model with a draft head gives the texts of ar, in fewer
// passes than without, for several conversations at a time as well, and that a bundled
// head is found by the model that it is for.
func TestDraftHead(t *testing.T) {
	stride.Unmeasured(t)
	path, head := drafted(t, "tiny-draft")
	_, known := models.Data("tiny-draft") // of an earlier run in this process
	m := open(t, path)
	if info := m.Info(); info.Draft != "" && !known {
		t.Errorf("the head %q is bundled before it was", info.Draft)
	}
	passes := func(m *stride.Model, opts ...stride.Option) (n, right int) {
		t.Helper()
		for _, p := range poems {
			for seed := range uint64(4) {
				prompt, common := stride.Prompt{Text: p.Title}, []stride.Option{stride.Seed(seed), stride.Temperature(float32(seed) / 3)}
				want, _, err := m.Text(t.Context(), prompt, append(common, stride.AR())...)
				if err != nil {
					t.Fatal(err)
				}
				got, stats, err := m.Text(t.Context(), prompt, append(common, opts...)...)
				if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("%q, want %q as ar gives it", got, want)
				}
				n, right = n+stats.Passes, right+stats.Accepted
			}
		}
		return n, right
	}
	alone, _ := passes(m, stride.Speculate(), stride.Draft(stride.DraftNGram))
	helped, right := passes(m, stride.Speculate(), stride.Draft(head))
	t.Logf("%d passes with n-grams, %d with a head, of which %d guesses were right", alone, helped, right)
	if helped >= alone || right == 0 {
		t.Errorf("%d passes with a draft head, %d without", helped, alone)
	}
	data, err := os.ReadFile(head)
	if err != nil {
		t.Fatal(err)
	}
	models.Add("tiny-draft", data)
	again := open(t, path)
	if info := again.Info(); info.Draft != "tiny-draft" {
		t.Errorf("the bundled head is %q, want tiny-draft", info.Draft)
	}
	if bundled, _ := passes(again, stride.Speculate()); bundled != helped {
		t.Errorf("%d passes with the bundled head, want the %d with its file", bundled, helped)
	}
	if without, _ := passes(again, stride.Speculate(), stride.Draft(stride.DraftNGram)); without != alone {
		t.Errorf("%d passes with n-grams alone, want %d", without, alone)
	}
	again.Trim()
	if _, _, err := open(t, "tiny").Text(t.Context(), spring, stride.Speculate(), stride.Draft(head)); err != nil {
		t.Error(err) // the same weights without a chat template
	}
	if _, err := stride.Open("tiny-draft"); err == nil || !strings.Contains(err.Error(), "is a draft head: it guesses for another model") {
		t.Errorf("opening a head: error %v", err)
	}
	other := open(t, asPublic(t, "tiny", "qwen2"))
	if _, _, err := other.Text(t.Context(), stride.Prompt{Text: "春"}, stride.Speculate(), stride.Length(5)); err != nil {
		t.Error(err)
	}
}
