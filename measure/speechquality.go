package measure

import (
	"context"
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/measure/speech"
)

// SpeechCost is what speech costs, beside what [Row] has for all objects.
type SpeechCost struct {
	Stages []StageCost // of a pipeline
	// FirstSound is the time from the text to the first sample in seconds, median
	// of the sentences.
	FirstSound float64
	// Seconds is how long a sentence lasts, mean of the sentences.
	Seconds float64
	// RealTime is how many seconds of speech are made in one, of each run.
	RealTime Summary
}

// StageCost is what a stage of a pipeline costs.
type StageCost struct {
	Model, Strategy string
	Passes          float64 // for a sentence, mean of the sentences
	PerSecond       float64 // passes for a second of speech
}

// SpeechQuality is how good speech is; what was not measured is NaN.
//
// Beside the strategies stand four rows of recordings of the same sentences:
// "recordings" themselves, whose phone error rate is the best that the recogniser
// can give; "copy synthesis", their frames spoken again by the vocoder alone, which
// is what frames as good as real ones would give; "Griffin-Lim", the same frames
// through [audio.Mel.GriffinLim], which a vocoder must beat; and "shuffled texts",
// recordings held against each other's texts: the error rate of speech that says
// something else.
type SpeechQuality struct {
	// Phones are the edits from what was to be said to what the recogniser hears,
	// stress and rests left out, of all sentences together; ErrorRate is their
	// error rate, and ErrorLow to ErrorHigh covers 95 %.
	Phones                         speech.Edits
	ErrorRate, ErrorLow, ErrorHigh float64
	// Tones are those of all sentences together; none in a language without.
	Tones speech.Tones
	// Figures are those of [speech.Figures], each over the sentences, beside the
	// recording: of strategies as [speech.Compare] has them, of copy synthesis and
	// Griffin-Lim as [speech.CompareAligned] does. Nil if nothing was compared.
	Figures []Summary
}

func noSpeaking() SpeechCost {
	return SpeechCost{FirstSound: math.NaN(), Seconds: math.NaN(), RealTime: Summarize(nil)}
}

func noSpeech() SpeechQuality {
	return SpeechQuality{ErrorRate: math.NaN(), ErrorLow: math.NaN(), ErrorHigh: math.NaN()}
}

// figure is one of [speech.Figures].
func (q SpeechQuality) figure(i int) Summary {
	if i >= len(q.Figures) {
		return Summarize(nil)
	}
	return q.Figures[i]
}

// speaking is what sentences cost.
func speaking(objects []object, perRun int) SpeechCost {
	var c SpeechCost
	n := float64(len(objects))
	var first []float64
	for _, x := range objects {
		first = append(first, x.firstSound.Seconds())
		c.Seconds += x.sound.Duration().Seconds() / n
		if c.Stages == nil {
			c.Stages = make([]StageCost, len(x.stats.Stages))
		}
		for i, s := range x.stats.Stages {
			c.Stages[i].Model, c.Stages[i].Strategy = s.Model, s.Strategy
			c.Stages[i].Passes += float64(s.Passes) / n
		}
	}
	for i := range c.Stages {
		c.Stages[i].PerSecond = c.Stages[i].Passes / positive(c.Seconds)
	}
	c.FirstSound = Summarize(first).Median
	c.RealTime = byRun(objects, perRun, func(x object) float64 { return x.sound.Duration().Seconds() }, object.seconds)
	return c
}

// comparing is [speech.Compare] or [speech.CompareAligned].
type comparing func(reference, made audio.Sound) (speech.Report, error)

// quality measures utterances, beside the recordings where there are any and they
// are to be compared.
func (y *speechYard) quality(ctx context.Context, all []utterance, compare comparing, seed uint64) (SpeechQuality, error) {
	q := noSpeech()
	var reports []speech.Report
	var wrong, length []float64
	for i, u := range all {
		if err := ctx.Err(); err != nil {
			return q, err
		}
		fail := func(err error) error { return fmt.Errorf("sentence %d: %w", i+1, err) }
		if y.listener != nil {
			heard, err := y.listener.Hear(u.sound)
			if err != nil {
				return q, fail(err)
			}
			e := speech.CountEdits(u.says, heard)
			q.Phones, q.Tones = q.Phones.Add(e), q.Tones.Add(speech.CountTones(u.says, heard, y.language.Base))
			wrong, length = append(wrong, float64(e.Substitutions+e.Deletions+e.Insertions)), append(length, float64(e.Length))
		}
		if compare == nil || u.of < 0 {
			continue
		}
		r, err := y.beside(u, compare)
		if err != nil {
			return q, fail(err)
		}
		reports = append(reports, r)
	}
	if len(wrong) > 0 {
		q.ErrorRate = q.Phones.ErrorRate()
		q.ErrorLow, q.ErrorHigh = bootstrapRatio(wrong, length, 0.95, seed)
	}
	if len(reports) > 0 {
		for _, f := range speech.Figures {
			q.Figures = append(q.Figures, Summarize(f.Values(reports)))
		}
	}
	return q, nil
}

// beside compares an utterance with the recording, at the rate of the measures.
func (y *speechYard) beside(u utterance, compare comparing) (speech.Report, error) {
	real, err := y.recordings[u.of].Sound.Resample(audio.DefaultMel.Rate)
	if err != nil {
		return speech.Report{}, err
	}
	made, err := u.sound.Resample(audio.DefaultMel.Rate)
	if err != nil {
		return speech.Report{}, err
	}
	return compare(real, made)
}
