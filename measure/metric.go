package measure

import (
	"context"
	"fmt"
	"image"
	"math"
	"regexp"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
)

// Metric is a measure of quality, as data: it becomes a column of the table, the
// CSV and the JSON, and of the plots if it says so. Those of this package are
// listed by [Metrics]; [CompareOptions.Metrics] adds others. docs/measures.md tells
// of each what is written here.
type Metric struct {
	Name  string // head of its column: "NLL"
	Key   string // of CSV and JSON: "nll_bits_per_char"; small letters, digits and _
	Title string // what it is, in some words
	Kinds []Kind // what it measures; all kinds if none
	Unit  string // "bits", "dB"; "" for shares and bare numbers
	// Better says which values are better; Floor and Ceiling which stand for 0 and
	// 1 in [Comparison.Scores]: of each the first that there is counts. Without
	// either the metric gives no score.
	Better         Direction
	Floor, Ceiling []Bound
	Interval       string // what Low to High of its values are: "95 %", "spread"; "" for none
	Percent        bool   // values are shares, shown in percent
	Digits         int    // after the point, where it is shown
	Plotted        bool   // has a plot of its own against time
	Source         string // where it is from: paper, number
	Fooled         string // what fools it
	// Of measures a set of objects. NaN stands for what cannot be measured, an error
	// for what failed.
	Of func(ctx context.Context, s Set) (Value, error)
}

// Direction says which values are better.
type Direction string

// The directions there are.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
	Nearer Direction = "nearer" // to the ceiling, from either side
)

// Bound is the floor or the ceiling of a metric.
type Bound struct {
	Row   string  // the value of the row with this name, a real one or a strategy's
	Value float64 // without Row
}

// Value is what a metric says of a set, with an interval; NaN where it says nothing.
type Value struct{ Value, Low, High float64 }

// Bare is a value without an interval.
func Bare(v float64) Value { return Value{v, math.NaN(), math.NaN()} }

// Set is what a metric measures: the objects of one row.
type Set struct {
	Row     string
	Objects []Made
	// Real are real objects to compare with, in an order of their own; none without
	// data.
	Real []Made
	Seed uint64 // of what is drawn, such as resamples
	// Model says how likely its own ar finds a text; nil if it has none.
	Model Scorer

	row *Row // what was measured of all objects together
}

// Made is one object; which fields it has depends on its kind.
type Made struct {
	Prompt  stride.Prompt
	Text    string
	Pieces  []string // elements of a text
	Ended   bool     // a text that END ended
	Picture *image.NRGBA
	Sound   audio.Sound
}

// Metrics are those of a kind that this package has, the one to look at first
// being the first for which there are figures.
func Metrics(k Kind) []Metric {
	var out []Metric
	for _, m := range slices.Concat(textMetrics, pictureMetrics, speechMetrics) {
		if m.measures(k) {
			out = append(out, m)
		}
	}
	return out
}

func (m Metric) measures(k Kind) bool { return len(m.Kinds) == 0 || slices.Contains(m.Kinds, k) }

var metricKey = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// metricsOf are the metrics of a comparison, those of the options last.
func metricsOf(k Kind, o CompareOptions) ([]Metric, error) {
	all := Metrics(k)
	if k == KindPoem && o.Data == "" { // there is no judge
		all[0].Title = "bits/char under its own ar"
	}
	for _, m := range o.Metrics {
		bad := func(want string) error {
			return &stride.OptionError{Option: "metrics", Value: fmt.Sprintf("a metric %q with the key %q", m.Name, m.Key), Want: want}
		}
		switch {
		case m.Name == "" || !metricKey.MatchString(m.Key):
			return nil, bad("a name, and a key of small letters, digits and _")
		case m.Of == nil:
			return nil, bad("a function Of")
		case slices.ContainsFunc(all, func(other Metric) bool { return other.Key == m.Key }):
			return nil, bad("a key of its own")
		case m.measures(k):
			all = append(all, m)
		}
	}
	return all, nil
}

// found is a metric that reads what was measured of all objects of a row together.
func found(of func(r *Row) Value) func(context.Context, Set) (Value, error) {
	return func(_ context.Context, s Set) (Value, error) { return of(s.row), nil }
}

// bare is the same without an interval.
func bare(of func(r *Row) float64) func(context.Context, Set) (Value, error) {
	return found(func(r *Row) Value { return Bare(of(r)) })
}

// made is the object as metrics see it.
func (x object) made() Made {
	return Made{Prompt: x.prompt, Text: x.text, Pieces: x.pieces, Ended: x.stats.Stopped == "end", Picture: x.image, Sound: x.sound}
}

// evaluate fills in the values of all metrics.
func (c *Comparison) evaluate(ctx context.Context, s source, objects [][]object) error {
	set := Set{Seed: c.Seed}
	if slices.Contains(s.Info().Strategies, "ar") {
		set.Model = &remembered{Scorer: s, scores: map[string]stride.Score{}}
	}
	for i := range c.Rows {
		c.Rows[i].made = nil
		for _, x := range objects[i] {
			c.Rows[i].made = append(c.Rows[i].made, x.made())
		}
	}
	for _, r := range c.Real {
		if slices.Contains([]string{realPoems, artists, recordedSpeech}, r.Name) {
			set.Real = r.made
		}
	}
	for _, rows := range [][]Row{c.Rows, c.Real} {
		for i := range rows {
			r := &rows[i]
			set.Row, set.Objects, set.row = r.Name, r.made, r
			r.Values = slices.Repeat([]Value{Bare(math.NaN())}, len(c.Metrics))
			for k, m := range c.Metrics {
				v, err := m.Of(ctx, set)
				if err != nil {
					return fmt.Errorf("%s of %s: %w", m.Key, r.Name, err)
				}
				r.Values[k] = v
			}
		}
	}
	return nil
}

// value is what a metric, by its place, says of a row; NaN before it was measured.
func (r Row) value(metric int) Value {
	if metric >= len(r.Values) {
		return Bare(math.NaN())
	}
	return r.Values[metric]
}

// bound is the value that stands for the floor or the ceiling of a metric, and the
// row it is from, if it is; false if there is none.
func (c *Comparison) bound(metric int, bounds []Bound) (float64, string, bool) {
	for _, b := range bounds {
		if b.Row == "" {
			return b.Value, "", true
		}
		for _, r := range slices.Concat(c.Real, c.Rows) {
			if v := r.value(metric).Value; r.Name == b.Row && !math.IsNaN(v) {
				return v, r.Name, true
			}
		}
	}
	return math.NaN(), "", false
}
