package stride_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
)

// TestChatVariables lets a template look at variables, and counts the tokens of what it
// makes of them.
func TestChatVariables(t *testing.T) {
	qwen3, err := os.ReadFile(filepath.Join("element", "text", "chat", "testdata", "qwen3.jinja"))
	if err != nil {
		t.Fatal(err)
	}
	const other = `{{ messages[0].content }}{% if mood.years == 3 and mood.kinds[1] == 'b' %}春春春{% endif %}{{ title }}`
	longer := func(b *checkpoint.Builder) error { return b.Set("llama.context_length", uint32(256)) } // the template writes a token for each byte
	paths := map[string]string{"qwen3": talking(t, string(qwen3), longer), "other": talking(t, other), "none": talking(t, talkTemplate)}
	prompt := func(name string, variables map[string]any) int {
		t.Helper()
		talk, err := open(t, paths[name]).Chat(stride.ChatConfig{Variables: variables, Options: []stride.Option{stride.Length(1)}})
		if err != nil {
			t.Fatal(err)
		}
		return say(t, talk, "春").Stats.Prompt
	}
	plain := prompt("qwen3", nil)
	if n := prompt("qwen3", map[string]any{"enable_thinking": true}); n != plain {
		t.Errorf("with thinking a prompt of %d tokens, want %d", n, plain)
	}
	if n := prompt("qwen3", map[string]any{"enable_thinking": false}); n < plain+4 {
		t.Errorf("without thinking a prompt of %d tokens, %d where nothing is said, want an empty thought more", n, plain)
	}
	plain = prompt("other", nil)
	mood := struct {
		Years int      `json:"years"`
		Kinds []string `json:"kinds"`
	}{3, []string{"a", "b"}}
	if n := prompt("other", map[string]any{"mood": mood}); n != plain+3 {
		t.Errorf("with a mood a prompt of %d tokens, want %d", n, plain+3)
	}
	if n := prompt("other", map[string]any{"title": "<sep>"}); n != plain+len("<sep>") {
		t.Errorf("a text with the name of a token makes a prompt of %d tokens, want a token for each byte after %d: the name is taken for the token", n, plain)
	}
	for _, c := range []struct {
		path, name string
		value      any
		want       string
	}{
		{"qwen3", "enable_thinkin", false, "template-var: got enable_thinkin, want a variable of the model's chat template: enable_thinking"},
		{"qwen3", "messages", "x", "template-var: got messages, want a variable"},
		{"qwen3", "content", "x", "template-var: got content, want a variable"},
		{"other", "mode", 1, "chat template: mood, title"},
		{"other", "mood", func() {}, "want a value that JSON can write"},
		{"none", "bos_token", "x", "template-var: got bos_token, want none: the chat template of the model has no variables"},
	} {
		var option *stride.OptionError
		_, err := open(t, paths[c.path]).Chat(stride.ChatConfig{Variables: map[string]any{c.name: c.value}})
		if !errors.As(err, &option) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: got %v, want %q", c.path, c.name, err, c.want)
		}
	}
}
