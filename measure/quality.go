package measure

import (
	"context"
	stdimage "image"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/measure/picture"
)

// PictureQuality is how good a set of pictures is beside real ones that training
// did not see; what was not measured is NaN.
//
// Both distances compare with the held-out pictures: the splits test, whose
// captions are the prompts, and valid. They depend on the number of pictures,
// so a set of n is drawn at random, as many from each row, n at most half of
// the test split; n real test pictures are drawn, too, and the set is compared
// with all other held-out ones. Draws are stratified: one of every few
// neighbours in the order of the data, so that the kinds of pictures stay in
// proportion. This is repeated, and the same draws serve all rows. What those n
// real pictures have themselves is what the row "real pictures" has, the best there can be: that of
// a generator which draws new pictures of the same captions as an artist does.
// The row "training pictures" has n training pictures instead: pictures as real,
// of other captions.
//
// The row "real pictures" stands for those whose captions were asked for, and the
// row "shuffled captions" for the same with each other's captions: the best
// accuracy that the judge can give, and that of pictures which show anything.
type PictureQuality struct {
	// Patches is the sliced Wasserstein distance of small patches
	// ([picture.SlicedWasserstein]), its median and spread over the draws.
	Patches Summary
	// Features is the Fréchet distance ([picture.Frechet]) on the features of a
	// [PictureJudge], "FD-own": not FID, and comparable only with the same judge.
	Features Summary
	// Captions is the share of pictures for whose own caption and category the
	// judge finds more evidence than for those of 15 others, drawn from the test
	// split, or without data from the prompts; CaptionsLow to CaptionsHigh covers 95 %. Captions of which the judge
	// knows no word do not count.
	Captions, CaptionsLow, CaptionsHigh float64
	// Colours is the share of pictures that have the colour which their caption
	// names first, by [image.ColourName]; captions without one of
	// [image.ColourNames] do not count.
	Colours float64
	// Sharpness is [picture.SharpnessRatio] beside the real pictures.
	Sharpness float64
	// Copies is the share of near copies of training pictures, mirrored or not
	// ([picture.NearCopies]).
	Copies float64
	// Diversity is the mean distance of two pictures of one caption and
	// category ([picture.Diversity]), mean over those with at least two.
	Diversity float64
}

// noPictures is a quality of which nothing was measured.
func noPictures() PictureQuality {
	nan := math.NaN()
	return PictureQuality{Summarize(nil), Summarize(nil), nan, nan, nan, nan, nan, nan, nan}
}

const (
	rounds         = 5  // draws of the distances
	choicesOfJudge = 16 // captions that the judge chooses from
)

// sizes are how many pictures of a set of n are compared, and with how many.
func (r *realPictures) sizes(n int) (size, rest int) {
	size = min(n, len(r.test)/2)
	return size, len(r.test) + len(r.valid) - size
}

// candidates is how many captions the judge chooses from.
func (y *pictureYard) candidates() int {
	different := map[string]bool{}
	for _, key := range y.choices() {
		different[key] = true
	}
	return min(choicesOfJudge, len(different))
}

// choices are the captions that the judge chooses from, those that it knows: of the
// test pictures, or without data of the prompts.
func (y *pictureYard) choices() []string {
	var keys []string
	add := func(caption, category string) {
		if y.judge.Knows(caption) {
			keys = append(keys, keyOf(caption, category))
		}
	}
	if y.real != nil {
		for _, it := range y.real.test {
			add(it.Caption, it.Category)
		}
		return keys
	}
	for _, p := range y.prompted {
		add(p.Text, p.Conditions["category"])
	}
	return keys
}

// keyOf is a caption with its category, as one text.
func keyOf(caption, category string) string { return category + "\t" + caption }

// shown is a set of pictures with what each was to show.
type shown struct {
	pictures             []*stdimage.NRGBA
	captions, categories []string
	values               picture.Set
	sights               []Sight // nil without a judge
	order                []int   // of the pictures, neighbours alike; nil where none are drawn
}

// look prepares pictures to be measured.
func (y *pictureYard) look(s shown) (shown, error) {
	s.values = setOf(s.pictures)
	var err error
	if y.judge != nil {
		s.sights, err = y.judge.See(s.pictures)
	}
	return s, err
}

func (y *pictureYard) lookAt(items []image.Item) (shown, error) {
	s := shown{pictures: picturesOf(items)}
	for _, it := range items {
		s.captions, s.categories = append(s.captions, it.Caption), append(s.categories, it.Category)
	}
	return y.look(s)
}

// subset are some of the pictures, by their indices.
func (s shown) subset(indices []int) shown {
	out := shown{values: picture.Set{Width: s.values.Width, Height: s.values.Height}}
	for _, i := range indices {
		out.values.Pictures = append(out.values.Pictures, s.values.Pictures[i])
		if s.sights != nil {
			out.sights = append(out.sights, s.sights[i])
		}
	}
	return out
}

func (s shown) features() [][]float32 {
	out := make([][]float32, len(s.sights))
	for i := range out {
		out[i] = s.sights[i].Features
	}
	return out
}

