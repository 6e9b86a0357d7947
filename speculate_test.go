package stride_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
)

// A model speculates what ar gives for the same seed, whatever guesses.
func TestSpeculateGivesTheTextOfAR(t *testing.T) {
	m := open(t, "tiny")
	fewest := 1000
	for _, p := range []stride.Prompt{spring, {Acrostic: "春處夜花"}, {Text: "春曉"}} {
		for seed := range uint64(5) {
			common := []stride.Option{stride.Seed(seed), stride.Temperature(float32(seed) / 3)}
			want, base, err := m.Text(t.Context(), p, append(common, stride.AR())...)
			if err != nil {
				t.Fatal(err)
			}
			for _, opts := range [][]stride.Option{
				{stride.Speculate()},
				{stride.Speculate(), stride.DraftMost(2)},
				{stride.Speculate(), stride.Draft(stride.DraftJacobi)},
				{stride.Speculate(), stride.Draft("tiny")},
				{stride.Speculate(), stride.Draft(filepath.Join(folder, "tiny.gguf")), stride.DraftMost(6)},
			} {
				got, stats, err := m.Text(t.Context(), p, append(opts, common...)...)
				if err != nil {
					t.Fatal(err)
				}
				if got != want || stats.Elements != base.Elements || stats.Drawn != base.Drawn || stats.Stopped != base.Stopped {
					t.Errorf("seed %d: %q, %+v, want that of ar: %q, %+v", seed, got, stats, want, base)
				}
				if stats.Passes > base.Passes || stats.Strategy != "speculate" || stats.Accepted > stats.Drafted {
					t.Errorf("seed %d: %+v, ar takes %d passes", seed, stats, base.Passes)
				}
				if stats.Drafted > 0 && !strings.Contains(stats.String(), "guesses right") {
					t.Errorf("the summary is %q, want one that tells of guesses", stats)
				}
				fewest = min(fewest, stats.Passes)
			}
		}
	}
	if fewest > 20 { // of 24
		t.Errorf("at least %d passes were taken, want some saved", fewest)
	}
}

func TestSpeculateRefuses(t *testing.T) {
	m := open(t, "tiny")
	for _, c := range []struct {
		opts []stride.Option
		want string
	}{
		{[]stride.Option{stride.AR(), stride.Draft("ngram")}, "strategy ar does not support drafts; supported by: speculate"},
		{[]stride.Option{stride.NAR(), stride.DraftMost(4)}, "strategy nar does not support drafts"},
		{[]stride.Option{stride.Speculate(), stride.DraftMost(0)}, "draft-most: got 0, want 1 to 256"},
		{[]stride.Option{stride.Speculate(), stride.Draft("tinny")}, `draft: no model "tinny"`},
		{[]stride.Option{stride.Speculate(), stride.Draft("tiny-masked")}, "guesses for speculate"},
		{[]stride.Option{stride.Speculate(), stride.Length(stride.LengthFixed)}, "strategy speculate does not support a fixed number of slots"},
		{[]stride.Option{stride.Speculate(), stride.Passes(4)}, "strategy speculate does not support"},
	} {
		if _, _, err := m.Text(t.Context(), spring, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	if _, _, err := open(t, "tiny-pixels").Text(t.Context(), stride.Prompt{}, stride.Draft("ngram")); err == nil || !strings.Contains(err.Error(), "drafts, which is for texts") {
		t.Errorf("drafts of a picture: error %v", err)
	}
}
