package stride

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// acoustics is the engine of log-mel frames by ar, nar and refine: a text is read
// sentence by sentence, each a list of units of known lengths, so that long texts
// take no more memory than short ones.
type acoustics struct {
	*member
	config network.AcousticConfig
	spoken language.Format
	model  *network.AcousticModel
	nets   evaluators[*network.Acoustic]
}

func openAcoustic(e *member) (engine, error) {
	c, err := network.ReadAcousticConfig(e.file)
	if err != nil {
		return nil, err
	}
	a := &acoustics{member: e, config: c}
	if a.spoken, err = language.FormatFromMetadata(e.file.Value); err != nil {
		return nil, err
	}
	if n, s := len(a.spoken.Symbols), len(a.spoken.Speakers); n != c.Symbols || s != c.Speakers {
		return nil, fmt.Errorf("%d symbols and %d speakers are named, the network has %d and %d", n, s, c.Symbols, c.Speakers)
	}
	for _, s := range a.spoken.Language.Symbols() {
		if a.spoken.Symbol(s) < 0 {
			return nil, fmt.Errorf("the file does not know %q, a sound of %s", s, a.spoken.Language.Name)
		}
	}
	a.nets = newEvaluators(func(pool *tensor.Pool) *network.Acoustic { return network.NewAcoustic(a.model, pool) })
	return a, nil
}

func (e *acoustics) read() (err error) {
	e.model, err = network.ReadAcoustic(e.file)
	return err
}

func (e *acoustics) context() int { return 0 }

func (e *acoustics) describe(info *Info) {
	info.Sound = &SoundInfo{Rate: e.config.Rate, Hop: e.config.Hop, Bands: e.config.Bands, Language: e.spoken.Language.Name, Voice: e.spoken.Speakers[0]}
}

func (e *acoustics) operations(strategy string) float64 {
	return e.config.FLOPs(strategy == "ar") / float64(e.config.Group)
}

func (e *acoustics) refuses(a ask, strategy string) error { return a.among(a.speech, strategy) }

func (e *acoustics) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	s := &speaking{acoustics: e, c: c, text: p.Text, slower: 1}
	if err := s.settle(); err != nil {
		return nil, err
	}
	var err error
	if s.lexicon, err = e.lexicon(p.Lexicon); err != nil {
		return nil, err
	}
	s.sentence, s.stop = iter.Pull2(e.spoken.Language.Sentences(p.Text))
	g, err := begin(e.nets, pool, func(d *network.Acoustic) (strategy.Machine, error) {
		s.net = d
		return strategy.NewSeries(s)
	})
	if err != nil {
		s.stop()
		return nil, err
	}
	free := g.free
	g.free = func() {
		s.stop()
		free()
	}
	g.chunks = c.sound.chunks
	g.show = s.shown(Sound{Rate: e.config.Rate, Bands: e.config.Bands, Hop: e.config.Hop})
	return g, nil
}

// lexicon is a caller's pronunciations as the language has them.
func (e *acoustics) lexicon(words map[string][]string) (language.Lexicon, error) {
	if words == nil {
		return nil, nil
	}
	var lines strings.Builder
	for word, phones := range words {
		fmt.Fprintf(&lines, "%s\t%s\n", word, strings.Join(phones, " "))
	}
	l, err := e.spoken.Language.ParseLexicon(strings.NewReader(lines.String()))
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	return l, nil
}

func (e *acoustics) speed(ctx context.Context, pool *tensor.Pool, strategy string, length int) (float64, error) {
	d := e.nets.take(pool)
	defer e.nets.give(d)
	rest := e.spoken.Symbol(speech.Silence)
	plan, err := d.Plan([]int{rest}, []int{int(speech.Rest)}, 0, 1)
	if err != nil {
		return 0, err
	}
	plan.Frames[0] = length
	u, err := d.Speak(plan)
	if err != nil {
		return 0, err
	}
	if strategy != "ar" {
		x := make([]float32, u.Size())
		condition, err := u.Encode(nil)
		if err != nil {
			return 0, err
		}
		return rate(ctx, u.Elements(), func() error { _, err := u.Velocity(x, 0, 0, [][]float32{condition}); return err })
	}
	return rate(ctx, u.Elements(), func() error {
		u, err := d.Speak(plan)
		for values := []float32{0}; err == nil && len(values) > 0; {
			if err = ctx.Err(); err == nil {
				values, err = u.Next()
			}
		}
		return err
	})
}

// speaking is the text of one generation as a series of utterances.
type speaking struct {
	*acoustics
	c        config
	text     string
	lexicon  language.Lexicon
	net      *network.Acoustic
	sentence func() (int, string, bool)
	stop     func()
	slower   float32
	pause    float64 // seconds that are due behind the phrase before
	rested   int     // frames of it that there were

	spoken    int           // utterances begun
	at        int           // byte of the text that the sentence begins at
	words     []speech.Word // of the sentence, that are left
	utterance *network.Utterance
	frames    int    // before the utterance
	length    int    // of it, in frames
	marks     []Mark // of all utterances, less those that were shown and forgotten
}

// Bounds of what a voice can be asked for.
const (
	slowest, fastest = 0.5, 2.0
	mostPitch        = 12 // semitones
	mostEnergy       = 20 // decibels
)

