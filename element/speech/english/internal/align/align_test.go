package align

import (
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

func word(letters, said string) Word {
	w := Word{Letters: letters}
	for _, name := range strings.Fields(said) {
		p, _ := arpabet.Number(name)
		w.Phones = append(w.Phones, p)
	}
	return w
}

func TestAlign(t *testing.T) {
	a := Learn([]Word{
		word("phone", "F OW1 N"), word("fox", "F AA1 K S"), word("on", "AA1 N"), word("no", "N OW1"), word("ox", "AA1 K S"),
		word("photo", "F OW1 T OW0"), word("tone", "T OW1 N"), word("hen", "HH EH1 N"), word("ten", "T EH1 N"), word("pen", "P EH1 N"),
	}, 20)
	for _, test := range []struct {
		word    Word
		want    string
		regular bool
	}{
		{word("phone", "F OW1 N"), "F||OW1|N|", true},
		{word("fox", "F AA2 K S"), "F|AA2|K S", true},
		{word("w", "D AH1 B AH0 L Y UW0"), "D AH1 B AH0 L Y UW0", false},
		{word("ten", ""), "||", false},
	} {
		parts, regular := a.Align(test.word)
		var got []string
		for _, p := range parts {
			got = append(got, strings.Join(arpabet.Strings(p), " "))
		}
		if s := strings.Join(got, "|"); s != test.want || regular != test.regular {
			t.Errorf("%s: got %s, %t, want %s", test.word.Letters, s, regular, test.want)
		}
		if !slices.Equal(slices.Concat(parts...), test.word.Phones) {
			t.Errorf("%s: %v", test.word.Letters, parts)
		}
	}
}
