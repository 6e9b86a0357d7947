package stride_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/train"
)

// The tests train two tiny models on a few poems over a thousand years old, two
// on small pictures, and open either two under one name, as the bundled ones are.
var poems = []train.Poem{
	{Title: "鹿柴", Dynasty: "唐", Form: "五言絕句", Lines: []string{"空山不見人", "但聞人語響", "返景入深林", "復照青苔上"}},
	{Title: "春曉", Dynasty: "唐", Form: "五言絕句", Lines: []string{"春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"}},
	{Title: "江雪", Dynasty: "唐", Form: "五言絕句", Lines: []string{"千山鳥飛絕", "萬徑人蹤滅", "孤舟蓑笠翁", "獨釣寒江雪"}},
	{Title: "早發白帝城", Dynasty: "唐", Form: "七言絕句", Lines: []string{"朝辭白帝彩雲間", "千里江陵一日還", "兩岸猿聲啼不住", "輕舟已過萬重山"}},
}

const recipe = `name: %s
title: A test
strategies: [%s]
companions: [%s]
data: {kind: poems, train: [{file: poems.jsonl}], valid: [{file: poems.jsonl}], source: somewhere, licence: none}
elements: {min_count: 1}
network: {kind: %s, context: 64, max_length: 40, width: 32, layers: 2, heads: 2, ffn: 64}
train: {steps: %d, batch_tokens: 256, micro_tokens: 256, learning_rate: 0.01, warmup: 5, dropout: 0, ema: 0.9, drop_condition: 0.05, length_weight: 1}
weights: f32
`

var folder string // holds all model files

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "stride")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		folder = dir
		var rows []byte
		for _, p := range poems {
			line, err := json.Marshal(p)
			if err != nil {
				panic(err)
			}
			rows = append(append(rows, line...), '\n')
		}
		if err := os.WriteFile(filepath.Join(dir, "poems.jsonl"), rows, 0o644); err != nil {
			panic(err)
		}
		if err := writeShapes(filepath.Join(dir, "shapes")); err != nil {
			panic(err)
		}
		for _, text := range []string{
			fmt.Sprintf(recipe, "tiny", "ar", "tiny-masked", "decoder", 120),
			fmt.Sprintf(recipe, "tiny-masked", "refine, nar", "tiny", "masked", 300),
			fmt.Sprintf(pictureRecipe, "tiny-pixels", "ar", "tiny-flow", "pixel", "", 120, 0.0, 0),
			fmt.Sprintf(pictureRecipe, "flow-base", "refine, nar", "tiny-pixels", "flow", "", 300, 0.0, 0),
			fmt.Sprintf(pictureRecipe, "tiny-flow", "refine, nar", "tiny-pixels", "flow", "flow-base", 150, 0.25, 4),
		} {
			r, err := train.ParseRecipe("test", []byte(text))
			if err != nil {
				panic(err)
			}
			result, err := train.Run(context.Background(), r, train.Options{Data: dir, Out: filepath.Join(dir, r.Name)})
			if err != nil {
				panic(err)
			}
			path := filepath.Join(dir, r.Name+".gguf")
			if err := os.Rename(result.Model, path); err != nil {
				panic(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				panic(err)
			}
			models.Add(r.Name, data)
		}
		return m.Run()
	}())
}

