package grammar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (p *gbnf) literal() (*expr, error) {
	open := p.at
	p.at++
	var b strings.Builder
	for !p.accept(`"`) {
		r, err := p.character(open, "text")
		if err != nil {
			return nil, err
		}
		b.WriteRune(r)
	}
	return text(b.String()), nil
}

func (p *gbnf) class() (*expr, error) {
	open := p.at
	p.at++
	negated := p.accept("^")
	var ranges []span
	for !p.accept("]") {
		lo, err := p.character(open, "class")
		if err != nil {
			return nil, err
		}
		hi := lo
		if strings.HasPrefix(p.source[p.at:], "-") && !strings.HasPrefix(p.source[p.at:], "-]") {
			p.at++
			if hi, err = p.character(open, "class"); err != nil {
				return nil, err
			}
			if hi < lo {
				return nil, p.errorf("range %q-%q, want the smaller character first", lo, hi)
			}
		}
		ranges = append(ranges, span{lo, hi})
	}
	if negated {
		ranges = others(ranges)
	}
	return set(ranges...), nil
}

// character reads one of a text or class, which begins at open.
func (p *gbnf) character(open int, what string) (rune, error) {
	if p.at >= len(p.source) || p.source[p.at] == '\n' {
		return 0, p.errorAt(open, "the "+what+" has no end in its line")
	}
	start := p.at
	r, n := utf8.DecodeRuneInString(p.source[p.at:])
	p.at += n
	if r != '\\' {
		return r, nil
	}
	if p.at >= len(p.source) {
		return 0, p.errorAt(open, "the "+what+" has no end in its line")
	}
	c := p.source[p.at]
	p.at++
	switch c {
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case '\\', '"', '[', ']', '^', '-':
		return rune(c), nil
	case 'x':
		return p.hex(start, 2)
	case 'u':
		return p.hex(start, 4)
	case 'U':
		return p.hex(start, 8)
	}
	return 0, p.errorAt(start, `unknown escape, want \n \r \t \\ \" \[ \] \^ \- \x41 \u4E00 or \U0001F600`)
}

func (p *gbnf) hex(start, digits int) (rune, error) {
	if p.at+digits <= len(p.source) {
		n, err := strconv.ParseUint(p.source[p.at:p.at+digits], 16, 32)
		if err == nil && utf8.ValidRune(rune(n)) && n <= utf8.MaxRune {
			p.at += digits
			return rune(n), nil
		}
	}
	return 0, p.errorAt(start, fmt.Sprintf("want %d hexadecimal digits of a character", digits))
}
