package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
)

// pictureRun is one call of generate for a model that makes pictures.
type pictureRun struct {
	*generateCommand
	c       *console
	m       *stride.Model
	info    stride.Info
	prompt  stride.Prompt // what all pictures have in common
	scale   int           // pixels wide and high that a pixel of the model's becomes
	delay   time.Duration
	prompts []stride.Prompt
	n       int         // pictures to make
	file    pictureFile // of --out
	steps   pictureFile // of --steps-out
	gallery *gallery    // nil where pictures are not shown
	made    []sprite    // what is written together
	stats   []stride.Stats
}

// sprite is a picture that is made.
type sprite struct {
	prompt stride.Prompt
	image  *stdimage.NRGBA
	stats  stride.Stats
}

// pictures makes the pictures that were asked for.
func (g *generateCommand) pictures(ctx context.Context, c *console, m *stride.Model, prompt stride.Prompt) error {
	r := &pictureRun{generateCommand: g, c: c, m: m, info: m.Info(), prompt: prompt, delay: cmp.Or(g.Delay, defaultDelay)}
	var err error
	if r.scale, err = g.Size.scale(r.info.Picture); err != nil {
		return err
	}
	if err := r.plan(); err != nil {
		return err
	}
	if err := r.outputs(); err != nil {
		return err
	}
	if err := g.choose(ctx, c, m, r.asked(0)); err != nil {
		return err
	}
	r.show(ctx)
	for i := range r.n {
		if err = r.make(ctx, i); err != nil {
			break
		}
		if ctx.Err() != nil && i+1 < r.n { // while the last one was shown
			err = shownError{ctx.Err()}
			break
		}
	}
	return errors.Join(r.finish(), err)
}

// read reads the pictures of a prompt.
func (f *pictureFlags) read(p *stride.Prompt) (err error) {
	for _, in := range []struct {
		path string
		to   **stdimage.NRGBA
	}{{cmp.Or(f.Init, f.Complete), &p.Picture}, {f.Mask, &p.Mask}} {
		if in.path == "" {
			continue
		}
		if *in.to, err = image.Read(in.path, image.Limits{}); err != nil {
			return err
		}
	}
	return nil
}

// show prepares how the pictures are seen.
func (r *pictureRun) show(ctx context.Context) {
	if screen := r.c.outIsTerminal || r.c.dumbOut; !screen || r.JSON || r.Quiet && r.file.path != "" {
		return
	}
	r.gallery = newGallery(r.c, r.n, r.Pace, ctx.Done())
	r.gallery.caption = func(i int) string { return r.asked(i).Text }
	if len(r.prompts) == 1 {
		r.gallery.title = r.prompt.Text
	}
	if r.Toward != "" {
		r.gallery.title += " → " + r.Toward
	}
	r.gallery.inPlace, r.gallery.bare = r.goes(), r.Quiet
	r.gallery.doneOnly = r.goes() || r.Quiet || r.c.dumbOut
}

// make makes picture i and writes the files that are its own.
func (r *pictureRun) make(ctx context.Context, i int) error {
	prompt := r.asked(i)
	var shown presenter
	switch {
	case r.JSON:
		shown = &jsonLines{out: r.c.out, index: i + 1, prompt: prompt, doneOnly: r.Quiet, choice: r.choice, scale: r.scale, encoded: r.encoded(prompt)}
	case r.gallery != nil:
		shown = r.gallery
	case !r.Quiet && !r.goes():
		shown = passLog{r.c.err}
	}
	var steps *recorder
	if r.steps.path != "" {
		steps = &recorder{}
		shown = join(shown, steps)
	}
	last, err := watch(ctx, r.m, prompt, r.chosen(i), shown)
	p, ok := last.Object.(stride.Picture)
	if !ok {
		return err
	}
	r.stats = append(r.stats, last.Stats)
	if err == nil { // else it is not finished
		err = r.keep(i, sprite{prompt, p.Image, last.Stats}, steps)
	}
	if alone := r.n == 1 || r.gallery == nil && !r.goes(); alone && !r.Quiet && !r.JSON {
		return cmp.Or(summarize(r.c, last.Stats), err)
	}
	return err
}

// keep takes a finished picture and writes the files that are its own.
func (r *pictureRun) keep(i int, s sprite, steps *recorder) error {
	if r.Sheet.on || r.goes() {
		r.made = append(r.made, s)
	}
	if steps != nil {
		file := r.steps
		if r.n > 1 {
			file = file.numbered(i)
		}
		made := r.settings(s.prompt, s.stats)
		made.Steps, made.Delay = true, r.delay.String()
		if err := r.write(file, steps.frames, made, s.prompt.Text); err != nil {
			return err
		}
	}
	file := r.file
	switch {
	case r.Sheet.on || r.goes():
		return nil
	case r.apart():
		file = file.numbered(i)
	}
	return r.write(file, []*stdimage.NRGBA{s.image}, r.settings(s.prompt, s.stats), s.prompt.Text)
}