func open(t testing.TB, name string) *stride.Model {
	t.Helper()
	m, err := stride.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

var spring = stride.Prompt{Text: "春曉", Conditions: map[string]string{"form": "五絕", "dynasty": "唐"}}

// TestOneNameForAllStrategies checks what each strategy's steps say.
func TestOneNameForAllStrategies(t *testing.T) {
	m := open(t, "tiny")
	for _, tc := range []struct {
		opts             []stride.Option
		strategy, model  string
		passes, elements int
	}{
		{nil, "ar", "tiny", 24, 23},
		{[]stride.Option{stride.AR()}, "ar", "tiny", 24, 23},
		{[]stride.Option{stride.NAR()}, "nar", "tiny-masked", 2, 23}, // the length, then all
		{[]stride.Option{stride.NAR(), stride.Length(23)}, "nar", "tiny-masked", 1, 23},
		{[]stride.Option{stride.Refine(4)}, "refine", "tiny-masked", 5, 23},
		{[]stride.Option{stride.Refine(4), stride.Length(23)}, "refine", "tiny-masked", 4, 23},
		{[]stride.Option{stride.Strategy("refine"), stride.Length(23)}, "refine", "tiny-masked", 8, 23},
	} {
		opts := append(tc.opts, stride.Seed(1), stride.Temperature(0))
		var last stride.Step
		fresh := 0
		for step, err := range m.Generate(t.Context(), spring, opts...) {
			if err != nil {
				t.Fatal(err)
			}
			if last.Done {
				t.Errorf("%s: a step after the last", tc.strategy)
			}
			if step.Pass != last.Pass+1 {
				t.Errorf("%s: pass %d after %d", tc.strategy, step.Pass, last.Pass)
			}
			fresh += len(step.Fresh)
			last = step
		}
		s := last.Stats
		if s.Strategy != tc.strategy || s.Model != tc.model || s.Passes != tc.passes || s.Elements != tc.elements || s.Seed != 1 || s.Stopped != "end" {
			t.Errorf("%s: stats %+v, want %+v", tc.strategy, s, tc)
		}
		if !last.Done || fresh != tc.elements || last.Object.Elements() != tc.elements || s.FirstStep <= 0 || s.Total < s.FirstStep {
			t.Errorf("%s: last step %+v, %d fresh", tc.strategy, last, fresh)
		}
		if got := last.Object.String(); tc.strategy == "ar" && got != strings.Join(poems[1].Lines, "\n") {
			t.Errorf("%s: %q, want the poem learnt by heart", tc.strategy, got)
		}
	}
}

func TestSameSeedSameText(t *testing.T) {
	m := open(t, "tiny")
	for _, opt := range []stride.Option{stride.AR(), stride.NAR(), stride.Refine(5)} {
		want, stats, err := m.Text(t.Context(), spring, opt, stride.Seed(5))
		if err != nil {
			t.Fatal(err)
		}
		// Several at once, as a server would run them.
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				got, _, err := m.Text(t.Context(), spring, opt, stride.Seed(5))
				if err != nil || got != want {
					t.Errorf("%s: %q, %v; before %q", stats.Strategy, got, err, want)
				}
			})
		}
		all.Wait()
	}
}

