package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func chunk(id string, size int, data ...byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(id), uint32(size)), data...)
}

func whole(id string, data ...byte) []byte { return chunk(id, len(data), data...) }

// wavOf makes a WAV file of chunks.
func wavOf(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return whole("RIFF", body...)
}

func formatChunk(tag, channels, rate, bits int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint16(nil, uint16(tag)), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*channels*bits/8))
	return whole("fmt ", le.AppendUint16(le.AppendUint16(b, uint16(channels*bits/8)), uint16(bits))...)
}

// resized gives a WAV file another size of the whole.
func resized(file []byte, size uint32) []byte {
	binary.LittleEndian.PutUint32(file[4:], size)
	return file
}

func TestDecodeWAV(t *testing.T) {
	pcm16 := []byte{0, 0, 0, 0x40, 0, 0xc0, 0, 0x80} // 0, 1/2, -1/2, -1
	mono := formatChunk(1, 1, 16000, 16)
	long := append(slices.Clone(mono), 7) // an odd size, without a zero after it
	long[4] = 17
	float := func(bits int, x ...float64) []byte {
		var b []byte
		for _, v := range x {
			if bits == 32 {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
			} else {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
			}
		}
		return whole("data", b...)
	}
	four := []float32{0, 0.5, -0.5, -1}
	for _, tc := range []struct {
		name string
		data []byte
		want []float32
	}{
		{"16 bits", wavOf(mono, whole("data", pcm16...)), four},
		{"8 bits", wavOf(formatChunk(1, 1, 16000, 8), whole("data", 128, 192, 64, 0)), four},
		{"24 bits", wavOf(formatChunk(1, 1, 16000, 24), whole("data", 0, 0, 0, 0, 0, 0x40, 0, 0, 0xc0, 0, 0, 0x80)), four},
		{"32 bits", wavOf(formatChunk(1, 1, 16000, 32), whole("data", 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0xc0, 0, 0, 0, 0x80)), four},
		{"float", wavOf(formatChunk(3, 1, 16000, 32), float(32, 0, 0.5, -0.5, -1)), four},
		{"double", wavOf(formatChunk(3, 1, 16000, 64), float(64, 0, 0.5, -0.5, -1)), four},
		{"wild floats", wavOf(formatChunk(3, 1, 16000, 32), float(32, math.NaN(), 3, math.Inf(-1))), []float32{0, 1, -1}},
		{"stereo", wavOf(formatChunk(1, 2, 16000, 16), whole("data", pcm16...)), []float32{0.25, -0.75}},
		{"part of a frame", wavOf(formatChunk(1, 2, 16000, 16), whole("data", pcm16[:6]...)), []float32{0.25}},
		{"unknown chunks", wavOf(whole("JUNK", 1, 2), mono, whole("LIST", 1, 2, 3, 0), whole("data", pcm16...), whole("id3 ", 9)), four},
		{"padding", wavOf(mono, whole("LIST", 1, 2, 3), []byte{0}, whole("data", pcm16...)), four},
		{"no padding", wavOf(mono, whole("LIST", 1, 2, 3), whole("data", pcm16...)), four},
		{"odd format", wavOf(long, whole("data", pcm16...)), four},
		{"second format", wavOf(mono, formatChunk(1, 7, 1, 8), whole("data", pcm16...)), four},
		{"wrong size", resized(wavOf(mono, whole("data", pcm16...)), 3), four},
		{"streamed", wavOf(mono, chunk("data", math.MaxUint32, pcm16...)), four},
		{"streamed as zero", resized(wavOf(mono, chunk("data", 0, pcm16...)), 0), four},
		{"streamed below 2 GiB", wavOf(mono, chunk("data", streamed, append(pcm16, 1)...)), four},
		{"empty", wavOf(mono, whole("data"), whole("LIST", pcm16...)), nil},
		{"no more", wavOf(mono, whole("data")), nil},
	} {
		s, err := Decode(bytes.NewReader(tc.data), Limits{})
		if err != nil || s.Rate != 16000 || !slices.Equal(s.Samples, tc.want) {
			t.Errorf("%s: %v at %d Hz, %v, want %v", tc.name, s.Samples, s.Rate, err, tc.want)
		}
		if slow, err := Decode(iotest.OneByteReader(bytes.NewReader(tc.data)), Limits{}); err != nil || !slices.Equal(slow.Samples, s.Samples) {
			t.Errorf("%s: in single bytes %v, %v", tc.name, slow.Samples, err)
		}
	}
}

