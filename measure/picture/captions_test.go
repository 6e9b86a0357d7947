package picture

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestCaptionChoices(t *testing.T) {
	captions := []string{"a bat", "a bat", "a red potion", "a tree", "an elf", "a bat", "a blue potion"}
	for k := 2; k <= 5; k++ {
		for seed := range uint64(50) {
			got, err := CaptionChoices(6, k, captions, seed)
			if err != nil || len(got) != 6 {
				t.Fatalf("got %v, %v", got, err)
			}
			for i, list := range got {
				sorted := slices.Sorted(slices.Values(list))
				if list[0] != captions[i] || len(list) != k || len(slices.Compact(sorted)) != k {
					t.Errorf("%q: got %q", captions[i], list)
				}
			}
			if again, _ := CaptionChoices(6, k, captions, seed); !slices.EqualFunc(got, again, slices.Equal) {
				t.Error("the same seed gives other lists")
			}
		}
	}
}

// TestDistractorsEven counts distractors: each of the other captions has its turn,
// however often it stands in the list.
func TestDistractorsEven(t *testing.T) {
	captions := append(slices.Repeat([]string{"a"}, 4000), "b", "b", "c", "d", "e")
	lists, err := CaptionChoices(4000, 3, captions, 1)
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for _, list := range lists {
		for _, c := range list[1:] {
			counts[c]++
		}
	}
	for _, c := range []string{"b", "c", "d", "e"} {
		if counts[c] < 1850 || counts[c] > 2150 {
			t.Errorf("%s was drawn %d times, expected about 2000", c, counts[c])
		}
	}
}

func TestCaptionChoicesErrors(t *testing.T) {
	captions := []string{"a", "b", "b"}
	for _, c := range []struct {
		n, k int
		want string
	}{
		{0, 2, "0 lists"}, {4, 2, "4 lists from 3"}, {3, 1, "1 candidates"}, {3, 3, "only 2 different"},
	} {
		if _, err := CaptionChoices(c.n, c.k, captions, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d of %d: got error %v, want one with %q", c.n, c.k, err, c.want)
		}
	}
}

func TestAccuracy(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct {
		name   string
		scores [][]float64
		want   float64 // -1: an error
	}{
		{"right", [][]float64{{2, 1, 0}}, 1},
		{"wrong", [][]float64{{1, 2, 0}}, 0},
		{"tie for the best", [][]float64{{2, 1, 2}}, 0.5},
		{"tie below the best", [][]float64{{2, 3, 2}}, 0},
		{"all the same", [][]float64{{-inf, -inf, -inf, -inf}}, 0.25},
		{"infinite", [][]float64{{0, -inf}}, 1},
		{"several", [][]float64{{2, 1}, {1, 2}, {1, 1}, {-1, -2}}, 0.625},
		{"no pictures", nil, -1},
		{"nothing to choose from", [][]float64{{1}}, -1},
		{"NaN", [][]float64{{1, 2}, {1, nan}}, -1},
	}
	for _, c := range cases {
		got, err := Accuracy(c.scores)
		if c.want < 0 && err == nil || c.want >= 0 && (err != nil || got != c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
	hits, err := Hits([][]float64{{2, 1}, {1, 2}, {1, 1}})
	if err != nil || !slices.Equal(hits, []float64{1, 0, 0.5}) {
		t.Errorf("got %v, %v", hits, err)
	}
}

func TestScores(t *testing.T) {
	broken := errors.New("broken")
	judge := func(i int, caption string) (float64, error) {
		if caption == "" {
			return 0, broken
		}
		return float64(10*i + len(caption)), nil
	}
	got, err := Scores([][]string{{"a", "bb"}, {"ccc"}}, judge)
	if err != nil || fmt.Sprint(got) != "[[1 2] [13]]" {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = Scores([][]string{{"a"}, {"b", ""}}, judge)
	if got != nil || !errors.Is(err, broken) || !strings.Contains(err.Error(), `picture 1, caption ""`) {
		t.Errorf("got %v, %v", got, err)
	}
}
