package speech_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stride-ml/stride/measure/speech"
)

func TestCountTones(t *testing.T) {
	base := func(label string) string { return strings.TrimRight(label, "12345") }
	for _, test := range []struct {
		reference, heard string
		want             speech.Tones
	}{
		{"m a1 m a5", "m a1 m a5", speech.Tones{Heard: 2}},
		{"m a1 m a5", "m a3 m a5", speech.Tones{Heard: 2, Wrong: 1}},
		{"m a1 m a5", "m a5", speech.Tones{Heard: 1, Wrong: 1}},           // the first is heard, at as many edits
		{"m a1 sh ao4", "m ai1 sh ao2", speech.Tones{Heard: 1, Wrong: 1}}, // ai is another final
		{"zh ong1 g uo2", "n zh ong2 uo2", speech.Tones{Heard: 2, Wrong: 1}},
		{"m a1", "", speech.Tones{}},
		{"", "m a1", speech.Tones{}},
		{"S T AY", "S T AY", speech.Tones{}},
	} {
		got := speech.CountTones(strings.Fields(test.reference), strings.Fields(test.heard), base)
		if got != test.want {
			t.Errorf("%q heard as %q: %+v, want %+v", test.reference, test.heard, got, test.want)
		}
	}
	sum := speech.Tones{Heard: 3, Wrong: 1}.Add(speech.Tones{Heard: 1})
	if sum.ErrorRate() != 0.25 || !math.IsNaN(speech.Tones{}.ErrorRate()) {
		t.Errorf("%+v has an error rate of %g, none of %g", sum, sum.ErrorRate(), speech.Tones{}.ErrorRate())
	}
}
