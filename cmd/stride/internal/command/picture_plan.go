package command

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride"
)

// plan finds out what to make.
func (r *pictureRun) plan() error {
	r.prompts = []stride.Prompt{r.prompt}
	if r.Prompts != "" {
		read, err := readPrompts(r.Prompts, r.m)
		if err != nil {
			return err
		}
		r.prompts = slices.Repeat(r.prompts, len(read))
		for i, p := range read {
			if r.prompts[i].Text = p.Text; len(p.Conditions) > 0 {
				r.prompts[i].Conditions = p.Conditions
			}
		}
	}
	if r.Seed == nil { // one for all, so that a file can say how to make all of it again
		r.Seed = new(uint64)
		*r.Seed = uint64(rand.Uint32())
	}
	r.n = r.Count * len(r.prompts)
	if r.goes() {
		r.n = defaultFrames
		if r.Frames != nil {
			r.n = *r.Frames
		}
	}
	return nil
}

// asked is the prompt of picture i.
func (r *pictureRun) asked(i int) stride.Prompt {
	if r.goes() {
		return r.prompt
	}
	return r.prompts[i/r.Count]
}

// chosen are the options of picture i.
func (r *pictureRun) chosen(i int) []stride.Option {
	if !r.goes() {
		return r.options(i)
	}
	out, mix := r.options(0), float32(i)/float32(r.n-1)
	if r.TowardSeed != nil {
		out = append(out, stride.Toward(*r.TowardSeed, mix))
	}
	if r.Toward != "" {
		out = append(out, stride.MixCaptions(mix))
	}
	return out
}

// apart tells whether each picture gets a file of its own.
func (r *pictureRun) apart() bool { return r.n > 1 && !r.goes() && !r.Sheet.on }

// outputs finds out, before the work, where the pictures go.
func (r *pictureRun) outputs() (err error) {
	out := r.Out
	screen := r.c.outIsTerminal || r.c.dumbOut
	switch {
	case r.JSON && !toFile(out):
		out = "" // standard output gets the lines, which have the pictures
	case out == "-" && screen:
		return usageError{errors.New("--out -: standard output is a terminal, which shows no PNG; want --out FILE, a pipe, or nothing to see the picture")}
	case out == "" && !screen && r.StepsOut == "":
		out = "-"
	}
	if r.file, err = newPictureFile("out", out); err != nil {
		return err
	}
	if r.steps, err = newPictureFile("steps-out", r.StepsOut); err != nil {
		return err
	}
	if err := checkOut(r.Atlas); err != nil {
		return err
	}
	switch {
	case r.StepsOut == "-" || r.Atlas == "-":
		return usageError{errors.New("--steps-out and --atlas want files, not -")}
	case out == "-" && r.apart():
		return usageError{fmt.Errorf("%d pictures do not go into one PNG on standard output; want --out FILE.png for files of their own, --sheet or --json", r.n)}
	case out == "" && (r.Sheet.on || r.goes() && r.Delay != 0):
		return usageError{errors.New("a sheet or an animation has nowhere to go, want --out FILE.png or FILE.gif")}
	case out == "" && r.StepsOut == "" && !r.JSON && r.Size != sizeFlag{}:
		return usageError{errors.New("--size is for what is written, want --out FILE.png")}
	}
	if err := distinct(out, r.StepsOut, r.Atlas); err != nil {
		return err
	}
	return r.tooLarge()
}

// written is the size of a picture that is written.
func (r *pictureRun) written() (width, height int) {
	return r.scale * r.info.Picture.Width, r.scale * r.info.Picture.Height
}

// mostPixels is the most that is written into one file: half a gigabyte of
// memory.
const mostPixels = 1 << 27

// tooLarge refuses sheets and animations that memory would not hold.
func (r *pictureRun) tooLarge() error {
	width, height := r.written()
	what, pixels := "", 0
	switch {
	case r.Sheet.on:
		w, h := newSheet(r.Sheet, r.Gap, r.n, width, height).size(r.n, width, height)
		what, pixels = fmt.Sprintf("a sheet of %dx%d pixels", w, h), w*h
	case r.goes():
		what, pixels = fmt.Sprintf("an animation of %d pictures of %dx%d pixels", r.n, width, height), r.n*width*height
	}
	if r.StepsOut != "" && mostFrames*width*height > pixels {
		what, pixels = fmt.Sprintf("an animation of up to %d steps of %dx%d pixels", mostFrames, width, height), mostFrames*width*height
	}
	if pixels > mostPixels {
		return usageError{fmt.Errorf("%s is too large, want at most %d million in all; a smaller --size, or fewer", what, mostPixels/1000000)}
	}
	return nil
}
