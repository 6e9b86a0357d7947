package chat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a template's source. Those that families publish are a tenth of them.
const (
	mostSource   = 1 << 18 // bytes
	mostTag      = 1 << 13 // bytes of one tag
	mostBrackets = 40      // open at once in a tag
	mostBlocks   = 60      // open at once
	mostSums     = 64      // joining or adding operators in a tag
	mostNumber   = 64      // in the arguments of what repeats text
	leastPattern = 8       // bytes of the pattern whose replacement is computed
)

// Names of what [guard] adds; see [budget.functions].
const (
	stepName  = "stride_step"
	enterName = "stride_enter"
	leaveName = "stride_leave"
	sizeName  = "stride_size"
	keepName  = "stride_keep" // of what a namespace keeps
	writeName = "stride_write"
	ownName   = "stride_own" // takes what the statements above return
)

// tag is a tag of a template, {{ }} or {% %}, with what stands between.
type tag struct {
	kind       byte // '{', '%', or '#' of a comment
	start, end int  // in the source, delimiters included
	left       string
	right      string // "-" or "+" where white space is told to
	text       string
	line       int
}

// guard returns the source with calls added that count what it does, or an error for what it must not do.
//
// The interpreter cannot be told to stop, and a stack or a memory that overflows ends the process. So each turn of a loop
// and each call of a macro is made to ask for leave, and each value that is kept or written to show its size. What could
// blow up within one expression is refused.
func guard(source string) (string, error) {
	if len(source) > mostSource {
		return "", fmt.Errorf("%d bytes, want at most %d", len(source), mostSource)
	}
	g := guarded{source: source}
	end := 0
	for {
		t, ok, err := nextTag(source, end)
		if err != nil {
			return "", err
		}
		if !ok {
			g.out.WriteString(source[end:])
			break
		}
		g.out.WriteString(source[end:t.start])
		if t.start == end && end > 0 {
			g.out.WriteString(barrier)
			t.left = "-"
		}
		end = t.end
		if t.kind == '#' {
			fmt.Fprintf(&g.out, "{#%s%s#}", t.left, t.right)
			continue
		}
		if err = t.check(); err == nil {
			err = g.add(t)
		}
		if err != nil {
			return "", fmt.Errorf("line %d: %w", t.line, err)
		}
	}
	if n := len(g.open); n > 0 {
		return "", fmt.Errorf("line %d: %s is not closed", g.open[n-1].line, g.open[n-1].word())
	}
	return g.out.String(), nil
}

// barrier parts tags with nothing between them. The interpreter takes white space away beyond other tags; here it finds
// this, which the tag behind it, with "-" at its left, takes.
const barrier = " "

// guarded is a source that is being copied.
type guarded struct {
	source string
	out    strings.Builder
	open   []tag // blocks
}

// add copies a tag with what is to be called there.
func (g *guarded) add(t tag) error {
	if t.left == "+" || t.right == "+" {
		return fmt.Errorf("the sign + at the side of a tag is not supported")
	}
	if t.kind == '{' {
		fmt.Fprintf(&g.out, "{{%s %s((%s)) %s}}", t.left, writeName, t.text, t.right)
		return nil
	}
	word := t.word()
	var within tag
	if n := len(g.open); n > 0 {
		within = g.open[n-1]
	}
	block, err := g.block(t, word)
	if err != nil {
		return err
	}
	switch {
	case word == "for" || word == "call":
		g.followed(t, stepName)
	case word == "macro":
		g.followed(t, enterName)
	case word == "endmacro":
		fmt.Fprintf(&g.out, "{%%%s set %s = %s() %%}%s{%%-%s%s%%}", t.left, ownName, leaveName, barrier, t.text, t.right)
	case word == "set" && !block:
		name, value, _ := strings.Cut(t.text, "=")
		call := sizeName
		if strings.Contains(name, ".") {
			call = keepName
		}
		fmt.Fprintf(&g.out, "{%%%s %s = %s((%s)) %s%%}", t.left, strings.TrimSpace(name), call, value, t.right)
	case word == "endset":
		name := strings.TrimPrefix(strings.TrimSpace(within.text), "set")
		fmt.Fprintf(&g.out, "{%%%s endset %%}%s{%%- set %s = %s(%s) %s%%}", t.left, barrier, ownName, sizeName, name, t.right)
	default:
		fmt.Fprintf(&g.out, "{%%%s%s%s%%}", t.left, t.text, t.right)
	}
	return nil
}

