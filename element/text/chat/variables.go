package chat

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ardanlabs/jinja"
)

// Names in expressions that are no variables, and those that every rendering gives a value.
var (
	operators = []string{"and", "or", "not", "in", "is", "if", "else", "recursive"}
	given     = []string{"messages", "add_generation_prompt", "bos_token", "eos_token", "raise_exception", "strftime_now", "range", "namespace"}
)

// Variables returns the names of what the template looks at, but neither sets nor gets by itself, in alphabetical order:
// what may be given to [Template.Render] beside the conversation, as "enable_thinking" or "tools".
func (t *Template) Variables() []string {
	f := finder{free: map[string]bool{}, scopes: []*scope{{bound: map[string]bool{}}}}
	source := unixLines(t.source)
	for end := 0; ; {
		tag, ok, err := nextTag(source, end)
		if !ok || err != nil {
			return slices.Sorted(maps.Keys(f.free))
		}
		switch end = tag.end; tag.kind {
		case '{':
			f.read(words(tag.text))
		case '%':
			f.statement(words(tag.text))
		}
	}
}

// finder goes through a template in order, and takes for free what may be read before it is set.
type finder struct {
	free   map[string]bool
	scopes []*scope // that are open, the innermost last
}

// scope is where a block sets names.
type scope struct {
	bound  map[string]bool
	always map[string]bool // by each branch of an if so far, nil before there is one
	other  bool            // the if has an else
}

func (f *finder) top() *scope { return f.scopes[len(f.scopes)-1] }

func (f *finder) open(names ...string) {
	f.scopes = append(f.scopes, &scope{bound: map[string]bool{}})
	f.bind(names...)
}

func (f *finder) bind(names ...string) {
	for _, name := range names {
		f.top().bound[name] = true
	}
}

// branch ends a branch of an if.
func (s *scope) branch() {
	if s.always == nil {
		s.always = s.bound
	} else {
		maps.DeleteFunc(s.always, func(name string, _ bool) bool { return !s.bound[name] })
	}
	s.bound = map[string]bool{}
}

// shut closes a block.
func (f *finder) shut() *scope {
	s := f.top()
	f.scopes = f.scopes[:max(1, len(f.scopes)-1)]
	return s
}

func (f *finder) statement(ws []word) {
	if len(ws) == 0 {
		return
	}
	key, rest := ws[0].text, ws[1:]
	switch key {
	case "if":
		f.read(rest)
		f.open()
	case "elif", "else":
		f.top().branch()
		f.top().other = key == "else"
		f.read(rest)
	case "endif":
		f.top().branch()
		if s := f.shut(); s.other { // what every branch has set is set behind it
			f.bind(slices.Collect(maps.Keys(s.always))...)
		}
	case "for":
		i := max(0, slices.IndexFunc(rest, func(w word) bool { return w.text == "in" }))
		f.open(append(names(rest[:i]), "loop")...)
		f.read(rest[i:])
	case "macro":
		if len(rest) > 0 {
			f.bind(rest[0].text)
			f.open("caller", "varargs", "kwargs")
			f.parameters(rest[1:])
		}
	case "call":
		f.open()
		if len(rest) > 0 && rest[0].kind == '(' {
			n := 1 + slices.IndexFunc(rest, func(w word) bool { return w.kind == ')' })
			f.parameters(rest[:n])
			rest = rest[n:]
		}
		f.read(rest)
	case "filter":
		f.read(rest[min(1, len(rest)):])
		f.open()
	case "endfor", "endmacro", "endcall", "endfilter":
		f.shut()
	case "set":
		f.set(rest)
	}
}

// set reads a value and binds the names that are set to it, or reads the namespace that is.
func (f *finder) set(ws []word) {
	i := slices.IndexFunc(ws, func(w word) bool { return w.kind == '=' })
	if i < 0 {
		i = len(ws) // a block
	}
	f.read(ws[i:])
	if target := ws[:i]; len(target) > 1 && target[1].kind == '.' {
		f.read(target)
	} else {
		f.bind(names(target)...)
	}
}

func names(ws []word) []string {
	var out []string
	for _, w := range ws {
		if w.kind == 'n' {
			out = append(out, w.text)
		}
	}
	return out
}

// parameters binds those of a macro and reads their defaults.
func (f *finder) parameters(ws []word) {
	for i, w := range ws {
		if w.kind == 'n' && i > 0 && (ws[i-1].kind == '(' || ws[i-1].kind == ',') {
			f.bind(w.text)
		}
	}
	f.read(ws)
}

// read notes the variables of an expression that are not bound.
func (f *finder) read(ws []word) {
	kind := func(i int) byte {
		if i < 0 || i >= len(ws) {
			return 0
		}
		return ws[i].kind
	}
	text := func(i int) string {
		if i < 0 {
			return ""
		}
		return ws[i].text
	}
	for i, w := range ws {
		switch {
		case w.kind != 'n', slices.Contains(operators, w.text), slices.Contains(constants, w.text), slices.Contains(given, w.text):
		case kind(i-1) == '.', kind(i-1) == '|': // an attribute or a filter
		case text(i-1) == "is", text(i-1) == "not" && text(i-2) == "is": // a test
		case kind(i+1) == '(': // a function
		case kind(i+1) == '=' && kind(i+2) != '=': // the name of an argument
		case slices.ContainsFunc(f.scopes, func(s *scope) bool { return s.bound[w.text] }):
		default:
			f.free[w.text] = true
		}
	}
}

// values are variables as the interpreter has them, and how many bytes they hold.
func values(variables map[string]any) (map[string]jinja.Value, int, error) {
	out, size := map[string]jinja.Value{}, 0
	whole := budget{size: math.MaxInt}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		value := jinja.FromGoValue(variables[name])
		w := whole.weigh(value)
		if w.err != nil {
			return nil, 0, fmt.Errorf("the variable %s has %w", name, w.err)
		}
		out[name] = value
		size += w.bytes
	}
	return out, size, nil
}

// unixLines ends lines with a newline alone, and the last with nothing, as jinja2 does.
func unixLines(source string) string {
	return strings.TrimSuffix(strings.ReplaceAll(source, "\r\n", "\n"), "\n")
}