// captionHits says of each picture whether the judge finds its caption best among
// those of others; of captions that it does not know it says nothing. The same
// captions in the same order get the same others. Nil if there are too few.
func (y *pictureYard) captionHits(s shown, seed uint64) ([]float64, error) {
	if y.judge == nil || y.candidates() < 2 {
		return nil, nil
	}
	var keys []string
	var of []int
	for i, caption := range s.captions {
		if y.judge.Knows(caption) {
			keys, of = append(keys, keyOf(caption, s.categories[i])), append(of, i)
		}
	}
	n := len(keys)
	if n == 0 {
		return nil, nil
	}
	choices, err := picture.CaptionChoices(n, y.candidates(), append(keys, y.choices()...), seed)
	if err != nil {
		return nil, err
	}
	scores, err := picture.Scores(choices, func(i int, key string) (float64, error) {
		category, caption, _ := strings.Cut(key, "\t")
		return y.judge.Score(s.sights[of[i]], caption, category), nil
	})
	if err != nil {
		return nil, err
	}
	return picture.Hits(scores)
}

// namedColour is the first colour that a caption names, if pictures can be said
// to have it, else "".
func namedColour(caption string) string {
	if c := image.CaptionColour(caption); slices.Contains(image.ColourNames, c) {
		return c
	}
	return ""
}

// colours is the share of pictures that have the colour named in their caption;
// NaN where none names one.
func (s shown) colours() float64 {
	var hits []float64
	for i, caption := range s.captions {
		asked := namedColour(caption)
		if asked == "" {
			continue
		}
		hit := 0.0
		if image.ColourName(s.pictures[i]) == asked {
			hit = 1
		}
		hits = append(hits, hit)
	}
	return Mean(hits)
}

// diversity is the mean distance of two pictures of one caption and category.
func (s shown) diversity() (float64, error) {
	groups := map[string][]int{}
	var order []string
	for i, caption := range s.captions {
		key := keyOf(caption, s.categories[i])
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	var all []float64
	for _, key := range order {
		if len(groups[key]) < 2 {
			continue
		}
		d, err := picture.Diversity(s.subset(groups[key]).values)
		if err != nil {
			return 0, err
		}
		all = append(all, d)
	}
	return Mean(all), nil
}

// draw is which pictures of the splits take part in a round of the distances.
type draw struct {
	real, reference []int // of the test pictures followed by the valid ones
	seed            uint64
}

// draws picks the pictures of each round.
func (r *realPictures) draws(size, n int, seed uint64) []draw {
	out := make([]draw, n)
	for k := range out {
		out[k].seed = rand.New(rand.NewPCG(seed, uint64(k))).Uint64()
		out[k].real = out[k].pick(size, upTo(len(r.test)))
		for i := range len(r.test) + len(r.valid) {
			if _, ok := slices.BinarySearch(out[k].real, i); !ok {
				out[k].reference = append(out[k].reference, i)
			}
		}
	}
	return out
}

// pick draws size of pictures that are in an order in which neighbours are alike:
// one at random of each of as many stretches of it, so that all kinds are drawn
// as often as they stand there.
func (d draw) pick(size int, order []int) []int {
	source := rand.New(rand.NewPCG(d.seed, 0))
	out := make([]int, size)
	for i := range out {
		from, to := i*len(order)/size, (i+1)*len(order)/size
		out[i] = order[from+source.IntN(to-from)]
	}
	return out
}

// upTo are the numbers below n.
func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// distances compares sets of the same size with the references, one a round.
func (y *pictureYard) distances(ctx context.Context, sets, references []shown, seed uint64) (patches, features Summary, err error) {
	var p, f []float64
	for k, set := range sets {
		if err := ctx.Err(); err != nil {
			return patches, features, err
		}
		d, err := picture.SlicedWasserstein(set.values, references[k].values, y.patches(set.values, seed+uint64(k)))
		if err != nil {
			return patches, features, err
		}
		p = append(p, d.Mean)
		if set.sights == nil {
			continue
		}
		fd, err := picture.Frechet(set.features(), references[k].features())
		if err != nil {
			return patches, features, err
		}
		f = append(f, fd)
	}
	return Summarize(p), Summarize(f), nil
}

// patches are the usual ones at two resolutions, or what of them fits small
// pictures.
func (y *pictureYard) patches(s picture.Set, seed uint64) picture.PatchOptions {
	o := picture.PatchOptions{Patch: 7, Levels: 2, Directions: y.directions, Seed: seed}
	if side := min(s.Width, s.Height); side < o.Levels*o.Patch {
		o.Patch, o.Levels = min(o.Patch, side), 1
	}
	return o
}

// sharpness is that of a set beside a reference; NaN for pictures that are too
// small to have any.
func sharpness(set, reference picture.Set) (float64, error) {
	if min(set.Width, set.Height) < 3 {
		return math.NaN(), nil
	}
	return picture.SharpnessRatio(set, reference)
}

// own measures what a set of pictures says by itself or beside training
// pictures: all but the distances and the sharpness.
func (y *pictureYard) own(s shown, seed uint64) (PictureQuality, []picture.Match, error) {
	q := noPictures()
	var err error
	if q.Diversity, err = s.diversity(); err != nil {
		return q, nil, err
	}
	hits, err := y.captionHits(s, seed)
	if err != nil {
		return q, nil, err
	}
	q.Captions, q.Colours = Mean(hits), s.colours()
	q.CaptionsLow, q.CaptionsHigh = BootstrapMean(hits, 0.95, seed)
	if y.real == nil {
		return q, nil, nil
	}
	matches, err := picture.Nearest(s.values, y.real.training)
	if err != nil {
		return q, nil, err
	}
	q.Copies = picture.NearCopies(matches, picture.CopyThreshold)
	return q, matches, nil
}

// judgeName is what notes call the judge.
func (y *pictureYard) judgeName() string {
	if j, ok := y.judge.(*PictureJudge); ok {
		return strings.TrimSuffix(filepath.Base(j.Name), ".gguf")
	}
	return "the classifier"
}
