package english

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/graphone"
	"github.com/stride-ml/stride/internal/golden"
)

// spokenLine is what words are read as, with the marks of the rests.
func spokenLine(words []speech.Word) string {
	var line []string
	for _, w := range words {
		line = append(line, w.Spoken+w.Break.String())
	}
	return strings.Join(line, " ")
}

func phoneLine(words []speech.Word) string {
	var line []string
	for _, w := range words {
		line = append(line, strings.Join(w.Phones, " ")+w.Break.String())
	}
	return strings.Join(line, " | ")
}

func read(t *testing.T, text string) []speech.Word {
	t.Helper()
	words, err := new(Front).Words(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	check(t, text, words)
	return words
}

// check is for what holds of every text.
func check(t *testing.T, text string, words []speech.Word) {
	t.Helper()
	start, end := 0, 0
	for _, w := range words {
		if w.Start > w.End || w.Start < start || w.End < end || w.End > len(text) {
			t.Errorf("%q: %q stands at %d to %d behind %d to %d", text, w.Spoken, w.Start, w.End, start, end)
			return
		}
		if text[w.Start:w.End] != w.Text {
			t.Errorf("%q: %q is not the text at %d", text, w.Text, w.Start)
		}
		if w.Spoken == "" || len(w.Phones) == 0 {
			t.Errorf("%q: %q is read as %q, %q", text, w.Text, w.Spoken, w.Phones)
		}
		for _, p := range w.Phones {
			if _, ok := arpabet.Number(p); !ok {
				t.Errorf("%q: %q has the phone %q", text, w.Spoken, p)
			}
		}
		start, end = w.Start, w.End
	}
	if n := len(words); n > 0 && words[n-1].Break < speech.Sentence {
		t.Errorf("%q: the rest at the end is %q", text, words[n-1].Break)
	}
}

func TestGolden(t *testing.T) {
	sentences, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(sentences)) {
		line = strings.TrimSuffix(line, "\n")
		words := read(t, line)
		fmt.Fprintf(&out, "%s\n    %s\n    %s\n", line, spokenLine(words), phoneLine(words))
	}
	golden.Compare(t, "golden.txt", out.String())
}

func TestWords(t *testing.T) {
	text := "Ｍr. “Café” paid\u00A0$3.50…\n"
	want := []speech.Word{
		{Text: "Ｍr.", Start: 0, End: 5, Spoken: "mister", Phones: []string{"M", "IH1", "S", "T", "ER0"}},
		{Text: "Café", Start: 9, End: 14, Spoken: "cafe", Phones: []string{"K", "AH0", "F", "EY1"}},
		{Text: "paid", Start: 18, End: 22, Spoken: "paid", Phones: []string{"P", "EY1", "D"}},
		{Text: "$3.50", Start: 24, End: 29, Spoken: "three", Phones: []string{"TH", "R", "IY1"}},
	}
	words := read(t, text)
	if len(words) != 8 {
		t.Fatalf("got %d words: %s", len(words), spokenLine(words))
	}
	for i, w := range want {
		if fmt.Sprint(words[i]) != fmt.Sprint(w) {
			t.Errorf("got %+v, want %+v", words[i], w)
		}
	}
	if words[7].Break != speech.Sentence || words[7].Start != 24 {
		t.Errorf("got %+v", words[7])
	}
}

func TestPhones(t *testing.T) {
	p := Phones()
	if len(p) != 24+15*3 || p[0] != "AA0" || p[2] != "AA2" || p[18] != "B" || p[68] != "ZH" {
		t.Errorf("got %q", p)
	}
	bases := map[string]bool{}
	for _, name := range p {
		bases[strings.TrimRight(name, "012")] = true
	}
	if len(bases) != 39 || !slices.IsSorted(p) {
		t.Errorf("got %d phones, sorted %t", len(bases), slices.IsSorted(p))
	}
	if p[0] = "x"; Phones()[0] != "AA0" {
		t.Error("a caller can change the phones")
	}
}

