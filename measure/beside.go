package measure

import (
	"cmp"
	"context"
	stdimage "image"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
)

// pictureBench is what the pictures of all rows are compared with.
type pictureBench struct {
	*pictureYard
	seed       uint64
	asked      shown   // the real pictures, or without data those of the first strategy
	held       shown   // test and valid
	draws      []draw  // rounds of the distances; none if sets are too small
	references []shown // of each draw
	size       int     // pictures drawn of each set
	nearest    [][]*stdimage.NRGBA
	names      []string // of the lines of nearest
}

// newBench prepares the comparison of sets of n pictures.
func (y *pictureYard) newBench(n, rounds int, seed uint64) (*pictureBench, error) {
	b := &pictureBench{pictureYard: y, seed: seed}
	if y.real == nil {
		return b, nil
	}
	var err error
	if b.asked, err = y.lookAt(y.asked); err != nil {
		return nil, err
	}
	if b.held, err = y.lookAt(append(y.real.test[:len(y.real.test):len(y.real.test)], y.real.valid...)); err != nil {
		return nil, err
	}
	if b.size, _ = y.real.sizes(n); b.size < 2 {
		return b, nil // two pictures are the least that have a covariance
	}
	b.draws = y.real.draws(b.size, rounds, seed)
	for _, d := range b.draws {
		b.references = append(b.references, b.held.subset(d.reference))
	}
	return b, nil
}

// compare measures the pictures of a row.
func (b *pictureBench) compare(ctx context.Context, name string, s shown) (PictureQuality, error) {
	q, err := b.alone(name, s)
	if err != nil {
		return q, err
	}
	var sets []shown
	for _, d := range b.draws {
		sets = append(sets, s.subset(d.pick(b.size, s.order)))
	}
	q.Patches, q.Features, err = b.distances(ctx, sets, b.references, b.seed)
	return q, err
}

// alone measures all but the distances, and adds a line to the sheet called
// nearest.
func (b *pictureBench) alone(name string, s shown) (PictureQuality, error) {
	q, matches, err := b.own(s, b.seed)
	if err != nil || b.real == nil {
		return q, err
	}
	b.names = append(b.names, name)
	b.nearest = append(b.nearest, nearestLine(s.pictures, matches, b.real.train))
	q.Sharpness, err = sharpness(s.values, b.asked.values)
	return q, err
}

// realRow is the row of the real pictures, with the floor of the distances.
func (b *pictureBench) realRow(ctx context.Context) (Row, error) {
	row := emptyRow(artists)
	row.Objects, row.made = len(b.asked.pictures), b.asked.made()
	q, err := b.alone(row.Name, b.asked)
	if err != nil {
		return row, err
	}
	var sets []shown
	for _, d := range b.draws {
		sets = append(sets, b.held.subset(d.real))
	}
	q.Patches, q.Features, err = b.distances(ctx, sets, b.references, b.seed)
	row.Pictures = q
	return row, err
}

// shuffledRow is the row of real pictures with each other's captions; without data
// of those of the first strategy.
func (b *pictureBench) shuffledRow() (Row, error) {
	row := emptyRow(shuffledCaptions)
	s, n := b.asked, len(b.asked.captions)
	row.Objects = n
	turn := n / 2
	for turn < n-1 && s.captions[turn] == s.captions[0] { // prompts were taken in turn
		turn++
	}
	s.captions, s.categories = make([]string, n), make([]string, n)
	for i := range n {
		other := b.asked.captions[(i+turn)%n]
		s.captions[i], s.categories[i] = other, b.asked.categories[(i+turn)%n]
	}
	row.made = s.made()
	hits, err := b.captionHits(s, b.seed)
	row.Pictures.Captions, row.Pictures.Colours = Mean(hits), s.colours()
	row.Pictures.CaptionsLow, row.Pictures.CaptionsHigh = BootstrapMean(hits, 0.95, b.seed)
	return row, err
}

// trainingRow is the row of training pictures, which are as real as the test
// pictures and of other captions.
func (b *pictureBench) trainingRow(ctx context.Context) (Row, error) {
	row := emptyRow("training pictures")
	row.Objects = len(b.real.train)
	var sets []shown
	for _, d := range b.draws {
		var items []image.Item
		for _, i := range d.pick(b.size, upTo(len(b.real.train))) {
			items = append(items, b.real.train[i])
		}
		s, err := b.lookAt(items)
		if err != nil {
			return row, err
		}
		sets = append(sets, s)
	}
	var err error
	if row.Pictures.Sharpness, err = sharpness(b.real.training, b.asked.values); err != nil {
		return row, err
	}
	row.Pictures.Patches, row.Pictures.Features, err = b.distances(ctx, sets, b.references, b.seed)
	return row, err
}

