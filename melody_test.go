package stride_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	_ "github.com/stride-ml/stride/models/mandarin"
)

// TestPhrases holds that a voice that learned from words speaks a sentence phrase
// by phrase, with pauses between them, and that its marks stay with the words.
func TestPhrases(t *testing.T) {
	const text = "他來，我去。好嗎？好"
	m := open(t, "tiny-mandarin")
	for _, slower := range []float64{1, 2} {
		steps := spoken(t, m, stride.Prompt{Text: text}, stride.NAR(), stride.Rate(float32(1/slower)))
		if len(steps) != 4 {
			t.Errorf("%d passes, want one for each of 4 phrases", len(steps))
		}
		s := steps[len(steps)-1].Object.(stride.Sound)
		var words, rests []string
		var pauses []time.Duration
		at := s.Marks[0].Start
		for i, k := range s.Marks {
			switch {
			case k.Kind == stride.MarkWord:
				if text[k.Offset:k.Offset+k.Length] != k.Text {
					t.Errorf("word %q is at byte %d", k.Text, k.Offset)
				}
				words = append(words, k.Text)
				continue
			case k.Kind == stride.MarkRest && k.Text != "":
				rests = append(rests, k.Text)
				if i+1 < len(s.Marks) {
					pauses = append(pauses, s.Marks[i+1].End-k.Start)
				}
			}
			if k.Start != at {
				t.Errorf("%s %q begins at %v, want %v", k.Kind, k.Text, k.Start, at)
			}
			at = k.End
		}
		if at != s.Duration() || !slices.Equal(words, []string{"他", "來", "我", "去", "好", "嗎", "好"}) || !slices.Equal(rests, []string{",", ".", "?", "."}) {
			t.Errorf("words %q and rests %q end at %v of %v", words, rests, at, s.Duration())
		}
		for i, want := range []float64{0.25, 0.5, 0.5} {
			if got := pauses[i].Seconds(); math.Abs(got-slower*want) > 0.03 {
				t.Errorf("a pause of %.2f s behind phrase %d, want %.2f", got, i, slower*want)
			}
		}
	}
}

// TestDeclination holds that the pitch of high tones falls along a phrase of the
// bundled voice, begins anew with the next, and falls less in a question.
func TestDeclination(t *testing.T) {
	m := open(t, "mandarin")
	// ends are the pitches of the first and last syllable of each phrase, in semitones.
	ends := func(text string) (out []float64) {
		steps := spoken(t, m, stride.Prompt{Text: text})
		s := steps[len(steps)-1].Object.(stride.Sound)
		const hop = 160
		f0, err := audio.F0(audio.Sound{Samples: s.Samples, Rate: s.Rate}, hop)
		if err != nil {
			t.Fatal(err)
		}
		var phrase []float64
		for _, k := range s.Marks {
			if k.Kind == stride.MarkRest && len(phrase) > 0 {
				out, phrase = append(out, phrase[0], phrase[len(phrase)-1]), nil
			}
			if k.Kind != stride.MarkPhone {
				continue
			}
			var voiced []float64
			for _, p := range f0[int(k.Start.Seconds()*float64(s.Rate))/hop : min(len(f0), int(k.End.Seconds()*float64(s.Rate))/hop)] {
				if p.Voiced {
					voiced = append(voiced, 12*math.Log2(float64(p.Hz)))
				}
			}
			if slices.Sort(voiced); k.Text == "ang1" && len(voiced) > 5 {
				phrase = append(phrase, voiced[len(voiced)/2])
			}
		}
		return out
	}
	s, q := ends("湯他吃西瓜喝冰湯，湯他吃西瓜喝冰湯。"), ends("湯他吃西瓜喝冰湯？")
	if len(s) != 4 || len(q) != 2 {
		t.Fatalf("pitches %.1f and %.1f, want those of both ends of two phrases and of one", s, q)
	}
	for i, fall := range []float64{s[0] - s[1], s[2] - s[3]} {
		if fall < 1 || fall > 5 {
			t.Errorf("phrase %d falls by %.1f semitones, want 1 to 5", i, fall)
		}
		if question := q[0] - q[1]; question > fall-1 {
			t.Errorf("a question falls by %.1f semitones, phrase %d by %.1f", question, i, fall)
		}
	}
	if math.Abs(s[2]-s[0]) > 1 {
		t.Errorf("the second phrase begins at %.1f semitones, the first at %.1f", s[2], s[0])
	}
}
