package grammar

import (
	"fmt"
	"regexp/syntax"
)

// formats are those of draft 2020-12, section 7.3, that a grammar can state. Dates
// leave out the 29th of February, and times leap seconds.
var formats = map[string]string{
	"date":      `^` + date + `$`,
	"time":      `^` + clock + `$`,
	"date-time": `^` + date + `T` + clock + `$`,
	"uuid":      `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`,
	"ipv4":      `^(` + octet + `\.){3}` + octet + `$`,
}

const (
	date  = `[0-9]{4}-((01|03|05|07|08|10|12)-(0[1-9]|[12][0-9]|3[01])|(04|06|09|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))`
	clock = `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])`
	octet = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
)

// str is a text by length, pattern or format.
func (s *schema) str(pointer string, o *object) *expr {
	lo, hi := s.natural(pointer, o, "minLength", 0), s.natural(pointer, o, "maxLength", unbounded)
	if hi != unbounded && hi < lo {
		return s.fail(child(pointer, "maxLength"), "%d is less than minLength, %d", hi, lo)
	}
	source, at := "", ""
	for _, name := range []string{"pattern", "format"} {
		v, ok := o.get(name)
		if !ok {
			continue
		}
		if at != "" {
			return s.fail(child(pointer, name), "format beside pattern is not supported")
		}
		at = child(pointer, name)
		if source, ok = v.(string); !ok {
			return s.fail(at, "found %s, want a text", typeOf(v))
		}
		if name == "format" {
			if source, ok = formats[source]; !ok {
				return s.fail(at, "format %v is not supported: known are date, time, date-time, uuid, ipv4", v)
			}
		}
	}
	if at == "" {
		return seq(text(`"`), times(s.char, lo, hi), text(`"`))
	}
	if lo > 0 || hi != unbounded {
		return s.fail(at, "minLength and maxLength beside a pattern or format are not supported")
	}
	e, err := s.pattern(source)
	if err != nil {
		return s.fail(at, "%v", err)
	}
	return seq(text(`"`), e, text(`"`))
}

// pattern is what a regular expression matches, as characters of a JSON text.
// Without ^ anything may come before, without $ anything after.
func (s *schema) pattern(source string) (*expr, error) {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	return s.anchored(re)
}

// anchored is an expression that may have ^ at its beginning and $ at its end.
func (s *schema) anchored(re *syntax.Regexp) (*expr, error) {
	switch re.Op {
	case syntax.OpCapture:
		return s.anchored(re.Sub[0])
	case syntax.OpAlternate:
		parts := make([]*expr, len(re.Sub))
		for i, sub := range re.Sub {
			var err error
			if parts[i], err = s.anchored(sub); err != nil {
				return nil, err
			}
		}
		return oneOf(parts...), nil
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	before, after := times(s.char, 0, unbounded), times(s.char, 0, unbounded)
	for len(parts) > 0 && parts[0].Op == syntax.OpBeginText {
		parts, before = parts[1:], seq()
	}
	for len(parts) > 0 && parts[len(parts)-1].Op == syntax.OpEndText {
		parts, after = parts[:len(parts)-1], seq()
	}
	list := []*expr{before}
	for _, sub := range parts {
		e, err := s.inner(sub)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return seq(append(list, after)...), nil
}

// inner is a part of a pattern.
func (s *schema) inner(re *syntax.Regexp) (*expr, error) {
	if re.Flags&syntax.FoldCase != 0 {
		return nil, fmt.Errorf("pattern: %s without regard to case is not supported", re)
	}
	var parts []*expr
	for _, sub := range re.Sub {
		e, err := s.inner(sub)
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return seq(), nil
	case syntax.OpNoMatch:
		return never(), nil
	case syntax.OpLiteral:
		return text(unquoted(string(re.Rune))), nil
	case syntax.OpCharClass:
		var ranges []span
		for i := 0; i < len(re.Rune); i += 2 {
			ranges = append(ranges, span{re.Rune[i], re.Rune[i+1]})
		}
		return spelled(ranges), nil
	case syntax.OpAnyCharNotNL, syntax.OpAnyChar: // in ECMA-262 . leaves out line ends
		return spelled(others([]span{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}})), nil
	case syntax.OpCapture, syntax.OpConcat:
		return seq(parts...), nil
	case syntax.OpAlternate:
		return oneOf(parts...), nil
	case syntax.OpStar:
		return times(parts[0], 0, unbounded), nil
	case syntax.OpPlus:
		return times(parts[0], 1, unbounded), nil
	case syntax.OpQuest:
		return optional(parts[0]), nil
	case syntax.OpRepeat:
		return times(parts[0], re.Min, re.Max), nil
	}
	return nil, fmt.Errorf("pattern: %s is not supported there", re)
}

// unquoted is a text as it stands between the quotes of a JSON text.
func unquoted(s string) string {
	s = quote(s)
	return s[1 : len(s)-1]
}

// spelled is one of the characters in ranges as it stands in a JSON text.
func spelled(ranges []span) *expr {
	ranges = normal(ranges)
	plain := both(ranges, others(escaped))
	parts := []*expr{set(plain...)}
	for _, e := range escaped {
		for _, r := range both(ranges, []span{e}) {
			for c := r.lo; c <= r.hi; c++ {
				parts = append(parts, text(unquoted(string(c))))
			}
		}
	}
	if len(parts) == 1 && len(plain) > 0 {
		return parts[0]
	}
	if len(plain) == 0 {
		parts = parts[1:]
	}
	return oneOf(parts...)
}
