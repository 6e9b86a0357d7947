package speech_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/speech"
)

// vowel is a fifth of a second of a voice with some breath.
func vowel(hz float64) audio.Sound {
	breath := rand.New(rand.NewPCG(1, 0))
	s := audio.Sound{Samples: make([]float32, 3200), Rate: 16000}
	for i := range s.Samples {
		s.Samples[i] = float32(0.003 * breath.NormFloat64())
		for h := 1.0; h <= 10; h++ {
			s.Samples[i] += float32(0.1 / h * math.Sin(2*math.Pi*h*hz*float64(i)/16000))
		}
	}
	return s
}

func ExampleCountEdits() {
	e := speech.CountEdits(strings.Fields("D EY1 N JH ER0"), strings.Fields("D EH1 N JH ER0 Z"))
	fmt.Printf("%+v\n", e)
	fmt.Printf("phone error rate %.0f %%\n", 100*e.ErrorRate())
	// Output:
	// {Substitutions:1 Deletions:0 Insertions:1 Length:5}
	// phone error rate 40 %
}

func ExampleComparePitch() {
	a, b := vowel(200), vowel(200*math.Pow(2, 1.0/12))
	path, err := speech.Warp(a, b)
	if err != nil {
		log.Fatal(err)
	}
	p, err := speech.ComparePitch(a, b, path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f semitones, voicing error %.0f %%\n", p.RMSE, 100*p.Voicing)
	// Output: 1.0 semitones, voicing error 0 %
}

func ExampleCompareAligned() {
	mel, err := audio.NewMel(audio.DefaultMel)
	if err != nil {
		log.Fatal(err)
	}
	var reports []speech.Report
	for _, hz := range []float64{120, 160, 200} {
		real := vowel(hz)
		made := audio.Sound{Samples: mel.GriffinLim(mel.Log(nil, real.Samples), 16, 1), Rate: 16000}
		r, err := speech.CompareAligned(real, made)
		if err != nil {
			log.Fatal(err)
		}
		reports = append(reports, r)
	}
	for _, f := range speech.Figures {
		if f.Name == "F0" || f.Name == "MCD" {
			s := measure.Summarize(f.Values(reports))
			fmt.Printf("%s of %d sounds: below 3 %s: %v\n", f.Name, s.N, f.Unit, s.Median < 3)
		}
	}
	// Output:
	// MCD of 3 sounds: below 3 dB: true
	// F0 of 3 sounds: below 3 semitones: true
}
