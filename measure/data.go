package measure

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/stride-ml/stride/train"
)

// judgeOrder is the order of the Kneser-Ney judge.
const judgeOrder = 5

// yardsticks are what generated poems are measured with.
type yardsticks struct {
	judge    *KneserNey // trained on half 1 of the training poems
	training *Corpus    // all training poems
	test     []train.Poem
}

// readYardsticks reads train.jsonl.gz and test.jsonl.gz in a folder, or in its
// subfolder tang.
func readYardsticks(ctx context.Context, folder string) (*yardsticks, error) {
	if sub := filepath.Join(folder, "tang"); exists(sub) {
		folder = sub
	}
	rows, err := readPoems(ctx, filepath.Join(folder, "train.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	test, err := readPoems(ctx, filepath.Join(folder, "test.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	y := &yardsticks{training: NewCorpus(linesOf(rows)), test: test}
	y.judge, err = TrainKneserNey(judgeOrder, Half(linesOf(rows), 1))
	if err != nil {
		return nil, fmt.Errorf("judge from %s: %w", folder, err)
	}
	return y, ctx.Err()
}

// readPoems reads a data file whole; one without poems is an error.
func readPoems(ctx context.Context, path string) ([]train.Poem, error) {
	var rows []train.Poem
	for row, err := range train.Rows[train.Poem](path) {
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, fmt.Errorf("no data file %s: expected a folder with train.jsonl.gz and test.jsonl.gz, as the recipe of the model describes: %w", path, err)
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no poems, expected one a line", path)
	}
	return rows, nil
}

func linesOf(rows []train.Poem) iter.Seq[Poem] {
	return func(yield func(Poem) bool) {
		for _, row := range rows {
			if !yield(row.Lines) {
				return
			}
		}
	}
}

// samplesOf makes samples of real poems, to measure them as generated ones are.
func samplesOf(rows []train.Poem) []Sample {
	samples := make([]Sample, len(rows))
	for i, row := range rows {
		samples[i] = Sample{Poem: row.Lines, Ended: true, Asked: askedForm(row.Form)}
	}
	return samples
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
