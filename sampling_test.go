package stride_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stride-ml/stride"
)

// bytesModel has random weights and tokens for all bytes.
const bytesModel = "network/testdata/tiny-llama.gguf"

// A network that knows nothing writes valid JSON, whatever the seed, up to the
// length asked for.
func TestSchemaAlwaysHolds(t *testing.T) {
	const source = `{"type": "object", "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 12},
		"age": {"type": "integer", "minimum": 0, "maximum": 130}, "kind": {"enum": ["cat", "dog", null]},
		"tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "maxItems": 3}, "more": {}},
		"required": ["name", "age", "tags"], "additionalProperties": false, "$defs": {"tag": {"type": "string", "pattern": "^[a-z]{2,5}$"}}}`
	c := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("s.json", doc); err != nil {
		t.Fatal(err)
	}
	check, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	m := open(t, bytesModel)
	for seed := range uint64(60) {
		text, stats, err := m.Text(context.Background(), stride.Prompt{Text: "a"},
			stride.Schema(doc), stride.Seed(seed), stride.Temperature(float32(seed%4)), stride.Length(60))
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err == nil {
			err = check.Validate(v)
		}
		if err != nil {
			t.Errorf("seed %d, stopped by %s: %q: %v", seed, stats.Stopped, text, err)
		}
	}
}

// A grammar holds in all strategies, each with its own way.
func TestGrammarInAllStrategies(t *testing.T) {
	m := open(t, "tiny")
	const source = `root ::= [空山不見人]{2,6}`
	for _, s := range []stride.Option{stride.AR(), stride.Speculate(), stride.NAR(), stride.Refine(3)} {
		for seed := range uint64(5) {
			text, stats, err := m.Text(context.Background(), spring, s, stride.Grammar(source), stride.Seed(seed), stride.Temperature(2))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, r := range text {
				if n++; !strings.ContainsRune("空山不見人", r) {
					n = 99
				}
			}
			if n < 2 || n > 6 {
				t.Errorf("%s, seed %d: %q does not fit %s", stats.Strategy, seed, text, source)
			}
		}
	}
	var unsupported *stride.UnsupportedError
	_, _, err := m.Text(context.Background(), spring, stride.NAR(), stride.Grammar(`root ::= "空" root "山" | "山" root "人" | "人"`))
	if !errors.As(err, &unsupported) || !slices.Contains(unsupported.Can, "ar") {
		t.Errorf("a grammar that nests by nar: error is %v, want an *UnsupportedError that names ar", err)
	}
}

// What ar and speculate stop at is not shown before, and cut within an element.
func TestStopStrings(t *testing.T) {
	m := open(t, bytesModel)
	run := func(opts ...stride.Option) (shown []string, stats stride.Stats) {
		for step, err := range m.Generate(context.Background(), stride.Prompt{Text: "a"}, append(opts, stride.Seed(3), stride.Length(40), stride.Temperature(1))...) {
			if err != nil {
				t.Fatal(err)
			}
			shown, stats = append(shown, strings.Join(step.Object.(stride.Text).Pieces, "")), step.Stats
		}
		return shown, stats
	}
	whole, _ := run()
	text := whole[len(whole)-1]
	stop := text[11:15]
	at := strings.Index(text, stop)
	shown, stats := run(stride.Stop("never there", stop))
	if got := shown[len(shown)-1]; got != text[:at] || stats.Stopped != "stop" {
		t.Errorf("stopped before %q by %s: %q, want %q", stop, stats.Stopped, got, text[:at])
	}
	for _, s := range shown {
		if !strings.HasPrefix(text[:at], s) {
			t.Errorf("a step shows %q, which is not of %q", s, text[:at])
		}
	}
}

