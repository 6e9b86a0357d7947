package train

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// Poems of Wang Wei, Meng Haoran, Li Bai, Liu Zongyuan and Wang Zhihuan, all
// over a thousand years old.
var poems = []Poem{
	{Title: "鹿柴", Dynasty: "唐", Form: "五言絕句", Lines: []string{"空山不見人", "但聞人語響", "返景入深林", "復照青苔上"}},
	{Title: "春曉", Dynasty: "唐", Form: "五言絕句", Lines: []string{"春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"}},
	{Title: "靜夜思", Dynasty: "唐", Form: "五言絕句", Lines: []string{"牀前看月光", "疑是地上霜", "舉頭望山月", "低頭思故鄉"}},
	{Title: "江雪", Dynasty: "唐", Form: "五言絕句", Lines: []string{"千山鳥飛絕", "萬徑人蹤滅", "孤舟蓑笠翁", "獨釣寒江雪"}},
	{Title: "登鸛雀樓", Dynasty: "唐", Form: "五言絕句", Lines: []string{"白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"}},
	{Title: "早發白帝城", Dynasty: "唐", Form: "七言絕句", Lines: []string{"朝辭白帝彩雲間", "千里江陵一日還", "兩岸猿聲啼不住", "輕舟已過萬重山"}},
}

const tinyRecipe = `name: tiny
title: A test
seed: 3
data:
  kind: %s
  train: [{file: rows.jsonl.gz, repeat: 3}]
  valid: [{file: rows.jsonl.gz}]
  test: [{file: rows.jsonl.gz}]
  source: somewhere
elements: {min_count: 1, pieces: 20}
network: {kind: %s, context: 64, max_length: 40, width: 32, layers: 2, heads: 2, ffn: 48}
train: {steps: 24, batch_tokens: 192, micro_tokens: 96, learning_rate: 0.01, warmup: 4, decay: 0.5, validate: 8, checkpoint: 10, valid_tokens: 3000}
weights: q8_0
`

func tiny(t testing.TB, data, kind string) *Recipe {
	t.Helper()
	return parsed(t, fmt.Sprintf(tinyRecipe, data, kind))
}

