package audio

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mewkiz/flac"
)

func TestAppendPCM(t *testing.T) {
	nan := float32(math.NaN())
	got := AppendPCM([]byte{9}, []float32{0, 1, -1, 5, -5, nan, 0.5, -1.0 / (1 << 15), 0.4 / (1 << 15)})
	want := []byte{9, 0, 0, 0xff, 0x7f, 0, 0x80, 0xff, 0x7f, 0, 0x80, 0, 0, 0, 0x40, 0xff, 0xff, 0, 0}
	if !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
}

// rounded is what 16 bits hold of samples.
func rounded(x []float32) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(int16Of(v)) / (1 << 15)
	}
	return out
}

func TestEncode(t *testing.T) {
	square := make([]float32, 9000)
	for i := range square {
		square[i] = float32(2*(i/7%2) - 1)
	}
	for _, s := range []Sound{
		{signal(10000, 16000), 16000},
		{noise(5000, 3), 44100},
		{make([]float32, 4096), 48000},
		{square, 22050},
		{signal(3, 8000), 11025},
		{signal(4097, 8000), 65535},
		{nil, 96000},
	} {
		var wav, fl bytes.Buffer
		if err := errors.Join(EncodeWAV(&wav, s), EncodeFLAC(&fl, s)); err != nil {
			t.Fatal(err)
		}
		if want := wavHeaderSize + 2*len(s.Samples); wav.Len() != want {
			t.Errorf("WAV of %d bytes, want %d", wav.Len(), want)
		}
		for _, b := range []*bytes.Buffer{&wav, &fl} {
			got, err := Decode(b, Limits{})
			if err != nil || got.Rate != s.Rate || !slices.Equal(got.Samples, rounded(s.Samples)) {
				t.Errorf("%d samples at %d Hz came back as %d at %d, %v", len(s.Samples), s.Rate, len(got.Samples), got.Rate, err)
			}
		}
	}
	for _, rate := range []int{0, -5, 65537, 655360, 800000} {
		if err := EncodeFLAC(io.Discard, Sound{Rate: rate}); err == nil {
			t.Errorf("FLAC at %d Hz: no error", rate)
		}
	}
	if err := EncodeWAV(io.Discard, Sound{}); err == nil || err.Error() != "audio: rate 0 Hz, want 1 to 768000" {
		t.Error(err)
	}
}

// TestEncodeFLACIsFinal looks at what is only known at the end, but written first.
func TestEncodeFLACIsFinal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.flac")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	x := tone(16000, 16000, 150, 0.3, 8)
	if err := EncodeFLAC(f, Sound{x, 16000}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil { // it is still open
		t.Fatal(err)
	}
	st, err := flac.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	info, err := os.Stat(path)
	if err != nil || st.Info.NSamples != 16000 || st.Info.MD5sum == [16]byte{} || info.Size() > 24000 {
		t.Errorf("%+v, %d bytes, %v", st.Info, info.Size(), err)
	}
}

// pipe is a writer with a method to seek that does not work, as standard output often is.
type pipe struct{ bytes.Buffer }

func (*pipe) Seek(int64, int) (int64, error) { return 0, os.ErrInvalid }

// sampleWriter is what writers of files that are made bit by bit have in common.
type sampleWriter interface {
	Write(x []float32) error
	Close() error
}

// checkWriter holds that a sound written in parts can be read from a stream, and
// between what else is in a file is that of an encoder to the byte.
func checkWriter[W sampleWriter](t *testing.T, format string, open func(io.Writer, int) (W, error), encode func(io.Writer, Sound) error) {
	t.Helper()
	x := signal(5000, 16000)
	fill := func(w io.Writer) {
		t.Helper()
		f, err := open(w, 16000)
		if err != nil {
			t.Fatal(err)
		}
		for part := range slices.Chunk(x, 1111) {
			err = errors.Join(err, f.Write(part))
		}
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	var want bytes.Buffer
	if err := encode(&want, Sound{x, 16000}); err != nil {
		t.Fatal(err)
	}

	var out pipe
	fill(&out)
	if in, err := DecodeInfo(bytes.NewReader(out.Bytes())); err != nil || in != (Info{format, 16000, 1, 16, -1}) {
		t.Errorf("streamed: %+v, %v", in, err)
	}
	s, err := Decode(&out, Limits{})
	if err != nil || s.Rate != 16000 || !slices.Equal(s.Samples, rounded(x)) {
		t.Errorf("streamed: %d samples, %v", len(s.Samples), err)
	}

	path := filepath.Join(t.TempDir(), "a")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = f.WriteString("before")
	fill(f)
	_, more := f.WriteString("after")
	got, read := os.ReadFile(path)
	if err := errors.Join(err, more, read); err != nil || string(got) != "before"+want.String()+"after" {
		t.Errorf("to a file: %d bytes, %v, want %d", len(got), err, want.Len()+11)
	}
}

func TestFLACWriter(t *testing.T) {
	checkWriter(t, "FLAC", NewFLACWriter, EncodeFLAC)
	for _, rate := range []int{-1, 0, 65537} {
		if _, err := NewFLACWriter(io.Discard, rate); err == nil {
			t.Errorf("%d Hz: no error", rate)
		}
	}
}

func TestWAVWriter(t *testing.T) {
	checkWriter(t, "WAV", NewWAVWriter, EncodeWAV)
	if _, err := NewWAVWriter(io.Discard, 0); err == nil || err.Error() != "audio: rate 0 Hz, want 1 to 768000" {
		t.Error(err)
	}
}

func TestWAVHeaderOfLongFiles(t *testing.T) {
	for _, size := range []int64{-1, streamed, 1 << 40} {
		if h := wavHeader(16000, size); string(h[4:8]) != "\xff\xff\xff\xff" || string(h[40:]) != "\xff\xff\xff\xff" {
			t.Errorf("%d: % x", size, h)
		}
	}
}
