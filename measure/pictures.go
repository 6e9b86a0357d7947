package measure

import (
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/measure/picture"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/train"
)

// pictureYard measures pictures beside real ones.
type pictureYard struct {
	info stride.Info
	real *realPictures // nil without data
	// asked are the real pictures that a row is compared with: those that the
	// prompts were taken from (sources), or all test pictures where none were.
	asked, sources []image.Item
	ranks          []int           // of the sources in the data
	prompted       []stride.Prompt // without data: what is asked for
	// judge is nil if there is none.
	judge interface {
		See(pictures []*stdimage.NRGBA) ([]Sight, error)
		Knows(caption string) bool
		Score(s Sight, caption, category string) float64
		Close()
	}
	// directions of the distance of patches; 0 for the usual number.
	directions int
}

// realPictures are those of the data that the model was trained on.
type realPictures struct {
	train, valid, test []image.Item
	training           picture.Set // values of train
	skipped            int         // that could not be read
}

// newPictureYard reads the data and the judge.
func newPictureYard(ctx context.Context, info stride.Info, o CompareOptions) (*pictureYard, error) {
	y := &pictureYard{info: info}
	name := o.Classifier
	if o.Data != "" {
		r, err := train.ParseRecipe("recipe of "+info.Name, []byte(info.Recipe))
		if err != nil {
			return nil, fmt.Errorf("where the real pictures are: %w", err)
		}
		if y.real, err = readPictures(ctx, o.Data, r, info.Picture); err != nil {
			return nil, err
		}
		y.asked = y.real.test
		if name == "" {
			name = usualJudge(info, filepath.Base(r.Data.Folder))
		}
	} else {
		if name == "" {
			name = usualJudge(info)
		}
		if y.prompted = o.Prompts; len(o.Prompts) == 0 {
			y.prompted = builtinPrompts(info)
		}
	}
	if name == "" {
		return y, nil
	}
	j, err := OpenPictureJudge(name)
	if err != nil {
		return nil, err
	}
	if p := info.Picture; j.Width != p.Width || j.Height != p.Height {
		j.Close()
		return nil, fmt.Errorf("classifier %s: it takes pictures of %dx%d pixels, expected the model's %dx%d", name, j.Width, j.Height, p.Width, p.Height)
	}
	y.judge = j
	return y, nil
}

// usualJudge is the name of the bundled classifier that is called as the model, a
// companion or the folder of its pictures, if that is known, with "-classifier" after
// it; empty if there is none.
func usualJudge(info stride.Info, folder ...string) string {
	names := append([]string{info.Name}, info.Companions...)
	for _, name := range append(names, folder...) {
		if _, ok := models.Data(name + "-classifier"); ok {
			return name + "-classifier"
		}
	}
	return ""
}

// readPictures reads the folder that a recipe names below the folder of the
// data, or the folder of the data itself.
func readPictures(ctx context.Context, data string, r *train.Recipe, p *stride.PictureInfo) (*realPictures, error) {
	dir := filepath.Join(data, r.Data.Folder)
	if !exists(dir) {
		dir = data
	}
	folder := image.Folder{Dir: dir, Captions: r.Data.Captions,
		Fit: image.Fit{Width: p.Width, Height: p.Height, Mode: r.Data.Fit, Nearest: r.Data.Nearest}}
	items, skipped, err := folder.Read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: expected the folder that holds %s, from %s", err, r.Data.Folder, r.Data.Source)
	}
	if err != nil {
		return nil, err
	}
	out := &realPictures{skipped: len(skipped)}
	for _, it := range items {
		switch it.Split {
		case "train":
			out.train = append(out.train, it)
		case "valid":
			out.valid = append(out.valid, it)
		default:
			out.test = append(out.test, it)
		}
	}
	if len(out.test) == 0 {
		out.test, out.valid = out.valid, nil
	}
	if len(out.train) == 0 || len(out.test) < 2 {
		return nil, fmt.Errorf("%s: %d pictures of the split train and %d of test (or, without it, valid), expected some and at least 2", dir, len(out.train), len(out.test))
	}
	out.training = setOf(picturesOf(out.train))
	return out, nil
}

