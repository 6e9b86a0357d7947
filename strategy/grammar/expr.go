package grammar

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// kind tells what an expression is.
type kind uint8

const (
	literal  kind = iota // text
	class                // one character of ranges
	sequence             // parts one after another
	choice               // one of parts
	repeat               // parts[0], min to max times
	call                 // rule
)

// unbounded is the max of a repeat without one.
const unbounded = -1

// expr is what a rule consists of.
type expr struct {
	kind     kind
	text     string
	ranges   []span
	parts    []*expr
	min, max int
	rule     int
}

// span is a range of characters.
type span struct{ lo, hi rune }

// rule is a named expression, and where it was written.
type rule struct {
	name  string
	body  *expr
	where func(problem string) error // makes an error that says where
}

func text(s string) *expr        { return &expr{kind: literal, text: s} }
func seq(parts ...*expr) *expr   { return &expr{kind: sequence, parts: parts} }
func oneOf(parts ...*expr) *expr { return &expr{kind: choice, parts: parts} }
func set(ranges ...span) *expr   { return &expr{kind: class, ranges: ranges} }
func ref(rule int) *expr         { return &expr{kind: call, rule: rule} }
func optional(e *expr) *expr     { return times(e, 0, 1) }
func times(e *expr, lo, hi int) *expr {
	return &expr{kind: repeat, parts: []*expr{e}, min: lo, max: hi}
}

// never matches nothing, not even the empty text.
func never() *expr { return oneOf() }

// normal sorts ranges, joins those that touch and leaves out surrogates, which
// are no characters.
func normal(ranges []span) []span {
	var whole []span
	for _, r := range ranges {
		if r.lo < 0xD800 {
			whole = append(whole, span{r.lo, min(r.hi, 0xD7FF)})
		}
		if r.hi > 0xDFFF {
			whole = append(whole, span{max(r.lo, 0xE000), r.hi})
		}
	}
	slices.SortFunc(whole, func(a, b span) int { return int(a.lo) - int(b.lo) })
	out := whole[:0]
	for _, r := range whole {
		if n := len(out); n > 0 && r.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, r.hi)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// others are all characters outside of ranges.
func others(ranges []span) []span {
	var out []span
	next := rune(0)
	for _, r := range normal(slices.Clone(ranges)) {
		if r.lo > next {
			out = append(out, span{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, span{next, utf8.MaxRune})
	}
	return normal(out)
}

// both are the characters that are in a and in b.
func both(a, b []span) []span { return others(append(others(a), others(b)...)) }

// byteRanges cuts a range of characters into sequences of byte ranges, as UTF-8
// has them, and calls f with each.
func byteRanges(r span, f func(lo, hi []byte)) {
	for _, limit := range []rune{0x7F, 0x7FF, 0xFFFF, utf8.MaxRune} {
		if r.lo <= limit && r.hi > limit {
			byteRanges(span{r.lo, limit}, f)
			byteRanges(span{limit + 1, r.hi}, f)
			return
		}
	}
	// Both have the same number of bytes. The last k bytes run over all their
	// values only if the range begins and ends at a multiple of 64^k.
	for k := 1; k < utf8.RuneLen(r.hi); k++ {
		low := rune(1)<<(6*k) - 1
		if r.lo&^low == r.hi&^low {
			continue
		}
		if r.lo&low != 0 {
			byteRanges(span{r.lo, r.lo | low}, f)
			byteRanges(span{(r.lo | low) + 1, r.hi}, f)
			return
		}
		if r.hi&low != low {
			byteRanges(span{r.lo, r.hi&^low - 1}, f)
			byteRanges(span{r.hi &^ low, r.hi}, f)
			return
		}
	}
	f(utf8.AppendRune(nil, r.lo), utf8.AppendRune(nil, r.hi))
}

// LimitError says that a grammar is too large or too ambiguous.
type LimitError struct {
	What string // as in "instructions"
	Most int
}

// Error names what there is too much of.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the grammar is too large: it needs more than %d %s", e.Most, e.What)
}
