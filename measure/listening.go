package measure

import (
	"fmt"
	stdimage "image"
	"math"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/audio"
)

// Clip is a sound of a comparison to listen to.
type Clip struct {
	Name  string // "sentence-1-refine-8"
	Row   string // whose it is, as in the table
	Sound audio.Sound

	sentence int
}

// Clips returns sounds to listen to, if the comparison is one of speech: the first
// sentences by each row.
func (c *Comparison) Clips() []Clip { return slices.Clone(c.clips) }

// shownSentences is how many sentences can be listened to and looked at.
const shownSentences = 3

// show keeps the first utterances of a row.
func (y *speechYard) show(c *Comparison, row string, all []utterance) {
	name := strings.ReplaceAll(strings.ToLower(row), " ", "-")
	for i, u := range all[:min(shownSentences, len(all))] {
		c.clips = append(c.clips, Clip{fmt.Sprintf("sentence-%d-%s", i+1, name), row, u.sound, i})
	}
}

// spectrogramRange is how far below the loudest band the darkest is, as a natural
// logarithm: 70 dB.
const spectrogramRange = 8

// sheet shows the spectrograms of the clips: a line a row of the comparison, a
// column a sentence, all from the same time on.
func (y *speechYard) sheet(c *Comparison) (Sheet, bool) {
	mel, err := y.mel()
	if err != nil || len(c.clips) == 0 {
		return Sheet{}, false
	}
	bands := y.info.Sound.Bands
	frames := make([][]float32, len(c.clips))
	width, high := 0, float32(math.Inf(-1))
	for i, clip := range c.clips {
		frames[i] = mel.Log(nil, clip.Sound.Samples)
		width = max(width, len(frames[i])/bands)
		for _, v := range frames[i] {
			high = max(high, v)
		}
	}
	if width == 0 {
		return Sheet{}, false
	}
	var rows, columns []string
	var lines [][]*stdimage.NRGBA
	for i, clip := range c.clips {
		if len(rows) == 0 || rows[len(rows)-1] != clip.Row {
			rows, lines = append(rows, clip.Row), append(lines, nil)
		}
		line := &lines[len(lines)-1]
		if *line = append(*line, fitted(audio.Spectrogram(frames[i], bands, high-spectrogramRange, high), width)); len(*line) > len(columns) {
			columns = append(columns, fmt.Sprintf("sentence %d", clip.sentence+1))
		}
	}
	for i := range lines {
		lines[i] = append(lines[i], make([]*stdimage.NRGBA, len(columns)-len(lines[i]))...)
	}
	return newSheet("spectrograms", columns, rows, lines), true
}

// fitted is a picture at the left of one of a width.
func fitted(p *stdimage.NRGBA, width int) *stdimage.NRGBA {
	out := stdimage.NewNRGBA(stdimage.Rect(0, 0, width, p.Rect.Dy()))
	for y := range p.Rect.Dy() {
		copy(out.Pix[y*out.Stride:], p.Pix[y*p.Stride:y*p.Stride+4*p.Rect.Dx()])
	}
	return out
}