func TestLogprobsAreOfTheElements(t *testing.T) {
	m := open(t, bytesModel)
	n := 0
	for step, err := range m.Generate(context.Background(), stride.Prompt{Text: "a"}, stride.Seed(1), stride.Length(9), stride.Temperature(0), stride.WithLogprobs(5), stride.RepeatPenalty(3)) {
		if err != nil {
			t.Fatal(err)
		}
		pieces := step.Object.(stride.Text).Pieces
		for i, l := range step.Logprobs {
			if l.Index != step.Fresh[i] || l.Text != pieces[l.Index] || len(l.Top) != 5 || l.Top[0].Logprob < l.Logprob || l.Logprob > 0 {
				t.Errorf("element %d, %q: %+v", step.Fresh[i], pieces[step.Fresh[i]], l)
			}
			n++
		}
	}
	if n != 9 {
		t.Errorf("%d entries, want 9", n)
	}
}

func TestBiasesAndPenalties(t *testing.T) {
	m := open(t, bytesModel)
	text := func(opts ...stride.Option) string {
		s, _, err := m.Text(context.Background(), stride.Prompt{Text: "a"}, append(opts, stride.Length(20), stride.Temperature(0))...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if got, want := text(stride.BiasText("b", 1000)), strings.Repeat("b", 20); strings.ReplaceAll(got, " b", "b") != want {
		t.Errorf("with a bias to b it gives %q", got)
	}
	plain := text()
	first := func(opts ...stride.Option) string {
		for step, err := range m.Generate(context.Background(), stride.Prompt{Text: "a"}, append(opts, stride.Temperature(0))...) {
			if err != nil {
				t.Fatal(err)
			}
			return step.Object.(stride.Text).Pieces[0]
		}
		return ""
	}
	if was := first(); first(stride.BiasText(was, float32(math.Inf(-1)))) == was {
		t.Errorf("%q comes though it is banned", was)
	}
	unique := func(s string) int {
		bytes := map[byte]bool{}
		for i := range len(s) {
			bytes[s[i]] = true
		}
		return len(bytes)
	}
	for _, o := range []stride.Option{stride.RepeatPenalty(10), stride.FrequencyPenalty(50), stride.PresencePenalty(50)} {
		if got := text(o); unique(got) <= unique(plain) {
			t.Errorf("with a penalty it gives %q, which repeats no less than %q", got, plain)
		}
	}
	for _, c := range []struct {
		o    stride.Option
		want string
	}{
		{stride.BiasText("bc and more", 1), "bias"},
		{stride.BiasToken(1<<20, 1), "bias"},
		{stride.Typical(2), "typical"},
		{stride.Stop(""), "stop"},
		{stride.WithLogprobs(0), "logprobs"},
		{stride.WithLogprobs(1000), "logprobs"},
	} {
		var option *stride.OptionError
		_, _, err := m.Text(context.Background(), stride.Prompt{Text: "a"}, c.o)
		if !errors.As(err, &option) || option.Option != c.want {
			t.Errorf("error is %v, want one of option %s", err, c.want)
		}
	}
	for _, c := range []struct {
		o    []stride.Option
		want string
	}{
		{[]stride.Option{stride.Grammar("root ::=\n  \"a\" )")}, "line 2, column 7"},
		{[]stride.Option{stride.Schema(`{"type": "object", "maxProperties": 3}`)}, "#/maxProperties"},
		{[]stride.Option{stride.Schema(func() {})}, "unsupported type"},
		{[]stride.Option{stride.Schema(`true`), stride.Grammar(`root ::= "a"`)}, "want one of them"},
	} {
		if _, _, err := m.Text(context.Background(), stride.Prompt{Text: "a"}, c.o...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error is %v, want %s", err, c.want)
		}
	}
	if _, _, err := open(t, "tiny-pixels").Text(context.Background(), stride.Prompt{}, stride.Stop("x")); err == nil || !strings.Contains(fmt.Sprint(err), "stop strings, which is for texts") {
		t.Errorf("stop strings of a picture: error is %v", err)
	}
}
