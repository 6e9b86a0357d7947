package chat

import (
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"
)

// Roles of messages that every family of models knows.
const (
	System    = "system"
	User      = "user"
	Assistant = "assistant"
)

// ChatML is the template for models that have its marks, but no template of their own.
const ChatML = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}` +
	`{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`

// Message is a part of a conversation.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Template lays out conversations. It may be used by several goroutines at once.
type Template struct {
	source   string
	compiled *jinja.Template
	bos, eos string
}

// RefusedError is the template's own refusal (raise_exception), as of roles that do not alternate.
type RefusedError struct{ Reason string }

// Error gives the template's reason.
func (e *RefusedError) Error() string { return "the chat template refuses: " + e.Reason }

// Parse compiles a template. bos and eos are the texts of those tokens, "" for one that the vocabulary lacks. An error
// says where the template is wrong, or what it uses that is refused.
func Parse(source, bos, eos string) (t *Template, err error) {
	defer recovered(&err)
	guarded, err := guard(unixLines(source))
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	compiled, err := jinja.Compile(guarded)
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	return &Template{source, compiled, bos, eos}, nil
}

// Render lays out a conversation: a text in which control tokens stand by their names. With reply it ends where the
// answer of the assistant begins. Templates that tell the date are given now. Variables are further values that the
// template may look at ([Template.Variables]), in the form that encoding/json reads them in; none can take the place of
// what the conversation gives.
func (t *Template) Render(messages []Message, reply bool, now time.Time, variables map[string]any) (text string, err error) {
	defer recovered(&err)
	list := make([]jinja.Value, len(messages))
	all, size, err := values(variables)
	if err != nil {
		return "", fmt.Errorf("chat template: %w", err)
	}
	for i, m := range messages {
		d := jinja.NewDict()
		d.AsDict().Set("role", jinja.NewString(m.Role))
		d.AsDict().Set("content", jinja.NewString(m.Content))
		list[i] = d
		size += len(m.Content)
	}
	b := newBudget(size)
	maps.Copy(all, b.functions())
	all["messages"] = jinja.NewList(list)
	all["add_generation_prompt"] = jinja.NewBool(reply)
	all["bos_token"] = jinja.NewString(t.bos)
	all["eos_token"] = jinja.NewString(t.eos)
	all["raise_exception"] = function("raise_exception", func(args []jinja.Value) (jinja.Value, error) {
		var reasons []string
		for _, a := range args {
			if a.IsString() {
				reasons = append(reasons, a.AsString())
			}
		}
		return jinja.None(), &RefusedError{strings.Join(reasons, " ")}
	})
	all["strftime_now"] = function("strftime_now", func(args []jinja.Value) (jinja.Value, error) {
		if len(args) != 1 || !args[0].IsString() {
			return jinja.None(), errors.New("strftime_now: want a format")
		}
		return jinja.NewString(strftime(now, args[0].AsString())), nil
	})
	text, err = t.compiled.RenderValues(all)
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		return "", refused
	case err != nil:
		return "", fmt.Errorf("chat template: %w", err)
	}
	return text, nil
}

func function(name string, f func(args []jinja.Value) (jinja.Value, error)) jinja.Value {
	return jinja.NewCallable(name, func(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) { return f(args) })
}

// recovered makes an error of a panic, as the interpreter may raise for a broken template.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("chat template: internal error: %v\n%s", p, debug.Stack())
	}
}

// strftime writes a time by a format of the C library, in its own (English) names.
func strftime(t time.Time, format string) string {
	layouts := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
		'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'j': "002", 'e': "_2", 'Z': "MST", 'z': "-0700",
		'F': "2006-01-02", 'T': "15:04:05", 'D': "01/02/06", 'R': "15:04",
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		bare := format[i] == '-' && i+1 < len(format) // %-d is a day without a zero
		if bare {
			i++
		}
		switch layout, ok := layouts[format[i]]; {
		case ok && bare:
			b.WriteString(strings.TrimLeft(t.Format(layout), "0 "))
		case ok:
			b.WriteString(t.Format(layout))
		case format[i] == '%':
			b.WriteByte('%')
		default:
			b.WriteString("%" + string(format[i]))
		}
	}
	return b.String()
}
