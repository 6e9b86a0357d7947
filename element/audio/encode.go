package audio

import (
	"bufio"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// AppendPCM appends samples as signed 16-bit integers, low byte first ("s16le"), as players of raw sound take them.
// Samples outside -1 to 1 are clamped, those that are not numbers are silence; what a file of 16 bits held is kept to the
// bit.
func AppendPCM(dst []byte, x []float32) []byte {
	dst = slices.Grow(dst, 2*len(x))
	for _, v := range x {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(int16Of(v)))
	}
	return dst
}

func int16Of(v float32) int16 {
	return int16(min(math.RoundToEven(float64(clamp(v))*(1<<15)), math.MaxInt16))
}

const wavHeaderSize = 44

// wavHeader is what comes before the samples of a WAV file of 16 bits; a size of samples beyond what it can tell is
// that of a file whose end is not known.
func wavHeader(rate int, size int64) []byte {
	const unknown = math.MaxUint32
	whole := uint32(unknown)
	if size >= 0 && size < streamed {
		whole = uint32(size) + wavHeaderSize - 8
	} else {
		size = unknown
	}
	le := binary.LittleEndian
	h := append(le.AppendUint32([]byte("RIFF"), whole), "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(le.AppendUint16(h, wavPCM), 1)
	h = le.AppendUint32(le.AppendUint32(h, uint32(rate)), uint32(2*rate))
	h = le.AppendUint16(le.AppendUint16(h, 2), 16)
	return le.AppendUint32(append(h, "data"...), uint32(size))
}

// EncodeWAV writes a sound as a WAV file of one channel and 16 bits.
func EncodeWAV(w io.Writer, s Sound) error {
	if err := checkRate(s.Rate); err != nil {
		return err
	}
	size := 2 * len(s.Samples)
	_, err := w.Write(AppendPCM(slices.Grow(wavHeader(s.Rate, int64(size)), size), s.Samples))
	return err
}

// WAVWriter writes a WAV file of one channel and 16 bits while its sound is made.
type WAVWriter struct {
	w     io.Writer
	rate  int
	start int64 // of the file in w; -1 where w cannot seek
	size  int64
	buf   []byte
}

// NewWAVWriter begins a file. Its header tells no length, which players understand, until [WAVWriter.Close] mends it.
func NewWAVWriter(w io.Writer, rate int) (*WAVWriter, error) {
	if err := checkRate(rate); err != nil {
		return nil, err
	}
	f := &WAVWriter{w: w, rate: rate, start: -1}
	if s, ok := w.(io.Seeker); ok {
		// A pipe has the method, but an error.
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			f.start = at
		}
	}
	_, err := w.Write(wavHeader(rate, -1))
	return f, err
}

// Write appends samples of -1 to 1.
func (f *WAVWriter) Write(x []float32) error {
	f.buf = AppendPCM(f.buf[:0], x)
	n, err := f.w.Write(f.buf)
	f.size += int64(n)
	return err
}

// Close writes the length to the header, if the writer is an [io.Seeker] that can go back, and leaves it at the end of
// the file. It does not close the writer.
func (f *WAVWriter) Close() error {
	s, ok := f.w.(io.Seeker)
	if !ok || f.start < 0 {
		return nil
	}
	if _, err := s.Seek(f.start, io.SeekStart); err != nil {
		return fmt.Errorf("audio: going back to the header of a WAV: %w", err)
	}
	if _, err := f.w.Write(wavHeader(f.rate, f.size)); err != nil {
		return err
	}
	_, err := s.Seek(f.start+wavHeaderSize+f.size, io.SeekStart)
	return err
}

// flacBlock is the number of samples of a frame: few, for the library has one Rice parameter for all of them.
const flacBlock = 576

// EncodeFLAC writes a sound as a FLAC file (RFC 9639) of one channel and 16 bits, its check sum included. Speech takes
// a little more than half of the bytes of a WAV. A rate above 65,535 Hz must be a multiple of 10, and none may be above 655,350.
func EncodeFLAC(w io.Writer, s Sound) error {
	if s.Rate < 1 || s.Rate > 655350 || s.Rate > 65535 && s.Rate%10 != 0 {
		return fmt.Errorf("audio: rate %d Hz, want 1 to 65535 Hz or a multiple of 10 up to 655350", s.Rate)
	}
	info := &meta.StreamInfo{
		BlockSizeMin: flacBlock, BlockSizeMax: flacBlock,
		SampleRate: uint32(s.Rate), NChannels: 1, BitsPerSample: 16,
		NSamples: uint64(len(s.Samples)), MD5sum: md5.Sum(AppendPCM(nil, s.Samples)),
	}
	// What is buffered cannot be closed or sought, which the library would do.
	out := bufio.NewWriter(w)
	enc, err := flac.NewEncoder(out, info)
	if err != nil {
		return fmt.Errorf("audio: writing FLAC: %w", err)
	}
	for block := range slices.Chunk(s.Samples, flacBlock) {
		samples := make([]int32, len(block))
		for i, v := range block {
			samples[i] = int32(int16Of(v))
		}
		f := &frame.Frame{
			Header: frame.Header{
				HasFixedBlockSize: true, BlockSize: uint16(len(samples)), SampleRate: info.SampleRate,
				Channels: frame.ChannelsMono, BitsPerSample: 16,
			},
			Subframes: []*frame.Subframe{{
				SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, // where the library finds nothing shorter
				Samples:   samples, NSamples: len(samples),
			}},
		}
		if err := enc.WriteFrame(f); err != nil {
			return fmt.Errorf("audio: writing FLAC: %w", err)
		}
	}
	return out.Flush()
}
