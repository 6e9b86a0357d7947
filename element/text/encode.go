package text

import (
	"strings"
	"unicode/utf8"
)

// Encode returns the tokens of a string. No token is added at its start or end, and the names of control tokens in it
// are text like any other. For every string, also one that is not valid UTF-8, Decode(Encode(s)) == s.
//
// The tokens are those that llama.cpp gives for the same vocabulary, when s is valid UTF-8 and without U+2581: there
// that character means a space; here it is spelled in bytes, to come back as it was.
//
// (A model of others that asks for a space before the text gets it, and Decode takes it off; where such a model also has
// user-defined tokens, the spaces behind these remain, as in llama.cpp.)
func (t *Tokenizer) Encode(s string) []int { return t.AppendEncode(nil, s) }

// AppendEncode appends the tokens of a string to dst; see [Tokenizer.Encode].
func (t *Tokenizer) AppendEncode(dst []int, s string) []int {
	m := merger{t: t}
	for _, f := range t.partition(s) {
		if f.id != none {
			dst = append(dst, int(f.id))
			continue
		}
		// A literal U+2581 parts the text, so that what follows sees only those that stand for spaces.
		for i, part := range strings.Split(f.text, space) {
			if i > 0 {
				dst = t.spell(dst, space)
			}
			part = strings.ReplaceAll(part, " ", space)
			if i == 0 && t.prefix {
				part = space + part
			}
			dst = m.escaped(dst, part)
		}
	}
	return dst
}

// fragment is a user-defined token, or text without one (id is none).
type fragment struct {
	text string
	id   int32
}

// partition finds the user-defined tokens of a string: all of the longest token, then all of the next in what remains.
func (t *Tokenizer) partition(s string) []fragment {
	if s == "" {
		return nil
	}
	fragments := []fragment{{s, none}}
	for _, id := range t.user {
		piece := t.pieces[id]
		if !strings.Contains(s, piece) {
			continue
		}
		var next []fragment
		for _, f := range fragments {
			for f.id == none {
				before, after, found := strings.Cut(f.text, piece)
				if !found {
					break
				}
				if before != "" {
					next = append(next, fragment{before, none})
				}
				next = append(next, fragment{piece, id})
				f.text = after
			}
			if f.text != "" {
				next = append(next, f)
			}
		}
		fragments = next
	}
	return fragments
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
	start, n   int // bytes of the chunk
	prev, next int // index of a symbol, or none
	id         int32
}

// bigram is two neighbouring symbols that make a piece.
type bigram struct {
	left, right int
	n           int // bytes of both: tells whether they are still what they were
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
		k := len(m.symbols)
		m.symbols = append(m.symbols, symbol{i - start, n, k - 1, k + 1, c.id - 1})
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
	for i := 0; i != none; {
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
// llm_tokenizer_spm in llama.cpp.
func (m *merger) merge(chunk string) {
	m.queue = m.queue[:0]
	for i := range len(m.symbols) - 1 {
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

// try queues two neighbours if they make a piece. Only normal tokens are pieces: text is never taken for a control or
// byte token that looks like it.
func (m *merger) try(chunk string, left, right int) {
	start, n := m.symbols[left].start, m.symbols[left].n+m.symbols[right].n
	if n > m.t.longest {
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
