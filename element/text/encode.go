package text

import (
	"strings"
	"unicode/utf8"
)

// Encode returns the tokens of a string. No token is added at its start or end, and the names of control tokens in it
// are text like any other. For every string, also one that is not valid UTF-8, Decode(Encode(s)) == s.
//
// The tokens are those that the reference gives for the same vocabulary: llama.cpp for a model file, the tokenizers of
// Hugging Face for a tokenizer.json. Where a reference cannot give a text back, there are three exceptions. A broken byte
// is itself, where llama.cpp makes it U+FFFD. U+2581 is spelled in bytes by a tokenizer that writes spaces so. And a
// tokenizer.json may ask for what loses something: a normalization form of Unicode, or one space before the text.
//
// (A model of others that asks for a space before the text gets it, and Decode takes it off; where such a model also has
// user-defined tokens, the spaces behind these remain, as in llama.cpp. Some byte-level vocabularies lack bytes, most of
// which are in no text: SmolLM2's those of six control characters. They are left out.)
func (t *Tokenizer) Encode(s string) []int { return t.AppendEncode(nil, s) }

// AppendEncode appends the tokens of a string to dst; see [Tokenizer.Encode].
func (t *Tokenizer) AppendEncode(dst []int, s string) []int { return t.appendEncode(dst, s, false) }

// AppendMarked appends the tokens of a text in which the names of control tokens stand for these, as a chat template
// writes them: "<|im_start|>". A text from outside, in which nobody may forge such marks, is for [Tokenizer.AppendEncode].
func (t *Tokenizer) AppendMarked(dst []int, s string) []int { return t.appendEncode(dst, s, true) }

// EncodePrompt returns the tokens of a marked text, with BOS before and EOS behind where the model asks for them.
func (t *Tokenizer) EncodePrompt(s string) []int {
	var ids []int
	if t.addBOS {
		ids = append(ids, t.bos)
	}
	ids = t.AppendMarked(ids, s)
	if t.addEOS {
		ids = append(ids, t.eos)
	}
	return ids
}

func (t *Tokenizer) appendEncode(dst []int, s string, special bool) []int {
	m := merger{t: t, special: special}
	for _, f := range t.added.partition(s, special) {
		if f.id != none {
			dst = append(dst, int(f.id))
			continue
		}
		dst = m.text(dst, f)
	}
	return dst
}

// text appends the tokens of a text without added tokens.
func (m *merger) text(dst []int, f fragment) []int {
	if m.t.byteLevel {
		return m.normal(dst, f, true)
	}
	// A literal U+2581 parts the text, so that what follows sees only those that stand for spaces.
	for i, part := range strings.Split(f.text, space) {
		if i > 0 {
			dst = m.t.spell(dst, space)
		}
		dst = m.normal(dst, fragment{part, none, f.first}, i == 0)
	}
	return dst
}

// normal normalizes a text and appends its tokens. start is false behind a literal U+2581.
func (m *merger) normal(dst []int, f fragment, start bool) []int {
	s := normalize(m.t.normalizers, f.text, start, f.first)
	if m.t.addedNormal == nil {
		return m.split(dst, normalize(m.t.metaspace, s, start, f.first), 0)
	}
	for _, g := range m.t.addedNormal.partition(s, m.special) {
		if g.id != none {
			dst = append(dst, int(g.id))
			continue
		}
		first := start && g.first
		dst = m.split(dst, normalize(m.t.metaspace, g.text, start, first && f.first), 0)
	}
	return dst
}

// split cuts a text by the splitters from the k-th on, and appends the tokens of the parts.
func (m *merger) split(dst []int, s string, k int) []int {
	if k == len(m.t.splitters) {
		return m.part(dst, s)
	}
	sp := &m.t.splitters[k]
	part := func(c cut) { dst = m.split(dst, s[c.start:c.end], k+1) }
	if sp.behaviour == isolated {
		sp.pattern.cut(s, part) // as the splitter would, without a list
		return dst
	}
	for _, c := range sp.split(nil, s) {
		part(c)
	}
	return dst
}

// runeLen is the length in bytes of the character at i.
func runeLen(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return n
}

// part appends the tokens of a part of the text that merges do not reach beyond.
func (m *merger) part(dst []int, s string) []int {
	if m.t.whole {
		key := m.key[:0]
		if m.t.byteLevel {
			key = appendSpelled(key, s)
		} else {
			key = append(key, s...)
		}
		m.key = key
		if id, ok := m.t.ids[string(key)]; ok && m.t.kinds[id] == Normal {
			return append(dst, int(id))
		}
	}
	if !m.t.byteLevel {
		return m.escaped(dst, s)
	}
	// Bytes that the vocabulary lacks are left out, as in Hugging Face's tokenizers, and those beside them are neighbours.
	for i := range len(s) {
		if id := m.t.byteIDs[s[i]]; id != none {
			k := int32(len(m.symbols))
			m.symbols = append(m.symbols, symbol{int32(i), 1, k - 1, k + 1, id})
		}
	}
	return m.flush(dst, s)
}

// spell appends the byte tokens of a string.
func (t *Tokenizer) spell(dst []int, s string) []int {
	for i := range len(s) {
		dst = append(dst, int(t.byteIDs[s[i]]))
	}
	return dst
}

