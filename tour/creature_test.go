package tour

import (
	stdimage "image"
	"image/color"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
)

func TestParseSentence(t *testing.T) {
	for _, c := range []struct {
		text, language string
		want           sentence
	}{
		{"", "", sentence{"a small red dragon that guards gold", English, "a small red dragon", "紅龍"}},
		{"", Chinese, sentence{"守著黃金的小紅龍", Chinese, "a red dragon", "守著黃金的小紅龍"}},
		{" A  Green\nslime, with eyes. ", "", sentence{"A Green slime, with eyes", English, "a green slime", "綠史萊姆"}},
		{"愛詩的藍鳥。", "", sentence{"愛詩的藍鳥", Chinese, "a blue bird", "愛詩的藍鳥"}},
		{"愛詩的藍鳥", English, sentence{"愛詩的藍鳥", English, "a blue bird", "愛詩的藍鳥"}},
		{"Smaug", Chinese, sentence{"Smaug", Chinese, "smaug", "無題"}},
		{"x [[AH]] \x07y", "", sentence{"x ((AH)) y", English, "x ((ah)) y", "無題"}},
		{"好", "", sentence{"好", Chinese, "a creature", "好"}},
	} {
		if got, err := parseSentence(c.text, c.language); err != nil || got != c.want {
			t.Errorf("%q in %q: got %+v, %v, want %+v", c.text, c.language, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"", "de"}, {strings.Repeat("x", 201), ""}} {
		if _, err := parseSentence(c[0], c[1]); err == nil {
			t.Errorf("%q in %q: want an error", c[0], c[1])
		}
	}
}

func TestIntroduce(t *testing.T) {
	for text, want := range map[string]string{
		"a red dragon": "Hello! I am a red dragon.", "I like tea": "Hello! I like tea.", "My name is Bob": "Hello! My name is Bob.", "Smaug": "Hello! I am Smaug.",
	} {
		if got := introduce(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestFirstSentences(t *testing.T) {
	for _, c := range []struct {
		text, want string
		whole      bool
	}{
		{"One. Two! Three?", "One. Two!", true},
		{"One. Two and", "One.", true},
		{"One and two,", "One and two.", false},
		{`One." said he. Two.`, "One.", true},
		{"One.\nTwo.", "One.", true},
		{"", ".", false},
	} {
		if got, whole := firstSentences(c.text, 2); got != c.want || whole != c.whole {
			t.Errorf("%q: got %q, %t, want %q, %t", c.text, got, whole, c.want, c.whole)
		}
	}
}

func TestWorthOf(t *testing.T) {
	varied := "I like to walk on the hill and see a boat every day."
	dull := "I like to see the boat and the boat and the boat and the boat."
	if a, b := worthOf(varied, true), worthOf(dull, true); a != 1 || a <= b {
		t.Errorf("%.2f and %.2f, want 1 and less", a, b)
	}
	if a, b := worthOf(varied, false), worthOf("I see.", true); a != 0 || b != 0 {
		t.Errorf("unfinished %.2f, short %.2f, want 0", a, b)
	}
	if got := worthOf("", false); math.IsNaN(got) {
		t.Error("NaN for nothing")
	}
}

// mark is one of times in milliseconds.
func mark(kind stride.MarkKind, text string, start, end, offset, length int) stride.Mark {
	return stride.Mark{Kind: kind, Text: text, Start: time.Duration(start) * time.Millisecond, End: time.Duration(end) * time.Millisecond, Offset: offset, Length: length}
}

// tone is a square wave.
func tone(n int, amplitude float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = amplitude * float32(1-2*(i%2))
	}
	return out
}

// Of five parts of 20 ms: a rest, M, AA, AA a quarter as loud, silence.
func TestMouth(t *testing.T) {
	const rate = 1000
	samples := slices.Concat(tone(20, 1), tone(20, 1), tone(20, 1), tone(20, 0.25), tone(10, 0))
	marks := []stride.Mark{
		mark(stride.MarkWord, "ma", 20, 90, 0, 2), mark(stride.MarkPhone, "M", 20, 40, 0, 2), mark(stride.MarkPhone, "AA1", 40, 90, 0, 2),
	}
	if got, want := mouth(audio.Sound{Samples: samples, Rate: rate}, marks), []int{0, 0, 100, 50, 0}; !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
	if got := mouth(audio.Sound{Samples: make([]float32, 40), Rate: rate}, marks); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("silence: got %d", got)
	}
	if got := mouth(audio.Sound{}, nil); got != nil {
		t.Errorf("nothing: got %d", got)
	}
}

func TestOpening(t *testing.T) {
	for phone, want := range map[string]float64{
		"M": 0, "B": 0, "AA1": 1, "AY2": 1, "EH0": 0.75, "IY1": 0.5, "S": 0.3, "F": 0.15, "V": 0.15,
		"ang2": 1, "ong1": 0.75, "ü4": 0.5, "zh": 0.3, "m": 0, "": 0.3,
	} {
		if got := opening(phone); got != want {
			t.Errorf("%q: got %g, want %g", phone, got, want)
		}
	}
}

func TestSpokenWords(t *testing.T) {
	const text = "Hi, 🐉 1984!"
	marks := []stride.Mark{
		mark(stride.MarkWord, "Hi", 100, 200, 0, 2), mark(stride.MarkPhone, "HH", 100, 150, 0, 2),
		mark(stride.MarkWord, "1984", 300, 500, 9, 4), mark(stride.MarkWord, "1984", 500, 900, 9, 4), // nineteen eighty-four
		mark(stride.MarkWord, "beyond", 900, 950, 12, 9), mark(stride.MarkWord, "", 950, 960, 0, 0),
	}
	want := []spokenWord{{"Hi", 0, 0.1, 0.2}, {", 🐉 ", -1, 0, 0}, {"1984", 1, 0.3, 0.9}, {"!", -1, 0, 0}}
	if got := spokenWords(text, marks); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := spokenWords("", nil); got != nil {
		t.Errorf("got %+v for nothing", got)
	}
}

func TestGuesses(t *testing.T) {
	w := written{pieces: []string{"a", "b", "c", "d", "e"}, passes: []int{1, 2, 2, 2, 3}}
	var got []string
	for _, s := range w.guesses() {
		got = append(got, strings.Repeat("+", s.Pass)+s.Text)
	}
	if want := []string{"a", "+bc", "de"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := new(written).guesses(); got != nil {
		t.Errorf("got %v for nothing", got)
	}
}

// What somebody says about a creature is text, wherever it stands on the page.
func TestHostile(t *testing.T) {
	const hostile = `a </script><script>alert(1)</script> "x' onload=alert(2) {{.Seed}} \`
	asked, err := parseSentence(hostile, "")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{phrases: &english, asked: asked, Tour: Tour{Repeat: "stride demo --creature '" + hostile + "'"}}
	picture := stdimage.NewNRGBA(stdimage.Rect(0, 0, 2, 2))
	c := &character{caption: asked.caption, text: introduce(asked.text), frames: []*stdimage.NRGBA{picture, picture}, ground: picture,
		voice: &heard{samples: tone(400, 1), rate: 1000, marks: []stride.Mark{mark(stride.MarkWord, "a", 0, 100, 12, 1), mark(stride.MarkWord, "script", 110, 200, 16, 6)}},
		rows:  []Row{{Name: hostile}},
	}
	data, err := r.scene(c)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%d scripts, want 1", n)
	}
	for _, bad := range []string{"alert(1)</script>", `"x'`, "ZgotmplZ", "<no value>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{`<span id="w0">a</span>`, `<span id="w1">script</span>`, "0.11", "{{.Seed}}"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	checkIDs(t, sceneName, page)
}

func TestBelowFeet(t *testing.T) {
	p := stdimage.NewNRGBA(stdimage.Rect(0, 0, 4, 8))
	if got := belowFeet(p); got != 0 {
		t.Errorf("nothing is drawn: got %g, want 0", got)
	}
	p.SetNRGBA(2, 5, color.NRGBA{R: 255, A: 255})
	if got := belowFeet(p); got != 0.25 {
		t.Errorf("the last two rows of 8 are empty: got %g, want 0.25", got)
	}
}

// Both languages have everything to say.
func TestPhrases(t *testing.T) {
	for code, p := range texts {
		v := reflect.ValueOf(*p)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is missing", code, v.Type().Field(i).Name)
			}
		}
		if len(p.columns) != 7 {
			t.Errorf("%s: %d columns, want 7", code, len(p.columns))
		}
	}
}
