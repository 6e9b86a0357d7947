package measure

import "math"

// Row is one strategy with its setting. A figure that was not or could not be
// measured is NaN.
type Row struct {
	Name     string // "nar predicted", "refine 8"
	Strategy string // "ar", "nar", "refine", "speculate"
	Length   string // of nar: "fixed" or "predicted"; of refine "predicted"; of pictures and speech ""
	Asked    int    // passes asked of refine; most guesses a pass of speculate
	Draft    string // of speculate, as [stride.Draft] takes it
	Last     string // of speech: strategy of the last stage of a pipeline where it is not the usual one
	Shortcut bool   // of refine: the network is told the length of its steps
	// Conditions is how many a pass evaluates: 2 of pictures by ar and refine
	// with guidance, else 1.
	Conditions int

	Objects  int     // generated, all runs together
	Passes   float64 // passes of the network, mean of the objects
	Elements float64 // elements, mean of the objects; END not counted
	Stride   float64 // elements per pass

	// FLOPs is the multiplications and additions of an object, mean of the
	// objects, the prompt left out: of texts 2·parameters·positions, without
	// attention; of speech those of all stages.
	FLOPs float64
	// Predicted is the time an object should take, in seconds, by the gain.
	Predicted float64
	// Seconds summarizes the runs: the mean time of an object in each.
	Seconds   Summary
	FirstStep float64 // seconds to the first step, median of the objects
	PerSecond float64 // elements per second at the median time
	// Of speculate: the share of guesses that were right, and of objects that are
	// exactly those of ar.
	Accepted, Same float64

	// Memory is what a generation holds at its last step beside the weights, in bytes:
	// keys and values, activations, the object. See [stride.Model.Trim].
	Memory float64

	// Values are what [Comparison.Metrics] say; the fields below have more of it.
	Values []Value
	made   []Made

	// Quality of all objects. Its NLL is under the judge, its interval NLLLow to
	// NLLHigh covers 95 %. For texts that are not poems only Entropy and
	// Distinct2 are there, over elements instead of characters.
	Quality         Coherence
	NLLLow, NLLHigh float64
	// RepeatedRuns is, for texts that are not poems, the share of runs of four
	// elements that stood earlier in the same text.
	RepeatedRuns float64
	// CharBits is, for ar, the exact bits per character of real test poems.
	CharBits float64
	// Pictures is the quality of pictures, Speaking what speech costs and Speech its
	// quality; of other objects nothing in them was measured.
	Pictures PictureQuality
	Speaking SpeechCost
	Speech   SpeechQuality
}

// emptyRow is a row in which nothing has been measured.
func emptyRow(name string) Row {
	nan := math.NaN()
	return Row{
		Name: name, Passes: nan, Elements: nan, Stride: nan, FLOPs: nan, Predicted: nan,
		Seconds: Summarize(nil), FirstStep: nan, PerSecond: nan, Memory: nan, Accepted: nan, Same: nan,
		Quality: Coherence{NLL: nan, Entropy: nan, Distinct2: nan, UnseenPairs: nan, CopiedLines: nan, RepeatedLines: nan, Form: FormCheck{nan, nan, nan, nan}},
		NLLLow:  nan, NLLHigh: nan, RepeatedRuns: nan, CharBits: nan, Pictures: noPictures(), Speaking: noSpeaking(), Speech: noSpeech(),
	}
}
