package measure

import (
	"strings"

	"github.com/stride-ml/stride/measure/speech"
)

// Names of the rows that stand for floors and ceilings of speech: recordings, and
// those with each other's texts.
const (
	recordedSpeech = "recordings"
	shuffledTexts  = "shuffled texts"
)

var ofSpeech = []Kind{KindSentence}

// speechMetrics are those of speech; [SpeechQuality] says what is compared with
// what.
var speechMetrics = append([]Metric{
	{
		Name: "PER", Key: "phone_error_rate", Title: "phone error rate", Kinds: ofSpeech, Percent: true, Digits: 1, Plotted: true,
		Better: Lower, Ceiling: []Bound{{Row: recordedSpeech}, {Value: 0}}, Floor: []Bound{{Row: shuffledTexts}, {Value: 1}}, Interval: "95 %",
		Source: "edit distance (Levenshtein 1966) from what was to be said to what a recogniser of sounds hears, without stress and rests",
		Fooled: "a recogniser that knows the voice forgives its habits; it hears sounds, not sense. Below recordings: clearer than they, or cut to its ear",
		Of:     found(func(r *Row) Value { return Value{r.Speech.ErrorRate, r.Speech.ErrorLow, r.Speech.ErrorHigh} }),
	},
	{
		Name: "tones", Key: "tone_error_rate", Title: "share of finals heard with another tone", Kinds: ofSpeech, Percent: true, Digits: 1,
		Better: Lower, Ceiling: []Bound{{Row: recordedSpeech}, {Value: 0}}, Floor: []Bound{{Row: shuffledTexts}, {Value: 1}},
		Source: "counted, of the finals that are heard as such",
		Fooled: "few finals are counted where PER is high",
		Of:     bare(func(r *Row) float64 { return r.Speech.Tones.ErrorRate() }),
	},
}, comparedWithRecordings()...)

// comparedWithRecordings are a metric for each of [speech.Figures].
func comparedWithRecordings() []Metric {
	known := map[string]Metric{
		"MCD-DTW": {Title: "mel-cepstral distortion along a warped path", Plotted: true,
			Source: "Kubichek 1993, on our log-mel frames; along the path of dynamic time warping (Sakoe and Chiba 1978)",
			Fooled: "deaf to timing, level, phase and buzz; flatters blurred speech"},
		"MCD": {Title: "mel-cepstral distortion frame by frame", Source: "Kubichek 1993, on our log-mel frames",
			Fooled: "silence counts as much as speech; only for sounds with the timing of the recording"},
		"F0": {Title: "error of F0 where both are voiced", Source: "YIN (de Cheveigne and Kawahara 2002), root mean square in semitones",
			Fooled: "one octave mistaken in a hundred frames makes 1.2; a monotone has some 2 or 3"},
		"voicing": {Title: "share of steps voiced in one of both alone", Percent: true, Source: "YIN (de Cheveigne and Kawahara 2002)",
			Fooled: "creaky voice counts as unvoiced"},
		"convergence": {Title: "spectral convergence", Source: "Yamamoto et al., arXiv 1910.11480",
			Fooled: "fresh noise for noise has 0.66 though nobody hears it; vocoders trained by it are flattered; a buzz costs nothing"},
		"log-STFT": {Title: "distance of log magnitudes", Source: "Yamamoto et al., arXiv 1910.11480",
			Fooled: "fresh noise for noise has 0.69 though nobody hears it; vocoders trained by it are flattered"},
		"buzz": {Title: "harmonic ripple where the recording is unvoiced, beside it", Better: Nearer, Source: "peak of the real cepstrum (Noll 1967)",
			Fooled: "below 0 is no better: smooth noise, or none; deaf to a single whistle"},
		"tempo": {Title: "length of the recording over that of what was made", Better: Nearer, Ceiling: []Bound{{Value: 1}}, Source: "counted",
			Fooled: "pauses in the wrong places"},
	}
	var out []Metric
	for i, f := range speech.Figures {
		m := known[f.Name]
		m.Name, m.Unit, m.Kinds, m.Digits, m.Interval = f.Name, f.Unit, ofSpeech, 2, "quartiles"
		if m.Percent {
			m.Digits = 1
		}
		m.Key = strings.ReplaceAll(strings.ToLower(f.Name), "-", "_")
		if m.Better == "" {
			m.Better = Lower
		}
		if m.Ceiling == nil {
			m.Ceiling = []Bound{{Value: 0}}
		}
		if m.Better == Lower {
			m.Floor = []Bound{{Row: shuffledTexts}}
		}
		m.Of = found(func(r *Row) Value {
			s := r.Speech.figure(i)
			return Value{s.Median, s.Lower, s.Upper}
		})
		out = append(out, m)
	}
	return out
}
