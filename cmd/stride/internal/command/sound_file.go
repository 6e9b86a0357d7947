package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
)

// soundFormats are the kinds of files that sound is written as: WAV, FLAC, and
// samples of 16 bits with nothing before them.
var soundFormats = []string{"wav", "flac", "pcm"}

// formatFlag is one of soundFormats.
type formatFlag string

// UnmarshalText refuses names of no format.
func (f *formatFlag) UnmarshalText(text []byte) error {
	if !slices.Contains(soundFormats, string(text)) {
		return fmt.Errorf("%q is no format of sound, want %s", text, strings.Join(soundFormats, ", "))
	}
	*f = formatFlag(text)
	return nil
}

// formatOf is the format of --out: the one asked for, or by the name's ending.
func formatOf(out string, asked formatFlag) (string, error) {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(out), "."))
	switch {
	case asked != "":
		return string(asked), nil
	case !toFile(out):
		return "wav", nil
	case !slices.Contains(soundFormats, ending):
		return "", usageError{fmt.Errorf("--out %s: want a name that ends in .wav, .flac or .pcm, or --format", out)}
	}
	return ending, nil
}

// samplesWriter takes the samples of a sound while it is made.
type samplesWriter interface {
	Write(x []float32) error
	Close() error
}

func newSamplesWriter(format string, w io.Writer, rate int) (samplesWriter, error) {
	switch format {
	case "flac":
		return audio.NewFLACWriter(w, rate)
	case "pcm":
		return &pcmWriter{w: w}, nil
	}
	return audio.NewWAVWriter(w, rate)
}

// pcmWriter writes samples of 16 bits, low byte first.
type pcmWriter struct {
	w   io.Writer
	buf []byte
}

func (p *pcmWriter) Write(x []float32) error {
	p.buf = audio.AppendPCM(p.buf[:0], x)
	_, err := p.w.Write(p.buf)
	return err
}

func (*pcmWriter) Close() error { return nil }

// soundFile is the file that a sound is written to while it is made. A regular
// one is in its place only when it is whole.
type soundFile struct {
	samplesWriter
	path   string
	atomic *checkpoint.AtomicFile // nil where it is no regular file
	plain  *os.File               // instead, a pipe or a device
}

func createSoundFile(path, format string, rate int) (*soundFile, error) {
	f := &soundFile{path: path}
	var to io.Writer
	var err error
	if info, statErr := os.Stat(path); statErr == nil && info.Mode()&fs.ModeType != 0 {
		f.plain, err = os.OpenFile(path, os.O_WRONLY, 0)
		to = f.plain
	} else {
		f.atomic, err = checkpoint.CreateAtomic(path)
		to = f.atomic
	}
	if err != nil {
		return nil, err
	}
	if f.samplesWriter, err = newSamplesWriter(format, to, rate); err != nil {
		f.discard()
		return nil, err
	}
	return f, nil
}

// Close completes the file.
func (f *soundFile) Close() error {
	err := f.samplesWriter.Close()
	if f.plain != nil {
		return errors.Join(err, f.plain.Close())
	}
	if err != nil {
		return err
	}
	return f.atomic.Commit()
}

// discard leaves nothing behind, unless the file was completed.
func (f *soundFile) discard() {
	if f.plain != nil {
		f.plain.Close()
		return
	}
	f.atomic.Discard()
}

// unusedName is a name for a file that nobody named: name.wav, or else
// name-2.wav and so on, so that none is written over.
func unusedName(name string) string {
	ext := filepath.Ext(name)
	free := name
	for i := 2; ; i++ {
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return free
		}
		free = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i, ext)
	}
}
