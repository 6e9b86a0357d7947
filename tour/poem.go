package tour

import (
	"context"
	"fmt"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/internal/page"
)

// written is a text with the pass that committed each of its elements.
type written struct {
	pieces []string
	passes []int
	last   int // pass
}

// keep takes a step.
func (w *written) keep(step stride.Step) {
	t, ok := step.Object.(stride.Text)
	if !ok {
		return
	}
	w.pieces, w.last = t.Pieces, step.Pass
	for len(w.passes) < len(t.Pieces) {
		w.passes = append(w.passes, 0)
	}
	w.passes = w.passes[:len(t.Pieces)]
	for _, i := range step.Fresh {
		if i < len(w.passes) {
			w.passes[i] = step.Pass
		}
	}
}

func (w *written) text() string { return strings.Join(w.pieces, "") }

// spans are the runs of elements of the same pass.
func (w *written) spans() []page.Span { return page.Spans(w.pieces, w.passes, w.last) }

// guesses are runs of elements that were guessed right, of pass 1, and of others,
// of pass 0: of what a pass commits the last element is its own, those before it
// were guessed.
func (w *written) guesses() []page.Span {
	guessed := make([]int, len(w.passes))
	for i := range max(len(guessed)-1, 0) {
		if w.passes[i] == w.passes[i+1] {
			guessed[i] = 1
		}
	}
	return page.Spans(w.pieces, guessed, 1)
}

// poem is the first stop: a poem three ways.
func (r *run) poem(ctx context.Context) error {
	const title, form = "春曉", "五言絕句"
	m, err := stride.Open("tang")
	if err != nil {
		return err
	}
	defer m.Close()
	if err := r.Guide.Say(fmt.Sprintf(r.poemIntro, title)); err != nil {
		return err
	}
	passes := 16
	if r.short {
		passes = 2
	}
	ways := []struct {
		name    string
		say     string
		beat    float64
		options []stride.Option
	}{
		{"ar", r.poemAR, 0.6, []stride.Option{stride.AR()}},
		{"nar", r.poemNAR, 8, []stride.Option{stride.NAR()}},
		{"refine", r.poemRefine, 2, []stride.Option{stride.Refine(passes)}},
	}
	for _, way := range ways {
		if err := r.Guide.Say(way.say); err != nil {
			return err
		}
		// With a form all three are as long.
		w := Work{Title: title, Prompt: stride.Prompt{Text: title, Conditions: known(m, "form", form)}, Options: way.options, Beat: way.beat}
		var text written
		name := "poem-" + way.name + ".txt"
		if _, err := r.make(ctx, m, w, Row{Name: r.poemRow, File: name}, text.keep); err != nil {
			return err
		}
		if err := r.write(file{name, []byte(text.text() + "\n")}); err != nil {
			return err
		}
		r.page.Poems = append(r.page.Poems, indexText{Row: r.rows[len(r.rows)-1], Say: way.say, Spans: text.spans()})
	}
	return r.Guide.Say(r.poemOutro)
}