func TestCancel(t *testing.T) {
	m := open(t, "tiny")
	for _, opt := range []stride.Option{stride.AR(), stride.Refine(8)} {
		ctx, cancel := context.WithCancel(t.Context())
		var last stride.Step
		var got error
		steps := 0
		for step, err := range m.Generate(ctx, spring, opt, stride.Seed(1)) {
			if steps++; steps == 2 {
				cancel()
			}
			last, got = step, err
		}
		cancel()
		if steps != 3 || !errors.Is(got, context.Canceled) || !last.Done || last.Stats.Stopped != "cancelled" || last.Stats.Passes != 2 {
			t.Errorf("cancelled after 2 steps: %d steps, error %v, last %+v", steps, got, last)
		}
		if last.Object == nil || last.Object.Elements() == 0 {
			t.Error("what was there is lost")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if text, _, err := m.Text(ctx, spring); text != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before the start: %q, %v", text, err)
	}
}

func TestAcrosticAndFill(t *testing.T) {
	m := open(t, "tiny")
	for _, opt := range []stride.Option{stride.AR(), stride.NAR(), stride.Refine(6)} {
		text, s, err := m.Text(t.Context(), stride.Prompt{Acrostic: "山 人鳥雪"}, opt, stride.Seed(2))
		if err != nil {
			t.Fatal(err)
		}
		var starts []rune
		for line := range strings.SplitSeq(text, "\n") {
			starts = append(starts, []rune(line)[0])
		}
		if string(starts[:4]) != "山人鳥雪" {
			t.Errorf("%s: lines begin with %q in %q", s.Strategy, string(starts), text)
		}
		fill := stride.Prompt{Fill: "春眠不覺曉，＿_聞啼鳥。"}
		text, s, err = m.Text(t.Context(), fill, opt, stride.Seed(2))
		if s.Strategy == "ar" || err != nil && strings.Contains(err.Error(), "strategy ar") {
			var unsupported *stride.UnsupportedError
			if !errors.As(err, &unsupported) || strings.Join(unsupported.Can, " ") != "nar refine" {
				t.Errorf("ar: fill-in gave %v, want an error that names nar and refine", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(text, "\n")
		if len(lines) != 4 || lines[0] != "春眠不覺曉" || !strings.HasSuffix(lines[1], "聞啼鳥") || strings.Contains(text, "＿") {
			t.Errorf("%s: filled in %q", s.Strategy, text)
		}
	}
}

func TestWrongRequests(t *testing.T) {
	m := open(t, "tiny")
	form := func(v string) stride.Prompt { return stride.Prompt{Conditions: map[string]string{"form": v}} }
	for _, tc := range []struct {
		name string
		p    stride.Prompt
		opts []stride.Option
		want string
	}{
		{"strategy", spring, []stride.Option{stride.Strategy("leap")}, "supported by: ar, speculate, refine, nar"},
		{"form", form("六絕"), nil, "form is \"六絕\", want one of 五言絕句, 七言絕句"},
		{"ambiguous form", form("絕"), nil, "could be"},
		{"condition", stride.Prompt{Conditions: map[string]string{"style": "x"}}, nil, "no condition \"style\"; known: dynasty, form"},
		{"length", spring, []stride.Option{stride.NAR(), stride.Length(40)}, "want fixed, predicted or 1 to 39"},
		{"ar length", spring, []stride.Option{stride.AR(), stride.Length(-7)}, "want fixed, predicted or 1 to 39"},
		{"passes", spring, []stride.Option{stride.Refine(-1)}, "passes"},
		{"ar passes", spring, []stride.Option{stride.AR(), stride.Passes(3)}, "supported by: refine"},
		{"temperature", spring, []stride.Option{stride.Temperature(-1)}, "temperature"},
		{"confidence", spring, []stride.Option{stride.Refine(4), stride.ConfidenceTemperature(-1)}, "confidence-temperature"},
		{"ar confidence", spring, []stride.Option{stride.AR(), stride.ConfidenceTemperature(1)}, "supported by: refine"},
		{"top-p", spring, []stride.Option{stride.TopP(2)}, "top-p"},
		{"acrostic too long", stride.Prompt{Acrostic: "一山人鳥雪"}, nil, "no form has such lines"},
		{"acrostic for a form", stride.Prompt{Acrostic: "山人鳥雪雪", Conditions: map[string]string{"form": "五絕"}}, nil, "at most 4, the lines of 五言絕句"},
		{"unknown character", stride.Prompt{Acrostic: "山人鳥龘"}, nil, "not an element"},
		{"fill with other lines", stride.Prompt{Fill: "山＿＿"}, []stride.Option{stride.NAR()}, "no form has such lines"},
		{"prompt too long", stride.Prompt{Text: strings.Repeat("山", 70)}, nil, "prompt"},
	} {
		text, _, err := m.Text(t.Context(), tc.p, tc.opts...)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %q, error %v; want one with %q", tc.name, text, err, tc.want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	var missing *stride.NotFoundError
	if _, err := stride.Open("tinny"); !errors.As(err, &missing) || missing.Near[0] != "tiny" {
		t.Errorf("a mistyped name: %v", err)
	}
	if _, err := stride.Open(filepath.Join(folder, "none.gguf")); !errors.As(err, &missing) {
		t.Errorf("a missing file: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "tiny.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.gguf")
	var format *checkpoint.FormatError
	for _, n := range []int{0, 3, 100, len(data) / 2, len(data) - 1} {
		if err := os.WriteFile(cut, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := stride.Open(cut); !errors.As(err, &format) {
			t.Errorf("the first %d bytes of a file: %v", n, err)
		}
	}
}

// TestOpenWrongCard opens a file whose card does not fit its network.
func TestOpenWrongCard(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(folder, "tiny-masked.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "wrong.gguf")
	if err := os.WriteFile(path, bytes.Replace(data, []byte("llada"), []byte("llama"), -1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := stride.Open(path); err == nil || !strings.Contains(err.Error(), `stride.strategies has "refine", want some of ar`) {
		t.Errorf("refine on a causal network: %v", err)
	}
}

// TestOpenPath finds the companion beside the file.
func TestOpenPath(t *testing.T) {
	m := open(t, filepath.Join(folder, "tiny-masked.gguf"))
	info := m.Info()
	if got := strings.Join(info.Strategies, " "); got != "refine nar ar speculate" || info.Default != "refine" || info.Architecture != "llada" {
		t.Errorf("info %+v", info)
	}
	if info.Parameters == 0 || info.Context != 64 || info.MaxLength != 40 || !info.Acrostic || !info.Fill || len(info.Conditions["form"]) != 2 {
		t.Errorf("info %+v", info)
	}
	if _, s, err := m.Text(t.Context(), spring, stride.AR()); err != nil || s.Model != "tiny" {
		t.Errorf("the companion: %+v, %v", s, err)
	}
	if v, err := m.Condition("form", "七絕"); err != nil || v != "七言絕句" {
		t.Errorf("form 七絕 is %q, %v", v, err)
	}
	if tokens := m.Tokens("山é"); len(tokens) != 3 || tokens[0].Piece != "山" || tokens[1].Piece != "<0xC3>" {
		t.Errorf("tokens %v", tokens)
	}
}

func TestScore(t *testing.T) {
	m := open(t, "tiny")
	known, err := m.Score(t.Context(), spring, strings.Join(poems[1].Lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := m.Score(t.Context(), spring, strings.Join(poems[2].Lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if known.Units != 24 || known.Elements != 24 || known.Bits >= other.Bits || known.Bits <= 0 {
		t.Errorf("its own poem %+v, another %+v", known, other)
	}
}

func TestGain(t *testing.T) {
	m := open(t, "tiny")
	g, err := m.Gain(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if g.Length != 32 || g.Positions <= 0 || g.Elements <= 0 || g.P != g.Positions/g.Elements {
		t.Errorf("gain %+v", g)
	}
}