// block opens or closes a block, if the tag does, and tells whether it does. The interpreter itself takes what it does
// not understand for the end of the template.
func (g *guarded) block(t tag, word string) (bool, error) {
	within := ""
	if n := len(g.open); n > 0 {
		within = g.open[n-1].word()
	}
	name, end := strings.CutPrefix(word, "end")
	switch {
	case word == "set" && strings.Contains(t.text, "="), word == "break", word == "continue",
		word == "elif" && within == "if", word == "else" && (within == "if" || within == "for"):
		return false, nil
	case end && name == within && within != "":
		g.open = g.open[:len(g.open)-1]
		return true, nil
	case slices.Contains(blocks, word):
		if g.open = append(g.open, t); len(g.open) > mostBlocks {
			return true, fmt.Errorf("more than %d blocks within each other", mostBlocks)
		}
		return true, nil
	case within == "":
		return false, fmt.Errorf("%q is not a statement that can stand here", word)
	}
	return false, fmt.Errorf("%q is not a statement that can stand here, in the %s of line %d", word, within, g.open[len(g.open)-1].line)
}

// blocks are the statements that end with another of their name. Transformers has "generation".
var blocks = []string{"if", "for", "set", "macro", "call", "filter", "generation"}

// followed writes the tag and behind it a call, told how much text may follow. White space is treated as before.
func (g *guarded) followed(t tag, call string) {
	fmt.Fprintf(&g.out, "{%%%s%s%%}%s{%%- set %s = %s(%d) %s%%}", t.left, t.text, barrier, ownName, call, len(g.source)-t.end, t.right)
}

// word is the keyword of a statement.
func (t tag) word() string {
	w := strings.TrimSpace(t.text)
	for i := range len(w) {
		if !isName(w[i]) {
			return w[:i]
		}
	}
	return w
}

func isName(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// nextTag finds the next tag or comment from a place on.
func nextTag(source string, from int) (tag, bool, error) {
	for i := from; i+1 < len(source); i++ {
		begins, kind := tagBegins(source, i)
		if !begins {
			continue
		}
		t := tag{kind: kind, start: i, line: 1 + strings.Count(source[:i], "\n")}
		closing := map[byte]string{'{': "}}", '%': "%}", '#': "#}"}[t.kind]
		n := tagLength(source[i+2:], closing, t.kind == '#')
		if n < 0 {
			return t, false, fmt.Errorf("line %d: a tag is not closed, want %q", t.line, closing)
		}
		t.text, t.end = source[i+2:i+2+n], i+2+n+2
		if t.text != "" && strings.ContainsRune("-+", rune(t.text[0])) {
			t.left, t.text = t.text[:1], t.text[1:]
		}
		if t.text != "" && strings.ContainsRune("-+", rune(t.text[len(t.text)-1])) {
			t.text, t.right = t.text[:len(t.text)-1], t.text[len(t.text)-1:]
		}
		if len(t.text) > mostTag && t.kind != '#' {
			return t, false, fmt.Errorf("line %d: a tag of %d bytes, want at most %d", t.line, len(t.text), mostTag)
		}
		return t, true, nil
	}
	return tag{}, false, nil
}

// tagBegins tells whether a tag or comment begins at a place, and which.
func tagBegins(source string, i int) (bool, byte) {
	if i+1 >= len(source) || source[i] != '{' || strings.IndexByte("{%#", source[i+1]) < 0 {
		return false, 0
	}
	return true, source[i+1]
}

// tagLength is how far the closing delimiter is, -1 if there is none. In a tag it does not count within a string.
func tagLength(s, closing string, comment bool) int {
	if comment {
		return strings.Index(s, closing)
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\'' || s[i] == '"':
			i += stringLength(s[i:]) - 1
		case strings.HasPrefix(s[i:], closing):
			return i
		}
	}
	return -1
}

