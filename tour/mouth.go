package tour

import (
	"math"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
)

// mouthRate is how often a second it is told how far a mouth is open.
const mouthRate = 50

// mouth says how far a mouth is open, 0 to 100, mouthRate times a second: as loud
// as it is, as far as the phone that is said lets it.
func mouth(s audio.Sound, marks []stride.Mark) []int {
	if s.Rate < mouthRate {
		return nil
	}
	hop := s.Rate / mouthRate
	loud := make([]float64, (len(s.Samples)+hop-1)/hop)
	loudest := 0.0
	for i := range loud {
		part := s.Samples[i*hop : min((i+1)*hop, len(s.Samples))]
		loud[i] = math.Pow(10, audio.Level(part)/20)
		loudest = max(loudest, loud[i])
	}
	out := make([]int, len(loud))
	if loudest == 0 {
		return out
	}
	next := 0
	for i, l := range loud {
		at := audio.Duration(i*hop+hop/2, s.Rate)
		for next < len(marks) && (marks[next].Kind != stride.MarkPhone || marks[next].End <= at) {
			next++
		}
		most := 0.0
		if next < len(marks) && marks[next].Start <= at {
			most = opening(marks[next].Text)
		}
		// The square root lets soft vowels open it, too.
		out[i] = int(math.Round(100 * most * math.Sqrt(l/loudest)))
	}
	return out
}

// opening is how far a mouth opens for a phone, ARPAbet or an initial or final of
// pinyin, 0 to 1: roughly the height of the jaw, and nothing for lips that meet.
func opening(phone string) float64 {
	p := strings.ToLower(strings.TrimRight(phone, "012345"))
	switch p {
	case "m", "b", "p":
		return 0
	case "f", "v":
		return 0.15
	}
	switch {
	case strings.Contains(p, "a"):
		return 1
	case strings.ContainsAny(p, "eo"):
		return 0.75
	case strings.ContainsAny(p, "iuüv"):
		return 0.5
	}
	return 0.3
}

// spokenWord is a part of a text and when it is heard.
type spokenWord struct {
	Text       string
	Number     int // of those that are heard, -1 where it is not
	Start, End float64
}

// spokenWords cuts a text into the words that are heard and what is between
// them. What is said in several words, such as a number, is one.
func spokenWords(text string, marks []stride.Mark) []spokenWord {
	var out []spokenWord
	at, n := 0, 0
	for _, m := range marks {
		if m.Kind != stride.MarkWord || m.Length <= 0 || m.Offset+m.Length > len(text) {
			continue
		}
		if m.Offset < at { // said further
			if last := len(out) - 1; last >= 0 && out[last].Number >= 0 {
				out[last].End = seconds(m.End)
			}
			continue
		}
		if m.Offset > at {
			out = append(out, spokenWord{Text: text[at:m.Offset], Number: -1})
		}
		out = append(out, spokenWord{text[m.Offset : m.Offset+m.Length], n, seconds(m.Start), seconds(m.End)})
		at, n = m.Offset+m.Length, n+1
	}
	if at < len(text) {
		out = append(out, spokenWord{Text: text[at:], Number: -1})
	}
	return out
}

// seconds are rounded to a hundredth, half of what an eye sees.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*100) / 100 }
