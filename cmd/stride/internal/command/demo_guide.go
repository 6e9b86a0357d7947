package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/tour"
)

// demoGuide shows a tour: in a terminal with the views of the other commands,
// elsewhere as plain lines.
type demoGuide struct {
	ctx     context.Context
	c       *console
	pace    time.Duration
	mute    bool
	gallery *gallery       // of pictures that belong side by side
	beside  []stride.Stats // theirs
}

// Stop begins a stop.
func (g *demoGuide) Stop(number, of int, title string) error {
	return writeAll(g.c.styledOut, fmt.Sprintf("\n%s\n", strong.Render(fmt.Sprintf("%d/%d  %s", number, of, title))))
}

// Say says a sentence, and leaves time to read it.
func (g *demoGuide) Say(text string) error {
	said := appendGlyphs(nil, text, settled)
	if err := g.lines(wrap(said, g.width())); err != nil {
		return err
	}
	const beatsPerCell = 0.25 // at 100 ms, 40 cells a second: about 7 words
	g.rest(beatsPerCell * float64(widthOf(said)))
	return nil
}

// width is how many cells a line has.
func (g *demoGuide) width() int {
	width, _ := g.c.size()
	return max(width-margin-1, 8)
}

// lines writes lines with a margin, below an empty one.
func (g *demoGuide) lines(all [][]glyph) error {
	var b strings.Builder
	b.WriteString("\n")
	for _, line := range all {
		b.WriteString(strings.TrimRight(strings.Repeat(" ", margin)+textOf(line), " ") + "\n")
	}
	return writeAll(g.c.styledOut, b.String())
}

// rest waits for so many steps, where there is somebody.
func (g *demoGuide) rest(beats float64) {
	if g.pace > 0 {
		select {
		case <-time.After(time.Duration(beats * float64(g.pace))):
		case <-g.ctx.Done():
		}
	}
}

// Wrote names files.
func (g *demoGuide) Wrote(names ...string) error {
	return writeAll(g.c.styledOut, "\n"+strings.Repeat(" ", margin)+dim.Render("→ "+strings.Join(names, ", "))+"\n")
}

// Table shows everything that was made.
func (g *demoGuide) Table(cells [][]string) error {
	return writeAll(g.c.styledOut, "\n"+table(cells, 2, 3, 4, 5))
}

// Watch makes an object and shows it.
func (g *demoGuide) Watch(ctx context.Context, m *stride.Model, w tour.Work, keep func(stride.Step)) (stride.Step, error) {
	shown := g.presenter(ctx, m, w)
	if _, text := shown.(*stream); text || g.c.outIsTerminal && w.Number <= 1 {
		if err := writeAll(g.c.out, "\n"); err != nil {
			return stride.Step{}, err
		}
	}
	last, err := watch(ctx, m, w.Prompt, w.Options, join(keeper(keep), shown))
	if err != nil {
		return last, err
	}
	if s, ok := shown.(*demoSound); ok {
		return last, s.finish(ctx, g)
	}
	return last, g.summarize(w, last.Stats)
}

// keeper is the presenter that keeps steps for the tour.
type keeper func(stride.Step)

func (k keeper) show(step stride.Step) error {
	k(step)
	return nil
}

// presenter chooses how an object is shown.
func (g *demoGuide) presenter(ctx context.Context, m *stride.Model, w tour.Work) presenter {
	pace := time.Duration(w.Beat * float64(g.pace))
	lead := ""
	if w.Title == "" {
		lead = w.Prompt.Text
	}
	switch info := m.Info(); {
	case info.Sound != nil:
		return newDemoSound(ctx, g, info, w.Prompt, pace)
	case info.Picture == nil && g.c.outIsTerminal:
		return &live{view: scene{title: w.Title, lead: lead}, out: g.c.styledOut, size: g.c.size, pace: pace, skip: redrawEvery, hurry: ctx.Done()}
	case info.Picture == nil:
		return &stream{out: g.c.out, lead: lead}
	case !g.c.outIsTerminal:
		return nil
	case w.Number <= 1:
		g.gallery = newGallery(g.c, max(w.Of, 1), pace, ctx.Done())
	}
	g.gallery.caption = func(int) string { return w.Title }
	return g.gallery
}

// summarize writes the summaries of an object, or, where it is the last of those
// that are seen side by side, of all of them.
func (g *demoGuide) summarize(w tour.Work, s stride.Stats) error {
	g.beside = append(g.beside, s)
	if g.c.outIsTerminal && w.Number < w.Of {
		return nil
	}
	for _, s := range g.beside {
		if err := summarize(g.c, s); err != nil {
			return err
		}
	}
	g.beside = nil
	return nil
}

// demoSound shows a sound while it is made, and keeps it to be played.
type demoSound struct {
	soundRun
	samples []float32
}

func newDemoSound(ctx context.Context, g *demoGuide, info stride.Info, p stride.Prompt, pace time.Duration) *demoSound {
	s := &demoSound{soundRun: soundRun{soundFlags: &soundFlags{}, c: g.c, info: info, prompt: p, pace: pace}}
	s.made.rate = info.Sound.Rate
	s.shown = s.presenter(ctx)
	return s
}

// show takes what a step has that is new.
func (s *demoSound) show(step stride.Step) error {
	if sound, ok := step.Object.(stride.Sound); ok && step.Stage == step.Stages {
		s.samples = append(s.samples, sound.Samples...)
	}
	return s.soundRun.show(step)
}

// finish says what it cost, and plays it where somebody may hear it. That it
// cannot be played ends no tour: there is a file of it.
func (s *demoSound) finish(ctx context.Context, g *demoGuide) error {
	if err := s.soundRun.finish(ctx); err != nil || g.mute || !g.c.outIsTerminal || !havePlayer() {
		return err
	}
	p, err := startPlayer(ctx, s.made.rate)
	if err == nil {
		defer p.discard()
		if err = p.Write(s.samples); err == nil {
			err = p.Close()
		}
	}
	if err != nil && ctx.Err() == nil {
		g.mute = true
		return g.Say(err.Error())
	}
	return nil
}