// settle checks how the text is to be spoken.
func (s *speaking) settle() error {
	o := s.c.sound
	if s.c.chose("rate") {
		if !(o.rate >= slowest && o.rate <= fastest) {
			return badOption("rate", fmt.Sprint(o.rate), fmt.Sprintf("%g to %g", slowest, fastest))
		}
		s.slower = 1 / o.rate
	}
	if !(o.pitch >= -mostPitch && o.pitch <= mostPitch) {
		return badOption("pitch", fmt.Sprint(o.pitch), fmt.Sprintf("%d to %d semitones", -mostPitch, mostPitch))
	}
	if !(o.energy >= -mostEnergy && o.energy <= mostEnergy) {
		return badOption("energy", fmt.Sprint(o.energy), fmt.Sprintf("%d to %d dB", -mostEnergy, mostEnergy))
	}
	if s.c.chose("temperature") && s.c.temperature == 0 {
		return badOption("temperature", "0", "above 0")
	}
	if s.c.strategy != "refine" && s.c.passes > 1 {
		return badOption("passes", strconv.Itoa(s.c.passes), "none but with refine")
	}
	return nil
}

// mostWords bounds an utterance: a text without a full stop is no reason to hold
// it as a whole.
const mostWords = 60

// Next begins the next utterance: a sentence, or a part of a long one.
func (s *speaking) Next() (strategy.Machine, int, error) {
	s.frames += s.length
	s.length = 0
	for {
		words, ok, err := s.read()
		if err == nil && !ok && s.spoken == 0 {
			err = badOption("text", strconv.Quote(s.text), "something that can be read as "+s.acoustics.spoken.Language.Name)
		}
		if err != nil || !ok {
			return nil, 0, err
		}
		units := s.units(words)
		if len(units) < 2 {
			continue // nothing that is heard
		}
		m, err := s.say(words, units)
		return m, s.config.Bands, err
	}
}

// read returns the next words, at most so many as an utterance has.
func (s *speaking) read() ([]speech.Word, bool, error) {
	for len(s.words) == 0 {
		at, text, ok := s.sentence()
		if !ok {
			return nil, false, nil
		}
		words, err := s.acoustics.spoken.Language.Words(text, s.lexicon)
		if err != nil {
			return nil, false, fmt.Errorf("in the sentence at byte %d: %w", at, err)
		}
		s.at, s.words = at, words
	}
	n := s.phrase(s.words)
	if n > mostWords {
		n = mostWords
		for i := mostWords; i > mostWords/2; i-- {
			if s.words[i-1].Break != speech.NoBreak {
				n = i
				break
			}
		}
	}
	words := s.words[:n]
	s.words = s.words[n:]
	return words, true, nil
}

// say begins to speak units.
func (s *speaking) say(words []speech.Word, units []speech.Unit) (strategy.Machine, error) {
	symbols, places := make([]int, len(units)), make([]int, len(units))
	for i, u := range units {
		symbols[i], places[i] = s.symbol(u), int(u.Place)
	}
	d, err := s.net.Plan(symbols, places, 0, s.slower)
	if err != nil {
		return nil, err
	}
	s.sing(d, units, words[len(words)-1].Break)
	for i := range units {
		d.Pitch[i] += s.c.sound.pitch * math.Ln2 / 12
		d.Energy[i] += s.c.sound.energy * math.Ln10 / 20
	}
	if s.utterance, err = s.net.Speak(d); err != nil {
		return nil, err
	}
	s.length = s.utterance.Elements()
	s.mark(words, units, d.Frames)
	s.marks[len(s.marks)-1].End = s.time(s.frames + s.length) // it fills the last position
	s.spoken++
	if s.c.strategy == "ar" {
		return strategy.NewVectors(s.utterance)
	}
	return strategy.NewFlow(s.c.strategy, s.utterance, strategy.FlowOptions{Seed: s.c.seed + uint64(s.spoken), Passes: s.passes(s.c), Guidance: 1, Temperature: s.c.temperature})
}

// Restore turns values of the network's into log-mel frames.
func (s *speaking) Restore(values []float32) { s.utterance.Restore(values) }

// mark adds the marks of an utterance. What one written thing is read as is one
// word.
func (s *speaking) mark(words []speech.Word, units []speech.Unit, frames []int) {
	at := s.frames
	word := -1 // index among the marks of the word that is going on
	for i, u := range units {
		m := Mark{Kind: MarkRest, Text: u.Symbol, Start: s.time(at), End: s.time(at + frames[i])}
		at += frames[i]
		if u.Place == speech.Rest {
			if u.Symbol == speech.Silence {
				m.Text = ""
			}
			s.marks = append(s.marks, m)
			continue
		}
		w := words[u.Word]
		m.Kind, m.Offset, m.Length = MarkPhone, s.at+w.Start, w.End-w.Start
		begins := u.Place == speech.First || u.Place == speech.Only
		if begins && (word < 0 || s.marks[word].Offset != m.Offset || s.marks[word].Length != m.Length) {
			word = len(s.marks)
			s.marks = append(s.marks, Mark{Kind: MarkWord, Text: w.Text, Start: m.Start, Offset: m.Offset, Length: m.Length})
		}
		s.marks[word].End = m.End
		s.marks = append(s.marks, m)
	}
}

func (s *speaking) time(frame int) time.Duration {
	return audio.Duration(frame*s.config.Hop, s.config.Rate)
}

// shown shows steps as sounds of frames: all there are so far, or only what has
// become settled, each with its marks.
func (s *speaking) shown(like Sound) func(strategy.Step) Object {
	var made roll
	chunks := s.c.sound.chunks
	return func(step strategy.Step) Object {
		o := like
		o.Frames, o.FrameStart = made.take(step, chunks)
		if o.FrameStart /= like.Bands; !chunks {
			o.Marks = slices.Clip(s.marks)
			return o
		}
		end := s.time(o.FrameStart + o.frames())
		o.Start = o.FrameStart * like.Hop
		n := 0
		for n < len(s.marks) && s.marks[n].Start < end {
			n++
		}
		o.Marks = slices.Clone(s.marks[:n])
		s.marks = slices.Delete(s.marks, 0, n)
		return o
	}
}
