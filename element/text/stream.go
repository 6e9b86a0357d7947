package text

import (
	"strings"
	"unicode/utf8"
)

// Stream decodes tokens one at a time into whole characters, for text that is shown while it is made. What it returns
// is always valid UTF-8: bytes that can be no part of a character become U+FFFD. It serves one goroutine.
type Stream struct {
	t       *Tokenizer
	pending []byte // the beginning of a character
}

// NewStream returns a Stream of tokens of t.
func NewStream(t *Tokenizer) *Stream { return &Stream{t: t} }

// Push takes the next token and returns the characters that it completes, often none.
func (s *Stream) Push(id int) string {
	s.pending = append(s.pending, s.t.Bytes(id)...)
	return s.take(false)
}

// Flush ends the text: it returns what is left of a character never completed, as U+FFFD. The Stream is then as new.
func (s *Stream) Flush() string { return s.take(true) }

// take removes characters from the pending bytes, all of them or up to one that may still be completed.
func (s *Stream) take(all bool) string {
	var b strings.Builder
	i := 0
	for i < len(s.pending) && (all || utf8.FullRune(s.pending[i:])) {
		r, n := utf8.DecodeRune(s.pending[i:])
		b.WriteRune(r)
		i += n
	}
	s.pending = append(s.pending[:0], s.pending[i:]...)
	return b.String()
}