// apartRow is the row of pictures each pixel of which is that of another real
// picture, at random: what drawing each pixel by itself would give.
func (b *pictureBench) apartRow(ctx context.Context) (Row, error) {
	row := emptyRow(shuffledPixels)
	row.Objects = b.size
	var sets []shown
	for _, d := range b.draws {
		var pictures []*stdimage.NRGBA
		for _, i := range d.real {
			pictures = append(pictures, b.held.pictures[i])
		}
		s, err := b.look(shown{pictures: exchangedPixels(pictures, d.seed)})
		if err != nil {
			return row, err
		}
		sets = append(sets, s)
	}
	var err error
	row.Pictures.Patches, row.Pictures.Features, err = b.distances(ctx, sets, b.references, b.seed)
	return row, err
}

// exchangedPixels are pictures as many as there are, each pixel that of any of them at
// the same place.
func exchangedPixels(pictures []*stdimage.NRGBA, seed uint64) []*stdimage.NRGBA {
	source := rand.New(rand.NewPCG(seed, 0))
	out := make([]*stdimage.NRGBA, len(pictures))
	for i, p := range pictures {
		out[i] = stdimage.NewNRGBA(p.Rect)
		for at := 0; at < len(p.Pix); at += 4 {
			from := pictures[source.IntN(len(pictures))]
			copy(out[i].Pix[at:at+4], from.Pix[at:at+4])
		}
	}
	return out
}

// made are the pictures as metrics see them.
func (s shown) made() []Made {
	out := make([]Made, len(s.pictures))
	for i, p := range s.pictures {
		out[i] = Made{Prompt: stride.Prompt{Text: s.captions[i]}, Picture: p}
	}
	return out
}

// measure implements yardstick.
func (y *pictureYard) measure(ctx context.Context, c *Comparison, o CompareOptions, objects [][]object, whole bool) error {
	least, rounds := o.Objects, rounds
	for _, row := range objects {
		if len(row) > 0 {
			least = min(least, len(row))
		}
	}
	if !whole {
		rounds = 1 // somebody is waiting for the end
	}
	tell := o.telling(len(c.Rows), whole)
	tell("measuring real pictures")
	b, err := y.newBench(least, rounds, o.Seed)
	if err != nil {
		return err
	}
	for i := range c.Rows {
		row := &c.Rows[i]
		if len(objects[i]) == 0 {
			continue
		}
		tell("measuring " + row.Name)
		s, err := y.look(y.shownBy(objects[i], len(o.Prompts)))
		if err != nil {
			return err
		}
		if row.Pictures, err = b.compare(ctx, row.Name, s); err != nil {
			return err
		}
		if b.real == nil && len(b.asked.pictures) == 0 { // instead of real ones
			b.asked = s
		}
	}
	if err := b.addReal(ctx, c); err != nil {
		return err
	}
	tell("")
	if s, ok := sampleSheet(c, objects, len(o.Prompts), y.sources); ok {
		c.sheets = append(c.sheets, s)
	}
	if len(b.nearest) > 0 {
		c.sheets = append(c.sheets, newSheet("nearest", nearestColumns(), b.names, b.nearest))
	}
	return nil
}

// addReal adds the rows of real pictures.
func (b *pictureBench) addReal(ctx context.Context, c *Comparison) error {
	if b.real == nil {
		return b.addShuffled(c)
	}
	real, err := b.realRow(ctx)
	if err != nil {
		return err
	}
	training, err := b.trainingRow(ctx)
	if err != nil {
		return err
	}
	c.Real = append(c.Real, real, training)
	if err := b.addShuffled(c); err != nil {
		return err
	}
	apart, err := b.apartRow(ctx)
	if err == nil && apart.Pictures.Patches.N > 0 {
		c.Real = append(c.Real, apart)
	}
	return err
}

// addShuffled adds the row of pictures with each other's captions.
func (b *pictureBench) addShuffled(c *Comparison) error {
	if len(b.asked.pictures) == 0 {
		return nil
	}
	shuffled, err := b.shuffledRow()
	if err == nil && !math.IsNaN(shuffled.Pictures.Captions) {
		c.Real = append(c.Real, shuffled)
	}
	return err
}

// shownBy is what the objects of a row show, which were made of so many prompts
// in turn.
func (y *pictureYard) shownBy(objects []object, prompts int) shown {
	s := shown{order: upTo(len(objects))}
	for _, x := range objects {
		s.pictures = append(s.pictures, x.image)
		s.captions = append(s.captions, x.prompt.Text)
		s.categories = append(s.categories, x.prompt.Conditions["category"])
	}
	rank := func(n int) int { // of the object's source in the data
		if n %= prompts; len(y.ranks) > 0 {
			return y.ranks[n]
		}
		return n
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	return s
}
