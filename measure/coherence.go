package measure

import "math"

// Sample is one generated poem.
type Sample struct {
	Poem  Poem
	Ended bool // END was generated; otherwise the poem was cut off
	Asked Form // the form asked for, the zero Form if none was
}

// Coherence says how good a set of generated poems is. Measured on real poems
// that training did not see, it gives the figures to compare with: there, too,
// not every pair of characters is a known one.
//
// A share is a number from 0 to 1, and NaN where there was nothing to count.
type Coherence struct {
	Samples    int
	Characters int // of the lines; newlines and END not counted

	// NLL is the negative log-likelihood under the judge in bits a symbol, over
	// all samples: characters, newlines and END count, as for
	// [KneserNey.BitsPerChar]. Low is not always good: a text that repeats what
	// is common has a low NLL, which is why Entropy stands beside it.
	NLL float64
	// NLLs holds the same for each sample; their mean weighs samples alike, where
	// NLL weighs symbols alike. It is NaN for a sample without any symbol: an
	// empty one that did not end.
	NLLs []float64

	bits, symbols []float64 // of each sample, for NLLInterval

	// Entropy is that of the characters' frequencies in the set, in bits. It
	// cannot exceed log2(Characters) and grows with the set: compare sets of
	// about the same size.
	Entropy float64
	// Distinct2 is the share of distinct pairs among the pairs of adjacent
	// characters within lines (Li et al., "A diversity-promoting objective
	// function for neural conversation models", 2016). It shrinks as the set grows.
	Distinct2 float64

	UnseenPairs   float64 // share of the pairs that the training text does not hold
	CopiedLines   float64 // share of lines that the training text holds, empty ones not counted
	RepeatedLines float64 // share of lines that stood earlier in the same poem, empty ones not counted

	Form FormCheck
}

// FormCheck says what share of samples keeps the form asked for. Where none was
// asked, any of [Forms] will do.
type FormCheck struct {
	Lines   float64 // has the number of lines
	Lengths float64 // every line has the number of characters, all of them Han
	Ended   float64 // END was generated
	Right   float64 // all three
}

// NLLInterval returns a confidence interval of NLL by resampling the samples,
// as [BootstrapMean] does. It is NaN without a judge.
func (c Coherence) NLLInterval(level float64, seed uint64) (low, high float64) {
	return bootstrapRatio(c.bits, c.symbols, level, seed)
}

// Measure measures samples, however malformed, with a judge that scores them
// and the training text that they are compared with. Either may be nil: what
// needs it is then NaN.
func Measure(samples []Sample, judge *KneserNey, training *Corpus) Coherence {
	c := Coherence{Samples: len(samples)}
	c.judge(samples, judge)
	var pairs, unseen, lines, copied, repeated int
	chars, distinct := make(map[rune]int), make(map[pair]struct{})
	for _, s := range samples {
		for pr := range s.Poem.pairs() {
			pairs++
			distinct[pr] = struct{}{}
			if training != nil && !training.HasPair(pr[0], pr[1]) {
				unseen++
			}
		}
		earlier := make(map[string]struct{})
		for _, line := range s.Poem {
			if line == "" {
				continue
			}
			lines++
			if training != nil && training.HasLine(line) {
				copied++
			}
			if _, ok := earlier[line]; ok {
				repeated++
			}
			earlier[line] = struct{}{}
			for _, r := range line {
				chars[r]++
				c.Characters++
			}
		}
	}
	c.Entropy = entropy(chars, c.Characters)
	c.Distinct2 = share(len(distinct), pairs)
	c.UnseenPairs, c.CopiedLines = math.NaN(), math.NaN()
	if training != nil {
		c.UnseenPairs, c.CopiedLines = share(unseen, pairs), share(copied, lines)
	}
	c.RepeatedLines = share(repeated, lines)
	c.Form = CheckForm(samples)
	return c
}

// judge fills in what the judge says.
func (c *Coherence) judge(samples []Sample, judge *KneserNey) {
	c.NLL = math.NaN()
	if judge == nil {
		return
	}
	bits, symbols := make([]float64, len(samples)), make([]float64, len(samples))
	for i, s := range samples {
		b, n, _ := judge.Score(s.Poem, s.Ended)
		bits[i], symbols[i] = b, float64(n)
	}
	c.judged(bits, symbols)
}

// judged fills in the NLL from the bits and symbols of each sample.
func (c *Coherence) judged(bits, symbols []float64) {
	c.bits, c.symbols = bits, symbols
	var sum, n float64
	for i, b := range bits {
		sum, n = sum+b, n+symbols[i]
		c.NLLs = append(c.NLLs, b/symbols[i])
	}
	c.NLL = sum / n
}

// CheckForm says what share of samples keeps the form asked for.
func CheckForm(samples []Sample) FormCheck {
	var lines, lengths, ended, right int
	for _, s := range samples {
		n, l := s.Asked.linesRight(s.Poem), s.Asked.lengthsRight(s.Poem)
		lines += count(n)
		lengths += count(l)
		ended += count(s.Ended)
		right += count(n && l && s.Ended)
	}
	n := len(samples)
	return FormCheck{Lines: share(lines, n), Lengths: share(lengths, n), Ended: share(ended, n), Right: share(right, n)}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// share is part of all, NaN where all is 0.
func share(part, all int) float64 { return float64(part) / float64(all) }

// entropy returns that of the frequencies in bits. Equal frequencies are taken
// together, so that the sum does not depend on the order of the map.
func entropy[T comparable](frequencies map[T]int, total int) float64 {
	if total == 0 {
		return math.NaN()
	}
	alike := make([]int, total+1)
	for _, n := range frequencies {
		alike[n]++
	}
	var h float64
	for n, k := range alike {
		if k > 0 {
			p := float64(n) / float64(total)
			h -= float64(k) * p * math.Log2(p)
		}
	}
	return h
}
