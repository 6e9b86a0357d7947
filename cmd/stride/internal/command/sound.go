package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/image"
)

// soundRun is one call of speak, or of generate for a model that makes sound. It
// is the presenter of the sound's steps, each of which has what is new.
type soundRun struct {
	*soundFlags
	c       *console
	info    stride.Info
	prompt  stride.Prompt
	options []stride.Option
	out     string // a file, - or "" for none
	json    bool
	choice  *budgetJSON // by --budget or --quality, else nil
	quiet   bool
	pace    time.Duration

	unnamed bool          // nobody named the file
	writer  samplesWriter // to file or standard output; nil where it goes to neither
	player  *player       // nil where it is not played
	shown   presenter     // nil where nothing is shown
	view    *soundView    // of the terminal, or nil
	marks   *marksFile    // nil where nobody asked
	kept    []float32     // the samples, for a picture of them
	made    progress
	stats   stride.Stats
}

// progress is how much of a sound is made.
type progress struct {
	rate, samples int
	first         time.Duration // from the call to the first of them
}

func (p progress) duration() time.Duration {
	return audio.Duration(p.samples, p.rate)
}

// realTime is how many seconds of sound are made in one.
func (p progress) realTime(total time.Duration) float64 {
	if total <= 0 {
		return 0
	}
	return p.duration().Seconds() / total.Seconds()
}

// make makes the sound and writes it wherever it was asked to go. What is there
// when it is cancelled stays.
func (r *soundRun) make(ctx context.Context, m *stride.Model) error {
	r.info = m.Info()
	if !r.info.Sound.Samples {
		return usageError{fmt.Errorf("%s makes log-mel frames, of which a vocoder makes sound; want a pipeline of both", r.info.Name)}
	}
	r.made.rate = r.info.Sound.Rate
	if err := r.destination(); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	defer r.discard()
	r.shown = r.presenter(ctx)
	_, err := watch(ctx, m, r.prompt, append(r.options, stride.Chunks()), r)
	if err != nil && !errors.Is(err, context.Canceled) || r.made.samples == 0 {
		return err
	}
	return errors.Join(r.finish(ctx), err)
}

// destination finds out where the sound goes if nobody said: to a player, where
// there is one and somebody who hears it, or else to a file that is not there yet.
func (r *soundRun) destination() error {
	screen := r.c.outIsTerminal || r.c.dumbOut
	switch {
	case r.out == "-" && screen:
		return usageError{errors.New("--out -: standard output is a terminal, which plays no sound; want --out FILE, a pipe, or --play")}
	case r.out == "-" && r.json:
		return usageError{errors.New("--json and --out - both write to standard output; want --marks FILE, or --out FILE")}
	case r.out != "" || r.Play && r.Format == "":
	case r.Format == "" && screen && havePlayer():
		r.Play = true
	default:
		r.out, r.unnamed = unusedName("speech."+cmp.Or(string(r.Format), "wav")), true
	}
	if r.Marks == "-" || r.Spectrogram == "-" {
		return usageError{errors.New("--marks and --spectrogram want files, not -")}
	}
	if ext := filepath.Ext(r.Spectrogram); r.Spectrogram != "" && !strings.EqualFold(ext, kindPNG) {
		return usageError{fmt.Errorf("--spectrogram %s: want a name that ends in .png", r.Spectrogram)}
	}
	if err := distinct(r.out, r.Marks, r.Spectrogram); err != nil {
		return err
	}
	return cmp.Or(checkOut(r.out), checkOut(r.Marks), checkOut(r.Spectrogram))
}

// open opens what takes the sound.
func (r *soundRun) open(ctx context.Context) error {
	format, err := formatOf(r.out, r.Format)
	if err != nil {
		return err
	}
	if r.Play {
		if r.player, err = startPlayer(ctx, r.made.rate); err != nil {
			return err
		}
	}
	switch {
	case toFile(r.out):
		r.writer, err = createSoundFile(r.out, format, r.made.rate)
	case r.out == "-":
		r.writer, err = newSamplesWriter(format, r.c.out, r.made.rate)
	}
	if r.json || r.Marks != "" {
		r.marks = newMarksFile(r.prompt.Text, baseName(r.out), r.info)
	}
	return err
}