func TestPhonesGiven(t *testing.T) {
	if got := phoneLine(read(t, "Say [[HH AH0  L OW1]], the [[AA1]] [[ B ]].")); got != "S EY1 | HH AH0 L OW1, | DH IY0 | AA1 | B." {
		t.Error(got)
	}
	if got := spokenLine(read(t, "Two brackets [[ are none.")); got != "two brackets, are none." {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"Say [[HH AH L OW1]]": `english: byte 9: "AH" needs the digit of its stress: AH0 for none, AH1 for the primary, AH2 for the secondary`,
		"é [[ B x]]":          `english: byte 8: "x" is no phone; these are: AA0-2 AE0-2 AH0-2 AO0-2 AW0-2 AY0-2 B CH D DH EH0-2 ER0-2 EY0-2 F G HH IH0-2 IY0-2 JH K L M N NG OW0-2 OY0-2 P R S SH T TH UH0-2 UW0-2 V W Y Z ZH`,
		"[[ ]]":               "english: byte 2: no phones between [[ and ]]",
	} {
		if _, err := new(Front).Words(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestLexicon(t *testing.T) {
	l, err := ParseLexicon(strings.NewReader("# mine\nStride\tS T R AY1 D # as it is\ncovid-19  K AA1\r\nGIF\tJH IH1 F\n\nCafé\tB\ngif  G IH1 F\n"))
	if err != nil {
		t.Fatal(err)
	}
	words, err := (&Front{User: l}).Words("STRIDE's stride is a GIF, a CAFÉ with Covid-19, not covid-1.")
	if err != nil {
		t.Fatal(err)
	}
	if got := phoneLine(words); got != "S T R AY1 D Z | S T R AY1 D | IH1 Z | AH0 | G IH1 F, | AH0 | B | W IH1 DH | K AA1, | N AA1 T | K OW1 V AH0 D | W AH1 N." {
		t.Error(got)
	}
	words[1].Phones[0] = "x"
	if l["stride"][0] != "S" {
		t.Error("the words of a text share the phones of the lexicon")
	}
	for text, want := range map[string]string{
		"a\tB\nword B":                 "english: line 2, column 7: no tab or two spaces between the word and its phones",
		"wörd\tB  AH":                  `english: line 1, column 9: "AH" needs the digit of its stress: AH0 for none, AH1 for the primary, AH2 for the secondary`,
		"two words\tB":                 `english: line 1, column 1: ' ' stands in the word "two words", which may have letters, digits, ' and -`,
		"\tB":                          "english: line 1, column 1: no word",
		"word\t # nothing":             `english: line 1, column 5: no phones for "word"`,
		strings.Repeat("a", maxLine+1): "english: line 1: bufio.Scanner: token too long",
	} {
		if _, err := ParseLexicon(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, want := range [][]string{
		{"Mr. Smith paid $3.50.", "He left at 5 p.m.", "It was late!", "Why?", `"No!" he said.`},
		{"See J. R. Smith, e.g. in the U.S. Army, vol. 2, p. 5.", "Then rest... and go.", "Wait…", "(Now.)", "“Yes.”", "Go on"},
		{"Visit example.com today.", "Pi is 3.14.", "“Really?” she asked.", "Etc. etc."},
		{"One。", "Two！", "Three"},
	} {
		text := "  " + strings.Join(want, "  ")
		var got []string
		for at, s := range Sentences(text) {
			if !strings.HasPrefix(text[at:], s) {
				t.Errorf("%q is not at %d of %q", s, at, text)
			}
			got = append(got, s)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for range Sentences("One. Two.") {
		break
	}
	paragraphs := "A title\n\nA first line\nand more. [[B]] it is"
	var got []string
	for _, s := range Sentences(paragraphs) {
		got = append(got, s)
	}
	if want := []string{"A title", "A first line\nand more.", "[[B]] it is"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every reading of a heteronym is made of phones, and most of them are in the dictionary.
func TestHeteronyms(t *testing.T) {
	own := 0
	for word, readings := range heteronyms {
		i, ok := words().Find(word)
		if !ok {
			t.Errorf("%q is not in the dictionary", word)
			continue
		}
		for _, r := range readings {
			numbers := phoneNumbers(strings.Join(r.phones, " "))
			if strings.Join(arpabet.Strings(numbers), " ") != strings.Join(r.phones, " ") {
				t.Errorf("%q has a phone that is none: %q", word, r.phones)
			}
			if !slices.ContainsFunc(words().Said(i), func(s []uint8) bool { return bytes.Equal(s, numbers) }) {
				own++
			}
		}
	}
	if own > 6 {
		t.Errorf("%d readings are not in the dictionary", own)
	}
	for word := range special {
		if heteronyms[word] == nil {
			t.Errorf("%q has signs and no readings", word)
		}
	}
	for text, want := range map[string]string{
		"They use it":                   "Y UW1 Z",
		"no use crying":                 "Y UW1 S",
		"He uses it":                    "Y UW1 Z IH0 Z",
		"the many uses of it":           "Y UW1 S IH0 Z",
		"She records it":                "R AH0 K AO1 R D Z",
		"the records of it":             "R EH1 K ER0 D Z",
		"It was close to home":          "K L OW1 S",
		"to close it":                   "K L OW1 Z",
		"She has often read it":         "R EH1 D",
		"do not read it":                "R IY1 D",
		"I read it and laughed":         "R EH1 D",
		"the lead paint":                "L EH1 D",
		"leading men lead others":       "L IY1 D",
		"a strong wind blew":            "W IH1 N D",
		"to wind the clock":             "W AY1 N D",
		"tears ran down her face":       "T IH1 R Z",
		"He tears it":                   "T EH1 R Z",
		"we will quickly separate them": "S EH1 P ER0 EY2 T",
		"two separate things":           "S EH1 P ER0 IH0 T",
		"He lives here":                 "L IH1 V Z",
		"nine lives":                    "L AY1 V Z",
		"the object is red":             "AA1 B JH EH0 K T",
		"we object strongly":            "AH0 B JH EH1 K T",
		"the house is here":             "HH AW1 S",
	} {
		all := read(t, text)
		if !slices.ContainsFunc(all, func(w speech.Word) bool { return strings.Join(w.Phones, " ") == want }) {
			t.Errorf("%q: got %s, want %s", text, phoneLine(all), want)
		}
	}
}

func TestGuess(t *testing.T) {
	for word, want := range map[string]string{
		"blogger's":    "B L AO1 G ER0 Z",
		"brexits":      "B R EH1 K S AH0 T S",
		"unfriended":   "AH0 N F R EH1 N D IH0 D",
		"rebooted":     "R IY0 B UW1 T IH0 D",
		"tweetings":    "T W IY1 T IH0 NG Z",
		"unhelpfully":  "AH0 N HH EH1 L P F AH0 L IY0",
		"moonfish":     "M UW1 N F IH2 SH",
		"moonfishes":   "M UW1 N F IH2 SH IH0 Z",
		"html":         "EY1 CH T IY1 EH1 M EH1 L",
		"smurfed":      "S M ER1 F T",
		"unfollowable": "AH0 N F AA1 L OW0 AH0 B AH0 L",
	} {
		if known(word) {
			continue
		}
		if got := strings.Join(arpabet.Strings(new(Front).lookUp(word)), " "); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

// The model is measured on the sample of testdata/heldout.tsv: words of the
// dictionary that it was not shown, the 300 of the least hash.
func TestLetters(t *testing.T) {
	text, err := os.ReadFile("testdata/heldout.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var tests []graphone.Test
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		test := graphone.Test{Word: fields[0]}
		for _, said := range fields[1:] {
			test.Said = append(test.Said, phoneNumbers(said))
		}
		tests = append(tests, test)
	}
	r := graphone.Measure(func(word string) []uint8 { said, _ := letterModel().Say(word); return said }, tests)
	t.Log(r)
	if r.Words != 300 || r.Phones > heldOutRates.Phones+0.005 || r.PhonesStressed > heldOutRates.PhonesStressed+0.005 ||
		r.Word > heldOutRates.Word+0.02 || r.WordsStressed > heldOutRates.WordsStressed+0.02 {
		t.Errorf("got %v, want no worse than %v", r, heldOutRates)
	}
}

// heldOutRates are those of the sample; on all words held out they are lower, see
// the documentation of the package.
var heldOutRates = graphone.Rates{Words: 300, Phones: 0.0851, PhonesStressed: 0.1133, Word: 0.3133, WordsStressed: 0.37}

// Texts of one kind of thing do not take longer by the square of their length.
func TestLongTexts(t *testing.T) {
	for _, s := range []string{`."`, "a'", "1,111,", "a.", "9", "((", "x", "aA", "1 ", "- ", "[", "a-", "No. ", "1:00-", "\xff", "e\u0301", "[[B]]"} {
		text := strings.Repeat(s, 6000/len(s))
		read(t, text)
		for range Sentences(text) {
		}
	}
}

func TestFilesAreSmall(t *testing.T) {
	if len(dictionaryFile) > 350e3 || len(lettersFile) > 600e3 {
		t.Errorf("dictionary %d bytes, letters %d bytes", len(dictionaryFile), len(lettersFile))
	}
}
