package english_test

import (
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/speech"
	_ "github.com/stride-ml/stride/models/english"
	_ "github.com/stride-ml/stride/models/englishrecogniser"
)

// TestEnglishIsUnderstood holds the bundled voice, by every strategy, to what the
// bundled recogniser hears: sentences of no recording, with at most a third of the
// phones wrong, where recordings have a fifth.
func TestEnglishIsUnderstood(t *testing.T) {
	const most = 1.0 / 3
	m, err := stride.Open("english")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	judge, err := measure.OpenSpeechJudge("english-recogniser")
	if err != nil {
		t.Fatal(err)
	}
	defer judge.Close()
	english, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	for name, strategy := range map[string]stride.Option{"ar": stride.AR(), "nar": stride.NAR(), "refine": stride.Refine(8)} {
		var all speech.Edits
		for _, text := range []string{"My brother lives in a small house near the river.", "I would like a cup of coffee, please.", "Close the window before you leave the room."} {
			words, err := english.Words(text, nil)
			if err != nil {
				t.Fatal(err)
			}
			var sound stride.Sound
			for step, err := range m.Generate(t.Context(), stride.Prompt{Text: text}, strategy, stride.Seed(7)) {
				if err != nil {
					t.Fatal(err)
				}
				sound = step.Object.(stride.Sound)
			}
			heard, err := judge.Hear(audio.Sound{Samples: sound.Samples, Rate: sound.Rate})
			if err != nil {
				t.Fatal(err)
			}
			all = all.Add(speech.CountEdits(english.Heard(english.Units(words)), heard))
		}
		t.Logf("%s: phone error rate %.2f", name, all.ErrorRate())
		if !(all.ErrorRate() <= most) {
			t.Errorf("%s: phone error rate %.2f, want at most %.2f", name, all.ErrorRate(), most)
		}
	}
}
