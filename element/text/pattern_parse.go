package text

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits that no family's pattern comes near to, so that a hostile file can exhaust neither stack nor memory nor time.
const (
	maxPattern      = 4096 // bytes
	maxAlternatives = 64
	maxFold         = 1024 // characters of a range that are folded
	maxCount        = 256  // in braces
	maxBranchings   = 256  // nodes that can be left in several ways
)

// parsePattern compiles a regular expression. An error tells the offset of what is not understood.
func parsePattern(source string) (*pattern, error) {
	if len(source) > maxPattern {
		return nil, fmt.Errorf("a pattern of %d bytes, want at most %d", len(source), maxPattern)
	}
	p := patternParser{source: source}
	end := &node{op: opEnd}
	choice, err := p.choice(false)
	if err == nil && p.at < len(source) {
		err = p.errorf("an unopened )")
	}
	if err == nil && len(choice) > maxAlternatives {
		err = p.errorf("%d alternatives, want at most %d", len(choice), maxAlternatives)
	}
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", source, err)
	}
	out := &pattern{}
	never := map[*node]bool{}
	for i, terms := range choice {
		a := link(terms, end)
		out.alternatives = append(out.alternatives, a)
		for r := range out.first {
			c := rune(r)
			if r == utf8.RuneSelf {
				c = -1
			}
			clear(never)
			if a.canBegin(c, never) {
				out.first[r] |= 1 << i
			}
		}
	}
	if out.number(); out.branchings > maxBranchings {
		return nil, fmt.Errorf("pattern %q: %d repetitions and choices, want at most %d", source, out.branchings, maxBranchings)
	}
	return out, nil
}

// number numbers the nodes at which a failure may have to be remembered.
func (p *pattern) number() {
	seen := map[*node]bool{}
	var visit func(n *node)
	visit = func(n *node) {
		for ; n != nil && !seen[n]; n = n.next {
			seen[n] = true
			if n.op == opChoice || n.op == opClass && n.min < n.max {
				p.branchings++
				n.number = p.branchings
			}
			for _, a := range n.alternatives {
				visit(a)
			}
		}
	}
	for _, a := range p.alternatives {
		visit(a)
	}
}

// quoted is the pattern of a literal string.
func quoted(s string) *pattern {
	var terms []term
	for _, r := range s {
		c := &charSet{ranges: [][2]rune{{r, r}}}
		c.settle()
		terms = append(terms, term{node: node{op: opClass, class: c, min: 1, max: 1}})
	}
	p := &pattern{alternatives: []*node{link(terms, &node{op: opEnd})}}
	for r := range p.first {
		p.first[r] = 1
	}
	return p
}

// term is a node not yet linked to what follows it; a group has choices instead of alternatives.
type term struct {
	node
	choices  [][]term
	optional bool
}

// link chains terms and what follows them.
func link(terms []term, next *node) *node {
	for i := len(terms) - 1; i >= 0; i-- {
		n := terms[i].node
		n.next = next
		if n.op == opAhead {
			next = &node{op: opEnd}
		}
		for _, c := range terms[i].choices {
			n.alternatives = append(n.alternatives, link(c, next))
		}
		if terms[i].optional {
			n.alternatives = append(n.alternatives, next)
		}
		if n.op == opAhead {
			n.alternatives = []*node{{op: opChoice, alternatives: n.alternatives}}
		}
		next = &n
	}
	return next
}

// patternParser reads a pattern from the left.
type patternParser struct {
	source string
	at     int
	ahead  int // looks ahead that are open
}

func (p *patternParser) errorf(format string, args ...any) error {
	return fmt.Errorf("offset %d: %s", p.at, fmt.Sprintf(format, args...))
}

