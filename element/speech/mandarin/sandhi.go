package mandarin

import "strings"

// speak reads a phrase as it is spoken: words of several readings by their
// neighbours, then the changes of tone that neighbours cause.
func speak(phrase []word) {
	if len(phrase) == 0 {
		return
	}
	newContext(phrase).choose()
	lighten(phrase)
	s := flatten(phrase)
	s.changeOne()
	s.changeNot()
	s.changeThird()
}

// lighten makes the second of a repeated verb neutral (看 看), and places after
// a noun (桌子 上).
func lighten(phrase []word) {
	for i := range phrase {
		w := &phrase[i]
		if w.kind != free || len(w.plain) != 1 || i == 0 {
			continue
		}
		before := &phrase[i-1]
		switch r := w.first(); {
		case before.kind == free && string(before.plain) == string(w.plain) && w.class == 'v':
			w.phones[0] = neutral(w.phones[0])
		case r == '里' && before.class == 'n':
			w.phones[0] = "li5"
		case r == '上' && before.class == 'n' && (i+1 == len(phrase) || strings.IndexByte("vadpi", phrase[i+1].class) >= 0 || phrase[i+1].is("的")):
			w.phones[0] = "shang5"
		}
	}
}

func neutral(syllable string) string {
	base, _ := cutTone(syllable)
	return base + "5"
}

// syllable is one of a phrase, as the changes of tone see it.
type syllable struct {
	word  *word
	index int // in the word
	tone  int
}

func (s syllable) rune() rune {
	if s.word.kind == given {
		return 0
	}
	return s.word.plain[s.index]
}

func (s syllable) final() bool { return s.index == len(s.word.phones)-1 }

// set gives the syllable another tone.
func (s *syllable) set(tone int) {
	base, _ := cutTone(s.word.phones[s.index])
	s.word.phones[s.index] = base + string(rune('0'+tone))
	s.tone = tone
}

type syllables []syllable

func flatten(phrase []word) syllables {
	var out syllables
	for i := range phrase {
		w := &phrase[i]
		for k, phone := range w.phones {
			_, tone := cutTone(phone)
			out = append(out, syllable{w, k, tone})
		}
	}
	return out
}

// at is the character of the syllable at i, 0 outside the phrase.
func (s syllables) at(i int) rune {
	if i < 0 || i >= len(s) {
		return 0
	}
	return s[i].rune()
}

// changeOne changes the tone of 一: yi2 before a fourth tone, yi4 before the
// others, neutral between a verb said twice; yi1 stays where it is an ordinal, a
// digit among others, or the end.
func (s syllables) changeOne() {
	for i := range s {
		one := &s[i]
		if one.rune() != '一' || one.word.kind == digits || one.word.phones[one.index] != "yi1" {
			continue
		}
		switch {
		case i+1 == len(s):
		case s.at(i-1) == s.at(i+1) && s.at(i-1) != 0 && s.at(i-2) != '一' && (one.index > 0 || one.final()) && !s.ordinal(i): // not 一个一个, 种 一种
			one.set(5)
		case s.ordinal(i):
		case s[i+1].tone == 4, s.at(i+1) == '个':
			one.set(2)
		case s[i+1].tone < 4:
			one.set(4)
		}
	}
}

const (
	figureRunes = "零〇一二三四五六七八九"
	largeRunes  = "百千万亿"
	// counting are the characters after which 一 is said as before a measure though
	// a word of the dictionary ends with it: 每一, 另一.
	counting = "这那哪每另某有任同了不是在第换又只唯任"
)

// ordinals are what follows 一 where it is first, and not one.
var ordinals = []string{"月", "号", "楼", "班", "等奖", "等功", "等舱", "级", "年级", "流", "把手", "战", "审", "产业", "季度"}

