package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Tags of the chunk "fmt " (Microsoft, "Multiple channel audio data and WAVE files").
const (
	wavPCM        = 1
	wavFloat      = 3
	wavMuLaw      = 7 // written, not read
	wavExtensible = 0xfffe
)

// streamed is the least size that writers give when they do not know it: 0xffffffff, or somewhat below 2 GiB.
const streamed = 0x7ffff000

// extensible is how the identifier of a sample format ends; it begins with a tag.
const extensible = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

func isWAV(head []byte) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WAVE"
}

// wavFile is a WAV file read up to its samples.
type wavFile struct {
	Info
	tag   int
	frame int   // bytes of one sample of every channel
	size  int64 // bytes of samples; -1 where they reach to the end of the file
}

// openWAV reads chunks up to the samples; it skips those it does not know.
func openWAV(src *source) (wavFile, error) {
	riff := make([]byte, 12)
	if _, err := io.ReadFull(src, riff); err != nil {
		return wavFile{}, src.damaged("WAV", err)
	}
	whole := binary.LittleEndian.Uint32(riff[4:])
	var w wavFile
	for {
		at := src.offset()
		head := make([]byte, 8)
		if _, err := io.ReadFull(src, head); err != nil {
			want := `chunk "fmt "`
			if w.frame > 0 {
				want = `chunk "data"`
			}
			return w, &Error{Offset: at, Found: "the end of a WAV", Want: want, Err: err}
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch id := string(head[:4]); {
		case id == "fmt " && w.frame == 0:
			var err error
			if w, err = readWAVFormat(src, size); err != nil {
				return w, err
			}
		case id == "data" && w.frame == 0:
			return w, &Error{Offset: at, Found: `chunk "data"`, Want: `chunk "fmt " before it`}
		case id == "data":
			w.size = size
			if size >= streamed || size == 0 && (whole == 0 || whole >= streamed) {
				w.size, w.Samples = -1, -1
				return w, nil
			}
			w.Samples = int(size / int64(w.frame))
			return w, nil
		default:
			if err := skipChunk(src, size, size); err != nil {
				return w, &Error{Offset: at, Found: fmt.Sprintf("chunk %q of %d bytes that is cut off", id, size),
					Want: `chunk "data" after it`, Err: err}
			}
		}
	}
}

// skipChunk skips the rest of a chunk, and the zero that makes its size even; some writers leave that out.
func skipChunk(src *source, rest, size int64) error {
	if _, err := io.CopyN(io.Discard, src, rest); err != nil {
		return err
	}
	if next, err := src.Peek(1); size%2 == 0 || err != nil || next[0] != 0 {
		return nil
	}
	_, err := src.Discard(1)
	return err
}

// readWAVFormat reads the chunk "fmt ".
func readWAVFormat(src *source, size int64) (wavFile, error) {
	at := src.offset()
	if size < 16 {
		return wavFile{}, &Error{Offset: at, Found: fmt.Sprintf(`chunk "fmt " of %d bytes`, size), Want: "at least 16"}
	}
	b := make([]byte, min(size, 40))
	_, err := io.ReadFull(src, b)
	if err == nil {
		err = skipChunk(src, size-int64(len(b)), size)
	}
	if err != nil {
		return wavFile{}, &Error{Offset: at, Found: `chunk "fmt " that is cut off`, Want: "all of it", Err: err}
	}
	word := func(i int) int { return int(binary.LittleEndian.Uint16(b[i:])) }
	tag, channels, frame, bits := word(0), word(2), word(12), word(14)
	rate := binary.LittleEndian.Uint32(b[4:])
	if tag == wavExtensible {
		if len(b) < 40 || string(b[26:40]) != extensible {
			return wavFile{}, &Error{Offset: at, Found: "an unknown extension of the sample format", Want: "PCM or floating point"}
		}
		tag = word(24)
	}
	w := wavFile{Info: Info{"WAV", int(min(rate, math.MaxInt32)), channels, bits, -1}, tag: tag, frame: frame}
	if decoderOf(tag, bits) == nil {
		return w, &Error{Offset: at, Found: fmt.Sprintf("sample format %d of %d bits", tag, bits),
			Want: "format 1 (PCM) of 8, 16, 24 or 32 bits or 3 (floating point) of 32 or 64"}
	}
	if checkRate(w.Rate) != nil || channels < 1 || frame != channels*(bits/8) {
		return w, &Error{Offset: at, Found: fmt.Sprintf("%d channels at %d Hz in frames of %d bytes", channels, rate, frame),
			Want: fmt.Sprintf("at least 1 channel at 1 to %d Hz in frames of %d bytes for each", maxRate, bits/8)}
	}
	return w, nil
}

// decoderOf gives the function that decodes a sample; nil if there is none.
func decoderOf(tag, bits int) func(b []byte) float64 {
	le := binary.LittleEndian
	switch {
	case tag == wavPCM && bits == 8:
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }
	case tag == wavPCM && bits == 16:
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) / (1 << 15) }
	case tag == wavPCM && bits == 24:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case tag == wavPCM && bits == 32:
		return func(b []byte) float64 { return float64(int32(le.Uint32(b))) / (1 << 31) }
	case tag == wavFloat && bits == 32:
		return func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case tag == wavFloat && bits == 64:
		return func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	}
	return nil
}

func wavInfo(src *source) (Info, error) {
	w, err := openWAV(src)
	return w.Info, err
}

func decodeWAV(src *source, l Limits) (Sound, error) {
	w, err := openWAV(src)
	if err != nil {
		return Sound{}, err
	}
	if w.Samples > l.Samples {
		return Sound{}, src.tooMany("WAV", l)
	}
	s := Sound{Rate: w.Rate}
	decode, step := decoderOf(w.tag, w.Bits), w.Bits/8
	buf := make([]byte, max(1, 1<<16/w.frame)*w.frame)
	left := w.size
	if left < 0 {
		left = math.MaxInt64
	}
	for left >= int64(w.frame) {
		b := buf[:min(left, int64(len(buf)))]
		n, err := io.ReadFull(src, b)
		left -= int64(n)
		if len(s.Samples)+n/w.frame > l.Samples {
			return Sound{}, src.tooMany("WAV", l)
		}
		for b = b[:n-n%w.frame]; len(b) > 0; b = b[w.frame:] {
			var sum float64
			for c := range w.Channels {
				sum += decode(b[c*step:])
			}
			s.Samples = append(s.Samples, clamp(float32(sum/float64(w.Channels))))
		}
		if err != nil && w.size < 0 {
			return s, nil
		}
		if err != nil {
			return Sound{}, &Error{Offset: src.offset(), Found: `the end of a WAV in chunk "data"`,
				Want: fmt.Sprintf("%d bytes more", left), Err: err}
		}
	}
	return s, nil
}
