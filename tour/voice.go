package tour

import (
	"bytes"
	"context"
	"fmt"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
)

// heard keeps a sound that comes in chunks, with what is heard when.
type heard struct {
	samples []float32
	rate    int
	marks   []stride.Mark
}

// keep takes a step.
func (h *heard) keep(step stride.Step) {
	s, ok := step.Object.(stride.Sound)
	if !ok {
		return
	}
	h.marks = append(h.marks, s.Marks...)
	if step.Stage == step.Stages { // samples of stages before are what the last works on
		h.samples, h.rate = append(h.samples, s.Samples...), s.Rate
	}
}

func (h *heard) sound() audio.Sound { return audio.Sound{Samples: h.samples, Rate: h.rate} }

// seconds is how long the sound is.
func (h *heard) seconds() float64 { return audio.Duration(len(h.samples), h.rate).Seconds() }

// files are the sound and a picture of it.
func (h *heard) files(name, text string) ([]file, error) {
	var wav bytes.Buffer
	if err := audio.EncodeWAV(&wav, h.sound()); err != nil {
		return nil, err
	}
	width, height := audio.PictureSize(len(h.samples), h.rate)
	drawn, err := audio.Picture(h.sound(), width, height)
	if err != nil {
		return nil, err
	}
	png, err := encodePNG(name+".png", drawn, text)
	return []file{{name + ".wav", wav.Bytes()}, png}, err
}

// spoken makes a sound of a text and puts it on the table.
func (r *run) spoken(ctx context.Context, m *stride.Model, text, name, row string, options ...stride.Option) (*heard, error) {
	var h heard
	w := Work{Prompt: stride.Prompt{Text: text}, Options: append(options, stride.Chunks()), Beat: 0.1}
	if _, err := r.make(ctx, m, w, Row{Name: row, File: name + ".wav"}, h.keep); err != nil {
		return nil, err
	}
	made := &r.rows[len(r.rows)-1]
	made.RealTime = h.seconds() / max(made.Time.Seconds(), 1e-9)
	return &h, nil
}

// voice is the fourth stop: a line by a cascade, and the same in two passes.
func (r *run) voice(ctx context.Context) error {
	m, err := stride.Open(r.voiceName)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := r.Guide.Say(r.voiceIntro); err != nil {
		return err
	}
	for _, way := range []struct {
		name, say string
		options   []stride.Option
	}{
		{"line", r.voiceCascade, nil},
		{"line-two-passes", r.voiceTwo, []stride.Option{stride.Strategy("nar+nar")}},
	} {
		if err := r.Guide.Say(way.say); err != nil {
			return err
		}
		h, err := r.spoken(ctx, m, r.line, way.name, r.voiceRow, way.options...)
		if err != nil {
			return err
		}
		files, err := h.files(way.name, r.line)
		if err != nil {
			return err
		}
		if err := r.write(files...); err != nil {
			return err
		}
		made := r.rows[len(r.rows)-1]
		r.page.Lines = append(r.page.Lines, indexSound{Row: made, Say: way.say, Picture: way.name + ".png"})
		if err := r.Guide.Say(fmt.Sprintf(r.voiceRealTime, h.seconds(), made.Time.Seconds(), made.RealTime)); err != nil {
			return err
		}
	}
	return r.Guide.Say(r.voiceOutro)
}
