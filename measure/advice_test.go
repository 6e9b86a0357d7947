package measure

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stride-ml/stride"
)

// measured is a comparison of rows with times in ms and values of one metric, all
// known within 0.1, of which 0 is the floor and 10 the ceiling.
func measured(better Direction, rows ...[2]float64) *Comparison {
	c := &Comparison{Model: "m", Kind: KindText, Metrics: []Metric{{
		Name: "Q", Key: "q", Title: "quality", Better: better, Floor: []Bound{{Value: 0}}, Ceiling: []Bound{{Row: "none"}, {Value: 10}}, Interval: "95 %"}}}
	for i, r := range rows {
		row := emptyRow([]string{"a", "b", "c", "d"}[i])
		row.Seconds = Summarize([]float64{0.99e-3 * r[0], 1e-3 * r[0], 1.01e-3 * r[0]})
		row.Values = []Value{{r[1], r[1] - 0.1, r[1] + 0.1}}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func TestScores(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		better         Direction
		value          float64
		floor, ceiling float64
		want           float64
	}{
		{Higher, 5, 0, 10, 0.5}, {Higher, 12, 0, 10, 1}, {Higher, -1, 0, 10, 0},
		{Lower, 6, 8, 4, 0.5}, {Lower, 3, 8, 4, 1}, {Lower, 9, 8, 4, 0},
		{Nearer, 6, 8, 4, 0.5}, {Nearer, 2, 8, 4, 0.5}, {Nearer, 4, 8, 4, 1}, {Nearer, 13, 8, 4, 0},
		{Lower, 4, 4, 4, 1}, {Lower, 5, 4, 4, nan}, {Higher, nan, 0, 1, nan},
	} {
		if got := (Metric{Better: c.better}).score(c.value, c.floor, c.ceiling); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s %v between %v and %v: %v, want %v", c.better, c.value, c.floor, c.ceiling, got, c.want)
		}
	}
}