// TestDecodeLibsndfile decodes what another library wrote.
func TestDecodeLibsndfile(t *testing.T) {
	left, right := signal(600, 16000), signal(600, 8000)
	both := make([]float64, 600)
	for i := range both {
		both[i] = (float64(left[i]) + 0.5*float64(right[i])) / 2
	}
	for _, tc := range []struct {
		name      string
		info      Info
		want      []float64
		tolerance float64
	}{
		{"float64.wav", Info{"WAV", 16000, 2, 64, 200}, both[:200], 1e-7},
		{"extensible24.wav", Info{"WAV", 16000, 2, 24, 200}, both[:200], 2.0 / (1 << 23)},
		{"unsigned8.wav", Info{"WAV", 16000, 1, 8, 200}, wide(left[:200]), 1.01 / (1 << 7)},
		{"stereo24.flac", Info{"FLAC", 16000, 2, 24, 600}, both, 2.0 / (1 << 23)},
		{"mono16.flac", Info{"FLAC", 16000, 1, 16, 600}, wide(left), 1.01 / (1 << 15)},
	} {
		in, err := DecodeInfo(bytes.NewReader(readFile(t, tc.name)))
		if err != nil || in != tc.info {
			t.Errorf("%s: %+v, %v, want %+v", tc.name, in, err, tc.info)
		}
		s, err := Read(filepath.Join("testdata", tc.name), Limits{})
		if err != nil || s.Rate != tc.info.Rate {
			t.Errorf("%s: %d Hz, %v", tc.name, s.Rate, err)
		} else if d := furthest(s.Samples, tc.want); d > tc.tolerance {
			t.Errorf("%s: off by %g", tc.name, d)
		}
	}
}

func TestDecodeMP3(t *testing.T) {
	for _, tc := range []struct {
		name  string
		info  Info
		level float64 // of a tone of 440 Hz
	}{
		{"mono.mp3", Info{"MP3", 16000, 1, 0, -1}, 0.5},
		{"stereo.mp3", Info{"MP3", 44100, 2, 0, -1}, 0.25}, // the right channel is silent
	} {
		data := readFile(t, tc.name)
		in, err := DecodeInfo(bytes.NewReader(data))
		if err != nil || in != tc.info {
			t.Errorf("%s: %+v, %v", tc.name, in, err)
		}
		s, err := Decode(bytes.NewReader(data), Limits{})
		if err != nil || s.Rate != in.Rate {
			t.Fatalf("%s: %d Hz, %v", tc.name, s.Rate, err)
		}
		if d := s.Duration(); d < 250*time.Millisecond || d > 800*time.Millisecond {
			t.Errorf("%s: %v", tc.name, d)
		}
		middle := s.Samples[len(s.Samples)/2-s.Rate/40:][:s.Rate/20]
		if got := amplitude(middle, s.Rate, 440); math.Abs(got-tc.level) > 0.02 {
			t.Errorf("%s: a tone of %.3f, want %.3f", tc.name, got, tc.level)
		}
		tagged := append([]byte("ID3\x04\x00\x00\x00\x00\x01\x02"), make([]byte, 130+7)...) // and some zeros
		again, err := Decode(bytes.NewReader(append(tagged, data...)), Limits{})
		if err != nil || !slices.Equal(again.Samples, s.Samples) {
			t.Errorf("%s: after a tag %d samples, %v, want %d", tc.name, len(again.Samples), err, len(s.Samples))
		}
	}
}

