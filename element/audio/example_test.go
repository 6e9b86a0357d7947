package audio_test

import (
	"bytes"
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// beep is a second of a tone.
func beep(hz float64, rate int) audio.Sound {
	s := audio.Sound{Samples: make([]float32, rate), Rate: rate}
	for i := range s.Samples {
		s.Samples[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return s
}

func ExampleDecode() {
	var file bytes.Buffer
	if err := audio.EncodeFLAC(&file, beep(440, 48000)); err != nil {
		fmt.Println(err)
		return
	}
	s, err := audio.Decode(&file, audio.Limits{})
	fmt.Println(len(s.Samples), s.Rate, s.Duration(), err)

	_, err = audio.Decode(bytes.NewBufferString("%PDF-1.7"), audio.Limits{})
	fmt.Println(err)
	// Output:
	// 48000 48000 1s <nil>
	// audio: at byte 0 found a file that begins 25 50 44 46 2d 31 2e 37, want WAV, FLAC or MP3
}

func ExampleDecodeInfo() {
	var file bytes.Buffer
	if err := audio.EncodeWAV(&file, beep(440, 22050)); err != nil {
		fmt.Println(err)
		return
	}
	in, err := audio.DecodeInfo(&file)
	fmt.Printf("%+v %v\n", in, err)
	// Output: {Format:WAV Rate:22050 Channels:1 Bits:16 Samples:22050} <nil>
}

func ExampleWAVWriter() {
	var file bytes.Buffer // or os.Stdout
	w, err := audio.NewWAVWriter(&file, 16000)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hz := range []float64{440, 330} {
		if err := w.Write(beep(hz, 16000).Samples); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	s, err := audio.Decode(&file, audio.Limits{})
	fmt.Println(s.Duration(), err)
	// Output: 2s <nil>
}

func ExampleMel() {
	s, err := beep(1000, 48000).Resample(16000)
	if err != nil {
		fmt.Println(err)
		return
	}
	mel, err := audio.NewMel(audio.DefaultMel)
	if err != nil {
		fmt.Println(err)
		return
	}
	frames := mel.Log(nil, s.Samples)
	loudest := 0
	middle := frames[50*80:][:80]
	for b, v := range middle {
		if v > middle[loudest] {
			loudest = b
		}
	}
	fmt.Println(len(frames)/80, "frames, loudest in band", loudest)

	again := mel.GriffinLim(frames, 8, 1)
	fmt.Println(len(again), "samples")
	// Output:
	// 100 frames, loudest in band 26
	// 16000 samples
}

func ExampleSTFT() {
	s, err := audio.NewSTFT(audio.STFTConfig{FFT: 512, Hop: 128, Window: 512})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := beep(1000, 16000).Samples
	spectrum := s.Forward(nil, x)
	fmt.Println(s.Frames(len(x)), s.Bins(), len(spectrum))
	back := s.Inverse(nil, spectrum, len(x))
	fmt.Printf("%.4f %.4f\n", x[4004], back[4004])
	// Output:
	// 126 257 32382
	// 0.5000 0.5000
}

func ExampleF0() {
	pitch, err := audio.F0(beep(220, 16000), 160)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d frames, %.0f Hz, voiced: %v\n", len(pitch), pitch[50].Hz, pitch[50].Voiced)
	// Output: 100 frames, 220 Hz, voiced: true
}

func ExampleEncodeMuLaw() {
	levels := audio.EncodeMuLaw(nil, []float32{-1, 0, 0.01, 0.1, 1})
	fmt.Println(levels)
	fmt.Printf("%.3f\n", audio.DecodeMuLaw(nil, levels))
	// Output:
	// [0 128 157 203 255]
	// [-1.000 0.000 0.010 0.101 1.000]
}

func ExamplePicture() {
	img, err := audio.Picture(beep(440, 16000), 640, 360)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.Bounds().Size(), fmt.Sprintf("%.1f dBFS", audio.Level(beep(440, 16000).Samples)))
	// Output: (640,360) -9.0 dBFS
}
