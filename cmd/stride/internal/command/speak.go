package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride"
)

// speakCommand is stride speak.
type speakCommand struct {
	Text []string `arg:"" optional:"" help:"The text to speak; - or nothing reads it from standard input."`

	Voice string `short:"v" help:"Name of a bundled voice (see: stride voices), or the path of a voice of your own; default: one that speaks the text's language." placeholder:"NAME"`
	File  string `short:"f" help:"Speak this file of text." placeholder:"FILE"`
	Out   string `short:"o" help:"Write the sound to a file, .wav, .flac or .pcm; - is standard output." placeholder:"FILE"`

	soundFlags `embed:""`

	Strategy    strategyFlag `short:"s" help:"How the first stage works: ar (a few frames at a time), nar (all frames in one pass) or refine (in --passes passes); ar+ar also makes the samples one after another, slowly; default: the voice's." placeholder:"NAME"`
	Passes      *int         `short:"n" help:"Passes of refine." placeholder:"N"`
	budgetFlags `embed:""`
	Seed        *uint64 `help:"Seed of all that is random." placeholder:"SEED"`

	Temperature *float32 `help:"Of nar and refine: scale of the noise that frames begin as; lower is clearer and more alike." placeholder:"T"`

	JSON  bool          `name:"json" help:"Write what --marks does to standard output."`
	Quiet bool          `short:"q" help:"Only the sound: no progress, no summary."`
	Pace  time.Duration `help:"In a terminal, show each step for at least that long, as in 20ms. The figures are of the unslowed run." placeholder:"TIME"`
}

// Help is shown below the flags' help.
func (speakCommand) Help() string {
	return `A text with Han characters is spoken by the voice mandarin, any other by english. In a terminal the sound is played while it is made, if there is a player; elsewhere, or without one, it is written to speech.wav, or speech-2.wav and so on if there is one already. --out writes it to a file, in whose place it is when it is finished, --play plays it too. --out - streams it to standard output as it is made: a WAV whose header tells no length, or with --format pcm bare samples.

A text of any length is spoken sentence by sentence, in memory that does not grow. With --budget or --quality the first stage's strategy and passes are chosen by what was measured on this machine; the budget is that of the whole text, from the call to the last sample. See stride calibrate.

Phones can be given in it between double brackets, [[HH AH0 L OW1]] or [[ni3 hao3]]; --lexicon says how words are said wherever they come.

Examples:

  stride speak "Good morning, the dragon is awake."
  stride speak "Good morning, the dragon is awake." --out hello.wav
  stride speak 學長今天還說他喜歡我呢 --out hello.flac --rate 0.9
  stride speak --file book.txt --out book.wav
  stride speak "The tower is on fire!" --out fire.wav --marks fire.json --spectrogram fire.png
  stride speak "Stop right there." -s refine -n 8 --pitch -3 --energy 4
  stride speak "Stop right there." --budget 400ms
  fortune | stride speak --play
  stride speak "Over there." --out - --format pcm | aplay -q -f S16_LE -r 16000

The JSON of --marks and --json has: text, model, language, sound (name of the file), rate (samples a second), seconds; words: word, start, end (in seconds), offset, length (in bytes of text); phones: phone, start, end, and offset and length of its word; rests: the same, of pauses; stats: strategy, passes, samples, first_sound_ms, total_ms, times_real_time, seed, stopped, and stages of a pipeline: model, strategy, passes, elements, busy_ms.`
}

// Validate is called by kong.
func (s *speakCommand) Validate() error {
	switch {
	case s.Passes != nil && *s.Passes < 1:
		return fmt.Errorf("--passes is %d, want 1 or more", *s.Passes)
	case s.Pace < 0:
		return fmt.Errorf("--pace is %s, want 0 or more", s.Pace)
	case s.File != "" && len(s.Text) > 0:
		return errors.New("--file is a text of its own, want no other")
	}
	return nil
}

// Run is called by kong.
func (s *speakCommand) Run(ctx context.Context, c *console) error {
	text, err := s.read(c)
	if err != nil {
		return err
	}
	m, err := s.open(text)
	if err != nil {
		return err
	}
	defer m.Close()
	prompt := stride.Prompt{Text: text}
	if prompt.Lexicon, err = s.readLexicon(m.Info().Sound.Language); err != nil {
		return err
	}
	var choice *budgetJSON
	if s.budgeted() {
		if choice, err = s.choose(ctx, c, m, prompt); err != nil {
			return err
		}
	}
	r := &soundRun{soundFlags: &s.soundFlags, choice: choice, c: c, prompt: prompt, options: s.options(), out: s.Out, json: s.JSON, quiet: s.Quiet, pace: s.Pace}
	return r.make(ctx, m)
}

// longestText is the most bytes of a text: days of speech.
const longestText = 64 << 20

// read finds the text to speak.
func (s *speakCommand) read(c *console) (string, error) {
	text := strings.Join(s.Text, " ")
	from, in := "", c.in
	switch {
	case s.File != "" && s.File != "-":
		f, err := os.Open(s.File)
		if err != nil {
			return "", err
		}
		defer f.Close()
		from, in = s.File, f
	case s.File == "-" || text == "-" || text == "" && !c.inIsTerminal:
		from = "standard input"
	case strings.TrimSpace(text) == "":
		return "", usageError{errors.New(`there is nothing to speak, want a text, --file FILE or a text on standard input`)}
	}
	if from != "" {
		data, err := io.ReadAll(io.LimitReader(in, longestText+1))
		if err != nil {
			return "", err
		}
		if len(data) > longestText {
			return "", fmt.Errorf("%s: more than %d MiB, want a shorter text", from, longestText>>20)
		}
		text = string(data)
	}
	if at := invalidAt(text); at >= 0 {
		return "", fmt.Errorf("%s: byte %d is no UTF-8, want a text", cmp.Or(from, "the text"), at)
	}
	if strings.TrimSpace(text) == "" {
		return "", fmt.Errorf("%s: there is nothing to speak", cmp.Or(from, "the text"))
	}
	return text, nil
}

// invalidAt is where a text is no UTF-8, -1 if nowhere.
func invalidAt(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i, r := range text {
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			return i
		}
	}
	return -1
}

// languageOf is the language that a text is taken to be in.
func languageOf(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "mandarin"
	}
	return "english"
}

// open opens the voice for a text.
func (s *speakCommand) open(text string) (*stride.Model, error) {
	name := s.Voice
	if name == "" {
		name = languageOf(text)
		if all, err := voices(); err != nil {
			return nil, err
		} else if !slices.ContainsFunc(all, func(v voice) bool { return v.name == name }) {
			return nil, fmt.Errorf("no voice %s is bundled for this text (bundled: %s); want --voice, one of those or the path of a file", name, voiceNames(all))
		}
	}
	m, err := stride.Open(name)
	if err != nil {
		return nil, err
	}
	if !speaks(m.Info()) {
		defer m.Close()
		return nil, usageError{fmt.Errorf("%s makes %s and speaks no texts; voices are in: stride voices", name, makes(m.Info()))}
	}
	return m, nil
}

func (s *speakCommand) options() []stride.Option {
	out := s.soundFlags.options()
	if s.Strategy != "" {
		out = append(out, stride.Strategy(string(s.Strategy)))
	}
	if s.Passes != nil {
		out = append(out, stride.Passes(*s.Passes))
	}
	if s.Seed != nil {
		out = append(out, stride.Seed(*s.Seed))
	}
	if s.Temperature != nil {
		out = append(out, stride.Temperature(*s.Temperature))
	}
	return out
}