// writeRows writes rows as gzip-compressed JSON lines into a new folder.
func writeRows[T any](t testing.TB, rows []T) string {
	t.Helper()
	dir := t.TempDir()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	for _, row := range rows {
		if err := json.NewEncoder(z).Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rows.jsonl.gz"), buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestResumeGivesTheSameBytes stops a run in the middle, resumes it with other
// workers, and compares every byte of state and model with an unbroken run.
func TestResumeGivesTheSameBytes(t *testing.T) {
	data := writeRows(t, poems)
	for _, kind := range []string{"decoder", "masked"} {
		t.Run(kind, func(t *testing.T) {
			r := tiny(t, "poems", kind)
			whole, parts := t.TempDir(), t.TempDir()
			var last Progress
			result, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 1, Progress: func(p Progress) {
				if p.Message == "" {
					last = p
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if result.Steps != 24 || last.Step != 24 || math.IsNaN(result.ValidBits) || last.Elements == 0 {
				t.Errorf("result %+v, last report %+v", result, last)
			}
			for stop := 7; ; stop += 9 {
				ctx, cancel := context.WithCancel(t.Context())
				steps := 0
				stopAt := stop
				_, err := Run(ctx, r, Options{Data: data, Out: parts, Workers: 2, step: func(step int) {
					if steps = step; step == stopAt {
						cancel()
					}
				}})
				cancel()
				if err == nil {
					break
				}
				if stopped := (*InterruptedError)(nil); !errors.As(err, &stopped) || stopped.Step != steps {
					t.Fatalf("after step %d: %v", steps, err)
				}
			}
			for _, name := range []string{"state.gguf", "model.gguf"} {
				a, b := read(t, filepath.Join(whole, name)), read(t, filepath.Join(parts, name))
				if !bytes.Equal(a, b) {
					t.Errorf("%s differs between an unbroken run and a resumed one", name)
				}
			}
			if svg := read(t, filepath.Join(parts, "loss.svg")); !bytes.Contains(svg, []byte("<svg")) {
				t.Error("loss.svg is not an SVG")
			}
			for i, line := range strings.Split(strings.TrimSpace(string(read(t, filepath.Join(parts, "log.jsonl")))), "\n") {
				var l logLine
				if err := json.Unmarshal([]byte(line), &l); err != nil || l.Loss <= 0 {
					t.Errorf("log.jsonl line %d: %q: %v", i+1, line, err)
				}
			}
		})
	}
}

func open(t *testing.T, path string) *checkpoint.File {
	t.Helper()
	f, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTrainingLearns holds that a tiny decoder learns six poems by heart, and
// that its validation figure is the likelihood that the written model gives.
func TestTrainingLearns(t *testing.T) {
	data, out := writeRows(t, poems), t.TempDir()
	r := tiny(t, "poems", "decoder")
	r.Train.Steps, r.Train.Dropout, r.Train.DropCondition, r.Train.EMA, r.Weights = 150, 0, 0, 0.9, "f32"
	result, err := Run(t.Context(), r, Options{Data: data, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(result.TestBits-result.ValidBits) > 1e-3 {
		t.Errorf("%.4f bits per character on test data that is the validation data, which gave %.4f", result.TestBits, result.ValidBits)
	}
	if result.ValidBits > 1 {
		t.Errorf("%.2f bits per character on poems it was trained on, want below 1", result.ValidBits)
	}
	f := open(t, result.Model)
	pool := tensor.NewPool(1)
	defer pool.Close()
	trunk, err := network.ReadDecoder(f)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := text.FromMetadata(f.Value)
	if err != nil {
		t.Fatal(err)
	}
	format, err := text.FormatFromMetadata(f.Value)
	if err != nil {
		t.Fatal(err)
	}
	var bits float64
	units := 0
	for _, p := range poems {
		prompt, err := format.Encode(tok, p.Title, map[string]string{"dynasty": p.Dynasty, "form": p.Form})
		if err != nil {
			t.Fatal(err)
		}
		body := strings.Join(p.Lines, "\n")
		tokens := append(tok.AppendEncode(prompt, body), tok.EOS())
		nll := make([]float32, len(tokens)-1)
		if err := network.NewDecoder(trunk, pool).Score(tokens, nll); err != nil {
			t.Fatal(err)
		}
		for _, v := range nll[len(prompt)-1:] {
			bits += float64(v) / math.Ln2
		}
		units += len([]rune(body)) + 1
	}
	if got := bits / float64(units); math.Abs(got-result.ValidBits) > 0.01 {
		t.Errorf("the model file gives %.4f bits per character, training reported %.4f", got, result.ValidBits)
	}
}

// TestStartFrom starts a masked network from a causal one's weights.
func TestStartFrom(t *testing.T) {
	data, out := writeRows(t, poems), t.TempDir()
	causal := tiny(t, "poems", "decoder")
	causal.Weights = "f32"
	result, err := Run(t.Context(), causal, Options{Data: data, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	masked, into := tiny(t, "poems", "masked"), t.TempDir()
	masked.Train.Steps, masked.Train.Warmup, masked.Train.LearningRate = 1, 0, 1e-30 // one step to nowhere
	masked.Network.From = result.Model
	if _, err := Run(t.Context(), masked, Options{Data: data, Out: into}); err != nil {
		t.Fatal(err)
	}
	want, got := open(t, result.Model), open(t, filepath.Join(into, "state.gguf"))
	for _, info := range want.Tensors() {
		n := 1
		for _, d := range info.Shape {
			n *= d
		}
		a, b := make([]float32, n), make([]float32, n)
		if err := errors.Join(want.Float32(info.Name, a), got.Float32(info.Name, b)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a, b) {
			t.Errorf("%s does not start from the causal network's", info.Name)
		}
	}
	masked.Network.From = filepath.Join(out, "none.gguf")
	if _, err := Run(t.Context(), masked, Options{Data: data, Out: t.TempDir()}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "network.from") {
		t.Errorf("from a missing file: %v", err)
	}
	masked.Network.From, masked.Elements.MinCount = result.Model, 2
	if _, err := Run(t.Context(), masked, Options{Data: data, Out: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "want the same data and elements") {
		t.Errorf("from another vocabulary: %v", err)
	}
}

// TestTexts trains on running text, whose rows are cut into windows.
func TestTexts(t *testing.T) {
	rows := []Text{{strings.Repeat("Once upon a time there was a little dragon. ", 20)}, {"The dragon was awake."}, {""}}
	r := tiny(t, "texts", "decoder")
	result, err := Run(t.Context(), r, Options{Data: writeRows(t, rows), Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if !(result.Valid < 3) {
		t.Errorf("validation loss %.2f after 24 steps, want below 3", result.Valid)
	}
}

func TestBatches(t *testing.T) {
	items := make([]item, 0, len(poems))
	for _, p := range poems {
		items = append(items, item{p.Title, []string{p.Dynasty, p.Form}, strings.Join(p.Lines, "\n")})
	}
	for _, kind := range []string{"decoder", "masked"} {
		r := tiny(t, "poems", kind)
		r.Train.PadShare = 0.5
		format := formatOf(r, items)
		if got := format.Conditions[1].Lines[0]; fmt.Sprint(got) != "[5 5 5 5]" {
			t.Errorf("lines of %s: %v", format.Conditions[1].Values[0], got)
		}
		tok, err := text.Train(corpus(items), text.TrainOptions{MinCount: 1, Controls: append(format.Controls(), "<mask>")})
		if err != nil {
			t.Fatal(err)
		}
		enc := newEncoder(tok, format, r.Network.Context, r.Network.MaxLength)
		mask, _ := tok.Mask()
		s := sampler{enc: enc, recipe: r.Train, masked: kind == "masked", deck: deck{seed: 1}}
		if skipped := s.load(items); len(s.examples) != len(poems) || skipped != 0 {
			t.Fatalf("%d examples, %d skipped", len(s.examples), skipped)
		}
		seen := 0
		for step := range 60 {
			b := s.next(step)
			var sum float64
			for _, m := range b.micros {
				if len(m.pass.IDs) > r.Train.MicroTokens {
					t.Fatalf("a forward pass of %d positions, want at most %d", len(m.pass.IDs), r.Train.MicroTokens)
				}
				covered := 0
				for _, span := range m.pass.Spans {
					covered += span.Len
				}
				if covered != len(m.pass.IDs) {
					t.Fatalf("spans cover %d of %d rows", covered, len(m.pass.IDs))
				}
				for i, row := range m.rows {
					sum += float64(m.weights[i])
					if kind == "masked" && m.pass.IDs[row] != mask {
						t.Fatal("a scored element is not hidden")
					}
					if kind == "decoder" && row+1 < len(m.pass.IDs) && m.pass.Positions[row+1] > 0 && m.pass.IDs[row+1] != m.targets[i] {
						t.Fatal("a target is not the next token")
					}
				}
			}
			// With k of L hidden and weight L/k, each response weighs L in all.
			if math.Abs(sum-1) > 1e-4 {
				t.Fatalf("weights sum to %g, want 1", sum)
			}
			seen += b.positions
		}
		if s.Epoch < 10 || seen == 0 {
			t.Errorf("60 steps went through %d epochs", s.Epoch)
		}
	}
}

func TestRate(t *testing.T) {
	r := TrainRecipe{Steps: 100, Warmup: 10, Decay: 0.4, LearningRate: 1}
	for step, want := range map[int]float64{0: 0.1, 4: 0.5, 9: 1, 10: 1, 60: 1, 80: 0.5, 99: 0.025} {
		if got := r.rate(step); math.Abs(got-want) > 1e-9 {
			t.Errorf("rate of step %d is %g, want %g", step, got, want)
		}
	}
}

func TestRecipeErrors(t *testing.T) {
	good := fmt.Sprintf(tinyRecipe, "poems", "decoder")
	for _, tc := range []struct{ from, to, want string }{
		{"seed: 3", "sed: 3", `r.yaml:3:1: unknown key "sed"; known here: name, title, seed`},
		{"  kind: poems", "  kindd: poems", `r.yaml:5:3: unknown key "kindd"; known here: kind, train, valid`},
		{"steps: 24", "steps: many", "r.yaml:12:16:"},
		{"steps: 24", "steps: 0", "train.steps is 0, want 1"},
		{"learning_rate: 0.01", "learning_rate: .nan", "train.learning_rate is NaN"},
		{"kind: decoder", "kind: encoder", `network.kind is "encoder", want decoder or masked`},
		{"heads: 2", "heads: 5", "5 heads"},
		{"max_length: 40", "max_length: 64", "network.max_length is 64, want 1 to 63"},
		{"rows.jsonl.gz, repeat", "../rows.jsonl.gz, repeat", "below the data folder"},
		{"weights: q8_0", "weights: q9", "weights:"},
		{"name: tiny", "name: Tiny One", "name is"},
		{"title: A test", "title: A test\nstrategies: [nar]", `a decoder network cannot serve "nar"; it can serve ar`},
		{"seed: 3", "seed: [", "r.yaml:"},
	} {
		_, err := ParseRecipe("r.yaml", []byte(strings.Replace(good, tc.from, tc.to, 1)))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want one with %q", tc.to, err, tc.want)
		}
	}
}

func TestBundledRecipes(t *testing.T) {
	paths, err := filepath.Glob("../recipes/*.yaml")
	if err != nil || len(paths) < 3 {
		t.Fatalf("recipes: %v, %v", paths, err)
	}
	for _, path := range paths {
		r, err := LoadRecipe(path)
		if err != nil {
			t.Error(err)
		} else if r.Name+".yaml" != filepath.Base(path) {
			t.Errorf("%s has the name %s", path, r.Name)
		}
	}
}

func TestRunErrors(t *testing.T) {
	r := tiny(t, "poems", "decoder")
	run := func(data, out string) error {
		_, err := Run(t.Context(), r, Options{Data: data, Out: out})
		return err
	}
	if err := run(t.TempDir(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "the data comes from: somewhere") {
		t.Errorf("no data: %v", err)
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "rows.jsonl.gz"), []byte("not gzip"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(broken, t.TempDir()); err == nil || !strings.Contains(err.Error(), "rows.jsonl.gz") {
		t.Errorf("broken data: %v", err)
	}
	if err := run(writeRows(t, []Poem{{Title: "無"}}), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("empty data: %v", err)
	}
	out := t.TempDir()
	if err := os.WriteFile(filepath.Join(out, "state.gguf"), []byte("GGUF"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(writeRows(t, poems), out); err == nil || !strings.Contains(err.Error(), "--restart") {
		t.Errorf("broken state: %v", err)
	}
	r.Train.LearningRate = 1e30
	var diverged *DivergedError
	if err := run(writeRows(t, poems), t.TempDir()); !errors.As(err, &diverged) {
		t.Errorf("absurd rate: %v", err)
	}
}

func FuzzParseRecipe(f *testing.F) {
	f.Add(fmt.Sprintf(tinyRecipe, "poems", "decoder"))
	f.Add("name: x\ntrain: {steps: 1e99}")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRecipe("fuzz.yaml", []byte(s))
		if err != nil {
			var where *RecipeError
			if !errors.As(err, &where) {
				t.Fatalf("%v is a %T", err, err)
			}
			return
		}
		if err := r.validate(); err != nil {
			t.Fatal(err)
		}
	})
}

// benchTrainer is a trainer of the tang recipe's network on random poems.
func benchTrainer(kind string) (*trainer, error) {
	r, err := LoadRecipe(map[string]string{"decoder": "../recipes/tang.yaml", "masked": "../recipes/tang-masked.yaml"}[kind])
	if err != nil {
		return nil, err
	}
	r.Network.From = ""
	rng := rand.New(rand.NewPCG(1, 1))
	var items []item
	for range 2000 {
		lines := make([]string, 4)
		for i := range lines {
			line := make([]rune, 7)
			for j := range line {
				line[j] = rune(0x4e00 + rng.IntN(7000))
			}
			lines[i] = string(line)
		}
		items = append(items, item{lines[0], []string{"唐", "七言絕句"}, strings.Join(lines, "\n")})
	}
	t := &trainer{recipe: r, pool: tensor.NewPool(2)}
	t.run = tensor.NewRun(t.pool, tensor.Training())
	format := formatOf(r, items)
	o := &textObjective{t: t}
	if o.tok, err = text.Train(corpus(items), text.TrainOptions{MinCount: 1, Controls: append(format.Controls(), "<mask>")}); err != nil {
		return nil, err
	}
	o.enc = newEncoder(o.tok, format, r.Network.Context, r.Network.MaxLength)
	o.data = sampler{enc: o.enc, recipe: r.Train, masked: kind == "masked", deck: deck{seed: 1}}
	o.data.load(items)
	if err := o.build(); err != nil {
		return nil, err
	}
	t.goal, t.opt = o, newOptimiser(o.all)
	return t, nil
}

// BenchmarkTrain is training steps of the tang recipe's network on random poems
// of its length: positions per second on two workers.
func BenchmarkTrain(b *testing.B) {
	for _, kind := range []string{"decoder", "masked"} {
		b.Run(kind, func(b *testing.B) {
			t, err := benchTrainer(kind)
			if err != nil {
				b.Fatal(err)
			}
			defer t.pool.Close()
			t.train(1e-3)
			start := t.seen
			for b.Loop() {
				t.train(1e-3)
			}
			b.ReportMetric(float64(t.seen-start)/b.Elapsed().Seconds(), "positions/s")
		})
	}
}

// parsed parses a recipe of the tests.
func parsed(t testing.TB, recipe string) *Recipe {
	t.Helper()
	r, err := ParseRecipe("tiny.yaml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// resumes runs a recipe by three workers, stopped after so many steps and then
// again and again after more, and compares every byte with those of an unbroken
// run.
func resumes(t *testing.T, r *Recipe, data, whole string, stop, every int) {
	t.Helper()
	parts := t.TempDir()
	for ; ; stop += every {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Run(ctx, r, Options{Data: data, Out: parts, Workers: 3, step: func(step int) {
			if step == stop {
				cancel()
			}
		}})
		cancel()
		if err == nil {
			break
		}
		var stopped *InterruptedError
		if !errors.As(err, &stopped) {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"state.gguf", "model.gguf"} {
		if !bytes.Equal(read(t, filepath.Join(whole, name)), read(t, filepath.Join(parts, name))) {
			t.Errorf("%s differs between an unbroken run and a resumed one", name)
		}
	}
}
