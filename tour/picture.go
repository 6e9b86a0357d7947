package tour

import (
	"bytes"
	"context"
	"fmt"
	stdimage "image"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
)

// Sizes and times of pictures.
const (
	stripScale = 4                      // pixels of a strip for one of the model's
	animScale  = 8                      // of an animation
	passDelay  = 180 * time.Millisecond // between two passes of an animation
	rowDelay   = 60 * time.Millisecond  // between two rows
)

// drawn keeps how a picture came to be: each pass, or by ar each row.
type drawn struct {
	frames []*stdimage.NRGBA
	last   *stdimage.NRGBA
}

// keep takes a step.
func (d *drawn) keep(step stride.Step) {
	p, ok := step.Object.(stride.Picture)
	if !ok {
		return
	}
	d.last = p.Image
	if step.Stats.Strategy != "ar" || p.Known%p.Image.Rect.Dx() == 0 {
		d.frames = append(d.frames, p.Image)
	}
}

// animation is the picture as it came to be.
func (d *drawn) animation(name string, delay time.Duration, caption string) (file, error) {
	var b bytes.Buffer
	frames := make([]*stdimage.NRGBA, len(d.frames))
	for i, f := range d.frames {
		frames[i] = image.Scale(f, animScale)
	}
	err := image.EncodeAPNG(&b, frames, delay, []image.Text{{Key: "Title", Value: caption}, {Key: "Software", Value: "Stride"}})
	return file{name, b.Bytes()}, err
}

// encodePNG is a picture as a file.
func encodePNG(name string, img stdimage.Image, caption string) (file, error) {
	var b bytes.Buffer
	err := image.EncodePNG(&b, img, []image.Text{{Key: "Title", Value: caption}, {Key: "Software", Value: "Stride"}})
	return file{name, b.Bytes()}, err
}

// picture is the second stop: a sprite from blurred to sharp.
func (r *run) picture(ctx context.Context) error {
	const caption, category = "a red dragon", "monster"
	m, err := stride.Open("tiles")
	if err != nil {
		return err
	}
	defer m.Close()
	prompt := stride.Prompt{Text: caption, Conditions: known(m, "category", category)}
	if err := r.Guide.Say(fmt.Sprintf(r.pictureIntro, caption)); err != nil {
		return err
	}
	var strip []*stdimage.NRGBA
	var sharpest drawn
	refine := func(n, i, of int, shortcut bool) (d drawn, err error) {
		w := Work{Title: r.passes(n), Prompt: prompt, Options: []stride.Option{stride.Refine(n), stride.Shortcut(shortcut)}, Beat: 2, Number: i, Of: of}
		if _, err := r.make(ctx, m, w, Row{Name: caption, File: "sprite-passes.png"}, d.keep); err != nil {
			return d, err
		}
		strip = append(strip, image.Scale(d.last, stripScale))
		r.page.Strip = append(r.page.Strip, indexPicture{r.rows[len(r.rows)-1], shortcut})
		return d, nil
	}
	passes := []int{1, 2, 4, 8, 16}
	if r.short {
		passes = []int{1, 2}
	}
	for i, n := range passes {
		if sharpest, err = refine(n, i+1, len(passes), false); err != nil {
			return err
		}
	}
	if m.Info().Picture.Shortcut > 0 {
		if err := r.Guide.Say(r.pictureShortcut); err != nil {
			return err
		}
		if _, err := refine(1, 0, 0, true); err != nil {
			return err
		}
	}
	if err := r.Guide.Say(r.pictureAR); err != nil {
		return err
	}
	var byPixel drawn
	w := Work{Title: caption, Prompt: prompt, Options: []stride.Option{stride.AR(), stride.Guidance(2.5), stride.Temperature(0.85)}}
	if _, err := r.make(ctx, m, w, Row{Name: caption, File: "sprite-ar.png"}, byPixel.keep); err != nil {
		return err
	}
	strip = append(strip, image.Scale(byPixel.last, stripScale))
	r.page.Strip = append(r.page.Strip, indexPicture{Row: r.rows[len(r.rows)-1]})
	return r.writePictures(caption, strip, sharpest, byPixel)
}

// writePictures writes the strip and both animations.
func (r *run) writePictures(caption string, strip []*stdimage.NRGBA, refine, ar drawn) error {
	all, err := encodePNG("sprite-passes.png", image.Sheet(strip, len(strip), 2*stripScale, nil), caption)
	if err != nil {
		return err
	}
	refined, err := refine.animation("sprite-refine.png", passDelay, caption)
	if err != nil {
		return err
	}
	pixels, err := ar.animation("sprite-ar.png", rowDelay, caption)
	if err != nil {
		return err
	}
	if err := r.write(all, refined, pixels); err != nil {
		return err
	}
	r.page.Caption = caption
	return r.Guide.Say(r.pictureOutro)
}

// known is a condition that a model knows, and none where it does not.
func known(m *stride.Model, name, value string) map[string]string {
	if full, err := m.Condition(name, value); err == nil {
		return map[string]string{name: full}
	}
	return nil
}
