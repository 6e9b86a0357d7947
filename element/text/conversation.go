package text

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// turnEnds are the names of tokens that end a turn, or all of a text, in the families of models: where such a token is
// drawn, nothing sensible follows. Files often name only one of them by an id.
var turnEnds = []string{"<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|end|>", "<|end_of_text|>", "<|endoftext|>"}

// Ends returns the tokens that end a text or a turn of a conversation, EOS first, as far as the vocabulary
// has them.
func (t *Tokenizer) Ends() []int {
	var ids []int
	add := func(id int) {
		if id != none && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(t.eos)
	add(t.eot)
	for _, name := range turnEnds {
		if id, ok := t.ids[name]; ok && (t.kinds[id] == Control || t.kinds[id] == UserDefined) {
			add(int(id))
		}
	}
	return ids
}

// Names returns how BOS and EOS are written in a marked text, "" where there is none.
func (t *Tokenizer) Names() (bos, eos string) { return t.Piece(t.bos), t.Piece(t.eos) }

// Shield protects texts from outside that become a part of a marked text, so that nobody forges marks with them. Cover
// breaks the names of tokens in a text by a character that occurs in none of the texts, and Encode, which takes that
// character out again, sees text like any other there. Whatever else makes the marked text, as a chat template,
// keeps such characters where they are.
type Shield struct {
	t     *Tokenizer
	guard string
	marks []addedToken // longest first
}

// NewShield returns a Shield for texts, of which the first is the one that has the marks, as a template is: plain tokens
// that it names are marks, too.
func (t *Tokenizer) NewShield(texts ...string) (*Shield, error) {
	s := &Shield{t: t}
	for r := rune(0xFDD0); s.guard == ""; r++ { // no characters; after these, the private ones
		if r == 0xFDF0 {
			r = 0xF0000
		}
		if r > 0x10FFFD {
			return nil, errors.New("the texts have all characters that could protect them")
		}
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.ContainsRune(text, r) }) && !halved(texts, string(r)) {
			s.guard = string(r)
		}
	}
	for _, a := range []*addedTokens{t.added, t.addedNormal} {
		if a == nil {
			continue
		}
		for _, token := range a.tokens {
			named := token.special || slices.Contains(turnEnds, token.text)
			if (named || len(texts) > 0 && strings.Contains(texts[0], token.text)) && len([]rune(token.text)) > 1 {
				s.marks = append(s.marks, addedToken{text: token.text, special: named})
			}
		}
	}
	return s, nil
}

// halved says whether a character may come about where one text follows another: one
// ends within it, and one begins with what it goes on with.
func halved(texts []string, character string) bool {
	for i := 1; i < len(character); i++ {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.HasSuffix(text, character[:i]) }) &&
			slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(text, character[i:i+1]) }) {
			return true
		}
	}
	return false
}

// Cover returns a text in which no mark can be found. Trusted is a text that the model itself wrote: only the names of
// control tokens are broken in it, not what it writes as text and templates look for ("</think>").
func (s *Shield) Cover(text string, trusted bool) string {
	for _, m := range s.marks {
		if trusted && !m.special {
			continue
		}
		_, n := utf8.DecodeRuneInString(m.text)
		text = strings.ReplaceAll(text, m.text, m.text[:n]+s.guard+m.text[n:])
	}
	return text
}

// Encode returns the tokens of a marked text with covered parts, with BOS before where the model asks for it and the
// text has none.
func (s *Shield) Encode(marked string) []int {
	t := s.t
	var ids []int
	for _, f := range t.added.partition(marked, true) {
		if f.id != none {
			ids = append(ids, int(f.id))
			continue
		}
		m := merger{t: t, special: !strings.Contains(f.text, s.guard)}
		f.text = strings.ReplaceAll(f.text, s.guard, "")
		ids = m.text(ids, f)
	}
	if t.addBOS && (len(ids) == 0 || ids[0] != t.bos) {
		ids = append([]int{t.bos}, ids...)
	}
	return ids
}