// spellSymbol appends the byte tokens of a character that is no token. In escaped text U+2581 is a space.
func (t *Tokenizer) spellSymbol(dst []int, s string) []int {
	if s == space {
		s = " "
	}
	return t.spell(dst, s)
}

// symbol is a part of a chunk in a doubly linked list; n is 0 once it is merged into its left neighbour.
type symbol struct {
	start, n   int32 // bytes of the chunk
	prev, next int32 // index of a symbol, or none
	id         int32
}

// bigram is two neighbouring symbols that make a piece.
type bigram struct {
	left, right int32
	n           int32 // bytes of both: tells whether they are still what they were
	score       float32
	id          int32
}

// before tells whether a is merged before b: the higher score, then the leftmost.
func (a bigram) before(b bigram) bool {
	return a.score > b.score || a.score == b.score && a.left < b.left
}

// merger holds the buffers of one encoding.
type merger struct {
	t       *Tokenizer
	special bool   // names of control tokens stand for these
	key     []byte // a part as a token is written
	symbols []symbol
	queue   []bigram // a binary heap, the next to merge first
}

// escaped appends the tokens of a text whose spaces are written as U+2581.
//
// Two characters can only come to stand in one piece if some piece has the first before another and the second behind
// another. Elsewhere the text is cut into chunks that are merged alone, with the same result as merging the whole: a Han
// character costs a lookup, and the heap is as small as a word.
func (m *merger) escaped(dst []int, s string) []int {
	start := 0
	var last char
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(m.flush(dst, s[start:i]), int(m.t.byteIDs[s[i]]))
			i++
			start, last = i, char{}
			continue
		}
		c := m.t.chars.get(r)
		if !(last.leads && c.trail) {
			dst = m.flush(dst, s[start:i])
			start = i
		}
		k := int32(len(m.symbols))
		m.symbols = append(m.symbols, symbol{int32(i - start), int32(n), k - 1, k + 1, c.id - 1})
		i += n
		last = c
	}
	return m.flush(dst, s[start:])
}

// flush appends the tokens of the chunk whose symbols were collected, and forgets these.
func (m *merger) flush(dst []int, chunk string) []int {
	if len(m.symbols) == 0 {
		return dst
	}
	m.symbols[len(m.symbols)-1].next = none
	if len(m.symbols) > 1 {
		m.merge(chunk)
	}
	for i := int32(0); i != none; {
		s := m.symbols[i]
		if s.id != none {
			dst = append(dst, int(s.id))
		} else {
			dst = m.t.spellSymbol(dst, chunk[s.start:s.start+s.n])
		}
		i = s.next
	}
	m.symbols = m.symbols[:0]
	return dst
}

// merge joins neighbours, those with the highest score first, until no two make a piece. This is the algorithm of
// llm_tokenizer_spm in llama.cpp, and with a list of merges, whose score is the place from the end, that of
// llm_tokenizer_bpe and of Hugging Face's tokenizers.
func (m *merger) merge(chunk string) {
	m.queue = m.queue[:0]
	for i := range int32(len(m.symbols) - 1) {
		m.try(chunk, i, i+1)
	}
	for len(m.queue) > 0 {
		b := m.pop()
		left, right := &m.symbols[b.left], &m.symbols[b.right]
		if left.n == 0 || right.n == 0 || left.n+right.n != b.n {
			continue // one of them has been merged since
		}
		left.n, left.id, left.next = b.n, b.id, right.next
		right.n = 0
		if left.next != none {
			m.symbols[left.next].prev = b.left
			m.try(chunk, b.left, left.next)
		}
		if left.prev != none {
			m.try(chunk, left.prev, b.left)
		}
	}
}

// try queues two neighbours if they make a piece: by the list of merges, or without one if their text is a piece. Only
// normal tokens are pieces: text is never taken for a control or byte token that looks like it.
func (m *merger) try(chunk string, left, right int32) {
	a, b := &m.symbols[left], &m.symbols[right]
	start, n := a.start, a.n+b.n
	if m.t.pairs != nil {
		if p, ok := m.t.pairs.get(a.id, b.id); ok {
			m.push(bigram{left, right, n, float32(-p.rank), p.id})
		}
		return
	}
	if int(n) > m.t.longest {
		return
	}
	if id, ok := m.t.ids[chunk[start:start+n]]; ok && m.t.kinds[id] == Normal {
		m.push(bigram{left, right, n, m.t.scores[id], id})
	}
}

func (m *merger) push(b bigram) {
	m.queue = append(m.queue, b)
	i := len(m.queue) - 1
	for i > 0 && b.before(m.queue[(i-1)/2]) {
		m.queue[i] = m.queue[(i-1)/2]
		i = (i - 1) / 2
	}
	m.queue[i] = b
}

func (m *merger) pop() bigram {
	top := m.queue[0]
	last := m.queue[len(m.queue)-1]
	m.queue = m.queue[:len(m.queue)-1]
	n := len(m.queue)
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			break
		}
		if child+1 < n && m.queue[child+1].before(m.queue[child]) {
			child++
		}
		if !m.queue[child].before(last) {
			break
		}
		m.queue[i] = m.queue[child]
		i = child
	}
	if n > 0 {
		m.queue[i] = last
	}
	return top
}
