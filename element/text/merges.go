package text

import (
	"container/heap"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPiece is the most characters of a learned piece, as in SentencePiece: longer ones are rare repetitions.
const maxPiece = 16

// candidate is a text that two neighbouring symbols make. Different pairs can make the same text (t+he, th+e); encoding
// merges by text, so they are counted as one.
type candidate struct {
	text   string
	count  int
	words  []int // those that may contain it
	symbol int32 // once learned; none before
	banned bool  // too long, or the name of a control token
}

// word is a distinct word of the corpus as it is merged so far.
type word struct {
	symbols []int32
	count   int
}

// learner finds pieces by byte-pair encoding (Sennrich and others, "Neural Machine Translation of Rare Words with
// Subword Units", 2016): the pair that occurs most becomes a symbol, again and again.
type learner struct {
	words      []word
	symbols    []string         // text of each symbol
	ids        map[string]int32 // its inverse
	candidates []candidate
	byText     map[string]int32
	byPair     map[[2]int32]int32
	queue      candidateHeap
	touched    []int32 // candidates whose count changed in a turn
}

// learn returns up to limit pieces of two or more characters, in the order in which encoding must merge them. keep tells
// which characters the vocabulary has; a piece is learned if it occurs minCount times or more and is not reserved.
func learn(words map[string]*int, keep func(rune) bool, limit, minCount int, reserved map[string]bool) []string {
	if limit == 0 {
		return nil
	}
	l := &learner{ids: map[string]int32{}, byText: map[string]int32{}, byPair: map[[2]int32]int32{}}
	for w, n := range words {
		l.addWord(strings.Replace(w, " ", space, 1), *n, keep)
	}
	for i, w := range l.words {
		l.countPairs(i, w.count, reserved)
	}
	l.requeue()
	var pieces []string
	for len(pieces) < limit && l.queue.Len() > 0 {
		top := heap.Pop(&l.queue).(entry)
		c := &l.candidates[top.candidate]
		if c.symbol != none || c.count != top.count {
			continue // learned, or counted again since
		}
		if c.count < minCount {
			break
		}
		pieces = append(pieces, c.text)
		l.apply(top.candidate, reserved)
	}
	return pieces
}

// addWord enters a word, in parts where it has characters that the vocabulary lacks.
func (l *learner) addWord(w string, n int, keep func(rune) bool) {
	for part := range strings.FieldsFuncSeq(w, func(r rune) bool { return r != spaceRune && !keep(r) }) {
		if utf8.RuneCountInString(part) < 2 {
			continue
		}
		var symbols []int32
		for _, r := range part {
			symbols = append(symbols, l.intern(string(r)))
		}
		l.words = append(l.words, word{symbols, n})
	}
}

func (l *learner) intern(text string) int32 {
	id, ok := l.ids[text]
	if !ok {
		id = int32(len(l.symbols))
		l.ids[text] = id
		l.symbols = append(l.symbols, text)
	}
	return id
}

// candidateOf returns the index of the candidate that a pair makes.
func (l *learner) candidateOf(pair [2]int32, reserved map[string]bool) int32 {
	if c, ok := l.byPair[pair]; ok {
		return c
	}
	text := l.symbols[pair[0]] + l.symbols[pair[1]]
	c, ok := l.byText[text]
	if !ok {
		c = int32(len(l.candidates))
		l.byText[text] = c
		banned := reserved[text] || utf8.RuneCountInString(text) > maxPiece
		l.candidates = append(l.candidates, candidate{text: text, symbol: none, banned: banned})
	}
	l.byPair[pair] = c
	return c
}

// countPairs adds n to the count of every pair of a word.
func (l *learner) countPairs(w, n int, reserved map[string]bool) {
	symbols := l.words[w].symbols
	for i := 1; i < len(symbols); i++ {
		id := l.candidateOf([2]int32(symbols[i-1:i+1]), reserved)
		c := &l.candidates[id]
		if c.banned {
			continue
		}
		c.count += n
		l.touched = append(l.touched, id)
		if n > 0 && (len(c.words) == 0 || c.words[len(c.words)-1] != w) {
			c.words = append(c.words, w)
		}
	}
}

// apply makes a candidate a symbol in every word that has it.
func (l *learner) apply(id int32, reserved map[string]bool) {
	symbol := l.intern(l.candidates[id].text)
	l.candidates[id].symbol = symbol
	words := l.candidates[id].words
	l.candidates[id].words = nil
	slices.Sort(words)
	for _, w := range slices.Compact(words) {
		n := l.words[w].count
		l.countPairs(w, -n, reserved)
		l.join(w, id, symbol)
		l.countPairs(w, n, reserved)
	}
	l.requeue()
}

// join merges in one word, from the left, the pairs that make a candidate. All pairs of the word have been counted.
func (l *learner) join(w int, id, symbol int32) {
	old := l.words[w].symbols
	joined := old[:0]
	for i := 0; i < len(old); i++ {
		next := old[i]
		if i+1 < len(old) && l.byPair[[2]int32(old[i:i+2])] == id {
			next = symbol
			i++
		}
		joined = append(joined, next)
	}
	l.words[w].symbols = joined
}

// requeue enters the candidates whose counts changed. Their older entries no longer tell the count and are passed over.
func (l *learner) requeue() {
	slices.Sort(l.touched)
	for _, id := range slices.Compact(l.touched) {
		if c := &l.candidates[id]; c.symbol == none && c.count > 0 {
			heap.Push(&l.queue, entry{c.text, c.count, id})
		}
	}
	l.touched = l.touched[:0]
}

// entry is a candidate at the time when it had a count.
type entry struct {
	text      string
	count     int
	candidate int32
}

// candidateHeap has the most frequent candidate on top, of equals the first in the order of bytes.
type candidateHeap []entry

func (h candidateHeap) Len() int      { return len(h) }
func (h candidateHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h candidateHeap) Less(i, j int) bool {
	return h[i].count > h[j].count || h[i].count == h[j].count && h[i].text < h[j].text
}

// Push implements [heap.Interface].
func (h *candidateHeap) Push(e any) { *h = append(*h, e.(entry)) }

// Pop implements [heap.Interface].
func (h *candidateHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}
