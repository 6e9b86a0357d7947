package command

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
)

// soundFlags are the flags of models that make sound.
type soundFlags struct {
	Format      formatFlag `help:"wav, flac or pcm (raw samples of 16 bits, low byte first); default: by the ending of --out, else wav." placeholder:"NAME"`
	Play        bool       `help:"Play the sound while it is made, by the first player there is: aplay, paplay, pw-play, play (SoX), ffplay, afplay, PowerShell."`
	Marks       string     `help:"Write when each word and phone is heard, as JSON, for captions and lips that move; the fields are described below." placeholder:"FILE"`
	Spectrogram string     `help:"Draw waveform and spectrogram as a picture, .png; the sound is then kept in memory." placeholder:"FILE"`

	Rate   *float32   `help:"How fast to speak: 1 as the voice does, 2 twice as fast." placeholder:"X"`
	Pitch  signedFlag `help:"How much higher to speak, in semitones; lower if below 0." placeholder:"SEMITONES"`
	Energy signedFlag `help:"How much louder to speak, in decibels; softer if below 0." placeholder:"DB"`

	Lexicon string `help:"File of words and how they are said, before all that the voice knows: a word, a tab and its phones a line." placeholder:"FILE"`
}

// signedFlag is a number that may be below 0. Elsewhere -3 would be taken for a
// flag.
type signedFlag struct {
	value float32
	given bool
}

// Decode is called by kong.
func (s *signedFlag) Decode(ctx *kong.DecodeContext) error {
	token := ctx.Scan.Pop()
	if token.Type == kong.EOLToken {
		return errors.New("a number is missing")
	}
	n, err := strconv.ParseFloat(token.String(), 32)
	if err != nil {
		return fmt.Errorf("%q is no number", token.String())
	}
	s.value, s.given = float32(n), true
	return nil
}

// options are the options of sounds.
func (f *soundFlags) options() []stride.Option {
	var out []stride.Option
	if f.Rate != nil {
		out = append(out, stride.Rate(*f.Rate))
	}
	if f.Pitch.given {
		out = append(out, stride.Pitch(f.Pitch.value))
	}
	if f.Energy.given {
		out = append(out, stride.Energy(f.Energy.value))
	}
	return out
}

// given lists the flags that are set, by name.
func (f *soundFlags) given() []string {
	var names []string
	for _, g := range []struct {
		flag string
		set  bool
	}{
		{"format", f.Format != ""}, {"play", f.Play}, {"marks", f.Marks != ""}, {"spectrogram", f.Spectrogram != ""},
		{"rate", f.Rate != nil}, {"pitch", f.Pitch.given}, {"energy", f.Energy.given}, {"lexicon", f.Lexicon != ""},
	} {
		if g.set {
			names = append(names, g.flag)
		}
	}
	return names
}

// readLexicon reads --lexicon for a language.
func (f *soundFlags) readLexicon(name string) (map[string][]string, error) {
	if f.Lexicon == "" {
		return nil, nil
	}
	if name == "" {
		return nil, usageError{errors.New("--lexicon is for models that speak a language")}
	}
	l, err := language.Find(name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(f.Lexicon)
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	if _, err := l.ParseLexicon(bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Lexicon, err)
	}
	words := map[string][]string{}
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\uFEFF")) {
		line, _, _ = strings.Cut(line, "#")
		if said := strings.Fields(line); len(said) > 1 { // a word has no spaces
			words[said[0]] = said[1:]
		}
	}
	return words, nil
}

// readSound reads a sound for a vocoder to speak again.
func readSound(path string) (*stride.Sound, error) {
	s, err := audio.Read(path, audio.Limits{})
	if err != nil {
		return nil, err
	}
	return &stride.Sound{Samples: s.Samples, Rate: s.Rate}, nil
}

// distinct refuses to write two things to one file.
func distinct(paths ...string) error {
	files := slices.DeleteFunc(paths, func(p string) bool { return !toFile(p) })
	for i, p := range files {
		if slices.Contains(files[:i], p) {
			return usageError{fmt.Errorf("two things would be written to %s, want a file each", p)}
		}
	}
	return nil
}
