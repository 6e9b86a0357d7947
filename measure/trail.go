package measure

import (
	"context"
	"image"
	"math"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
)

// Trail is how one object of a row came to be: the one of the first prompt, made
// before anything is timed. Which fields it has depends on what the objects are.
type Trail struct {
	Row    string // whose it is, as in the table
	Prompt stride.Prompt
	Passes int // passes of the network, those of all stages together

	Text  []TrailElement // of texts
	Views []View         // of pictures and speech, in the order of passes, the last one finished
	Sound audio.Sound    // of speech
}

// TrailElement is an element of a text through the passes.
type TrailElement []TrailChange

// TrailChange says what an element is after a pass.
type TrailChange struct {
	Pass  int
	Piece string // "" where a pass took the element back
}

// View is an object after a pass.
type View struct {
	Pass   int
	Known  float64      // of pictures: the share of the pixels that is known, 0 to 1
	Image  *image.NRGBA // of pictures
	Frames []float32    // (T,Bands) of speech: the log-mel frames of the first stage so far
	Bands  int
}

// Trails returns how the objects of the first prompt came to be, by row; of a
// source whose passes cannot be watched there is none.
func (c *Comparison) Trails() []Trail { return slices.Clone(c.trails) }

// watcher is a source that shows the passes of a generation.
type watcher interface {
	watch(ctx context.Context, p stride.Prompt, by Row, seed uint64, see func(stride.Step)) (object, error)
}

// warmUp makes the first object of a row once before anything is timed, and
// returns how it came to be.
func (r *runner) warmUp(ctx context.Context, row Row) (object, Trail, error) {
	prompt := r.o.Prompts[0]
	trail := Trail{Row: row.Name, Prompt: prompt}
	s, ok := r.source.(watcher)
	if !ok {
		x, err := r.source.generate(ctx, prompt, row, r.o.Seed)
		return x, trail, err
	}
	var views thinned
	x, err := s.watch(ctx, prompt, row, r.o.Seed, func(step stride.Step) { trail.add(step, &views) })
	trail.Passes, trail.Views, trail.Sound = x.stats.Passes, views.all(), x.sound
	return x, trail, err
}

// add adds what a pass changed.
func (t *Trail) add(step stride.Step, views *thinned) {
	switch x := step.Object.(type) {
	case stride.Text:
		t.addPieces(step.Pass, x.Pieces)
	case stride.Picture:
		views.add(View{Pass: step.Pass, Known: float64(x.Known) / float64(x.Elements()), Image: x.Image})
	case stride.Sound:
		if step.Stage <= 1 && len(x.Frames) > 0 { // later stages have the same frames
			views.add(View{Pass: step.Pass, Known: math.NaN(), Frames: x.Frames, Bands: x.Bands})
		}
	}
}

// addPieces compares the pieces after a pass with those before it. Elements that
// an end dropped are dropped here, too.
func (t *Trail) addPieces(pass int, pieces []string) {
	t.Text = t.Text[:min(len(t.Text), len(pieces))]
	for i, piece := range pieces {
		if i == len(t.Text) {
			t.Text = append(t.Text, nil)
		}
		before := ""
		if n := len(t.Text[i]); n > 0 {
			before = t.Text[i][n-1].Piece
		}
		if piece != before {
			t.Text[i] = append(t.Text[i], TrailChange{pass, piece})
		}
	}
}

// mostViews is about how many views of an object are kept.
const mostViews = 32

// thinned keeps evenly spaced views of a generation of which nobody knows how long
// it will be, and the newest one: where there are too many, every other one goes.
type thinned struct {
	kept   []View
	newest View
	seen   int
	every  int // 0 stands for 1
}

func (t *thinned) add(v View) {
	t.every = max(t.every, 1)
	if t.seen%t.every == 0 {
		if len(t.kept) == mostViews {
			for i := range mostViews / 2 {
				t.kept[i] = t.kept[2*i]
			}
			t.kept, t.every = t.kept[:mostViews/2], 2*t.every
		}
		t.kept = append(t.kept, v)
	}
	t.newest = v
	t.seen++
}

// all returns the views, the newest one last.
func (t *thinned) all() []View {
	if n := len(t.kept); n > 0 && t.kept[n-1].Pass != t.newest.Pass {
		return append(t.kept, t.newest)
	}
	return t.kept
}
