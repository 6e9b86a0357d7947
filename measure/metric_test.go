package measure

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
)

var allKinds = []Kind{KindPoem, KindText, KindPicture, KindSentence}

// Every metric says what it is, where it is from and what fools it, here and in the
// documentation.
func TestMetricsAreDocumented(t *testing.T) {
	docs, err := os.ReadFile("../docs/measures.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range allKinds {
		keys := map[string]bool{}
		for _, m := range Metrics(k) {
			if m.Name == "" || !metricKey.MatchString(m.Key) || m.Title == "" || m.Source == "" || m.Fooled == "" || m.Of == nil || keys[m.Key] {
				t.Errorf("%s of a %s is not described: %+v", m.Key, k, m)
			}
			keys[m.Key] = true
			if m.Better != Lower && m.Better != Higher && m.Better != Nearer {
				t.Errorf("%s: better is %q", m.Key, m.Better)
			}
			line := "| `" + m.Key + "` | " + m.Name + " | " + m.Title + " |"
			if !strings.Contains(string(docs), line) {
				t.Errorf("docs/measures.md does not hold a line that begins with %s", line)
			}
			for _, part := range []string{m.Source, m.Fooled} {
				if !strings.Contains(string(docs), part) {
					t.Errorf("docs/measures.md does not say of %s: %s", m.Key, part)
				}
			}
		}
	}
}

// shortLines is a metric of one's own: the share of lines of fewer than 6 characters.
var shortLines = Metric{
	Name: "short", Key: "short_lines", Title: "share of short lines", Kinds: []Kind{KindPoem}, Percent: true, Better: Higher, Plotted: true,
	Floor: []Bound{{Value: 0}}, Ceiling: []Bound{{Value: 1}}, Source: "counted", Fooled: "empty lines",
	Of: func(_ context.Context, s Set) (Value, error) {
		var short []float64
		for _, x := range s.Objects {
			for _, line := range ParsePoem(x.Text) {
				short = append(short, float64(count(len([]rune(line)) < 6)))
			}
		}
		return Bare(Mean(short)), nil
	},
}

func TestMetricOfOnesOwn(t *testing.T) {
	c, err := compare(t.Context(), newFake(t), CompareOptions{Data: dataFolder(t), Runs: 1, Passes: []int{1}, Metrics: []Metric{shortLines}, Strategies: []string{"ar", "refine"}})
	if err != nil {
		t.Fatal(err)
	}
	var csv, json bytes.Buffer
	if err := errors.Join(c.WriteCSV(&csv), c.WriteJSON(&json)); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"short": c.Table(), ",short_lines": csv.String(), `"short_lines": {`: json.String()} {
		if !strings.Contains(text, what) {
			t.Errorf("%s is not in\n%s", what, text)
		}
	}
	last := len(c.Metrics) - 1
	if v := c.Rows[0].value(last).Value; !(v > 0 && v < 1) || math.IsNaN(c.Real[0].value(last).Value) {
		t.Errorf("%v of the lines of ar are short, of real poems %v", v, c.Real[0].value(last).Value)
	}
	if len(c.Rows) != 2 || len(c.Frontiers()) != 2 {
		t.Errorf("%d rows, want ar and refine 1; %d plots, want one of NLL and one of short lines", len(c.Rows), len(c.Frontiers()))
	}

	if f := c.Forecast(); !strings.Contains(f, "refine beats ar at up to 1 pass of those compared") {
		t.Errorf("of ar and refine: %s", f)
	}
	if c.Rows = c.Rows[1:]; strings.Contains(c.Forecast(), "refine beats") || strings.Contains(c.Forecast(), "refine does not") {
		t.Errorf("of refine alone: %s", c.Forecast())
	}

	failing := shortLines
	failing.Of = func(context.Context, Set) (Value, error) { return Value{}, errNothing }
	if _, err := compare(t.Context(), newFake(t), CompareOptions{Runs: 1, Metrics: []Metric{failing}}); !errors.Is(err, errNothing) || !strings.Contains(err.Error(), "short_lines of ar") {
		t.Errorf("a metric that fails: %v", err)
	}
	for _, m := range []Metric{{Name: "x", Key: "X", Of: shortLines.Of}, {Name: "x", Key: "x"}, {Name: "NLL", Key: "nll_bits_per_char", Of: shortLines.Of}} {
		var bad *stride.OptionError
		if _, err := compare(t.Context(), newFake(t), CompareOptions{Metrics: []Metric{m}}); !errors.As(err, &bad) || bad.Option != "metrics" {
			t.Errorf("metric %q %q: %v", m.Name, m.Key, err)
		}
	}
	var unsupported *stride.UnsupportedError
	if _, err := compare(t.Context(), newFake(t), CompareOptions{Strategies: []string{"speculate"}}); !errors.As(err, &unsupported) {
		t.Errorf("a strategy that the model lacks: %v", err)
	}
}

// letters finds each letter worth a bit, and END three.
type letters struct{ calls int }

func (*letters) Info() stride.Info { return stride.Info{} }

func (l *letters) Score(_ context.Context, _ stride.Prompt, response string) (stride.Score, error) {
	l.calls++
	s := stride.Score{Elements: len(response) + 1}
	for range response {
		s.Each = append(s.Each, 1)
	}
	s.Each = append(s.Each, 3)
	s.Bits = float64(len(response) + 3)
	return s, nil
}

// Known answers: 4 letters and END are 7 bits of 5 elements, 4 letters that were cut
// off 4 of 4. Equal answers are scored once, and have equal figures.
func TestLikelihood(t *testing.T) {
	l := &letters{}
	s := Set{Model: &remembered{Scorer: l, scores: map[string]stride.Score{}}, Objects: []Made{{Text: "abcd", Ended: true}, {Text: "abcd"}, {Text: "abcd", Ended: true}}}
	v, err := likelihood(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "bits an element", v.Value, (7.+4+7)/(5+4+5))
	if !(v.Low <= v.Value && v.Value <= v.High) || v.Low < 1 || v.High > 7./5 {
		t.Errorf("the interval is %+v", v)
	}
	again, err := likelihood(t.Context(), s)
	if err != nil || again != v || l.calls != 1 {
		t.Errorf("again %+v, want %+v; %d calls, want 1; %v", again, v, l.calls, err)
	}
	if v, err := likelihood(t.Context(), Set{Objects: s.Objects}); err != nil || !math.IsNaN(v.Value) {
		t.Errorf("without ar: %+v, %v", v, err)
	}
}

// What texts of exchanged elements keep: all elements, lengths and line breaks.
func TestExchanged(t *testing.T) {
	objects := []object{{pieces: strings.Split("ab\ncd", "")}, {pieces: strings.Split("efgh\ni", "")}}
	out := exchanged(objects, 1)
	var all string
	for i, x := range out {
		if len(x.pieces) != len(objects[i].pieces) || strings.Index(x.text, "\n") != strings.Index(strings.Join(objects[i].pieces, ""), "\n") {
			t.Errorf("%q became %q", objects[i].pieces, x.text)
		}
		all += x.text
	}
	for _, letter := range "abcdefghi" {
		if strings.Count(all, string(letter)) != 1 {
			t.Errorf("%c is not once in %q", letter, all)
		}
	}
	if objects[0].pieces[0] != "a" || all == "ab\ncdefgh\ni" {
		t.Errorf("%q of %q", all, objects[0].pieces)
	}
}