// amplitude is that of a tone in samples, which should be whole periods.
func amplitude(x []float32, rate int, hz float64) float64 {
	var c, s float64
	for i, v := range x {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		c, s = c+float64(v)*cos, s+float64(v)*sin
	}
	return 2 * math.Hypot(c, s) / float64(len(x))
}

func TestDecodeFLACAfterTag(t *testing.T) {
	data := append([]byte("ID3\x04\x00\x10\x00\x00\x00\x03abc3DI\x04\x00\x10\x00\x00\x00\x03"), readFile(t, "mono16.flac")...)
	s, err := Decode(bytes.NewReader(append(data, "TAG and more"...)), Limits{})
	if err != nil || len(s.Samples) != 600 {
		t.Errorf("%d samples, %v", len(s.Samples), err)
	}
}

func TestDecodeErrors(t *testing.T) {
	mono, data := formatChunk(1, 1, 16000, 16), whole("data", 1, 2, 3, 4)
	flac := readFile(t, "mono16.flac")
	changed := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] ^= v
		return b
	}
	for _, tc := range []struct {
		name   string
		data   []byte
		limits Limits
		want   string
	}{
		{"empty", nil, Limits{}, "audio: at byte 0 found an empty file, want WAV, FLAC or MP3"},
		{"other", []byte("OggS\x00\x02"), Limits{}, "audio: at byte 0 found a file that begins 4f 67 67 53 00 02, want WAV, FLAC or MP3"},
		{"RIFF only", []byte("RIFF\x00\x00\x00\x00AVI LIST"), Limits{}, "audio: at byte 0 found a file that begins 52 49"},
		{"no chunks", wavOf(), Limits{}, `audio: at byte 12 found the end of a WAV (EOF), want chunk "fmt "`},
		{"no data", wavOf(mono), Limits{}, `audio: at byte 36 found the end of a WAV (EOF), want chunk "data"`},
		{"data first", wavOf(data, mono), Limits{}, `audio: at byte 12 found chunk "data", want chunk "fmt " before it`},
		{"short format", wavOf(whole("fmt ", 1, 0), data), Limits{}, `audio: at byte 20 found chunk "fmt " of 2 bytes, want at least 16`},
		{"cut format", wavOf(mono[:20]), Limits{}, `audio: at byte 20 found chunk "fmt " that is cut off (unexpected EOF), want all of it`},
		{"cut chunk", wavOf(mono, chunk("LIST", 99, 1)), Limits{}, `audio: at byte 36 found chunk "LIST" of 99 bytes that is cut off (EOF), want chunk "data" after it`},
		{"cut samples", wavOf(mono, chunk("data", 6, 1, 2, 3)), Limits{}, `audio: at byte 47 found the end of a WAV in chunk "data" (unexpected EOF), want 3 bytes more`},
		{"A-law", wavOf(formatChunk(6, 1, 8000, 8), data), Limits{}, "audio: at byte 20 found sample format 6 of 8 bits, want format 1"},
		{"12 bits", wavOf(formatChunk(1, 1, 8000, 12), data), Limits{}, "audio: at byte 20 found sample format 1 of 12 bits, want format 1"},
		{"no channels", wavOf(formatChunk(1, 0, 8000, 16), data), Limits{}, "audio: at byte 20 found 0 channels at 8000 Hz in frames of 0 bytes, want at least 1"},
		{"no rate", wavOf(formatChunk(1, 1, 0, 16), data), Limits{}, "audio: at byte 20 found 1 channels at 0 Hz in frames of 2 bytes, want"},
		{"bad frames", wavOf(changed(mono, 20, 1), data), Limits{}, "audio: at byte 20 found 1 channels at 16000 Hz in frames of 3 bytes, want at least 1 channel at 1 to 768000 Hz in frames of 2 bytes for each"},
		{"bad extension", wavOf(formatChunk(wavExtensible, 1, 8000, 16), data), Limits{}, "audio: at byte 20 found an unknown extension"},
		{"too many", wavOf(mono, data), Limits{Samples: 1}, "audio: at byte 44 found a WAV of more than 1 samples, want no more"},
		{"too many streamed", wavOf(mono, chunk("data", math.MaxUint32, 1, 2, 3, 4)), Limits{Samples: 1}, "audio: at byte 48 found a WAV of more than 1 samples"},
		{"announced", wavOf(mono, chunk("data", streamed-1)), Limits{}, "audio: at byte 44 found a WAV of more than 67108864 samples, want no more"},
		{"long file", wavOf(mono, data), Limits{Bytes: 46}, "audio: at byte 47 found more than 46 bytes, want no more"},
		{"short FLAC", flac[:20], Limits{}, "audio: at byte 20 found a damaged FLAC (unexpected EOF), want a whole sound"},
		{"cut FLAC", flac[:len(flac)-9], Limits{}, "audio: at byte 1067 found a damaged FLAC (unexpected EOF), want a whole sound"},
		{"check sum", changed(flac, len(flac)-9, 1), Limits{}, "audio: at byte 1076 found a damaged FLAC (frame.Frame.Parse: CRC-16 checksum mismatch"},
		{"long FLAC", flac, Limits{Samples: 599}, "audio: at byte "},
		{"no frames", flac[:bytes.LastIndex(flac, []byte{0xff, 0xf8})], Limits{}, "audio: at byte "},
		{"MPEG 2.5", []byte("\xff\xe3\x18\xc4and more than a header"), Limits{}, "audio: at byte 0 found MPEG 2.5 layer III at 8000 Hz, want MPEG 1 or 2"},
		{"free rate", []byte("\xff\xfb\x00\xc4and more than a header"), Limits{}, "audio: at byte "},
		{"header only", []byte("\xff\xfb\x90\x44and no more"), Limits{}, "audio: at byte 15 found a damaged MP3 (EOF), want a whole sound"},
		{"long MP3", readFile(t, "mono.mp3"), Limits{Samples: 3000}, "audio: at byte "},
		{"cut tag", []byte("ID3\x04\x00\x00\x00\x00\x01\x02abc"), Limits{}, "audio: at byte 0 found an ID3 tag of 140 bytes that is cut off, want a sound after it"},
		{"tag only", []byte("ID3\x04\x00\x00\x00\x00\x00\x03abcdefg"), Limits{}, "audio: at byte 13 found an ID3 tag without sound after it, want MPEG layer III"},
		{"long tag", append([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"), make([]byte, 99)...), Limits{Bytes: 50}, "audio: at byte 51 found more than 50 bytes, want no more"},
	} {
		s, err := Decode(bytes.NewReader(tc.data), tc.limits)
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), tc.want) || s.Samples != nil {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
	for _, name := range []string{"mono16.flac", "extensible24.wav"} {
		file := readFile(t, name)
		for n := 0; n < len(file); n += 7 {
			if _, err := Decode(bytes.NewReader(file[:n]), Limits{}); err == nil && n < len(file)-8 {
				t.Errorf("the first %d of %d bytes of %s: no error", n, len(file), name)
			}
		}
	}
	for _, n := range []int{0, 5, 30, 700} {
		for _, name := range []string{"mono16.flac", "extensible24.wav", "stereo.mp3"} {
			r := io.MultiReader(bytes.NewReader(readFile(t, name)[:n]), iotest.ErrReader(fs.ErrPermission))
			if _, err := Decode(r, Limits{}); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s with a reader that fails after %d bytes: %v", name, n, err)
			}
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.wav")
	if err := os.WriteFile(bad, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bad, Limits{}); err == nil || err.Error() != "audio: "+bad+": at byte 0 found a file that begins 74 65 78 74, want WAV, FLAC or MP3" {
		t.Error(err)
	}
	missing := filepath.Join(dir, "missing.wav")
	if _, err := Read(missing, Limits{}); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), missing) != 1 {
		t.Error(err)
	}
	if _, err := Read(dir, Limits{}); err == nil || err.Error() != "audio: "+dir+": found no regular file, want a sound" {
		t.Error(err)
	}
}
