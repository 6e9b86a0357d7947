package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stride-ml/stride/element/speech/mandarin"
	"github.com/stride-ml/stride/element/speech/mandarin/internal/dictionary"
)

const (
	longest = 8 // characters of a word
	// rare is the frequency of a phrase that jieba does not have, and unique the
	// rarest name that is kept.
	rare, unique = 3, 40
)

type builder struct {
	source *source
	own    *own
	lowest int

	total    float64
	known    map[string][]string // readings of words, from the sources and our own
	readings map[rune][]string   // of the simplified characters: in the words that are written
	chars    []dictionary.Char
	words    []dictionary.Word
}

func (b *builder) build() (*dictionary.Dictionary, error) {
	for _, n := range b.source.frequency {
		b.total += float64(n)
	}
	b.readings = map[rune][]string{}
	b.know()
	for _, w := range b.choose() {
		b.add(w)
	}
	b.addChars()
	return dictionary.New(b.chars, b.words)
}

// know gathers the readings that are given.
func (b *builder) know() {
	b.known = map[string][]string{}
	for _, phrases := range slices.Backward(b.source.phrases) {
		for w, pinyin := range phrases {
			syllables := strings.Fields(pinyin)
			n := utf8.RuneCountInString(w)
			if n < 2 || n > longest || len(syllables) != n {
				continue
			}
			for i, s := range syllables {
				syllables[i] = digits(s)
			}
			b.known[w] = plain([]rune(w), syllables)
		}
	}
	maps.Copy(b.known, b.own.words)
	maps.DeleteFunc(b.known, func(w string, syllables []string) bool {
		return slices.ContainsFunc(syllables, func(s string) bool { return !valid(s) })
	})
	for _, w := range slices.Sorted(maps.Keys(b.own.neutral)) {
		if _, given := b.own.words[w]; given {
			continue
		}
		syllables := slices.Clone(b.known[w])
		if syllables == nil {
			syllables = b.compose(w)
		}
		last := len(syllables) - 1
		syllables[last] = strings.TrimRight(syllables[last], "12345") + "5"
		b.known[w] = syllables
	}
}

func valid(s string) bool {
	_, _, _, err := mandarin.Split(s)
	return err == nil
}

// plain takes back the changes of 一 and 不, and writes r5 for 儿 at the end of a
// word, but for those in which it is a syllable.
func plain(text []rune, syllables []string) []string {
	for i, r := range text {
		s := syllables[i]
		switch {
		case r == '一' && strings.HasPrefix(s, "yi"):
			syllables[i] = "yi1"
		case r == '不' && s == "bu2":
			syllables[i] = "bu4"
		case r == '儿' && s == "er5":
			syllables[i] = "r5"
		case r == '儿' && i == len(text)-1 && i > 0:
			syllables[i] = "r5"
			if strings.ContainsRune(child, text[i-1]) {
				syllables[i] = "er2"
			}
		}
	}
	return syllables
}

// child are the characters after which a last 儿 is a child and not an ending.
const child = "女婴孤幼胎少健妻男宠生弃育托患产病低混遗贫连死家弄吾佳骄"