// discard leaves nothing behind of what was not completed.
func (r *soundRun) discard() {
	if f, ok := r.writer.(*soundFile); ok && f != nil {
		f.discard()
	}
	if r.player != nil {
		r.player.discard()
	}
}

// presenter chooses how the sound is shown while it is made.
func (r *soundRun) presenter(ctx context.Context) presenter {
	switch {
	case r.quiet || r.json:
		return nil
	case !r.c.outIsTerminal:
		return &soundLog{out: r.c.err, made: &r.made}
	}
	r.view = newSoundView(r.prompt.Text, r.info, &r.made)
	return &live{view: r.view, out: r.c.styledOut, size: r.c.size, pace: r.pace, skip: redrawEvery, hurry: ctx.Done()}
}

// show takes what a step has that is new.
func (r *soundRun) show(step stride.Step) error {
	r.stats = step.Stats
	s, ok := step.Object.(stride.Sound)
	if step.Stage < step.Stages {
		s.Samples = nil // they are what the next stage works on
	}
	if ok && step.Stats.Stopped != stoppedCancelled { // else the last step comes again
		if err := r.take(s, step.Stats.Total); err != nil {
			return err
		}
	}
	if r.shown == nil {
		return nil
	}
	return r.shown.show(step)
}

// take takes the samples and marks that follow, made so long after the call.
func (r *soundRun) take(s stride.Sound, at time.Duration) error {
	if len(s.Samples) > 0 && r.made.samples == 0 {
		r.made.first = at
	}
	r.made.samples += len(s.Samples)
	if r.writer != nil {
		if err := r.writer.Write(s.Samples); err != nil {
			return err
		}
	}
	if r.player != nil {
		if err := r.player.Write(s.Samples); err != nil {
			return err
		}
	}
	if r.Spectrogram != "" {
		r.kept = append(r.kept, s.Samples...)
	}
	if r.marks != nil {
		r.marks.add(s.Marks)
	}
	if r.view != nil {
		r.view.add(s)
	}
	return nil
}

// finish completes what was written, and waits until the sound was heard.
func (r *soundRun) finish(ctx context.Context) error {
	if r.writer != nil {
		if err := r.writer.Close(); err != nil {
			return err
		}
	}
	if err := errors.Join(r.writeMarks(), r.draw()); err != nil {
		return err
	}
	if !r.quiet && !r.json {
		if err := summaryLine(r.c, r.made.summary(r.stats), r.stats.Stopped); err != nil {
			return err
		}
	}
	if r.unnamed && !r.quiet {
		if err := writeAll(r.c.err, "written to "+r.out+"\n"); err != nil {
			return err
		}
	}
	if r.player == nil {
		return nil
	}
	if err := r.player.Close(); err != nil && ctx.Err() == nil { // else it was stopped with everything
		return err
	}
	return nil
}

// writeMarks writes what is heard when.
func (r *soundRun) writeMarks() error {
	if r.marks == nil {
		return nil
	}
	r.marks.Choice = r.choice
	r.marks.Seconds, r.marks.Stats = seconds(r.made.duration()), newSoundStats(r.stats, r.made)
	data, err := r.marks.encode()
	if err != nil {
		return err
	}
	if r.Marks != "" {
		if err := save(r.Marks, data); err != nil {
			return err
		}
	}
	if !r.json {
		return nil
	}
	return writeAll(r.c.out, string(data))
}

// draw draws waveform and spectrogram.
func (r *soundRun) draw() error {
	if r.Spectrogram == "" {
		return nil
	}
	width, height := audio.PictureSize(len(r.kept), r.made.rate)
	picture, err := audio.Picture(audio.Sound{Samples: r.kept, Rate: r.made.rate}, width, height)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := image.EncodePNG(&b, picture, []image.Text{{Key: textSoftware, Value: "Stride"}}); err != nil {
		return err
	}
	return save(r.Spectrogram, b.Bytes())
}
