package train

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	stdimage "image"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/element/text"
)

// pictures is the data of the networks of pictures: a folder of pictures with
// their captions.
type pictures struct {
	t     *trainer
	items map[string][]image.Item // by split
	tok   *text.Tokenizer
	enc   *encoder
	out   image.Format
	deck
}

// mostNamed is how many things that were left out are named one by one.
const mostNamed = 20

// leftOut counts what is left out of the data, and tells of it.
type leftOut int

func (n *leftOut) add(tell func(Progress), file string, err error) {
	if *n++; *n <= mostNamed {
		tell(Progress{Message: fmt.Sprintf("left out %s: %v", file, err)})
	}
}

// end tells how many more there were than were named.
func (n leftOut) end(tell func(Progress)) {
	if n > mostNamed {
		tell(Progress{Message: fmt.Sprintf("and %d more left out", n-mostNamed)})
	}
}

// read reads the folder and makes tokenizer and prompt format, or takes them from
// a state; learn, if not nil, is to learn what else p.out needs from the pictures.
func (p *pictures) read(ctx context.Context, state *checkpoint.File, learn func([]*stdimage.NRGBA) error) error {
	r, tell := p.t.recipe, p.t.opts.Progress
	tell(Progress{Message: "reading pictures"})
	path := filepath.Join(p.t.opts.Data, r.Data.Folder)
	folder := image.Folder{Dir: path, Captions: r.Data.Captions,
		Fit: image.Fit{Width: r.Elements.Width, Height: r.Elements.Height, Mode: r.Data.Fit, Nearest: r.Data.Nearest}}
	items, skipped, err := folder.Read(ctx)
	var out leftOut
	for _, s := range skipped {
		out.add(tell, s.File, s.Err)
	}
	out.end(tell)
	if err != nil {
		return errNoData(err, path, r)
	}
	p.items = map[string][]image.Item{}
	for _, it := range items {
		p.items[it.Split] = append(p.items[it.Split], it)
	}
	if p.n = len(p.items["train"]); p.n == 0 {
		return fmt.Errorf("train: %s: none of the %d pictures is in the split train", path, len(items))
	}
	p.seed = r.Seed
	format := categories(p.items["train"])
	if state == nil {
		tell(Progress{Message: "learning tokenizer and colours"})
	}
	if err := p.elements(state, format, learn); err != nil {
		return err
	}
	p.enc = newEncoder(p.tok, format, r.Network.Context, 0)
	return nil
}

