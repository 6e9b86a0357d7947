package audio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Limits bound what is decoded, so that a small hostile file cannot take all memory and an endless one all time. A field
// of 0 is that of [DefaultLimits].
type Limits struct {
	Samples int   // of the one channel that is made; each takes 4 bytes
	Bytes   int64 // of the file
}

// DefaultLimits are 67 million samples (70 minutes at 16 kHz, 25 at 44.1 kHz) and 1 GiB.
var DefaultLimits = Limits{Samples: 1 << 26, Bytes: 1 << 30}

func (l Limits) orDefault() Limits {
	if l.Samples <= 0 {
		l.Samples = DefaultLimits.Samples
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	return l
}

// Error says why a sound cannot be read.
type Error struct {
	File   string // "" where the sound is not from a file
	Offset int64  // in bytes from the beginning, about where it was found; -1 where nothing was read
	Found  string // what is there
	Want   string // what could have been read
	Err    error  // the decoder's or the system's error; may be nil
}

func (e *Error) Error() string {
	s := "audio: "
	if e.File != "" {
		s += e.File + ": "
	}
	if e.Offset >= 0 {
		s += fmt.Sprintf("at byte %d ", e.Offset)
	}
	s += "found " + e.Found
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s + ", want " + e.Want
}

// Unwrap returns the decoder's or the system's error.
func (e *Error) Unwrap() error { return e.Err }

// Info is what the header of a file says.
type Info struct {
	Format   string // WAV, FLAC or MP3
	Rate     int    // Hz
	Channels int
	Bits     int // of a sample as stored; 0 where samples are not stored one by one
	Samples  int // of each channel; -1 where the header does not tell
}

// format is a kind of file, known by its first bytes.
type format struct {
	name   string
	is     func(head []byte) bool
	info   func(*source) (Info, error)
	decode func(*source, Limits) (Sound, error)
}

var formats = []format{
	{"WAV", isWAV, wavInfo, decodeWAV},
	{"FLAC", isFLAC, flacInfo, decodeFLAC},
	{"MP3", isMP3, mp3Info, decodeMP3},
}

// Decode reads a sound, whatever its name: WAV, FLAC or MP3. Several channels are mixed to one, their mean; samples beyond
// -1 to 1, which WAV files of floating point may have, are clamped. A sound that cannot be read is an [*Error].
func Decode(r io.Reader, l Limits) (Sound, error) {
	l = l.orDefault()
	src := newSource(r, l.Bytes)
	f, err := src.format()
	if err != nil {
		return Sound{}, err
	}
	s, err := guard(src, f, func() (Sound, error) { return f.decode(src, l) })
	if err != nil {
		return Sound{}, err
	}
	return s, nil
}

// DecodeInfo reads the header of a sound, and no further. A header that cannot be read is an [*Error].
func DecodeInfo(r io.Reader) (Info, error) {
	src := newSource(r, DefaultLimits.Bytes)
	f, err := src.format()
	if err != nil {
		return Info{}, err
	}
	return guard(src, f, func() (Info, error) { return f.info(src) })
}

// Read reads a sound from a file, as [Decode] does; the error names the file.
func Read(path string, l Limits) (Sound, error) {
	// It looks before it opens: to open a pipe would wait for a writer.
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return Sound{}, &Error{File: path, Offset: -1, Found: "no regular file", Want: "a sound"}
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err // the path is told once
		}
		return Sound{}, &Error{File: path, Offset: -1, Found: "a file that cannot be opened", Want: "a sound", Err: err}
	}
	defer f.Close()
	s, err := Decode(f, l)
	var e *Error
	if errors.As(err, &e) {
		e.File = path
	}
	return s, err
}

// guard runs a decoder. What it panics with, and what it takes for the end of the file and is not, become errors.
func guard[T any](src *source, f format, run func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = src.damaged(f.name, fmt.Errorf("%v", p))
		}
		if e := src.broken(); e != nil {
			err = e
		}
	}()
	return run()
}

// source is a file being decoded. It knows its place, and fails when the file is longer than the limit.
type source struct {
	*bufio.Reader
	under *counter
}

type counter struct {
	r        io.Reader
	n, limit int64
	err      error // the first that is not io.EOF
}

var errTooLong = errors.New("file too long")

func (c *counter) Read(p []byte) (int, error) {
	if c.n > c.limit {
		c.err = errTooLong
		return 0, errTooLong
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.limit+1-c.n)])
	c.n += int64(n)
	if err != nil && err != io.EOF && c.err == nil {
		c.err = err
	}
	return n, err
}

func newSource(r io.Reader, limit int64) *source {
	c := &counter{r: r, limit: limit}
	return &source{bufio.NewReaderSize(c, 1<<16), c}
}

func (s *source) offset() int64 { return s.under.n - int64(s.Buffered()) }

// broken is the error of a file that is too long or failed while it was read; nil if it did neither.
func (s *source) broken() error {
	switch s.under.err {
	case nil:
		return nil
	case errTooLong:
		return &Error{Offset: s.offset(), Found: fmt.Sprintf("more than %d bytes", s.under.limit), Want: "no more"}
	}
	return &Error{Offset: s.offset(), Found: "a source that cannot be read", Want: "a sound", Err: s.under.err}
}

func (s *source) damaged(name string, err error) error {
	return &Error{Offset: s.offset(), Found: "a damaged " + name, Want: "a whole sound", Err: err}
}

// tooMany is the error of a sound with more samples than the limit.
func (s *source) tooMany(name string, l Limits) error {
	return &Error{Offset: s.offset(), Found: fmt.Sprintf("a %s of more than %d samples", name, l.Samples), Want: "no more"}
}

// format skips ID3 tags, which may precede MP3 and FLAC, and tells what follows by its first bytes.
func (s *source) format() (format, error) {
	tagged := false
	for skipped := true; skipped; tagged = tagged || skipped {
		var err error
		if skipped, err = s.skipID3(); err != nil {
			return format{}, err
		}
	}
	head, err := s.Peek(12)
	if e := s.broken(); err != nil && e != nil {
		return format{}, e
	}
	for _, f := range formats {
		if f.is(head) || tagged && f.name == "MP3" {
			return f, nil
		}
	}
	e := &Error{Offset: s.offset(), Found: "an empty file", Want: "WAV, FLAC or MP3"}
	if len(head) > 0 {
		e.Found = fmt.Sprintf("a file that begins % x", head)
	}
	return format{}, e
}

// skipID3 skips a tag of ID3 version 2 ("ID3 tag version 2.4.0", section 3.1), if one is there.
func (s *source) skipID3() (bool, error) {
	h, err := s.Peek(10)
	if err != nil || string(h[:3]) != "ID3" {
		return false, nil
	}
	size := 10
	for i, b := range h[6:10] {
		size += int(b&127) << (7 * (3 - i))
	}
	if h[5]&0x10 != 0 {
		size += 10 // a footer
	}
	at := s.offset()
	if _, err := s.Discard(size); err != nil {
		if e := s.broken(); e != nil {
			return false, e
		}
		return false, &Error{Offset: at, Found: fmt.Sprintf("an ID3 tag of %d bytes that is cut off", size), Want: "a sound after it"}
	}
	return true, nil
}
