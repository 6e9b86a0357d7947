package grammar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of what is read.
const (
	maxNesting = 200
	maxCount   = 1 << 16
)

// SyntaxError says where the text of a grammar is wrong.
type SyntaxError struct {
	Line, Column int // from 1, columns in characters
	Problem      string
}

// Error names the line, the column and the problem.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("grammar: line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// Parse reads a grammar in the notation of llama.cpp (GBNF). A response is what
// the rule root matches:
//
//	root   ::= answer ("," ws answer)*   # comments go to the end of the line
//	answer ::= "yes" | "no" | number
//	number ::= "-"? [0-9]{1,5}
//	ws     ::= [ \t\n]?
//
// There are "texts", classes of [characters] and of all but [^these], . for any
// character, groups in (), alternatives with |, and after any of them ? * +
// {3} {3,} {3,5}. Characters may be written as \n \r \t \\ \" \[ \] \^ \-, \x41,
// \u4E00, \U0001F600. A rule goes on in the next line within a group and after |
// and ::=. It fails with a [*SyntaxError], or with a [*LimitError] if the
// grammar is too large.
func Parse(source string) (*Grammar, error) {
	if i := invalid(source); i >= 0 {
		return nil, (&gbnf{source: source}).errorAt(i, "not valid UTF-8")
	}
	p := &gbnf{source: source, numbers: map[string]int{}, used: map[int]int{}}
	p.space(true)
	for p.at < len(p.source) {
		if err := p.rule(); err != nil {
			return nil, err
		}
		p.space(true)
	}
	for i := range p.rules { // in order, so that the first error is always the same
		if p.rules[i].body == nil {
			return nil, p.errorAt(p.used[i], fmt.Sprintf("rule %s is not defined", p.rules[i].name))
		}
	}
	root, ok := p.numbers["root"]
	if !ok {
		return nil, p.errorAt(len(source), "there is no rule root")
	}
	return compile(p.rules, root)
}

