package measure

import (
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
)

// saidListener hears the same in every sound.
type saidListener []string

func (l saidListener) Hear(audio.Sound) ([]string, error) { return l, nil }
func (saidListener) Close()                               {}

// TestTones holds that wrong tones are counted in a language that has them, and have a
// column and a note there alone.
func TestTones(t *testing.T) {
	for _, c := range []struct {
		language, text, heard string
		wrong, finals         int
	}{
		{"mandarin", "媽媽喝茶", "m a1 m a1 h e1 ch a4", 2, 4},
		{"english", "Good tea", "G UH D T EY", 0, 0},
	} {
		l, err := language.Find(c.language)
		if err != nil {
			t.Fatal(err)
		}
		y := &speechYard{info: stride.Info{Sound: &stride.SoundInfo{Rate: 8000}}, language: l, listener: saidListener(strings.Fields(c.heard))}
		says, err := y.phones(c.text)
		if err != nil {
			t.Fatal(err)
		}
		q, err := y.quality(t.Context(), []utterance{{says: says, of: -1}}, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		if q.Tones.Wrong != c.wrong || q.Tones.Heard != c.finals {
			t.Errorf("%s: %+v, want %d of %d wrong", c.language, q.Tones, c.wrong, c.finals)
		}
		row := emptyRow("nar")
		row.Speech = q
		comparison := &Comparison{Kind: KindSentence, Rows: []Row{row}, Metrics: Metrics(KindSentence)}
		if err := comparison.evaluate(t.Context(), newFakeVoice(t), make([][]object, 1)); err != nil {
			t.Fatal(err)
		}
		comparison.Notes = y.notes(comparison, CompareOptions{})
		table := comparison.Table()
		for _, part := range []string{" tones", "tones: of the finals", "50.0 %"} {
			if tonal := c.finals > 0; strings.Contains(table, part) != tonal {
				t.Errorf("%s: %q is in the table: %v\n%s", c.language, part, !tonal, table)
			}
		}
	}
}