// ordinal tells whether the 一 at i keeps its tone although a syllable follows.
func (s syllables) ordinal(i int) bool {
	before, after := s.at(i-1), s.at(i+1)
	large := strings.ContainsRune(largeRunes, after)
	if s[i].word.kind == number && (before == '点' || after == '点' && !s[i+1].final()) { // of a decimal
		return true
	}
	switch {
	case before == '第', before == '初', before == '十':
		return true
	case before != 0 && strings.ContainsRune(figureRunes, before):
		return !large || strings.ContainsRune("零〇", before)
	case before != 0 && strings.ContainsRune(largeRunes, before) && s[i-1].word.class == 'm':
		return !large
	case after != 0 && strings.ContainsRune(figureRunes+"十", after):
		return true
	case s[i].word.kind == free && s[i].final() && s[i].index > 0:
		return !strings.ContainsRune(counting, before)
	}
	if before == '月' && after == '日' {
		return true
	}
	for _, o := range ordinals {
		if s.follows(i+1, o) {
			return true
		}
	}
	return false
}

// follows tells whether the characters from i on are those of text.
func (s syllables) follows(i int, text string) bool {
	for _, r := range text {
		if s.at(i) != r {
			return false
		}
		i++
	}
	return true
}

// changeNot changes the tone of 不: bu2 before a fourth tone, neutral between
// what is asked (好不好).
func (s syllables) changeNot() {
	for i := range s {
		not := &s[i]
		if not.rune() != '不' || not.word.phones[not.index] != "bu4" || i+1 == len(s) {
			continue
		}
		switch {
		case s.at(i-1) == s.at(i+1) && s.at(i-1) != 0:
			not.set(5)
		case s[i+1].tone == 4:
			not.set(2)
		}
	}
}

// changeThird changes third tones before third tones to second ones. Words come
// first: of two, the first changes; of three, the two that are a word of their
// own, and then what is left (展览 馆 2 2 3, 小 老虎 3 2 3); of more, pairs. Then,
// from the end of the phrase, the last syllable of a word changes where the next
// word still begins with a third tone: 我 很 好 is wo3 hen2 hao3, 我 也 很 好 wo2 ye3
// hen2 hao3.
func (s syllables) changeThird() {
	for from := 0; from < len(s); {
		to := from + 1
		for to < len(s) && s[to].word == s[from].word {
			to++
		}
		if s[from].word.kind != given {
			s[from:to].changeWord()
		}
		from = to
	}
	for i := len(s) - 2; i >= 0; i-- {
		if s[i].word != s[i+1].word && s[i].word.kind != given && s[i].tone == 3 && s[i+1].tone == 3 {
			s[i].set(2)
		}
	}
}

// raised are words whose second syllable lost a third tone that still changes the
// first.
var raised = map[string]bool{"哪里": true, "小姐": true, "等等": true, "想起": true}

// changeWord changes the third tones within a word.
func (s syllables) changeWord() {
	if len(s) == 2 && s[0].tone == 3 && s[1].tone == 5 {
		w := s[0].word
		if raised[string(w.plain)] || w.class == 'v' && w.plain[0] == w.plain[1] {
			s[0].set(2)
		}
	}
	for from := 0; from < len(s); from++ {
		to := from
		for to < len(s) && s[to].tone == 3 {
			to++
		}
		if to-from > 1 {
			s[from:to].changeRun()
		}
		from = to
	}
}

// changeRun changes a run of third tones of one word.
func (s syllables) changeRun() {
	switch n := len(s); {
	case n == 2:
		s[0].set(2)
	case n == 3:
		s[1].set(2)
		if !s.endsInWord() {
			s[0].set(2)
		}
	case n > 3:
		s[:2].changeRun()
		s[2:].changeRun()
	}
}

// endsInWord tells whether the last two of three syllables are a word, and the
// first two are not or a rarer one.
func (s syllables) endsInWord() bool {
	end, ok := words().Lookup([]rune{s[1].rune(), s[2].rune()})
	if !ok || s[0].word.kind != free {
		return false
	}
	begin, ok := words().Lookup([]rune{s[0].rune(), s[1].rune()})
	return !ok || end.Cost() < begin.Cost()
}
