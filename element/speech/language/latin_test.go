package language_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/element/speech/mandarin"
)

func words(t *testing.T, name, text string, lexicon string) []speech.Word {
	t.Helper()
	l, err := language.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	var user language.Lexicon
	if lexicon != "" {
		if user, err = l.ParseLexicon(strings.NewReader(lexicon)); err != nil {
			t.Fatal(err)
		}
	}
	words, err := l.Words(text, user)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func phones(words []speech.Word) string {
	var all []string
	for _, w := range words {
		all = append(all, w.Phones...)
	}
	return strings.Join(all, " ")
}

// TestLatinInMandarin holds that English in a Mandarin text is said as speakers of
// Mandarin say it: as the loans 咖啡, 派對, 酷, 星巴克 and the names of letters are.
func TestLatinInMandarin(t *testing.T) {
	for text, want := range map[string]string{
		"OK":         "ou1 kei4",
		"A":          "ei1",
		"B":          "bi1",
		"C":          "xi1",
		"H":          "ei1 qi5",
		"L":          "ai1 ou5",
		"Q":          "qiu1",
		"R":          "a1 er5",
		"W":          "da1 bo5 liu5",
		"X":          "ai1 ke5 si5",
		"Y":          "wai1",
		"GPU":        "ji1 pi1 you4",
		"KTV":        "kei1 ti1 wei4",
		"NBA":        "en1 bi1 ei4",
		"coffee":     "ka4 fei5",
		"party":      "pa4 ti5",
		"cool":       "ku4",
		"taxi":       "ta4 ke5 xi5",
		"copy":       "ka4 pi5",
		"pizza":      "pi4 ca5",
		"bye":        "bai4",
		"hello":      "ha1 lou4",
		"Starbucks":  "si1 da4 ba1 ke5 si5",
		"Tesla":      "te4 si5 la5",
		"iPhone":     "ai4 feng1",
		"Google":     "gu4 gou5",
		"Python":     "pai4 sang5",
		"Stride":     "si1 te5 lai4 de5",
		"GitHub":     "ji4 te5 ha5 bu5",
		"computer":   "ken1 pi5 you4 te5",
		"internet":   "yin4 te5 nei1 te5",
		"music":      "miu4 zi5 ke5",
		"quick":      "kui4 ke5",
		"YouTube":    "you4 tu1 bu5",
		"Wi-Fi":      "wai4 fa1 yi5",
		"phone":      "feng4",
		"thing":      "xing4",
		"NASA":       "na4 sa5",
		"github.com": "ji4 te5 ha5 bu5 dian3 ka4 mu5",
		"C++":        "xi1 jia1 jia1",
		"MP3":        "ai1 mu5 pi4 san1",
		"RTX4090":    "a1 er5 ti1 ai4 ke5 si5 si4 ling2 jiu3 ling2",
		"GPT-4":      "ji1 pi1 ti4 si4",
		"ＯＫ":         "ou1 kei4",
		// Among Han characters, whose tones look at what follows.
		"我用 Stride，OK！": "wo3 yong4 si1 te5 lai4 de5 ou1 kei4",
		"T恤":            "ti1 xu4",
		"不check":        "bu2 qie4 ke5",
		"iPhone 15":     "ai4 feng1 shi2 wu3",
		// Other scripts are left out.
		"Привет": "",
	} {
		if got := phones(words(t, "mandarin", text, "")); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestHanInEnglish holds that Chinese names in an English text are said by phones
// of English, as the dictionary of English says those that it has.
func TestHanInEnglish(t *testing.T) {
	for text, want := range map[string]string{
		"北京":       "B EY2 JH IH1 NG",
		"上海":       "SH AA2 NG HH AY1",
		"毛":        "M AW1",
		"謝謝":       "SH EH1 SH EH0",
		"the 愛":    "DH IY0 AY1",
		"I love 茶": "AY1 L AH1 V CH AA1",
		"花兒":       "HH W AA1 ER0",
		"女子":       "N Y UW2 D Z IH1",
		"ひらがな":     "",
	} {
		if got := phones(words(t, "english", text, "")); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestEverySyllableHasPhones holds that all of Mandarin can be said in English.
func TestEverySyllableHasPhones(t *testing.T) {
	var lexicon strings.Builder
	all := mandarin.Syllables()
	for _, s := range all {
		if s != "r" {
			lexicon.WriteString(s + "2 ")
		}
	}
	l, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range language.SyllablePhones(strings.Fields(lexicon.String())) {
		if !slices.Contains(l.Sounds(), p) {
			t.Errorf("%q is no phone", p)
		}
	}
}

// TestPlacesOfMixedText holds that words of both languages lie where they are
// written, with the rests that stand behind them.
func TestPlacesOfMixedText(t *testing.T) {
	for _, test := range []struct{ language, text, want string }{
		{"mandarin", "我用 Stride Music 和 GPU，看https://github.com/stride-ml。iPhone15！", "我 用 Stride Music 和 GPU GPU GPU, 看 https://github . com / stride - ml ml. iPhone 15!"},
		{"english", "In 北京，we said “你好” twice.", "In 北京, we said 你好 twice."},
	} {
		var got []string
		last := 0
		for _, w := range words(t, test.language, test.text, "") {
			if test.text[w.Start:w.End] != w.Text || w.Start < last {
				t.Errorf("%s: %q at %d to %d, after %d", test.text, w.Text, w.Start, w.End, last)
			}
			last = w.Start
			got = append(got, w.Text+w.Break.String())
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s, want %s", test.text, s, test.want)
		}
	}
}

// TestLexiconOfLatinWords holds that a user's word wins in a run of others, in any case.
func TestLexiconOfLatinWords(t *testing.T) {
	const lexicon = "stride\tshi4 cui4 de5\nC++\txi1 jia1 jia4\n"
	got := phones(words(t, "mandarin", "my Ｓtride OK stride的C++，strides", lexicon))
	if want := "mai4 shi4 cui4 de5 ou1 kei4 shi4 cui4 de5 de5 xi1 jia1 jia4 si1 te5 lai4 zi5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// FuzzMixedText holds that every text is read in sounds of the language.
func FuzzMixedText(f *testing.F) {
	for _, s := range []string{"我用 Stride 3 和 C++，看 https://a.b/c?d", "The 學長 is 花兒.", "iPhone15Pro MP3.5.6 x-", "ＡＢＣ '90s é\u0301 İ", "krlvt hmm zzz Привет",
		"[[ni3]]abc[[HH AH0]]", "1a1a1 a.b@c.d", "strengths twelfths sixths"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range language.Names() {
			l, err := language.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			read, err := l.Words(text, nil)
			if err != nil {
				continue
			}
			last := 0
			for _, w := range read {
				if w.Start < last || w.End > len(text) || text[w.Start:w.End] != w.Text {
					t.Fatalf("%s: %q: %+v after %d", name, text, w, last)
				}
				last = w.Start
			}
			all := l.Symbols()
			for _, u := range l.Units(read) {
				if !slices.Contains(all, u.Symbol) {
					t.Fatalf("%s: %q: %q is no sound", name, text, u.Symbol)
				}
			}
		}
	})
}
