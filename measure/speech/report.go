package speech

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// Report is what all measures of the package say about a pair of sounds.
type Report struct {
	// Warped is the mel-cepstral distortion in dB along the path of [Warp], Straight
	// that of frames of the same time.
	Warped, Straight float64
	Pitch            Pitch
	Buzz             Buzz
	Spectral         Spectral
	// Tempo is the length of the reference over that of what was made: above 1 that
	// was spoken faster.
	Tempo float64
}

// Compare compares a sound with a timing of its own with the reference: all is along
// the path of [Warp]. What needs the same timing, Straight and Spectral, is NaN.
// Errors are those of Warp.
func Compare(reference, made audio.Sound) (Report, error) {
	nan := math.NaN()
	r := Report{Straight: nan, Spectral: Spectral{nan, nan}}
	a, b, err := pair(reference, made)
	if err == nil {
		path := warp(a, b, band)
		r.Warped = distortion(a, b, path)
		err = r.along(reference, made, path)
	}
	if err != nil {
		return Report{}, fmt.Errorf("compare: %w", err)
	}
	return r, nil
}

// CompareAligned compares a sound with the reference whose timing it has, as that of
// a vocoder: all but Warped is by frames of the same time. Errors are those of
// [Straight].
func CompareAligned(reference, made audio.Sound) (Report, error) {
	var r Report
	path, err := Straight(reference, made)
	if err != nil {
		return Report{}, fmt.Errorf("compare: %w", err)
	}
	a, b, err := pair(reference, made)
	if err == nil {
		r.Warped, r.Straight = distortion(a, b, warp(a, b, band)), distortion(a, b, path)
		err = r.along(reference, made, path)
	}
	if err == nil {
		r.Spectral, err = spectral(reference, made)
	}
	if err != nil {
		return Report{}, fmt.Errorf("compare: %w", err)
	}
	return r, nil
}

// along fills in what is measured along one path, and the tempo.
func (r *Report) along(reference, made audio.Sound, path Path) (err error) {
	r.Tempo = float64(len(reference.Samples)) / float64(len(made.Samples))
	if r.Pitch, err = comparePitch(reference, made, path); err != nil {
		return err
	}
	r.Buzz, err = compareBuzz(reference, made, path)
	return err
}

// Figure is one number of a report.
type Figure struct {
	Name, Unit string
	Of         func(Report) float64
}

// Figures are the numbers of a report in the order in which tables have them.
var Figures = []Figure{
	{"MCD-DTW", "dB", func(r Report) float64 { return r.Warped }},
	{"MCD", "dB", func(r Report) float64 { return r.Straight }},
	{"F0", "semitones", func(r Report) float64 { return r.Pitch.RMSE }},
	{"voicing", "", func(r Report) float64 { return r.Pitch.Voicing }},
	{"convergence", "", func(r Report) float64 { return r.Spectral.Convergence }},
	{"log-STFT", "", func(r Report) float64 { return r.Spectral.LogMagnitude }},
	{"buzz", "dB", func(r Report) float64 { return r.Buzz.Excess() }},
	{"tempo", "", func(r Report) float64 { return r.Tempo }},
}

// Values returns the figure of all reports that have it: those of which it is NaN
// are left out.
func (f Figure) Values(reports []Report) []float64 {
	var out []float64
	for _, r := range reports {
		if v := f.Of(r); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}
