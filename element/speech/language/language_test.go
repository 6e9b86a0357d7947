package language_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
)

func symbols(units []speech.Unit) string {
	var all []string
	for _, u := range units {
		all = append(all, u.Symbol)
	}
	return strings.Join(all, " ")
}

func TestUnits(t *testing.T) {
	for _, test := range []struct{ language, text, want string }{
		{"english", "Good morning, the dragon is awake.", "^ G UH1 D M AO1 R N IH0 NG , DH AH0 D R AE1 G AH0 N IH1 Z AH0 W EY1 K ."},
		{"english", "Is it?", "^ IH1 Z IH1 T ?"},
		{"english", "yes", "^ Y EH1 S ."},
		{"english", "yes,", "^ Y EH1 S ."},
		{"english", "😀", "^"},
		{"mandarin", "他喜歡我！", "^ t a1 x i3 h uan5 uo3 !"},
		{"mandarin", "花兒", "^ h ua1 r5 ."},
	} {
		l, err := language.Find(test.language)
		if err != nil {
			t.Fatal(err)
		}
		words, err := l.Words(test.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := symbols(l.Units(words)); got != test.want {
			t.Errorf("%s: units of %q are %q, want %q", test.language, test.text, got, test.want)
		}
	}
}

func TestUnitsKnowTheirPlaceAndWord(t *testing.T) {
	l, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	words := []speech.Word{{Phones: []string{"AH0"}}, {Phones: []string{"D", "AO1", "G"}, Break: speech.Phrase}, {Break: speech.Sentence}}
	var got []string
	for _, u := range l.Units(words) {
		got = append(got, fmt.Sprint(u.Symbol, u.Place, u.Word))
	}
	want := []string{"^0 -1", "AH04 0", "D2 1", "AO11 1", "G3 1", ".0 1"}
	if !slices.Equal(got, want) {
		t.Errorf("units are %q, want %q", got, want)
	}
}

// Every unit that a language makes must be among its symbols, each of which is
// there once.
func TestSymbols(t *testing.T) {
	for _, name := range language.Names() {
		l, err := language.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		all := l.Symbols()
		if sorted := slices.Sorted(slices.Values(all)); len(slices.Compact(sorted)) != len(all) {
			t.Errorf("%s: a symbol is there twice: %q", name, sorted)
		}
		words, err := l.Words("The judge, 你好，兒女 綠 語 said: \"Oh!\" 1984 恩 二", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range l.Units(words) {
			if !slices.Contains(all, u.Symbol) {
				t.Errorf("%s: unit %q is not among the symbols", name, u.Symbol)
			}
		}
	}
}

func TestLexicon(t *testing.T) {
	l, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	lexicon, err := l.ParseLexicon(strings.NewReader("dragon\tD R AA1 K"))
	if err != nil {
		t.Fatal(err)
	}
	words, err := l.Words("dragon", lexicon)
	if err != nil {
		t.Fatal(err)
	}
	if got := symbols(l.Units(words)); got != "^ D R AA1 K ." {
		t.Errorf("with the lexicon the units are %q", got)
	}
	other, err := language.Find("mandarin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Words("龍", lexicon); err == nil || !strings.Contains(err.Error(), "lexicon") {
		t.Errorf("the lexicon of another language: error %v, want one that says so", err)
	}
}

func TestFindUnknown(t *testing.T) {
	if _, err := language.Find("klingon"); err == nil || !strings.Contains(err.Error(), "english, mandarin") {
		t.Errorf("error %v, want one that lists the languages", err)
	}
}

func TestHeard(t *testing.T) {
	for _, test := range []struct {
		language, text, want string
		sounds               int
	}{
		{"english", "Yes, good morning!", "Y EH S G UH D M AO R N IH NG", 39},
		{"mandarin", "他喜歡我！", "t a1 x i3 h uan5 uo3", 21 + 41*5},
	} {
		l, err := language.Find(test.language)
		if err != nil {
			t.Fatal(err)
		}
		words, err := l.Words(test.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		heard := l.Heard(l.Units(words))
		if got := strings.Join(heard, " "); got != test.want {
			t.Errorf("%s: of %q is heard %q, want %q", test.language, test.text, got, test.want)
		}
		sounds := l.BareSounds()
		if len(sounds) != test.sounds {
			t.Errorf("%s: %d bare sounds, want %d", test.language, len(sounds), test.sounds)
		}
		for _, s := range heard {
			if !slices.Contains(sounds, s) {
				t.Errorf("%s: %q is heard but no bare sound", test.language, s)
			}
		}
	}
}

func TestBase(t *testing.T) {
	l, err := language.Find("mandarin")
	if err != nil {
		t.Fatal(err)
	}
	for symbol, want := range map[string]string{"ong1": "ong", "ün4": "ün", "zh": "zh", "AO1": "AO", ",": ","} {
		if got := l.Base(symbol); got != want {
			t.Errorf("base of %q is %q, want %q", symbol, got, want)
		}
	}
}
