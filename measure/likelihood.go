package measure

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/train"
)

// Scorer is what says exactly how likely it finds a text, such as a
// [*stride.Model] that serves ar.
type Scorer interface {
	Info() stride.Info
	Score(ctx context.Context, p stride.Prompt, response string) (stride.Score, error)
}

// Likelihood is how well a model predicts real poems.
type Likelihood struct {
	Poems int
	Units int // characters, newlines between lines and END counted; titles not
	// BitsPerChar is the exact negative log-likelihood in bits a unit, as for
	// [KneserNey.BitsPerChar]; Low and High are the ends of its 95 % interval,
	// by resampling poems.
	BitsPerChar, Low, High float64
}

// EvaluateLikelihood scores the poems of a data file, of JSON lines as
// [train.Poem] has them: given title, form and dynasty, as far as the model
// knows such conditions, or given nothing. A limit above 0 takes so many of the
// poems, evenly spaced.
//
// It fails if the file cannot be read or if the model cannot score. On an
// error, a cancelled context among them, it returns what the poems so far give.
func EvaluateLikelihood(ctx context.Context, m Scorer, path string, withConditions bool, limit int) (Likelihood, error) {
	rows, err := readPoems(ctx, path)
	if err != nil {
		return newLikelihood(nil, nil), err
	}
	return scorePoems(ctx, m, spaced(rows, limit), withConditions)
}

// spaced returns limit of the rows, evenly spaced, or all if limit is 0 or more
// than there are. Neighbours in a file are often alike: by one poet, of one kind.
func spaced[T any](rows []T, limit int) []T {
	if limit <= 0 || limit >= len(rows) {
		return rows
	}
	out := make([]T, limit)
	for i := range out {
		out[i] = rows[i*len(rows)/limit]
	}
	return out
}

func scorePoems(ctx context.Context, m Scorer, rows []train.Poem, withConditions bool) (Likelihood, error) {
	info := m.Info()
	var bits, units []float64
	for _, row := range rows {
		var p stride.Prompt
		if withConditions {
			p = promptOf(row, info)
		}
		s, err := m.Score(ctx, p, strings.Join(row.Lines, "\n"))
		if err != nil {
			return newLikelihood(bits, units), fmt.Errorf("scoring %q: %w", row.Title, err)
		}
		bits, units = append(bits, s.Bits), append(units, float64(s.Units))
	}
	return newLikelihood(bits, units), nil
}

// newLikelihood sums up the bits and units of poems.
func newLikelihood(bits, units []float64) Likelihood {
	l := Likelihood{Poems: len(bits), BitsPerChar: math.NaN()}
	var b, n float64
	for i := range bits {
		b += bits[i]
		n += units[i]
	}
	l.Units = int(n)
	if n > 0 {
		l.BitsPerChar = b / n
	}
	l.Low, l.High = bootstrapRatio(bits, units, 0.95, 0)
	return l
}