// choose lists the words to write.
func (b *builder) choose() []string {
	set := map[string]bool{}
	for w, n := range b.source.frequency {
		count := utf8.RuneCountInString(w)
		least := b.lowest
		if strings.HasPrefix(b.source.tag[w], "nr") {
			least = max(least, unique)
		}
		if count >= 2 && count <= longest && n >= least {
			set[w] = true
		}
	}
	for w := range b.known {
		set[w] = true
	}
	for w := range b.own.drop {
		delete(set, w)
	}
	for w := range set {
		for _, r := range w {
			if !b.simplified(r) {
				delete(set, w)
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// simplified is of a Han character that has no other simplified form.
func (b *builder) simplified(r rune) bool {
	if len(b.source.readings[r]) == 0 || r != '〇' && (r < 0x4e00 || r > 0x9fff) {
		return false
	}
	forms := b.formsOf(r)
	return len(forms) == 0 || slices.Contains(forms, r)
}

func (b *builder) formsOf(r rune) []rune {
	if forms, ok := b.own.forms[r]; ok {
		return forms
	}
	return b.source.forms[r]
}

func (b *builder) add(w string) {
	syllables := b.known[w]
	if syllables == nil {
		syllables = b.compose(w)
	}
	text := []rune(w)
	for i, s := range syllables {
		if !valid(s) {
			return
		}
		if !slices.Contains(b.readings[text[i]], s) {
			b.readings[text[i]] = append(b.readings[text[i]], s)
		}
	}
	frequency := cmp.Or(b.own.frequency[w], b.source.frequency[w], rare)
	b.words = append(b.words, dictionary.Word{Text: w, Readings: syllables, Cost: b.cost(frequency), Class: b.classOf(w)})
}

func (b *builder) cost(frequency int) byte {
	return byte(min(255, math.Round(10*math.Log(b.total/float64(frequency)))))
}

// classes maps the tags of jieba by their longest beginning.
var classes = map[string]byte{
	"n": 'n', "j": 'n', "s": 'n', "v": 'v', "a": 'a', "b": 'a', "z": 'a', "zg": 'x', "ad": 'd', "d": 'd', "r": 'r', "m": 'm',
	"q": 'q', "p": 'p', "c": 'c', "u": 'u', "y": 'u', "e": 'u', "o": 'a', "f": 'f', "t": 't', "i": 'i', "l": 'i',
}

func (b *builder) classOf(w string) byte {
	if c, ok := b.own.class[w]; ok {
		return c
	}
	for tag := b.source.tag[w]; tag != ""; tag = tag[:len(tag)-1] {
		if c, ok := classes[tag]; ok {
			return c
		}
	}
	return 'x'
}

// compose reads a word as the likeliest row of words whose readings are known.
func (b *builder) compose(w string) []string {
	text := []rune(w)
	type step struct {
		cost float64
		from int
	}
	best := make([]step, len(text)+1)
	for end := 1; end <= len(text); end++ {
		best[end] = step{best[end-1].cost + 25, end - 1} // a character by itself is the last resort
		for from := range end - 1 {
			part := string(text[from:end])
			if b.known[part] == nil {
				continue
			}
			cost := best[from].cost + math.Log(b.total/float64(max(rare, b.source.frequency[part])))
			if cost < best[end].cost {
				best[end] = step{cost, from}
			}
		}
	}
	out := make([]string, len(text))
	for end := len(text); end > 0; end = best[end].from {
		if from := best[end].from; end-from > 1 {
			copy(out[from:end], b.known[string(text[from:end])])
		} else {
			out[from] = b.guess(w, text, from)
		}
	}
	if strings.HasPrefix(b.source.tag[w], "nr") {
		return out
	}
	return plain(text, out)
}

// surnames are read otherwise than the same characters elsewhere.
var surnames = map[rune]string{
	'任': "ren2", '单': "shan4", '解': "xie4", '仇': "qiu2", '区': "ou1", '查': "zha1", '朴': "piao2", '华': "hua4",
	'应': "ying1", '盖': "ge3", '纪': "ji3",
}

const numerals = "一二两三四五六七八九十百千万几多半数"

// guess reads a character of a word that nothing else is known of.
func (b *builder) guess(w string, text []rune, i int) string {
	tag := b.source.tag[w]
	name := strings.HasPrefix(tag, "nr")
	last := i == len(text)-1
	before := ' '
	if i > 0 {
		before = text[i-1]
	}
	switch r := text[i]; {
	case name && r == '曾':
		return "zeng1"
	case name && r == '少':
		return "shao4"
	case name && i == 0 && surnames[r] != "":
		return surnames[r]
	case r == '了':
		if i == 0 || before == '不' || i > 1 && before == '得' {
			return "liao3"
		}
		return "le5"
	case r == '得' && !last && i > 0 && strings.HasPrefix(tag, "v"):
		return "de5"
	case r == '地' && last && len(text) > 2 && (before == text[i-2] || strings.HasPrefix(tag, "d")):
		return "de5"
	case r == '只' && last && strings.ContainsRune(numerals, before):
		return "zhi1"
	case r == '的' && !strings.HasPrefix(tag, "n"):
		return "de5"
	case r == '差' && last && i > 0 && !strings.ContainsRune("最较不很太更极稍略", before):
		return "cha1"
	case r == '倒' && last && i > 0:
		return "dao3"
	case name && r == '儿':
		return "er2"
	case r == '卷' && last && strings.ContainsRune(numerals, before):
		return "juan4"
	case r == '子' && last && i > 0 && !strings.ContainsRune(offspring, before):
		return "zi5"
	case b.own.within[r] != "":
		return b.own.within[r]
	default:
		return b.alone(r)
	}
}

// offspring are the characters after which a last 子 has its tone.
const offspring = "电分弟女妻男太原公天父母粒离莲孔君王孢石因孝学瓜质中才游赤义独养浪骄弃棋松种亲长次皇世庶嫡卵精量光核介转定算孟荀墨诸夫逆犬西鱼菜枪臣童幼晶虫苏之遗胤内士贵仙黑白巨微氘合微处美老"

// alone is how a character is read as a word, with a digit.
func (b *builder) alone(r rune) string {
	if s := b.own.alone[r]; s != "" {
		return s
	}
	for _, s := range b.source.readings[r] {
		if s = digits(s); valid(s) {
			return s
		}
	}
	return ""
}

// addChars writes the characters: those of words, the forms of traditional ones,
// and all of the basic block.
func (b *builder) addChars() {
	for r := range b.source.readings {
		if r != '〇' && (r < 0x4e00 || r > 0x9fff) {
			continue
		}
		if c, ok := b.char(r); ok {
			b.chars = append(b.chars, c)
		}
	}
}

func (b *builder) char(r rune) (dictionary.Char, bool) {
	c := dictionary.Char{Rune: r, Cost: b.cost(max(1, b.source.frequency[string(r)])), Class: b.classOf(string(r))}
	first := b.alone(r)
	if forms := b.formsOf(r); len(forms) > 0 && !slices.Equal(forms, []rune{r}) {
		c.Forms = forms
		first = b.alone(forms[0])
		if b.source.shared[forms[0]] || len(forms) > 1 {
			c.Own, c.Readings = true, b.ownReadings(r, forms[0])
			if len(c.Readings) == 0 {
				return c, false
			}
			if !slices.Contains(forms, r) {
				return c, true
			}
			// It is a simplified character too, and words have its readings.
			for _, s := range b.readings[r] {
				if !slices.Contains(c.Readings, s) {
					c.Readings = append(c.Readings, s)
				}
			}
			return c, true
		}
	}
	if first == "" {
		return c, false
	}
	c.Readings = []string{first}
	for _, s := range b.readings[r] {
		if s != first {
			c.Readings = append(c.Readings, s)
		}
	}
	return c, true
}

// ownReadings are those of a traditional character, first the one that it has as
// a word: that of its simplified form if it is among them, or another of that.
func (b *builder) ownReadings(r, form rune) []string {
	var all []string
	if s := b.own.alone[r]; s != "" {
		all = append(all, s)
	}
	for _, s := range b.source.readings[r] {
		if s = digits(s); valid(s) && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	rank := func(s string) int {
		switch {
		case s == b.alone(form):
			return 0
		case slices.ContainsFunc(b.source.readings[form], func(m string) bool { return digits(m) == s }):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(x, y string) int { return rank(x) - rank(y) })
	return all
}

// digits writes the tone of a syllable with a mark as a digit.
func digits(s string) string {
	for vowel, marked := range map[string]string{
		"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "ü": "ǖǘǚǜ",
	} {
		for i, m := range []rune(marked) {
			if strings.ContainsRune(s, m) {
				return fmt.Sprint(strings.Replace(s, string(m), vowel, 1), i+1)
			}
		}
	}
	return s + "5"
}
