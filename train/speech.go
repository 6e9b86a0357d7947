package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
)

// speeches is the data of the networks of speech: sounds of which is known what
// is said.
type speeches struct {
	sounds
	language   *language.Language
	utterances map[string][]*utterance // by split
	speakers   []string                // who says most first; one, "", where the manifests name none
}

// utterance is a sound and the units said in it.
type utterance struct {
	*clip
	units []speech.Unit
	voice int // index among the speakers
}

// frames is the number of whole frames of an utterance.
func (u *utterance) frames(hop int) int { return u.size() / hop }

// read reads the folders and what is said in their sounds.
func (s *speeches) read(ctx context.Context) (err error) {
	r, tell := s.t.recipe, s.t.opts.Progress
	if s.language, err = language.Find(r.Data.Language); err != nil {
		return err
	}
	if err := s.sounds.read(ctx); err != nil {
		return err
	}
	tell(Progress{Message: "reading what is said"})
	s.utterances = map[string][]*utterance{}
	var out leftOut
	said := map[string]int{} // samples of each speaker
	for _, split := range []string{"train", "valid", "test"} {
		clips := s.clips[split]
		for i := range clips {
			u, err := s.utterance(&clips[i])
			if err != nil {
				out.add(tell, clips[i].file, err)
				continue
			}
			s.utterances[split] = append(s.utterances[split], u)
			said[u.clip.speaker] += u.size()
		}
	}
	out.end(tell)
	s.speakers = byFrequency(said)
	for _, all := range s.utterances {
		for _, u := range all {
			u.voice = slices.Index(s.speakers, u.clip.speaker)
		}
	}
	s.seed, s.n = r.Seed, len(s.utterances["train"])
	if s.n == 0 {
		return fmt.Errorf("train: none of %d sounds is in the split train and has a text that can be read", len(s.clips["train"]))
	}
	return nil
}

// framesPerUnit is below how many frames a unit no sound can hold its text.
const framesPerUnit = 2

// utterance reads what is said in a sound.
func (s *speeches) utterance(c *clip) (*utterance, error) {
	_, units, err := spoken(s.language, c.text)
	if err != nil {
		return nil, err
	}
	if n := c.size() / s.t.recipe.Elements.Hop; n < framesPerUnit*len(units) {
		return nil, fmt.Errorf("%d frames for the %d sounds and rests of %q, want %d or more", n, len(units), c.text, framesPerUnit*len(units))
	}
	return &utterance{clip: c, units: units}, nil
}

// spoken reads the text of a sound, and returns it as it is to be read out. A text
// of pronunciations is one: recordings of syllables have nothing else.
func spoken(l *language.Language, text string) (string, []speech.Unit, error) {
	if text == "" {
		return "", nil, errors.New("no text, want what is said in the column text of " + manifest)
	}
	said := "[[" + text + "]]"
	if units, err := unitsOf(l, said); err == nil && len(units) > 1 {
		return said, units, nil
	}
	units, err := unitsOf(l, text)
	if err != nil {
		return "", nil, err
	}
	if len(units) < 2 {
		return "", nil, fmt.Errorf("text %q: nothing that can be read as %s", text, l.Name)
	}
	return text, units, nil
}

func unitsOf(l *language.Language, text string) ([]speech.Unit, error) {
	words, err := l.Words(text, nil)
	if err != nil {
		return nil, fmt.Errorf("text %q: %w", text, err)
	}
	return l.Units(words), nil
}

// plan makes the spectrograms that so many utterances are evaluated by at a time.
func (s *speeches) plan(n int) error {
	for range n {
		m, err := audio.NewMel(s.mel())
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
		s.mels = append(s.mels, m)
	}
	return nil
}

// mel is the spectrogram whose frames the networks see.
func (s *speeches) mel() audio.MelConfig { return s.t.recipe.vocoderConfig().Mel() }

// frames are the log-mel frames (T,Bands) of utterances.
func (s *speeches) frames(all []*utterance) [][]float32 {
	hop, bands := s.t.recipe.Elements.Hop, s.t.recipe.Elements.Bands
	out := make([][]float32, len(all))
	for at := 0; at < len(all); at += len(s.mels) {
		part := all[at:min(at+len(s.mels), len(all))]
		s.t.pool.Each(len(part), func(i int) {
			n := part[i].frames(hop)
			out[at+i] = s.mels[i].Log(nil, part[i].values(0, n*hop))[:n*bands]
		})
	}
	return out
}

// deal takes utterances of a step's batch, at most batch_frames, and parts them
// in passes of at most micro_frames; each has one or more.
func (s *speeches) deal() [][]*utterance {
	r := s.t.recipe.Train
	var batch []*utterance
	for frames := 0; ; {
		u := s.utterances["train"][s.take()]
		if frames += u.frames(s.t.recipe.Elements.Hop); frames > r.BatchFrames && len(batch) > 0 {
			s.Index-- // it opens the next batch
			break
		}
		batch = append(batch, u)
		if s.Index == s.n && frames > r.BatchFrames/2 {
			break // nothing of the next epoch for the sake of a full batch
		}
	}
	return s.passes(batch)
}

// passes parts utterances in passes of at most micro_frames.
func (s *speeches) passes(all []*utterance) [][]*utterance {
	var out [][]*utterance
	room := 0
	for _, u := range all {
		n := u.frames(s.t.recipe.Elements.Hop)
		if n > room || len(out) == 0 {
			out, room = append(out, nil), s.t.recipe.Train.MicroFrames
		}
		room -= n
		out[len(out)-1] = append(out[len(out)-1], u)
	}
	return out
}

// held are the utterances of a split that a validation looks at.
func (s *speeches) held(split string) []*utterance {
	all := s.utterances[split]
	if split == "valid" {
		all = evenly(all, s.t.recipe.Train.ValidUtterances)
	}
	return all
}

// checkSpeech reports what a recipe for speech lacks.
func (r *Recipe) checkSpeech() error {
	t := r.Train
	if err := r.checkFolders(); err != nil {
		return err
	}
	if _, err := language.Find(r.Data.Language); err != nil {
		return fmt.Errorf("data.language: %w", err)
	}
	switch {
	case t.MicroFrames < 1 || t.MicroFrames > 1<<20 || t.BatchFrames < t.MicroFrames || t.BatchFrames > 1<<24:
		return fmt.Errorf("train: batch_frames is %d and micro_frames %d, want 1 or more and not more of the latter", t.BatchFrames, t.MicroFrames)
	case t.ValidUtterances < 1:
		return fmt.Errorf("train.valid_utterances is %d, want 1 or more", t.ValidUtterances)
	}
	return nil
}
