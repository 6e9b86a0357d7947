package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/network"
)

const tinyDraft = `name: tiny-draft
title: Guesses of a test
seed: 5
data:
  kind: conversations
  train: [{file: rows.jsonl.gz, repeat: 9}]
  valid: [{file: rows.jsonl.gz}]
  test: [{file: rows.jsonl.gz}]
  source: somewhere
network: {kind: draft, target: target.gguf, candidates: 40, ffn: 24, max_length: 40}
train: {steps: 24, batch_tokens: 192, micro_tokens: 96, learning_rate: 0.01, warmup: 4, decay: 0.5, ema: 0.9, depth: 3, keep_states: 1, validate: 8, checkpoint: 10, valid_tokens: 3000}
weights: f32
`

// exchanges writes poems as conversations into a folder, beside a small decoder that
// was trained on them, with a chat template.
func exchanges(t *testing.T) string {
	t.Helper()
	var rows []Exchange
	for _, p := range poems {
		rows = append(rows, Exchange{p.Title, strings.Join(p.Lines, "\n")})
	}
	data := writeRows(t, rows)
	result, err := Run(t.Context(), tiny(t, "poems", "decoder"), Options{Data: writeRows(t, poems), Out: t.TempDir(), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, result.Model)
	b := checkpoint.NewBuilder(network.ArchitectureLlama)
	for _, key := range f.Keys() {
		if v, _ := f.Value(key); key != "general.architecture" {
			err = b.Set(key, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Set("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% if m.role == 'user' %}<sep>{% endif %}{% endfor %}"); err != nil {
		t.Fatal(err)
	}
	for _, info := range f.Tensors() {
		raw, err := f.Raw(info.Name)
		if err == nil {
			err = b.AddRaw(info.Name, info.Type, info.Shape, raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.WriteFile(filepath.Join(data, "target.gguf")); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestDraftResume stops a run again and again and compares every byte with an unbroken
// run of another number of workers, and with one that keeps no states.
func TestDraftResume(t *testing.T) {
	data, r := exchanges(t), parsed(t, tinyDraft)
	whole := t.TempDir()
	if _, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	resumes(t, r, data, whole, 5, 9)
	forgetful := parsed(t, strings.Replace(tinyDraft, "keep_states: 1", "keep_states: 0", 1))
	anew := t.TempDir()
	if _, err := Run(t.Context(), forgetful, Options{Data: data, Out: anew, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, filepath.Join(whole, "state.gguf")), read(t, filepath.Join(anew, "state.gguf")); string(a) != string(b) {
		t.Error("the state is another where what the target gave is not kept")
	}
}

// TestDraftLearns holds that a head comes to know what its target says, and that its
// file is one for the target.
func TestDraftLearns(t *testing.T) {
	data := exchanges(t)
	result, err := Run(t.Context(), parsed(t, strings.Replace(tinyDraft, "steps: 24", "steps: 150", 1)), Options{Data: data, Out: t.TempDir(), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, target := open(t, result.Model), open(t, filepath.Join(data, "target.gguf"))
	trunk, err := network.ReadDecoder(target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := network.ReadDraft(f, target, trunk); err != nil {
		t.Error(err)
	}
	for depth, least := range []float64{.5, .4, .4} {
		v, _ := f.Value(fmt.Sprintf("stride.results.test.right_%d", depth+1))
		if right, ok := v.(float64); !ok || right < least {
			t.Errorf("%v of the guesses %d tokens ahead are right, want %g", v, depth+1, least)
		}
		t.Logf("%d ahead: %v", depth+1, v)
	}
}

func TestDraftRecipeErrors(t *testing.T) {
	for to, want := range map[string]string{
		"target: ../target.gguf": "network.target is \"../target.gguf\"", "candidates: 1": "network.candidates is 1", "ffn: 0": "network.ffn is 0",
		"max_length: 97": "network.max_length is 97, want 2 to 96", "depth: 0": "train.depth is 0", "keep_states: -1": "train.keep_states is -1",
		"kind: decoder": "network.kind is \"decoder\", want draft for conversations", "depth_share: 0": "train.depth_share is 0",
	} {
		key, _, _ := strings.Cut(to, ":")
		from := map[string]string{"target": "target: target.gguf", "candidates": "candidates: 40", "ffn": "ffn: 24", "max_length": "max_length: 40",
			"depth": "depth: 3", "keep_states": "keep_states: 1", "kind": "kind: draft", "depth_share": "keep_states: 1"}[key]
		_, err := ParseRecipe("r.yaml", []byte(strings.Replace(tinyDraft, from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", to, err, want)
		}
	}
}

func TestDraftDataErrors(t *testing.T) {
	data := exchanges(t)
	steps := []struct {
		change func() error
		want   string
	}{
		{func() error { return os.Rename(filepath.Join(data, "rows.jsonl.gz"), filepath.Join(data, "gone")) }, "no data file"},
		{func() error { return os.Rename(filepath.Join(data, "target.gguf"), filepath.Join(data, "away.gguf")) }, "network.target: no data file target.gguf"},
		{func() error { return os.WriteFile(filepath.Join(data, "target.gguf"), []byte("GGUF"), 0o644) }, "network.target: "},
		{func() error {
			return os.WriteFile(filepath.Join(data, "target.gguf"), read(t, "../network/testdata/tiny-flow.gguf"), 0o644)
		}, "is not the norm of a decoder"},
		{func() error {
			return os.WriteFile(filepath.Join(data, "target.gguf"), read(t, "../network/testdata/tiny-llama.gguf"), 0o644)
		}, "network.target: "},
	}
	for _, s := range steps {
		if err := s.change(); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), parsed(t, tinyDraft), Options{Data: data, Out: t.TempDir(), Workers: 1}); err == nil || !strings.Contains(err.Error(), s.want) {
			t.Errorf("error %v, want %q", err, s.want)
		}
	}
}