// elements makes tokenizer and picture format, or takes them from a state.
func (p *pictures) elements(state *checkpoint.File, format text.Format, learn func([]*stdimage.NRGBA) error) (err error) {
	r := p.t.recipe
	if state != nil {
		if p.tok, err = text.FromMetadata(state.Value); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		p.out, _, err = image.FormatFromMetadata(state.Value)
		return err
	}
	captions := func(yield func(string) bool) {
		seen := map[string]bool{}
		for _, it := range p.items["train"] {
			if seen[it.Caption] {
				continue
			}
			seen[it.Caption] = true
			if !yield(it.Caption) {
				return
			}
		}
	}
	p.tok, err = text.Train(captions, text.TrainOptions{Pieces: r.Elements.Pieces, MinCount: r.Elements.MinCount, Controls: format.Controls()})
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	p.out = image.Format{Width: r.Elements.Width, Height: r.Elements.Height, BinaryAlpha: r.Elements.Alpha == "binary"}
	if learn == nil {
		return nil
	}
	var all []*stdimage.NRGBA
	for _, it := range p.items["train"] {
		all = append(all, it.Image)
	}
	if err := learn(all); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// categories is the prompt's layout: a category, the most frequent first, and
// the caption.
func categories(items []image.Item) text.Format {
	count := map[string]int{}
	for _, it := range items {
		if it.Category != "" {
			count[it.Category]++
		}
	}
	c := text.Condition{Name: "category", Values: byFrequency(count)}
	c.Lines = make([][]int, len(c.Values))
	f := text.Format{Separate: true}
	if len(c.Values) > 0 {
		f.Conditions = []text.Condition{c}
	}
	return f
}

// How often, where not everything is hidden, the category is, since people
// rarely name one, and how often the words are and the category is kept.
const (
	hideCategory = 0.4
	hideWords    = 0.05
)

// caption lays out an item's prompt. With probability DropCondition nothing of
// it is left (known is false then, the rows are BOS, <any>, <sep>); else the
// category alone is sometimes hidden, or the words alone. rng nil: all is kept.
func (p *pictures) caption(it *image.Item, rng *rand.Rand) (ids []int, known bool) {
	ex := example{prompt: p.tok.Encode(it.Caption), start: true}
	ex.prompt = ex.prompt[:min(len(ex.prompt), max(0, p.enc.context-len(p.enc.format.Conditions)-2))] // with BOS and <sep>
	for _, c := range p.enc.format.Conditions {
		id, ok := p.tok.ID(text.Token(it.Category))
		if !ok || !slices.Contains(c.Values, it.Category) {
			id = p.enc.any
		}
		ex.conditions = append(ex.conditions, id)
	}
	known = rng == nil || rng.Float64() >= p.t.recipe.Train.DropCondition
	part := 1.0
	if rng != nil {
		part = rng.Float64()
	}
	if !known || len(ex.conditions) > 0 && part < hideWords {
		ex.prompt = nil
	}
	if !known || part >= hideWords && part < hideWords+hideCategory {
		for i := range ex.conditions {
			ex.conditions[i] = p.enc.any
		}
	}
	return p.enc.layout(nil, &ex, func() bool { return false }), known
}

// deal takes the items of a step's batch, each perhaps mirrored, and with its
// colour named.
func (p *pictures) deal(rng *rand.Rand) []image.Item {
	out := make([]image.Item, p.t.recipe.Train.BatchPictures)
	r := p.t.recipe.Data
	for i := range out {
		out[i] = p.items["train"][p.take()]
		if r.Flip && !slices.Contains(r.FlipExcept, out[i].Category) && rng.IntN(2) == 1 {
			out[i].Image = mirrored(out[i].Image)
		}
		if r.NameColours > 0 && rng.Float64() < r.NameColours {
			nameColour(&out[i], rng)
		}
	}
	return out
}

// nameColour lets an item's caption say which colour it has, as often as not
// after it was given another: captions rarely name one, and a picture in many
// colours teaches which part of it the word means. Where the caption names a
// colour already, or no colour is clear, the item stays as it is.
func nameColour(it *image.Item, rng *rand.Rand) {
	if image.CaptionColour(it.Caption) != "" {
		return
	}
	name := image.ColourName(it.Image)
	if name == "" {
		return
	}
	if rng.IntN(2) == 1 {
		change := image.Recolour
		if slices.Contains([]string{"white", "grey", "black"}, name) {
			change = image.Tint
		}
		turned := change(it.Image, 360*rng.Float64())
		if to := image.ColourName(turned); to != "" {
			it.Image, name = turned, to
		}
	}
	it.Caption = image.WithColour(it.Caption, name)
}

// mirrored returns a picture with left and right exchanged.
func mirrored(p *stdimage.NRGBA) *stdimage.NRGBA {
	out := stdimage.NewNRGBA(p.Rect)
	w := p.Rect.Dx()
	for y := range p.Rect.Dy() {
		for x := range w {
			copy(out.Pix[y*out.Stride+4*x:][:4], p.Pix[y*p.Stride+4*(w-1-x):][:4])
		}
	}
	return out
}

// chunks cuts items into the parts of one forward pass each.
func (p *pictures) chunks(items []image.Item) [][]image.Item {
	return slices.Collect(slices.Chunk(items, p.t.recipe.Train.MicroPictures))
}

// split returns the items of a held-out split, an evenly spaced part of them
// for validation.
func (p *pictures) split(name string) []image.Item {
	if name == "test" {
		return p.items[name]
	}
	return evenly(p.items[name], p.t.recipe.Train.ValidPictures)
}

func (p *pictures) kept() map[string]any {
	m := p.out.Metadata()
	for k, v := range p.tok.Metadata() {
		m[k] = v
	}
	return m
}

// check reports what a recipe for pictures lacks.
func (r *Recipe) checkPictures() error {
	e, t := r.Elements, r.Train
	switch {
	case r.Data.Folder == "" || !filepath.IsLocal(r.Data.Folder):
		return fmt.Errorf("data.folder is %q, want a folder below the data folder", r.Data.Folder)
	case r.Data.Captions != "" && !filepath.IsLocal(r.Data.Captions):
		return fmt.Errorf("data.captions is %q, want a file below data.folder, or nothing", r.Data.Captions)
	case len(r.Data.Train)+len(r.Data.Valid)+len(r.Data.Test) > 0:
		return errors.New("data: train, valid and test name files of texts; pictures have data.folder, and their splits come from the captions file")
	case e.Width < 1 || e.Width > 256 || e.Height < 1 || e.Height > 256:
		return fmt.Errorf("elements: pictures of %dx%d, want 1 to 256 in either direction", e.Width, e.Height)
	case !(r.Data.NameColours >= 0 && r.Data.NameColours <= 1):
		return fmt.Errorf("data.name_colours is %g, want 0 to 1", r.Data.NameColours)
	case e.Alpha != "binary" && e.Alpha != "smooth":
		return fmt.Errorf("elements.alpha is %q, want binary or smooth", e.Alpha)
	case e.Colours < 2 || e.Colours > 256:
		return fmt.Errorf("elements.colours is %d, want 2 to 256", e.Colours)
	case t.MicroPictures < 1 || t.MicroPictures > 4096 || t.BatchPictures < t.MicroPictures || t.BatchPictures > 1<<16:
		return fmt.Errorf("train: batch_pictures is %d and micro_pictures %d, want 1 or more and not more of the latter", t.BatchPictures, t.MicroPictures)
	case t.ValidPictures < 1:
		return fmt.Errorf("train.valid_pictures is %d, want 1 or more", t.ValidPictures)
	case !(t.TimeDeviation > 0 && t.TimeDeviation <= 10) || !(t.TimeMean >= -10 && t.TimeMean <= 10):
		return fmt.Errorf("train: time_mean is %g and time_deviation %g, want -10 to 10 and above 0 to 10", t.TimeMean, t.TimeDeviation)
	case !(t.Shortcut >= 0 && t.Shortcut <= 1) || !(t.Guidance >= 0 && t.Guidance <= 100):
		return fmt.Errorf("train: shortcut is %g and guidance %g, want 0 to 1 and 0 to 100", t.Shortcut, t.Guidance)
	case t.Shortcut > 0 && r.Network.From == "":
		return errors.New("train.shortcut needs network.from, a network that has learned the velocity and teaches steps of finite length")
	}
	return nil
}
