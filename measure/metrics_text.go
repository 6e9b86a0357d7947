package measure

import (
	"context"
	"math"

	"github.com/stride-ml/stride"
)

// Names of the rows that stand for floors and ceilings of texts.
const (
	realPoems    = "real poems"
	shuffledText = "shuffled elements"
)

var (
	ofPoems = []Kind{KindPoem}
	ofTexts = []Kind{KindPoem, KindText}
	// asReal is the ceiling of what real poems set, or else ar.
	asReal = []Bound{{Row: realPoems}, {Row: "ar"}}
)

// textMetrics are those of poems and other texts.
var textMetrics = []Metric{
	{
		Name: "NLL", Key: "nll_bits_per_char", Title: "bits/char under the judge", Kinds: ofPoems, Unit: "bits", Digits: 2, Plotted: true,
		Better: Nearer, Ceiling: asReal, Floor: []Bound{{Row: shuffledText}}, Interval: "95 %",
		Source: "interpolated Kneser-Ney 5-gram (Kneser and Ney 1995) of half of the training poems; without data the model's own ar",
		Fooled: "the commonplace is likely: lower than real poems is no better. A 5-gram sees five characters. Without data ar is at home",
		Of:     found(func(r *Row) Value { return Value{r.Quality.NLL, r.NLLLow, r.NLLHigh} }),
	},
	{
		Name: "bits/element", Key: "bits_per_element", Title: "bits/element under its own ar", Kinds: []Kind{KindText}, Unit: "bits", Digits: 3, Plotted: true,
		Better: Nearer, Ceiling: []Bound{{Row: "ar"}}, Floor: []Bound{{Row: shuffledText}}, Interval: "95 %",
		Source: "negative log-likelihood of each answer given its prompt, by the model's own ar at temperature 1, END counted where it ended",
		Fooled: "repetition is likely; and ar judges itself. Equal answers have equal figures",
		Of:     likelihood,
	},
	{
		Name: "as ar", Key: "same_as_ar", Title: "share of answers that are ar's", Kinds: []Kind{KindText}, Percent: true, Digits: 1,
		Better: Higher, Ceiling: []Bound{{Value: 1}}, Floor: []Bound{{Value: 0}},
		Source: "counted, same prompts and seeds",
		Fooled: "one other element makes another answer, however good",
		Of:     bare(func(r *Row) float64 { return r.Same }),
	},
	{
		Name: "entropy", Key: "entropy_bits", Title: "entropy of the elements' frequencies", Kinds: ofTexts, Unit: "bits", Digits: 2,
		Better: Nearer, Ceiling: asReal, Floor: []Bound{{Value: 0}},
		Source: "Shannon 1948; characters of poems, else elements, of all objects together",
		Fooled: "grows with the size of the set; elements drawn at random have much of it",
		Of:     bare(func(r *Row) float64 { return r.Quality.Entropy }),
	},
	{
		Name: "distinct-2", Key: "distinct_2", Title: "distinct pairs of neighbours over all pairs", Kinds: ofTexts, Digits: 3,
		Better: Nearer, Ceiling: asReal, Floor: []Bound{{Value: 0}},
		Source: "Li et al. 2016, arXiv 1510.03055",
		Fooled: "shrinks as the set grows; elements drawn at random have the most",
		Of:     bare(func(r *Row) float64 { return r.Quality.Distinct2 }),
	},
	{
		Name: "unseen", Key: "unseen_pairs", Title: "share of pairs that the training text does not hold", Kinds: ofPoems, Percent: true, Digits: 1,
		Better: Nearer, Ceiling: []Bound{{Row: realPoems}}, Floor: []Bound{{Row: shuffledText}},
		Source: "counted, against all training poems",
		Fooled: "copying has none: real poems have some",
		Of:     bare(func(r *Row) float64 { return r.Quality.UnseenPairs }),
	},
	{
		Name: "copied", Key: "copied_lines", Title: "share of lines that the training text holds", Kinds: ofPoems, Percent: true, Digits: 1,
		Better: Lower, Ceiling: []Bound{{Row: realPoems}}, Floor: []Bound{{Value: 1}},
		Source: "counted, against all training poems",
		Fooled: "nonsense is never copied, and a line with one character changed is not found",
		Of:     bare(func(r *Row) float64 { return r.Quality.CopiedLines }),
	},
	{
		Name: "repeated", Key: "repeated_lines", Title: "share of lines that stood earlier in the same poem", Kinds: ofPoems, Percent: true, Digits: 1,
		Better: Lower, Ceiling: []Bound{{Value: 0}}, Floor: []Bound{{Value: 1}},
		Source: "counted",
		Fooled: "lines that differ in one character",
		Of:     bare(func(r *Row) float64 { return r.Quality.RepeatedLines }),
	},
	{
		Name: "repeated", Key: "repeated_runs", Title: "share of runs of four elements that stood earlier in the same text", Kinds: []Kind{KindText}, Percent: true, Digits: 1,
		Better: Lower, Ceiling: []Bound{{Value: 0}}, Floor: []Bound{{Value: 1}},
		Source: "counted; seq-rep-4 of Welleck et al., arXiv 1908.04319",
		Fooled: "quoting and code repeat with reason; nonsense never does",
		Of:     bare(func(r *Row) float64 { return r.RepeatedRuns }),
	},
	{
		Name: "form", Key: "form", Title: "share that keeps the verse form asked for", Kinds: ofPoems, Percent: true, Digits: 1,
		Better: Higher, Ceiling: []Bound{{Value: 1}}, Floor: []Bound{{Value: 0}},
		Source: "counted: number of lines, Han characters of each, and END",
		Fooled: "it counts characters: rhyme and tones are not looked at",
		Of:     bare(func(r *Row) float64 { return r.Quality.Form.Right }),
	},
	{
		Name: "bits/char", Key: "test_bits_per_char", Title: "bits/char of real test poems under ar", Kinds: ofPoems, Unit: "bits", Digits: 3,
		Better: Lower,
		Source: "exact negative log-likelihood, given title and form; of the model, not of what it makes",
		Fooled: "training on the test poems; how the text is cut is accounted for by counting characters",
		Of:     bare(func(r *Row) float64 { return r.CharBits }),
	},
}

// likelihood is the mean of -log2 p of the elements of texts, all texts together,
// with an interval by resampling texts.
func likelihood(ctx context.Context, s Set) (Value, error) {
	if s.Model == nil {
		return Bare(math.NaN()), nil
	}
	var bits, elements []float64
	for _, x := range s.Objects {
		score, err := s.Model.Score(ctx, x.Prompt, x.Text)
		if err != nil {
			return Bare(math.NaN()), err
		}
		sum, n := score.Bits, score.Elements
		if k := len(score.Each); k > 0 && !x.Ended {
			sum, n = sum-score.Each[k-1], n-1
		}
		bits, elements = append(bits, sum), append(elements, float64(n))
	}
	v := Bare(Mean(bits) / Mean(elements))
	v.Low, v.High = bootstrapRatio(bits, elements, 0.95, s.Seed)
	return v, nil
}

// remembered is a scorer that scores each answer once.
type remembered struct {
	Scorer
	scores map[string]stride.Score
}

// Score implements Scorer.
func (m *remembered) Score(ctx context.Context, p stride.Prompt, response string) (stride.Score, error) {
	key := keyOf(response, p.Text)
	if s, ok := m.scores[key]; ok {
		return s, nil
	}
	s, err := m.Scorer.Score(ctx, p, response)
	if err == nil {
		m.scores[key] = s
	}
	return s, err
}
