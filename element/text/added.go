package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// addedToken is a token that is matched in text before all others.
type addedToken struct {
	text           string
	id             int32
	special        bool // matched only where the names of control tokens stand for them
	lstrip, rstrip bool // the white space before it, or behind it, belongs to it
}

// addedTokens finds such tokens in a text.
type addedTokens struct {
	tokens   []addedToken // longest first
	byText   map[string]int32
	lengths  [256][]int // of the tokens with that first byte, longest first
	plain    bool       // some token is not special
	leftmost bool       // the leftmost token is taken, as in Hugging Face's tokenizers; else, as in llama.cpp, the longest of the text
}

func newAddedTokens(tokens []addedToken, leftmost bool) *addedTokens {
	a := &addedTokens{tokens: tokens, byText: make(map[string]int32, len(tokens)), leftmost: leftmost}
	slices.SortStableFunc(a.tokens, func(a, b addedToken) int { return cmp.Compare(len(b.text), len(a.text)) })
	for i, t := range a.tokens {
		a.byText[t.text] = int32(i)
		a.plain = a.plain || !t.special
		of := &a.lengths[t.text[0]]
		if n := len(*of); n == 0 || (*of)[n-1] != len(t.text) {
			*of = append(*of, len(t.text))
		}
	}
	return a
}

// fragment is an added token, or text without one (id is none).
type fragment struct {
	text  string
	id    int32
	first bool // the text begins with it
}

// partition cuts a text at the added tokens in it.
func (a *addedTokens) partition(s string, special bool) []fragment {
	switch {
	case s == "":
		return nil
	case !special && !a.plain:
		return []fragment{{s, none, true}}
	case a.leftmost:
		return a.byPlace(s, special)
	}
	return a.byLength(s, special)
}

// longest returns the longest token at a place of a text, or nil.
func (a *addedTokens) longest(s string, i int) *addedToken {
	for _, n := range a.lengths[s[i]] {
		if n <= len(s)-i {
			if t, ok := a.byText[s[i:i+n]]; ok {
				return &a.tokens[t]
			}
		}
	}
	return nil
}

// byPlace takes tokens from the left. A special token that is text like any other hides those that overlap with it, as in
// the reference.
func (a *addedTokens) byPlace(s string, special bool) []fragment {
	var out []fragment
	start := 0
	text := func(end int) {
		if start < end {
			out = append(out, fragment{s[start:end], none, start == 0})
		}
	}
	for i := 0; i < len(s); {
		t := a.longest(s, i)
		if t == nil {
			i++
			continue
		}
		end := i + len(t.text)
		if t.special && !special {
			i = end
			continue
		}
		from := i
		if t.lstrip {
			from = max(start, len(strings.TrimRightFunc(s[:i], unicode.IsSpace)))
		}
		text(from)
		out = append(out, fragment{s[from:end], t.id, from == 0})
		if t.rstrip {
			end = len(s) - len(strings.TrimLeftFunc(s[end:], unicode.IsSpace))
		}
		start, i = end, end
	}
	text(len(s))
	return out
}

// byLength takes all of the longest token, then all of the next in what remains.
func (a *addedTokens) byLength(s string, special bool) []fragment {
	fragments := []fragment{{s, none, true}}
	for _, k := range a.present(s, special) {
		token := &a.tokens[k]
		var next []fragment
		for _, f := range fragments {
			for f.id == none {
				before, after, found := strings.Cut(f.text, token.text)
				if !found {
					break
				}
				if before != "" {
					next = append(next, fragment{before, none, f.first})
				}
				next = append(next, fragment{token.text, token.id, f.first && before == ""})
				f.text, f.first = after, false
			}
			if f.text != "" {
				next = append(next, f)
			}
		}
		fragments = next
	}
	return fragments
}

// present returns the indices of the tokens that occur somewhere in a text, longest first.
func (a *addedTokens) present(s string, special bool) []int32 {
	var seen map[int32]bool
	for i := range len(s) {
		for _, n := range a.lengths[s[i]] {
			if n > len(s)-i {
				continue
			}
			if t, ok := a.byText[s[i:i+n]]; ok && (special || !a.tokens[t].special) {
				if seen == nil {
					seen = map[int32]bool{}
				}
				seen[t] = true
			}
		}
	}
	var out []int32
	for t := range seen {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}
