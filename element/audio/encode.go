package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
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

// EncodeMuLawWAV writes a sound as a WAV file of one channel and 8 bits, those of [AppendG711].
func EncodeMuLawWAV(w io.Writer, s Sound) error {
	if err := checkRate(s.Rate); err != nil {
		return err
	}
	n, rate := uint32(len(s.Samples)), uint32(s.Rate)
	le := binary.LittleEndian
	h := append(le.AppendUint32([]byte("RIFF"), 4+8+18+8+4+8+n), "WAVEfmt "...)
	h = le.AppendUint32(h, 18)
	h = le.AppendUint16(le.AppendUint16(h, wavMuLaw), 1)
	h = le.AppendUint32(le.AppendUint32(h, rate), rate)
	h = le.AppendUint16(le.AppendUint16(le.AppendUint16(h, 1), 8), 0)
	h = le.AppendUint32(le.AppendUint32(append(h, "fact"...), 4), n)
	h = le.AppendUint32(append(h, "data"...), n)
	_, err := w.Write(AppendG711(h, s.Samples))
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
	f := &WAVWriter{w: w, rate: rate, start: position(w)}
	_, err := w.Write(wavHeader(rate, -1))
	return f, err
}

// position is where a writer is; -1 where it cannot seek.
func position(w io.Writer) int64 {
	if s, ok := w.(io.Seeker); ok {
		// A pipe has the method, but an error.
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			return at
		}
	}
	return -1
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
	return mend(f.w, f.start, func() error {
		_, err := f.w.Write(wavHeader(f.rate, f.size))
		return err
	})
}

// mend writes the header of a file, begun at that position, once more where the writer can go back, and leaves it where
// it was.
func mend(w io.Writer, start int64, header func() error) error {
	if start < 0 {
		return nil
	}
	s := w.(io.Seeker)
	end, err := s.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = s.Seek(start, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("audio: going back to the header of a file: %w", err)
	}
	if err := header(); err != nil {
		return err
	}
	_, err = s.Seek(end, io.SeekStart)
	return err
}
