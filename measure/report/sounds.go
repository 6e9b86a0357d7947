package report

import (
	"bytes"
	"fmt"
	"html/template"
	stdimage "image"
	"image/color"
	"image/png"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/page"
	"github.com/stride-ml/stride/measure"
)

// sound is a sound with its spectrogram.
type sound struct {
	replayed
	Data          template.URL
	Length        string
	Spectrogram   template.URL
	Width, Height int
	Alt           string
	Way           []stop // spectrograms of the frames on the way
}

// soundFormat is how sounds lie in a page.
type soundFormat int

const (
	linear soundFormat = iota // samples of 16 bits
	muLaw                     // of 8 (ITU-T G.711)
)

const (
	pageRate    = 16000   // samples a second in a page
	pageSeconds = 6       // of a sound in a page
	soundBytes  = 1200000 // of all sounds in a page; with more of 16 bits they have 8
)

// soundFormat is the best one that keeps the page small.
func (p Page) soundFormat() soundFormat {
	bytes := 0.
	for _, s := range p.Sections {
		for _, t := range s.Trails {
			bytes += 2 * pageRate * min(t.Sound.Duration().Seconds(), pageSeconds)
		}
	}
	if bytes > soundBytes {
		return muLaw
	}
	return linear
}

// addSound adds a sound.
func (o *objects) addSound(r replayed, t measure.Trail, format soundFormat) error {
	s, err := t.Sound.Resample(pageRate)
	if err != nil {
		return err
	}
	length := s.Duration().Seconds()
	s.Samples = s.Samples[:min(len(s.Samples), pageSeconds*pageRate)]
	out := sound{replayed: r, Length: fmt.Sprintf("%.1f s", length), Alt: "spectrogram of " + r.Row}
	if length > pageSeconds {
		out.Length += fmt.Sprintf(", the first %d s", pageSeconds)
	}
	if out.Data, err = soundData(s, format); err != nil {
		return err
	}
	mel, err := audio.NewMel(audio.DefaultMel)
	if err != nil {
		return err
	}
	if out.Spectrogram, out.Width, out.Height, err = spectrogram(mel.Log(nil, s.Samples), audio.DefaultMel.Bands); err != nil {
		return err
	}
	for _, v := range firstStops(t.Views) {
		step := stop{Pass: v.Pass, Label: fmt.Sprint(v.Pass), Alt: fmt.Sprintf("spectrogram after pass %d", v.Pass)}
		if step.Data, _, _, err = spectrogram(v.Frames, v.Bands); err != nil {
			return err
		}
		out.Way = append(out.Way, step)
	}
	o.Sounds = append(o.Sounds, out)
	return nil
}

// firstStops are views that show how frames become sharper: the first of a few
// passes that make all of them anew, none of those that add one each.
func firstStops(views []measure.View) []measure.View {
	if n := len(views); n < 2 || len(views[0].Frames) != len(views[n-1].Frames) {
		return nil
	}
	return views[:1]
}

// soundData is a sound as an address.
func soundData(s audio.Sound, format soundFormat) (template.URL, error) {
	if format == linear {
		return page.WAV(s)
	}
	var b bytes.Buffer
	if err := audio.EncodeMuLawWAV(&b, s); err != nil {
		return "", err
	}
	return page.Data("audio/wav", b.Bytes()), nil
}

// spectrogramDepth is how far below the loudest band the darkest is, as a natural
// logarithm: 70 dB.
const spectrogramDepth = 8

// spectrogram draws log-mel frames, each by itself at its own level.
func spectrogram(frames []float32, bands int) (data template.URL, width, height int, err error) {
	high := float32(-1e9)
	for _, v := range frames {
		high = max(high, v)
	}
	img, err := paletted(audio.Spectrogram(frames, bands, high-spectrogramDepth, high))
	if err != nil {
		return "", 0, 0, err
	}
	return img, len(frames) / bands, bands, nil
}

// paletted writes a picture of at most 256 colours with a palette, in a third of
// the bytes.
func paletted(img *stdimage.NRGBA) (template.URL, error) {
	index := map[color.NRGBA]uint8{}
	out := stdimage.NewPaletted(img.Rect, nil)
	for i := range out.Pix {
		c := color.NRGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3]}
		k, ok := index[c]
		if !ok {
			if len(out.Palette) == 256 {
				return page.PNG(img)
			}
			k = uint8(len(out.Palette))
			index[c], out.Palette = k, append(out.Palette, c)
		}
		out.Pix[i] = k
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, out); err != nil {
		return "", err
	}
	return page.Data("image/png", b.Bytes()), nil
}