// write writes pictures at the size asked for.
func (r *pictureRun) write(f pictureFile, frames []*stdimage.NRGBA, s settings, caption string) error {
	if f.path == "" {
		return nil
	}
	texts, err := s.texts(caption)
	if err != nil {
		return err
	}
	return f.write(r.c, enlarged(frames, r.scale), r.delay, texts)
}

// encoded returns what makes a finished picture a PNG, at the size asked for.
func (r *pictureRun) encoded(prompt stride.Prompt) func(stride.Step) ([]byte, error) {
	return func(step stride.Step) ([]byte, error) {
		texts, err := r.settings(prompt, step.Stats).texts(prompt.Text)
		if err != nil {
			return nil, err
		}
		return encodePictures(kindPNG, enlarged([]*stdimage.NRGBA{step.Object.(stride.Picture).Image}, r.scale), 0, texts)
	}
}

// finish writes what all finished pictures make together.
func (r *pictureRun) finish() error {
	if len(r.stats) == 0 {
		return nil
	}
	if (r.gallery != nil || r.goes()) && r.n > 1 && !r.Quiet && !r.JSON {
		if err := summarizeAll(r.c, r.stats); err != nil {
			return err
		}
	}
	if len(r.made) == 0 {
		return nil
	}
	first := r.made[0]
	all := r.settings(first.prompt, first.stats)
	switch {
	case r.Sheet.on:
		return r.writeSheet(all)
	case r.goes():
		var frames []*stdimage.NRGBA
		for _, s := range r.made {
			frames = append(frames, s.image)
		}
		all.Frames, all.Delay = r.n, r.delay.String()
		return r.write(r.file, frames, all, first.prompt.Text)
	}
	return nil
}

// writeSheet writes the pictures on one sheet, and its atlas.
func (r *pictureRun) writeSheet(s settings) error {
	width, height := r.written()
	on := newSheet(r.Sheet, r.Gap, len(r.made), width, height)
	var frames []*stdimage.NRGBA
	var captions []string
	for _, m := range r.made {
		frames, captions = append(frames, m.image), append(captions, m.prompt.Text)
	}
	names := spriteNames(captions)
	whole := image.Sheet(enlarged(frames, r.scale), on.columns, on.gap, nil)
	s.Sheet, s.Gap, s.Count, s.Prompts, s.Conditions = on.columns, &on.gap, r.Count, baseName(r.Prompts), r.prompt.Conditions
	texts, err := s.texts(strings.Join(slices.Compact(captions), ", "))
	if err != nil {
		return err
	}
	if err := r.file.write(r.c, []*stdimage.NRGBA{whole}, 0, texts); err != nil || r.Atlas == "" {
		return err
	}
	a := atlas{Image: baseName(r.file.path), Width: whole.Rect.Dx(), Height: whole.Rect.Dy()}
	for i, m := range r.made {
		at := on.place(i, width, height)
		a.Sprites = append(a.Sprites, atlasSprite{names[i], at.X, at.Y, width, height, m.stats.Seed})
	}
	data, err := a.encode()
	if err != nil {
		return err
	}
	return save(r.Atlas, data)
}

// settings is what a picture was made with.
func (r *pictureRun) settings(p stride.Prompt, s stride.Stats) settings {
	width, height := r.written()
	out := settings{
		Model: baseName(r.Model), Strategy: s.Strategy, Passes: s.Passes, Seed: s.Seed,
		Guidance: r.Guidance, Solver: r.Solver, Shortcut: r.Shortcut,
		Temperature: r.Temperature, TopK: r.TopK, TopP: r.TopP, MinP: r.MinP,
		Conditions: p.Conditions, Negative: r.Negative, Tile: r.Tile,
		Init: baseName(r.Init), Strength: r.Strength, Mask: baseName(r.Mask), Complete: baseName(r.Complete), Keep: r.Keep,
		Toward: r.Toward, TowardSeed: r.TowardSeed, Size: fmt.Sprintf("%dx%d", width, height),
	}
	// What the model does where nothing is asked for is told too: another
	// version of it may do otherwise.
	switch usual, ar := float32(r.info.Picture.Guidance), float32(r.info.Picture.GuidanceAR); {
	case r.Guidance != nil:
	case s.Strategy == "ar" && ar != 1:
		out.Guidance = &ar
	case s.Strategy == "refine" && r.Shortcut == nil && s.Passes > r.info.Picture.Shortcut:
		out.Guidance = &usual
	}
	return out
}

// baseName is the name of a file without its folder; "" and - are none.
func baseName(path string) string {
	if !toFile(path) {
		return ""
	}
	return filepath.Base(path)
}
