package measure

import (
	"context"
	"fmt"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/measure/speech"
	"github.com/stride-ml/stride/network"
)

// griffinLim is the number of its iterations.
const griffinLim = 32

// copyPasses are the passes of refine by which frames of recordings are spoken again.
var copyPasses = []int{4, 16}

// mel makes the frames of the voice.
func (y *speechYard) mel() (*audio.Mel, error) {
	s := y.info.Sound
	return audio.NewMel(network.AcousticConfig{Bands: s.Bands, Rate: s.Rate, Hop: s.Hop}.Mel())
}

// reference is a row of recordings.
type reference struct {
	name    string
	all     []utterance
	compare comparing
	// remake makes samples of the frames of a recording; nil leaves it as it is.
	remake func(frames []float32) ([]float32, error)
}

// references are the rows of recordings that there can be, the best first.
func (y *speechYard) references(ctx context.Context, mel *audio.Mel, seed uint64) []reference {
	n := len(y.recordings)
	recorded := make([]utterance, n)
	for i, r := range y.recordings {
		recorded[i] = utterance{r.Sound, y.language.Heard(r.Units), i}
	}
	out := []reference{{name: recordedSpeech, all: recorded}}
	if y.vocoder != nil {
		for _, name := range slices.Sorted(slices.Values(y.vocoder.strategies())) {
			passes := []int{0}
			if name == "refine" {
				passes = copyPasses
			}
			for _, n := range passes {
				title := "copy synthesis " + name
				if n > 0 {
					title = fmt.Sprintf("%s %d", title, n)
				}
				out = append(out, reference{title, slices.Clone(recorded), speech.CompareAligned, func(frames []float32) ([]float32, error) {
					s := y.info.Sound
					return y.vocoder.speak(ctx, stride.Sound{Frames: frames, Rate: s.Rate, Bands: s.Bands, Hop: s.Hop}, name, n)
				}})
			}
		}
	}
	out = append(out, reference{"Griffin-Lim", slices.Clone(recorded), speech.CompareAligned, func(frames []float32) ([]float32, error) {
		return mel.GriffinLim(frames, griffinLim, seed), ctx.Err()
	}})
	if n < 2 {
		return out
	}
	shuffled := slices.Clone(recorded)
	for i := range shuffled {
		shuffled[i].says, shuffled[i].of = recorded[(i+1)%n].says, (i+1)%n
	}
	return append(out, reference{name: shuffledTexts, all: shuffled, compare: speech.Compare})
}

// addReal adds the rows of recordings.
func (y *speechYard) addReal(ctx context.Context, c *Comparison, seed uint64, tell func(string)) error {
	if len(y.recordings) == 0 {
		return nil
	}
	mel, err := y.mel()
	if err != nil {
		return err
	}
	for _, r := range y.references(ctx, mel, seed) {
		tell("measuring " + r.name)
		row := emptyRow(r.name)
		row.Objects = len(r.all)
		for i := range r.all {
			sound := &r.all[i].sound
			if r.remake == nil {
				break
			}
			if sound.Samples, err = r.remake(mel.Log(nil, sound.Samples)); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
		if row.Speech, err = y.quality(ctx, r.all, r.compare, seed); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		for _, u := range r.all {
			row.made = append(row.made, Made{Prompt: stride.Prompt{Text: y.recordings[max(0, u.of)].Text}, Sound: u.sound})
		}
		c.Real = append(c.Real, row)
		if r.name != shuffledTexts {
			y.show(c, r.name, r.all)
		}
	}
	return nil
}