func picturesOf(items []image.Item) []*stdimage.NRGBA {
	out := make([]*stdimage.NRGBA, len(items))
	for i := range items {
		out[i] = items[i].Image
	}
	return out
}

// setOf gives pictures, all of one size, as values.
func setOf(pictures []*stdimage.NRGBA) picture.Set {
	var set picture.Set
	for _, p := range pictures {
		set.Width, set.Height = p.Rect.Dx(), p.Rect.Dy()
		set.Pictures = append(set.Pictures, image.Values(nil, p))
	}
	return set
}

func (*pictureYard) kind() Kind { return KindPicture }

func (y *pictureYard) close() {
	if y.judge != nil {
		y.judge.Close()
	}
}

// prompts are captions and categories of test pictures, Objects/Count of them or
// as many as there are, evenly spaced so that kinds are as frequent as in the
// whole, in random order so that a part of a run has something of all.
func (y *pictureYard) prompts(o CompareOptions) []stride.Prompt {
	if y.real == nil {
		return builtinPrompts(y.info)
	}
	y.ranks = shuffled(spaced(upTo(len(y.real.test)), (o.Objects+o.Count-1)/o.Count), o.Seed)
	y.sources = nil
	for _, i := range y.ranks {
		y.sources = append(y.sources, y.real.test[i])
	}
	y.asked = y.sources
	out := make([]stride.Prompt, len(y.asked))
	for i, it := range y.asked {
		out[i] = pictureOf(it, y.info)
	}
	return out
}

// pictureOf returns the prompt that asks for a picture like this one.
func pictureOf(it image.Item, info stride.Info) stride.Prompt {
	p := stride.Prompt{Text: it.Caption}
	if slices.Contains(info.Conditions["category"], it.Category) {
		p.Conditions = map[string]string{"category": it.Category}
	}
	return p
}

func (y *pictureYard) notes(c *Comparison, o CompareOptions) []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	add("%d pictures a row of %d captions, seed %d; all rows have the same captions and seeds", o.Objects, min(o.Objects, len(o.Prompts)), o.Seed)
	add("ms/picture: mean of a part of the pictures, median of %d parts; spread: fastest to slowest part", o.Runs)
	for _, s := range []string{"ar", "refine"} {
		if slices.ContainsFunc(c.Rows, func(r Row) bool { return r.Strategy == s && r.Conditions > 1 }) {
			add("%s: guidance %g, so that each pass evaluates two conditions", s, o.guidance(y.info, s))
		}
	}
	if slices.ContainsFunc(o.Prompts, func(p stride.Prompt) bool { return namedColour(p.Text) != "" }) {
		add("colour: share that has the colour which the caption names; real pictures give the ceiling")
	}
	if y.real == nil {
		add("no data folder given, so nothing is compared with real pictures")
	} else if y.real.skipped > 0 {
		add("%d real pictures could not be read and are left out", y.real.skipped)
	}
	return append(notes, y.measureNotes(o)...)
}

// measureNotes say what the figures of quality are.
func (y *pictureYard) measureNotes(o CompareOptions) []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if y.judge != nil && y.candidates() > 1 {
		add("caption: the asked one fits best of %d, by %s; chance is 1 in as many", y.candidates(), y.judgeName())
	}
	if y.real == nil {
		return notes
	}
	size, rest := y.real.sizes(o.Objects)
	add("SWD, FD-own: %d pictures from %d held-out real ones, median of %d draws", size, rest, rounds)
	add("real pictures there: as many others of the test split; training pictures: of other captions")
	if y.judge == nil {
		add("no classifier, so neither FD-own nor the accuracy of captions")
	} else {
		add("FD-own: Fréchet distance on features of %s; it is not FID", y.judgeName())
	}
	add("sharp: detail beside that of the real pictures, 1.00 is theirs; noise is detail too")
	add("copies: share nearer than %.2f to a training picture; artists reuse shapes, see the real ones", picture.CopyThreshold)
	add("diversity: mean distance of two pictures of one caption and category")
	return notes
}