// stringLength is the length of the string literal that s begins with, quotes included.
func stringLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}

// word of an expression: a name, number, string literal or sign.
type word struct {
	text string
	kind byte // 'n' name, '0' number, '"' string, or the sign itself
}

func words(s string) []word {
	var out []word
	for i := 0; i < len(s); {
		n := 1
		kind := s[i]
		switch {
		case s[i] == '\'' || s[i] == '"':
			n, kind = stringLength(s[i:]), '"'
		case isName(s[i]):
			for i+n < len(s) && isName(s[i+n]) {
				n++
			}
			if kind = 'n'; s[i] >= '0' && s[i] <= '9' {
				kind = '0'
			}
		case strings.IndexByte(" \t\r\n", s[i]) >= 0:
			i++
			continue
		}
		out = append(out, word{s[i : i+n], kind})
		i += n
	}
	return out
}

// Names with a meaning for the guard.
var (
	changing  = []string{"append", "extend", "insert", "update", "setdefault"} // could make a list that holds itself
	repeating = []string{"replace", "join", "indent", "tojson", "format"}      // make much of little
	constants = []string{"true", "false", "none", "True", "False", "None"}
)

// check refuses expressions whose result could be too large before anybody sees it.
func (t tag) check() error {
	ws := words(t.text)
	open, sums := 0, 0
	for i, w := range ws {
		var before byte
		if i > 0 {
			before = ws[i-1].kind
		}
		called := (before == '.' || before == '|') && i+1 < len(ws) && ws[i+1].kind == '('
		switch {
		case w.kind == '(' || w.kind == '[' || w.kind == '{':
			if open++; open > mostBrackets {
				return fmt.Errorf("more than %d brackets within each other", mostBrackets)
			}
		case w.kind == ')' || w.kind == ']' || w.kind == '}':
			if open--; open < 0 {
				return fmt.Errorf("a bracket is closed that was not opened")
			}
		case w.kind == '~' || w.kind == '+':
			if sums++; sums > mostSums {
				return fmt.Errorf("more than %d sums in a tag", mostSums)
			}
		case w.kind == '*':
			return fmt.Errorf("multiplication is not supported")
		case w.kind == 'n' && strings.HasPrefix(w.text, "stride_"):
			return fmt.Errorf("the name %s is not allowed", w.text)
		case called && before == '.' && slices.Contains(changing, w.text):
			return fmt.Errorf("%s changes a list or mapping, which is not supported", w.text)
		case called && slices.Contains(repeating, w.text):
			if err := checkArguments(w.text, ws[i+2:], i > 1 && ws[i-2].kind == '"'); err != nil {
				return err
			}
		case w.kind == '"' && i > 1 && before == '(' && ws[i-2].text == "map" && slices.Contains(repeating, strings.Trim(w.text, `'"`)):
			return fmt.Errorf("map of %s is not supported", w.text)
		}
	}
	return nil
}

// checkArguments holds that what is repeated, and how often, stands in the template. A format that does may be filled
// with anything, and a long pattern be replaced by anything.
func checkArguments(name string, arguments []word, literal bool) error {
	if name == "format" && literal || name == "replace" && arguments[0].kind == '"' && len(arguments[0].text) >= leastPattern+2 {
		return nil
	}
	open := 1
	for i, w := range arguments {
		switch {
		case w.kind == '(':
			open++
		case w.kind == ')':
			if open--; open == 0 {
				return nil
			}
		case w.kind == '0' && tooLarge(w.text):
			return fmt.Errorf("%s has the argument %s, want at most %d", name, w.text, mostNumber)
		case w.kind == 'n' && !slices.Contains(constants, w.text) && (i+1 == len(arguments) || arguments[i+1].kind != '='):
			return fmt.Errorf("%s has the computed argument %s, want what stands in the template", name, w.text)
		}
	}
	return nil
}

func tooLarge(number string) bool {
	n, err := strconv.Atoi(number)
	return err != nil || n > mostNumber
}