// invalid is where a text stops being UTF-8, -1 if it does not.
func invalid(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// gbnf reads the text of a grammar.
type gbnf struct {
	source  string
	at      int
	depth   int
	rules   []rule
	numbers map[string]int
	used    map[int]int // where a rule was named first
}

func (p *gbnf) errorAt(at int, problem string) error {
	before := p.source[:min(at, len(p.source))]
	line := strings.LastIndexByte(before, '\n') + 1
	return &SyntaxError{Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1, Problem: problem}
}

func (p *gbnf) errorf(format string, args ...any) error {
	return p.errorAt(p.at, fmt.Sprintf(format, args...))
}

// found quotes what stands where something else was expected.
func (p *gbnf) found() string {
	if p.at >= len(p.source) {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.source[p.at:])
	return strconv.QuoteRune(r)
}

// space skips blanks and comments, and line breaks if they count as such.
func (p *gbnf) space(lines bool) {
	for p.at < len(p.source) {
		switch c := p.source[p.at]; {
		case c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r'):
			p.at++
		case c == '#':
			for p.at < len(p.source) && p.source[p.at] != '\n' && p.source[p.at] != '\r' {
				p.at++
			}
		default:
			return
		}
	}
}

func (p *gbnf) accept(s string) bool {
	if strings.HasPrefix(p.source[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// name reads the name of a rule, "" if there is none.
func (p *gbnf) name() string {
	start := p.at
	for p.at < len(p.source) && nameByte(p.source[p.at]) {
		p.at++
	}
	return p.source[start:p.at]
}

// number is that of a rule, which may be defined later.
func (p *gbnf) number(name string, at int) int {
	n, ok := p.numbers[name]
	if !ok {
		n = len(p.rules)
		p.numbers[name], p.used[n] = n, at
		p.rules = append(p.rules, rule{name: name})
	}
	return n
}

func (p *gbnf) rule() error {
	start := p.at
	name := p.name()
	if name == "" {
		return p.errorf("found %s, want the name of a rule", p.found())
	}
	if p.space(false); !p.accept("::=") {
		return p.errorf("found %s, want ::= after %s", p.found(), name)
	}
	n := p.number(name, start)
	if p.rules[n].body != nil {
		return p.errorAt(start, fmt.Sprintf("rule %s is defined twice", name))
	}
	if len(p.rules) > maxRules {
		return &LimitError{"rules", maxRules}
	}
	p.space(true)
	body, err := p.choice(false)
	if err != nil {
		return err
	}
	p.rules[n].body = body
	p.rules[n].where = func(problem string) error { return p.errorAt(start, problem) }
	if p.at < len(p.source) && p.source[p.at] != '\n' && p.source[p.at] != '\r' {
		return p.errorf("found %s, want the end of rule %s", p.found(), name)
	}
	return nil
}

// choice reads alternatives, in a group or up to the end of a rule.
func (p *gbnf) choice(group bool) (*expr, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.errorf("groups are nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	var parts []*expr
	for {
		part, err := p.sequence(group)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if !p.accept("|") {
			break
		}
		p.space(true)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return oneOf(parts...), nil
}

func (p *gbnf) sequence(group bool) (*expr, error) {
	var parts []*expr
	for {
		start := p.at
		e, err := p.item()
		if err != nil {
			return nil, err
		}
		if e == nil {
			return seq(parts...), nil
		}
		for p.space(group); ; p.space(group) {
			repeated, err := p.repetition(e, start)
			if err != nil {
				return nil, err
			}
			if repeated == nil {
				break
			}
			e = repeated
		}
		parts = append(parts, e)
	}
}

// item reads one text, class, group or name, nil if there is none.
func (p *gbnf) item() (*expr, error) {
	if p.at >= len(p.source) {
		return nil, nil
	}
	switch c := p.source[p.at]; {
	case c == '"':
		return p.literal()
	case c == '[':
		return p.class()
	case c == '.':
		p.at++
		return set(span{0, utf8.MaxRune}), nil
	case c == '(':
		open := p.at
		p.at++
		p.space(true)
		e, err := p.choice(true)
		if err != nil {
			return nil, err
		}
		if !p.accept(")") {
			return nil, p.errorf("found %s, want ) for the group of %s", p.found(), strings.TrimPrefix(p.errorAt(open, "").Error(), "grammar: "))
		}
		return e, nil
	case nameByte(c):
		at := p.at
		return ref(p.number(p.name(), at)), nil
	}
	return nil, nil
}

// repetition reads what says how often e comes, nil if there is nothing.
func (p *gbnf) repetition(e *expr, start int) (*expr, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.errorf("repetitions are nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept("*"):
		return times(e, 0, unbounded), nil
	case p.accept("+"):
		return times(e, 1, unbounded), nil
	case p.accept("?"):
		return optional(e), nil
	case !p.accept("{"):
		return nil, nil
	}
	p.space(false)
	lo, err := p.count()
	if err != nil {
		return nil, err
	}
	hi := lo
	if p.space(false); p.accept(",") {
		hi = unbounded
		if p.space(false); p.at < len(p.source) && p.source[p.at] != '}' {
			if hi, err = p.count(); err != nil {
				return nil, err
			}
			if hi < lo {
				return nil, p.errorAt(start, fmt.Sprintf("repetition {%d,%d}, want the smaller number first", lo, hi))
			}
		}
	}
	if p.space(false); !p.accept("}") {
		return nil, p.errorf("found %s, want }", p.found())
	}
	return times(e, lo, hi), nil
}

func (p *gbnf) count() (int, error) {
	start := p.at
	for p.at < len(p.source) && p.source[p.at] >= '0' && p.source[p.at] <= '9' {
		p.at++
	}
	if start == p.at {
		return 0, p.errorf("found %s, want a number of repetitions", p.found())
	}
	n, err := strconv.Atoi(p.source[start:p.at])
	if err != nil || n > maxCount {
		return 0, p.errorAt(start, fmt.Sprintf("%s repetitions, want at most %d", p.source[start:p.at], maxCount))
	}
	return n, nil
}
