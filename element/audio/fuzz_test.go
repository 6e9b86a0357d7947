package audio

import (
	"bytes"
	"testing"
)

// fuzz decodes anything, and looks at what came of it.
func fuzz(f *testing.F, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	limits := Limits{Samples: 1 << 16, Bytes: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, failed := DecodeInfo(bytes.NewReader(data))
		s, err := Decode(bytes.NewReader(data), limits)
		if err != nil {
			if s.Samples != nil {
				t.Errorf("%d samples beside %v", len(s.Samples), err)
			}
			return
		}
		if failed != nil || in.Rate != s.Rate || in.Channels < 1 || in.Samples >= 0 && in.Samples != len(s.Samples) {
			t.Errorf("%+v, %v, but %d samples at %d Hz", in, failed, len(s.Samples), s.Rate)
		}
		if len(s.Samples) > limits.Samples || s.Rate < 1 || s.Rate > maxRate {
			t.Errorf("%d samples at %d Hz", len(s.Samples), s.Rate)
		}
		for i, v := range s.Samples {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("sample %d is %v", i, v)
			}
		}
	})
}

func FuzzDecodeWAV(f *testing.F) {
	mono := formatChunk(1, 1, 16000, 16)
	fuzz(f, wavOf(mono, whole("LIST", 1, 2, 3), whole("data", 1, 2, 3, 4)), wavOf(mono, chunk("data", -1, 1, 2)),
		wavOf(formatChunk(3, 2, 8000, 64), whole("data", make([]byte, 32)...)), readFile(f, "extensible24.wav")[:200])
}

func FuzzDecodeFLAC(f *testing.F) {
	var small bytes.Buffer
	if err := EncodeFLAC(&small, Sound{signal(20, 16000), 16000}); err != nil {
		f.Fatal(err)
	}
	fuzz(f, small.Bytes(), readFile(f, "mono16.flac"), readFile(f, "stereo24.flac"))
}

func FuzzDecodeMP3(f *testing.F) {
	mono := readFile(f, "mono.mp3")
	fuzz(f, mono, mono[:300], readFile(f, "stereo.mp3"), append([]byte("ID3\x04\x00\x00\x00\x00\x00\x03abc"), mono...))
}
