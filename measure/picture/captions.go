package picture

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"
)

// CaptionChoices returns for each of the first n captions a list of k candidates:
// first the caption itself, the true one, then k-1 distractors, drawn at random
// without repetition from the other captions that there are. Captions that stand
// several times are as likely as those that stand once. The same seed gives the
// same lists.
//
// It is an error if n is not in 1..len(captions), if k is less than 2, and if there are
// fewer than k different captions.
func CaptionChoices(n, k int, captions []string, seed uint64) ([][]string, error) {
	if n < 1 || n > len(captions) {
		return nil, fmt.Errorf("caption choices: %d lists from %d captions", n, len(captions))
	}
	if k < 2 {
		return nil, fmt.Errorf("caption choices: %d candidates, expected at least 2", k)
	}
	var different []string
	seen := make(map[string]bool)
	for _, c := range captions {
		if !seen[c] {
			seen[c] = true
			different = append(different, c)
		}
	}
	if len(different) < k {
		return nil, fmt.Errorf("caption choices: %d candidates, but only %d different captions", k, len(different))
	}
	source := rand.New(rand.NewPCG(seed, 0))
	out := make([][]string, n)
	for i, c := range captions[:n] {
		out[i] = choices(c, k, different, source)
	}
	return out, nil
}

// choices draws one list. It shuffles the front of different, which holds the same
// captions afterwards.
func choices(caption string, k int, different []string, source *rand.Rand) []string {
	list := append(make([]string, 0, k), caption)
	for at := 0; len(list) < k; at++ {
		j := at + source.IntN(len(different)-at)
		different[at], different[j] = different[j], different[at]
		if different[at] != caption {
			list = append(list, different[at])
		}
	}
	return list
}

// Scores asks a judge how well each candidate fits each picture, the higher the
// better: the likelihood of the picture under the caption, say, or the
// probability that a classifier gives it. The result has the shape of choices.
func Scores(choices [][]string, judge func(picture int, caption string) (float64, error)) ([][]float64, error) {
	out := make([][]float64, len(choices))
	for i, list := range choices {
		out[i] = make([]float64, len(list))
		for j, caption := range list {
			var err error
			if out[i][j], err = judge(i, caption); err != nil {
				return nil, fmt.Errorf("scores: picture %d, caption %q: %w", i, caption, err)
			}
		}
	}
	return out, nil
}

// Hits returns for each picture whether the true caption, the first one, has the best of
// its scores: 1 if so, 0 if not, and 1/t if t captions share the best, so that a
// judge that cannot tell has no advantage over chance.
//
// It is an error if there are no pictures, a picture has fewer than 2 scores, or a
// score is NaN.
func Hits(scores [][]float64) ([]float64, error) {
	if len(scores) == 0 {
		return nil, errors.New("caption accuracy: no pictures")
	}
	out := make([]float64, len(scores))
	for i, s := range scores {
		if len(s) < 2 {
			return nil, fmt.Errorf("caption accuracy: picture %d has %d scores, expected at least 2", i, len(s))
		}
		ties, beaten := 0, false
		for j, v := range s {
			if math.IsNaN(v) {
				return nil, fmt.Errorf("caption accuracy: picture %d: score %d is NaN", i, j)
			}
			if v == s[0] {
				ties++
			}
			beaten = beaten || v > s[0]
		}
		if !beaten {
			out[i] = 1 / float64(ties)
		}
	}
	return out, nil
}

// Accuracy returns the share of pictures whose true caption scores best, the mean
// of [Hits], with the same errors. With k candidates chance gives 1/k. The same
// figure of real pictures says how far the judge can be trusted.
func Accuracy(scores [][]float64) (float64, error) {
	hits, err := Hits(scores)
	if err != nil {
		return 0, err
	}
	return stat.Mean(hits, nil), nil
}