// accept moves past a text if it is next.
func (p *patternParser) accept(s string) bool {
	if strings.HasPrefix(p.source[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

// choice reads alternatives up to a closing parenthesis or the end.
func (p *patternParser) choice(fold bool) ([][]term, error) {
	var out [][]term
	for {
		var terms []term
		for p.at < len(p.source) && p.source[p.at] != '|' && p.source[p.at] != ')' {
			t, err := p.term(fold)
			if err != nil {
				return nil, err
			}
			terms = append(terms, t)
		}
		out = append(out, terms)
		if !p.accept("|") {
			return out, nil
		}
	}
}

func (p *patternParser) term(fold bool) (term, error) {
	if p.source[p.at] == '(' {
		return p.group(fold)
	}
	c, err := p.class(fold)
	if err != nil {
		return term{}, err
	}
	c.settle()
	t := term{node: node{op: opClass, class: c, min: 1, max: 1}}
	switch {
	case p.accept("?"):
		t.min = 0
	case p.accept("*"):
		t.min, t.max = 0, math.MaxInt
	case p.accept("+"):
		t.max = math.MaxInt
	case p.accept("{"):
		if err := p.counts(&t); err != nil {
			return term{}, err
		}
	}
	if t.min == t.max {
		return t, nil
	}
	if t.max == math.MaxInt && p.ahead > 0 {
		p.at--
		return term{}, p.errorf("a repetition without end in a look ahead")
	}
	if t.possessive = p.accept("+"); t.possessive && p.source[p.at-2] == '}' || p.accept("?") || p.accept("*") {
		p.at--
		return term{}, p.errorf("a repetition of another kind than ?, *, +, {n,m}, ?+, *+, ++")
	}
	return t, nil
}

// counts reads what follows the brace of {n}, {n,} or {n,m}.
func (p *patternParser) counts(t *term) error {
	inside, _, closed := strings.Cut(p.source[p.at:], "}")
	low, high, two := strings.Cut(inside, ",")
	var err error
	if t.min, err = strconv.Atoi(low); err != nil || !closed {
		return p.errorf("{%s, want numbers in braces", inside)
	}
	t.max = t.min
	if two {
		if t.max = math.MaxInt; high != "" {
			t.max, err = strconv.Atoi(high)
		}
	}
	if err != nil || t.min < 0 || t.max < t.min {
		return p.errorf("{%s}, want numbers that rise", inside)
	}
	if t.min > maxCount || t.max > maxCount && t.max < math.MaxInt {
		return p.errorf("{%s}, want at most %d", inside, maxCount)
	}
	p.at += len(inside) + 1
	return nil
}

// group reads (…), (?:…), (?i:…), (?=…) or (?!…), and whether it may be left out.
func (p *patternParser) group(fold bool) (term, error) {
	t := term{node: node{op: opChoice}}
	p.at++
	switch {
	case p.accept("?:"):
	case p.accept("?i:"):
		fold = true
	case p.accept("?="):
		t.op = opAhead
	case p.accept("?!"):
		t.op, t.negative = opAhead, true
	case p.accept("?"):
		return term{}, p.errorf("a group of another kind than (?:, (?i:, (?=, (?!")
	}
	if t.op == opAhead {
		p.ahead++
		defer func() { p.ahead-- }()
	}
	var err error
	if t.choices, err = p.choice(fold); err != nil {
		return term{}, err
	}
	if !p.accept(")") {
		return term{}, p.errorf("an end, want )")
	}
	if t.op == opChoice {
		t.optional = p.accept("?")
	}
	if p.at < len(p.source) && strings.ContainsRune("?*+{", rune(p.source[p.at])) {
		return term{}, p.errorf("a group that repeats, want one that may be left out at most")
	}
	return t, nil
}

// class reads a character, an escape or a bracket.
func (p *patternParser) class(fold bool) (*charSet, error) {
	c := &charSet{}
	if !p.accept("[") {
		return c, p.member(c, fold, true)
	}
	c.negated = p.accept("^")
	for first := true; !p.accept("]"); first = false {
		if p.at == len(p.source) {
			return nil, p.errorf("an end, want ]")
		}
		if !first && p.source[p.at] == '[' {
			return nil, p.errorf("a bracket in a bracket")
		}
		if err := p.member(c, fold, false); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// member adds a character, a range or a category to a class.
func (p *patternParser) member(c *charSet, fold, alone bool) error {
	start := p.at
	r, cats, negated, err := p.character(alone)
	if err != nil {
		return err
	}
	if cats != 0 {
		if negated && !alone {
			p.at = start
			return p.errorf("the complement of a category in a bracket")
		}
		c.categories |= cats
		c.negated = c.negated || negated
		return nil
	}
	last := r
	if rest := p.source[p.at:]; !alone && len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
		p.at++
		if last, cats, _, err = p.character(false); err != nil {
			return err
		}
		if cats != 0 || last < r {
			p.at = start
			return p.errorf("a range that ends before it begins")
		}
	}
	c.ranges = append(c.ranges, [2]rune{r, last})
	if !fold {
		return nil
	}
	if last-r > maxFold {
		p.at = start
		return p.errorf("a range of %d characters in any case, want at most %d", last-r, maxFold)
	}
	for r := r; r <= last; r++ {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			c.ranges = append(c.ranges, [2]rune{f, f})
		}
	}
	return nil
}

// character reads a character, or an escape that stands for a category or for what is not of one.
func (p *patternParser) character(alone bool) (r rune, cats category, negated bool, err error) {
	r, n := utf8.DecodeRuneInString(p.source[p.at:])
	if n == 0 || r == utf8.RuneError && n == 1 {
		return 0, 0, false, p.errorf("no character")
	}
	if alone && strings.ContainsRune(".^$*+?{}", r) {
		return 0, 0, false, p.errorf("%c, which is not known", r)
	}
	p.at += n
	if r != '\\' {
		return r, 0, false, nil
	}
	r, n = utf8.DecodeRuneInString(p.source[p.at:])
	p.at += n
	switch r {
	case 'r':
		return '\r', 0, false, nil
	case 'n':
		return '\n', 0, false, nil
	case 't':
		return '\t', 0, false, nil
	case 's', 'S':
		return 0, whitespace, r == 'S', nil
	case 'd', 'D':
		return 0, decimal, r == 'D', nil
	case 'p', 'P':
		name, _, closed := strings.Cut(strings.TrimPrefix(p.source[p.at:], "{"), "}")
		cats, ok := categoryNames[name]
		if !closed || !ok || p.source[p.at] != '{' {
			return 0, 0, false, p.errorf("a category that is not known, want {L}, {M}, {N}, {P}, {S} or a part of L or N")
		}
		p.at += len(name) + 2
		return 0, cats, r == 'P', nil
	}
	if n == 0 || r >= utf8.RuneSelf || unicode.IsLetter(r) || unicode.IsDigit(r) {
		p.at -= n
		return 0, 0, false, p.errorf("an escape that is not known")
	}
	return r, 0, false, nil
}
