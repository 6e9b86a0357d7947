package measure

import (
	"fmt"
	stdimage "image"
	"math"
	"slices"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/train"
)

// PictureJudge says how much a picture speaks for a caption, and sums pictures
// up in features, in which sets of them can be compared. It is a classifier that
// was trained to tell which words stand in the captions of real pictures, and
// their category (a recipe of network kind classifier); it shares nothing with
// the networks that it judges but the training pictures. It is for one goroutine,
// and holds memory until Close.
//
// Its opinion is only as good as it is at real pictures that training did not
// see, so theirs is the figure to compare with.
type PictureJudge struct {
	Name          string
	Width, Height int // of the pictures that it takes, in pixels

	pool       *tensor.Pool
	classifier *network.Classifier
	labels     map[string]int
	usual      []float64 // log-odds of each label's share of the training pictures
}

// Sight is what a judge saw in a picture.
type Sight struct {
	// Features sum the picture up; those of one judge have one length.
	Features []float32
	// Evidence for each label: the log-odds that it belongs to this picture less
	// those that it belongs to just any. Natural logarithms.
	Evidence []float64
}

// OpenPictureJudge opens a classifier by its bundled name or the path of a GGUF
// file. It fails if there is none, and with a [*checkpoint.FormatError] or an
// error that names the key if the file is damaged or no classifier.
func OpenPictureJudge(name string) (*PictureJudge, error) {
	f, err := openModelFile(name)
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	defer f.Close()
	j, err := newPictureJudge(f)
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	j.Name = name
	return j, nil
}

// openModelFile opens a bundled model file, or that of a path.
func openModelFile(name string) (*checkpoint.File, error) {
	if data, ok := models.Data(name); ok {
		return checkpoint.Parse(name, data)
	}
	return checkpoint.Open(name)
}

func newPictureJudge(f *checkpoint.File) (*PictureJudge, error) {
	m, err := network.ReadClassifier(f)
	if err != nil {
		return nil, err
	}
	if m.Channels != image.Channels {
		return nil, fmt.Errorf("%s: it takes %d values a pixel, expected %d", f.Name(), m.Channels, image.Channels)
	}
	names, err := f.Strings(network.KeyLabels)
	if err != nil {
		return nil, err
	}
	value, _ := f.Value(network.KeyLabelShares)
	shares, ok := value.([]float32)
	if !ok || len(shares) != m.Labels || len(names) != m.Labels {
		return nil, fmt.Errorf("%s: %d names and %d shares of labels (keys %s, %s), expected %d of each",
			f.Name(), len(names), len(shares), network.KeyLabels, network.KeyLabelShares, m.Labels)
	}
	j := &PictureJudge{Width: m.Width, Height: m.Height, labels: make(map[string]int)}
	for i, name := range names {
		j.labels[name] = i
		share := min(max(float64(shares[i]), 1e-6), 1-1e-6)
		j.usual = append(j.usual, math.Log(share/(1-share)))
	}
	j.pool = tensor.NewPool(0)
	j.classifier = network.NewClassifier(m, j.pool)
	return j, nil
}

// Close frees the judge's memory.
func (j *PictureJudge) Close() { j.pool.Close() }

// See looks at pictures, all Width by Height; others are an error.
func (j *PictureJudge) See(pictures []*stdimage.NRGBA) ([]Sight, error) {
	values := make([][]float32, len(pictures))
	for i, p := range pictures {
		if p.Rect.Dx() != j.Width || p.Rect.Dy() != j.Height {
			return nil, fmt.Errorf("classifier %s: picture %d has %dx%d pixels, expected %dx%d", j.Name, i, p.Rect.Dx(), p.Rect.Dy(), j.Width, j.Height)
		}
		values[i] = image.Values(nil, p)
	}
	features, logits, err := j.classifier.Classify(values)
	if err != nil {
		return nil, err
	}
	out := make([]Sight, len(pictures))
	for i := range out {
		out[i] = Sight{features[i], make([]float64, len(logits[i]))}
		for k, v := range logits[i] {
			out[i].Evidence[k] = float64(v) - j.usual[k]
		}
	}
	return out, nil
}

// Knows says whether the judge knows a word of the caption. Of others it has no
// opinion.
func (j *PictureJudge) Knows(caption string) bool {
	return slices.ContainsFunc(train.CaptionWords(caption), func(word string) bool {
		_, ok := j.labels[word]
		return ok
	})
}

// Score says how much the picture speaks for a caption and its category, which
// may be empty: the mean of the evidence for the category and for each word that
// the judge knows, every word once. It is NaN if it knows none of them.
func (j *PictureJudge) Score(s Sight, caption, category string) float64 {
	words := append(train.CaptionWords(caption), train.CategoryLabel(category))
	slices.Sort(words)
	var evidence []float64
	for _, word := range slices.Compact(words) {
		if i, ok := j.labels[word]; ok {
			evidence = append(evidence, s.Evidence[i])
		}
	}
	return Mean(evidence)
}
