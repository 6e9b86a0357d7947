package tour

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride"
)

// Languages of a tour.
const (
	English = "en"
	Chinese = "zh"
)

// mostSentence is the most characters of a sentence about a creature.
const mostSentence = 200

// sentence is what somebody said about a creature, and what the models are asked
// for it.
type sentence struct {
	text     string // in one line, without what ends it
	language string
	caption  string // of the picture, in English: what the network learned from
	title    string // of a poem, in Chinese
}

// parseSentence understands a sentence. Its language is that of its characters
// where none is asked for.
func parseSentence(text, language string) (sentence, error) {
	if !slices.Contains([]string{"", English, Chinese}, language) {
		return sentence{}, &stride.OptionError{Option: "lang", Value: language, Want: English + " or " + Chinese}
	}
	text = strings.TrimRight(oneLine(text), " .!?。！？")
	if n := utf8.RuneCountInString(text); n > mostSentence {
		return sentence{}, &stride.OptionError{Option: "creature", Value: fmt.Sprintf("%d characters", n), Want: fmt.Sprintf("a sentence of at most %d", mostSentence)}
	}
	han := strings.ContainsFunc(text, isHan)
	if language == "" {
		language = English
		if han {
			language = Chinese
		}
	}
	s := sentence{text: text, language: language}
	if text == "" {
		s.text = texts[language].creatureDefault
		han = language == Chinese
	}
	if han {
		s.caption, s.title = captionOf(s.text), s.text
	} else {
		s.caption, s.title = thing(s.text), titleOf(s.text)
	}
	return s, nil
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// oneLine is a text without line breaks and characters that are not seen.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError:
			return -1
		case r == '[': // two of them begin phones, where texts are spoken
			return '('
		case r == ']':
			return ')'
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// thing is the first thing that an English sentence names: captions of pictures
// are short, and what a dragon does or has makes them worse.
func thing(text string) string {
	for _, end := range []string{",", ";", ":", " that ", " who ", " which ", " with ", " where ", " in ", " on ", " from "} {
		if i := strings.Index(text, end); i > 0 {
			text = text[:i]
		}
	}
	return strings.ToLower(strings.TrimSpace(text))
}

// words are what sentences about creatures often name, in both languages. Each
// Chinese one is found in a sentence as it stands.
var words = []struct {
	chinese, english string
	colour           bool
}{
	{"紅", "red", true}, {"藍", "blue", true}, {"綠", "green", true}, {"黃", "yellow", true}, {"黑", "black", true},
	{"白", "white", true}, {"紫", "purple", true}, {"灰", "grey", true}, {"棕", "brown", true}, {"金色", "golden", true},
	{"龍", "dragon", false}, {"龙", "dragon", false}, {"鬼", "ghost", false}, {"狼", "wolf", false}, {"蛇", "snake", false}, {"熊", "bear", false},
	{"鳥", "bird", false}, {"鳳", "phoenix", false}, {"魚", "fish", false}, {"虎", "tiger", false}, {"狐", "fox", false}, {"蛙", "frog", false},
	{"鼠", "rat", false}, {"貓", "cat", false}, {"犬", "dog", false}, {"狗", "dog", false}, {"馬", "horse", false}, {"牛", "bull", false},
	{"蜂", "bee", false}, {"蛛", "spider", false}, {"史萊姆", "slime", false}, {"騎士", "knight", false}, {"巫師", "wizard", false},
	{"巨人", "giant", false}, {"骷髏", "skeleton", false}, {"惡魔", "demon", false}, {"天使", "angel", false}, {"妖精", "fairy", false},
}

// captionOf is what a Chinese sentence names, in English, by the words above; a
// creature where it names none of them. Of several the last one counts, of which
// the others are said: 守著黃金的小紅龍.
func captionOf(text string) string {
	colour, creature := "", "creature"
	colourAt, creatureAt := -1, -1
	for _, w := range words {
		switch at := strings.LastIndex(text, w.chinese); {
		case w.colour && at > colourAt:
			colour, colourAt = w.english+" ", at
		case !w.colour && at > creatureAt:
			creature, creatureAt = w.english, at
		}
	}
	return "a " + colour + creature
}

// titleOf is a Chinese title for an English sentence, by the words above:
// 無題, "without a title", as poets did, where it has none of them.
func titleOf(text string) string {
	has := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	colour, creature := "", ""
	for _, w := range words {
		switch {
		case !slices.Contains(has, w.english):
		case w.colour && colour == "":
			colour = w.chinese
		case !w.colour && creature == "":
			creature = w.chinese
		}
	}
	if creature == "" {
		return "無題"
	}
	return colour + creature
}
