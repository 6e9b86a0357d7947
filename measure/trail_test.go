package measure

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stride-ml/stride"
)

// watched is a fake whose passes can be watched: by ar a piece each, by the others
// all at once and the first one again in the last pass.
type watched struct{ *fake }

func (w watched) watch(ctx context.Context, p stride.Prompt, by Row, seed uint64, see func(stride.Step)) (object, error) {
	x, err := w.generate(ctx, p, by, seed)
	pieces := make([]string, len(x.pieces))
	for pass := 1; pass <= x.stats.Passes && err == nil; pass++ {
		switch {
		case by.Strategy == "ar":
			pieces = x.pieces[:min(pass, len(x.pieces))]
		case pass == x.stats.Passes:
			pieces = x.pieces
		default:
			copy(pieces, x.pieces)
			pieces[0] = ""
		}
		see(stride.Step{Pass: pass, Object: stride.Text{Pieces: pieces}})
	}
	return x, err
}

func TestTrails(t *testing.T) {
	f := newFake(t)
	c, err := compare(t.Context(), watched{f}, CompareOptions{Passes: []int{4}, Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	trails := c.Trails()
	if len(trails) != len(c.Rows) {
		t.Fatalf("%d trails, want one for each of %d rows", len(trails), len(c.Rows))
	}
	for i, trail := range trails {
		row := c.Rows[i]
		text := ""
		for k, changes := range trail.Text {
			last := changes[len(changes)-1]
			text += last.Piece
			want := 1
			switch {
			case row.Strategy == "ar":
				want = k + 1
			case k == 0:
				want = trail.Passes
			}
			if last.Pass != want {
				t.Errorf("%s: element %d was committed by pass %d, want %d", row.Name, k, last.Pass, want)
			}
		}
		x, _ := f.generate(t.Context(), trail.Prompt, row, 0)
		if trail.Row != row.Name || text != x.text {
			t.Errorf("%s: trail of %s ends in %q, want %q", row.Name, trail.Row, text, x.text)
		}
	}
}

func TestTrailTakesBack(t *testing.T) {
	var trail Trail
	for i, pieces := range [][]string{{"a", "", "c", "d"}, {"", "b", "c", "d"}, {"x", "b", "c"}} {
		trail.add(stride.Step{Pass: i + 1, Object: stride.Text{Pieces: pieces}}, nil)
	}
	want := []TrailElement{{{1, "a"}, {2, ""}, {3, "x"}}, {{2, "b"}}, {{1, "c"}}}
	if diff := cmp.Diff(want, trail.Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTrailThins(t *testing.T) {
	for _, passes := range []int{1, 2, 32, 33, 100, 1000} {
		var views thinned
		for pass := 1; pass <= passes; pass++ {
			views.add(View{Pass: pass})
		}
		got := views.all()
		if len(got) > mostViews+1 || got[0].Pass != 1 || got[len(got)-1].Pass != passes {
			t.Fatalf("%d passes: %d views from pass %d to %d", passes, len(got), got[0].Pass, got[len(got)-1].Pass)
		}
		for i := 2; i < len(got)-1; i++ {
			if got[i].Pass-got[i-1].Pass != got[1].Pass-got[0].Pass {
				t.Errorf("%d passes: views are not evenly spaced: %d, %d", passes, got[i-1].Pass, got[i].Pass)
			}
		}
	}
}

func TestWithin(t *testing.T) {
	c, err := compare(t.Context(), newFake(t), CompareOptions{Passes: []int{4}, Within: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	round := 0.
	for _, row := range c.Rows {
		round += row.Seconds.Median
	}
	if n := c.Rows[0].Objects; n >= 120 || float64(n)*round < 0.5 || float64(n)*round > 1.5 {
		t.Errorf("%d objects a row of 120, a round takes %g s, want about 1 s in all", n, round)
	}
	c, err = compare(t.Context(), newFake(t), CompareOptions{Passes: []int{4}, Within: 1})
	if err != nil || c.Rows[0].Objects != 1 {
		t.Errorf("no time: %d objects a row, %v, want 1", c.Rows[0].Objects, err)
	}
}