func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		name     string
		c        *Comparison
		frontier string
		want     string
	}{
		{"each pays", measured(Higher, [2]float64{10, 2}, [2]float64{20, 5}, [2]float64{40, 9}), "abc",
			"By Q (0: 0, 1: 10) choose a if it must be fast: 0.20 in 10 ms; b where 20 ms are there: 0.50; c where 40 ms are there: 0.90; nothing slower is better by more than chance."},
		{"beaten in both", measured(Higher, [2]float64{10, 9}, [2]float64{20, 5}), "a",
			"By Q (0: 0, 1: 10) choose a: nothing is faster (10 ms), and nothing better than its 0.90 by more than chance."},
		{"a tie in quality", measured(Higher, [2]float64{8, 9}, [2]float64{20, 9.05}), "ab",
			"By Q (0: 0, 1: 10) choose a: nothing is faster (8.0 ms), and nothing better than its 0.90 by more than chance."},
		{"a tie in time", measured(Higher, [2]float64{20, 5}, [2]float64{20.1, 9}, [2]float64{19.9, 9.1}), "c",
			"By Q (0: 0, 1: 10) choose c: nothing is faster (20 ms), and nothing better than its 0.91 by more than chance (a tie with b)."},
		{"the best of a tie in time", measured(Higher, [2]float64{20, 5}, [2]float64{20.1, 9}), "ab",
			"By Q (0: 0, 1: 10) choose b: nothing is faster (20 ms), and nothing better than its 0.90 by more than chance."},
		{"nearer", measured(Nearer, [2]float64{10, 14}, [2]float64{20, 10}), "ab",
			"By Q (0: 0, 1: 10) choose a if it must be fast: 0.60 in 10 ms; b where 20 ms are there: 1.00; nothing slower is better by more than chance."},
	} {
		on := ""
		for i, yes := range c.c.OnFrontier() {
			if yes {
				on += c.c.Rows[i].Name
			}
		}
		if on != c.frontier || c.c.Advice() != c.want {
			t.Errorf("%s: on the frontier %s, want %s; advice\n%s, want\n%s", c.name, on, c.frontier, c.c.Advice(), c.want)
		}
	}
	bare := measured(Higher, [2]float64{10, 2}, [2]float64{20, 5})
	bare.Metrics, bare.Machine.Load.Busy = nil, true
	if got := bare.Advice(); !strings.HasPrefix(got, "a is fastest, 10 ms; without a measure of quality") || !strings.Contains(got, "the machine was busy") {
		t.Errorf("without quality: %s", got)
	}
	if got := new(Comparison).Advice(); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestAgree(t *testing.T) {
	a := measured(Higher, [2]float64{10, 1}, [2]float64{20, 2}, [2]float64{30, 3})
	for _, c := range []struct {
		name  string
		b     *Comparison
		order bool
		worst float64
	}{
		{"itself", a, true, 1},
		{"a machine half as fast", measured(Higher, [2]float64{20, 1}, [2]float64{40, 2}, [2]float64{60, 3}), true, 1},
		{"a tenth more", measured(Higher, [2]float64{10, 1}, [2]float64{20, 2}, [2]float64{33, 3}), true, 1.1},
		{"another order", measured(Higher, [2]float64{10, 1}, [2]float64{30, 2}, [2]float64{20, 3}), false, 1.5},
		{"a tie", measured(Higher, [2]float64{10, 1}, [2]float64{20, 2}, [2]float64{19.9, 3}), true, 30 / 19.9},
	} {
		order, worst := Agree(a, c.b)
		if order != c.order || math.Abs(worst-c.worst) > 1e-9 {
			t.Errorf("%s: order %v, ratios within %v, want %v and %v", c.name, order, worst, c.order, c.worst)
		}
	}
	if order, worst := Agree(a, &Comparison{}); order || !math.IsNaN(worst) {
		t.Errorf("with nothing: %v, %v", order, worst)
	}
	said := measured(Higher, [2]float64{10, 1}, [2]float64{20, 2}, [2]float64{36, 3}).Against(a)
	for _, want := range []string{"+20.0 %", "agree in order", "more than 10 % apart"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
}

// What is written can be read, to the last figure.
func TestJSON(t *testing.T) {
	c, err := compare(t.Context(), newFake(t), CompareOptions{Data: dataFolder(t), Runs: 3, Passes: []int{2}, Command: []string{"stride", "compare", "fake"}, Seed: 24})
	if err != nil {
		t.Fatal(err)
	}
	c.Started = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	var first, second bytes.Buffer
	if err := c.WriteJSON(&first); err != nil {
		t.Fatal(err)
	}
	text := first.String()
	read, err := ReadJSON(&first)
	if err != nil {
		t.Fatal(err)
	}
	if err := read.WriteJSON(&second); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, second.String()); diff != "" {
		t.Errorf("written, read and written (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.Rows[1].Seconds, read.Rows[1].Seconds); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.Scores(), read.Scores(), cmpopts.EquateNaNs()); diff != "" || read.Advice() != c.Advice() || read.Forecast() != c.Forecast() {
		t.Errorf("scores (-want +got):\n%s\nadvice %s\n%s", diff, read.Advice(), read.Forecast())
	}
	for _, want := range []string{`"median_s": 0.0`, `"key": "nll_bits_per_char"`, `"p": `, `"predicted": {`, `"frontier": true`, `"low": null`, `"kernels": "`, `"busy": false`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the JSON", want)
		}
	}
	for _, bad := range []string{"", "[]", "{}", `{"model": "x"}`, `{"model": "x", "kind": "poem", "rows": [{"costs": {"passes": "y"}}]}`} {
		if _, err := ReadJSON(strings.NewReader(bad)); err == nil || !strings.HasPrefix(err.Error(), "comparison from json: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestReadJSONOfSpeech(t *testing.T) {
	row := emptyRow("ar")
	row.Speaking.Stages = []StageCost{{"frames", "ar", 40, 50}, {"samples", "nar", 1, 1.2}}
	c := &Comparison{Model: "voice", Kind: KindSentence, Rows: []Row{row}, Gain: stride.GainResult{P: 2}}
	var b bytes.Buffer
	if err := c.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	read, err := ReadJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(row.Speaking.Stages, read.Rows[0].Speaking.Stages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
}
