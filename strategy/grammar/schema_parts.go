package grammar

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// Digits of a number before the point and after it, at most.
const maxDigits = 16

// shared defines what all schemas use.
func (s *schema) shared() {
	indent := seq(text("\n"), times(oneOf(text(" "), text("\t")), 0, 20))
	s.space = s.define(optional(oneOf(text(" "), indent)))
	hex := set(span{'0', '9'}, span{'a', 'f'}, span{'A', 'F'})
	// A surrogate is the half of a character: two escapes write it.
	single := oneOf(
		seq(set(span{'0', '9'}, span{'a', 'c'}, span{'A', 'C'}, span{'e', 'f'}, span{'E', 'F'}), times(hex, 3, 3)),
		seq(set(span{'d', 'd'}, span{'D', 'D'}), set(span{'0', '7'}), times(hex, 2, 2)))
	d := set(span{'d', 'd'}, span{'D', 'D'})
	pair := seq(d, set(span{'8', '9'}, span{'a', 'b'}, span{'A', 'B'}), times(hex, 2, 2),
		text(`\u`), d, set(span{'c', 'f'}, span{'C', 'F'}), times(hex, 2, 2))
	escape := seq(text(`\`), oneOf(
		set(span{'"', '"'}, span{'\\', '\\'}, span{'/', '/'}, span{'b', 'b'}, span{'f', 'f'}, span{'n', 'n'}, span{'r', 'r'}, span{'t', 't'}),
		seq(text("u"), oneOf(single, pair))))
	s.char = s.define(oneOf(set(others(escaped)...), escape))

	digit := set(span{'0', '9'})
	whole := oneOf(text("0"), seq(set(span{'1', '9'}), times(digit, 0, maxDigits-1)))
	s.integer = s.define(seq(optional(text("-")), whole))
	s.number = s.define(seq(optional(text("-")), whole, optional(seq(text("."), times(digit, 1, maxDigits))),
		optional(seq(set(span{'e', 'e'}, span{'E', 'E'}), optional(set(span{'-', '-'}, span{'+', '+'})), digit, optional(digit)))))

	n := len(s.rules)
	s.rules = append(s.rules, rule{})
	s.value = ref(n)
	quoted := seq(text(`"`), times(s.char, 0, unbounded), text(`"`))
	s.rules[n].body = oneOf(text("null"), text("true"), text("false"), s.number, quoted,
		s.list("[", "]", nil, s.value, 0, unbounded),
		s.list("{", "}", nil, seq(quoted, s.colon(), s.value), 0, unbounded))
}

// escaped are the characters that do not stand for themselves in a JSON text.
var escaped = []span{{0, 0x1F}, {'"', '"'}, {'\\', '\\'}}

func (s *schema) colon() *expr { return seq(text(":"), s.space) }
func (s *schema) comma() *expr { return seq(text(","), s.space) }

// list is first, of which those after the lo-th may be missing together with all
// after them, and then more, lo to hi elements in all, between brackets.
func (s *schema) list(open, end string, first []*expr, more *expr, lo, hi int) *expr {
	var rest *expr // all after the elements before, with the comma
	n := len(first)
	if more != nil && (hi == unbounded || hi > n) {
		least, most := max(lo-n, 0), unbounded
		if hi != unbounded {
			most = hi - n
		}
		if n == 0 && least == 0 {
			if most > 0 {
				most--
			}
			rest = optional(seq(more, times(seq(s.comma(), more), 0, most)))
		} else if n == 0 {
			if most > 0 {
				most--
			}
			rest = seq(more, times(seq(s.comma(), more), least-1, most))
		} else {
			rest = times(seq(s.comma(), more), least, most)
		}
	}
	for i := n - 1; i >= 0; i-- {
		part := first[i]
		if i > 0 {
			part = seq(s.comma(), part)
		}
		if rest != nil {
			part = seq(part, rest)
		}
		if i >= lo {
			part = optional(part)
		}
		rest = s.define(part)
	}
	if rest == nil {
		return seq(text(open), s.space, text(end))
	}
	return seq(text(open), s.space, rest, s.space, text(end))
}

func (s *schema) array(pointer string, o *object) *expr {
	lo, hi := s.natural(pointer, o, "minItems", 0), s.natural(pointer, o, "maxItems", unbounded)
	if hi != unbounded && hi < lo {
		return s.fail(child(pointer, "maxItems"), "%d is less than minItems, %d", hi, lo)
	}
	var first []*expr
	v, listed := o.get("prefixItems")
	if list, ok := v.([]value); ok {
		for i, v := range list {
			first = append(first, s.under(child(pointer, "prefixItems"), strconv.Itoa(i), v))
		}
	} else if listed {
		return s.fail(child(pointer, "prefixItems"), "found %s, want a list of schemas", typeOf(v))
	}
	var more *expr
	if v, ok := o.get("items"); ok {
		if v != value(false) {
			more = s.under(pointer, "items", v)
		} else if lo > len(first) {
			return s.fail(child(pointer, "minItems"), "%d items, but only %d are described", lo, len(first))
		}
	} else if !listed || lo > len(first) {
		more = s.value
	}
	if listed && more != nil {
		if _, ok := o.get("items"); !ok {
			hi = lo
		}
	}
	if hi != unbounded && hi < len(first) {
		first = first[:hi]
	}
	return s.list("[", "]", first, more, lo, hi)
}

// property is one that an object may or must have.
type property struct {
	pair     *expr
	required bool
}

func (s *schema) object(pointer string, o *object) *expr {
	var names []string
	var list []property
	v, listed := o.get("properties")
	if known, ok := v.(*object); ok {
		for _, name := range known.names {
			pair := seq(text(quote(name)), s.colon(), s.under(child(pointer, "properties"), name, known.values[name]))
			names, list = append(names, name), append(list, property{pair: pair})
		}
	} else if listed {
		return s.fail(child(pointer, "properties"), "found %s, want an object", typeOf(v))
	}
	more := s.value
	v, extends := o.get("additionalProperties")
	switch {
	case extends && v == value(false), !extends && listed:
		more = nil
	case extends:
		more = s.under(pointer, "additionalProperties", v)
	}
	if v, ok := o.get("required"); ok {
		wanted, ok := v.([]value)
		if !ok {
			return s.fail(child(pointer, "required"), "found %s, want a list of names", typeOf(v))
		}
		for i, v := range wanted {
			name, ok := v.(string)
			at := slices.Index(names, name)
			switch {
			case !ok:
				return s.fail(child(child(pointer, "required"), strconv.Itoa(i)), "found %s, want a name", typeOf(v))
			case at >= 0:
				list[at].required = true
			case extends && more == nil:
				return s.fail(child(child(pointer, "required"), strconv.Itoa(i)), "%q is required, but there can be no such property", name)
			default:
				other := more
				if other == nil {
					other = s.value // not described, so that anything is valid
				}
				names = append(names, name)
				list = append(list, property{seq(text(quote(name)), s.colon(), other), true})
			}
		}
	}
	if more != nil {
		more = seq(text(`"`), s.otherName(names), text(`"`), s.colon(), more)
	}
	return s.pairs(list, more)
}

// pairs are properties in their order and then others. After each it matters
// only whether there was one before, for the comma.
func (s *schema) pairs(list []property, more *expr) *expr {
	begun, fresh := seq(), seq()
	if more != nil {
		begun = times(seq(s.comma(), more), 0, unbounded)
		fresh = optional(seq(more, begun))
	}
	begun, fresh = s.define(begun), s.define(fresh)
	for _, p := range slices.Backward(list) {
		next := seq(s.comma(), p.pair, begun)
		first := seq(p.pair, begun)
		if !p.required {
			next, first = oneOf(next, begun), oneOf(first, fresh)
		}
		begun, fresh = s.define(next), s.define(first)
	}
	return seq(text("{"), s.space, fresh, s.space, text("}"))
}

// otherName is any text without escapes that is none of names.
func (s *schema) otherName(names []string) *expr {
	plain := others(escaped)
	rest := times(set(plain...), 0, unbounded)
	var apart func(names []string) *expr
	apart = func(names []string) *expr {
		after := map[rune][]string{}
		var first []rune
		var parts []*expr
		ended := false
		for _, name := range names {
			if name == "" {
				ended = true
				continue
			}
			r, n := utf8.DecodeRuneInString(name)
			if _, ok := after[r]; !ok {
				first = append(first, r)
			}
			after[r] = append(after[r], name[n:])
		}
		other := plain
		for _, r := range first {
			other = both(other, others([]span{{r, r}}))
			if len(both(plain, []span{{r, r}})) > 0 {
				parts = append(parts, seq(set(span{r, r}), apart(after[r])))
			}
		}
		if !ended {
			parts = append(parts, seq())
		}
		return oneOf(append(parts, seq(set(other...), rest))...)
	}
	slices.Sort(names)
	return s.define(apart(slices.Compact(names)))
}
