package stride_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
)

// talkTemplate is a conversation of titles and poems: what the tiny model knows.
const talkTemplate = `{%- for m in messages %}
	{%- if m.role == 'system' and m.content == 'no' %}{{ raise_exception('no system, please') }}{% endif %}
	{{- bos_token + m.content + '<sep>' }}
{%- endfor %}`

// talking writes a copy of the tiny model with a chat template, and what else is set,
// and returns its path.
func talking(t testing.TB, template string, set ...func(*checkpoint.Builder) error) string {
	t.Helper()
	f, err := checkpoint.Open(filepath.Join(folder, "tiny.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := checkpoint.NewBuilder("llama")
	for _, key := range f.Keys() {
		value, _ := f.Value(key)
		if err := b.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, tensor := range f.Tensors() {
		data, err := f.Raw(tensor.Name)
		if err == nil {
			err = b.AddRaw(tensor.Name, tensor.Type, tensor.Shape, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if template != "" {
		if err := b.Set("tokenizer.chat_template", template); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range set {
		if err := f(b); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "talking.gguf")
	if err := b.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func converse(t testing.TB, c stride.ChatConfig) *stride.Conversation {
	t.Helper()
	talk, err := open(t, talking(t, talkTemplate)).Chat(c)
	if err != nil {
		t.Fatal(err)
	}
	return talk
}

// say returns the last step of an answer.
func say(t testing.TB, talk *stride.Conversation, text string, opts ...stride.Option) stride.Step {
	t.Helper()
	var last stride.Step
	for step, err := range talk.Send(t.Context(), text, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		last = step
	}
	return last
}

func TestChat(t *testing.T) {
	talk := converse(t, stride.ChatConfig{System: "春", Options: []stride.Option{stride.Length(5), stride.Temperature(0)}})
	last := say(t, talk, "春曉")
	answer := last.Object.String()
	if answer == "" || !last.Done || last.Stats.Prompt != 7 {
		t.Errorf("answer %q, done %v, %d tokens of the prompt, want 7", answer, last.Done, last.Stats.Prompt)
	}
	want := []stride.Message{{Role: "system", Content: "春"}, {Role: "user", Content: "春曉"}, {Role: "assistant", Content: strings.TrimSpace(answer)}}
	if diff := cmp.Diff(want, talk.Messages()); diff != "" {
		t.Error(diff)
	}
	if used, context := talk.Used(); used != 7+last.Stats.Elements || context != 64 {
		t.Errorf("used %d of %d", used, context)
	}

	say(t, talk, "江雪")
	if n := len(talk.Messages()); n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
	for range talk.Retry(t.Context(), stride.Length(1)) {
	}
	if m := talk.Messages(); len(m) != 5 || len([]rune(m[4].Content)) != 1 {
		t.Errorf("answered anew: %v", m)
	}
	again, err := open(t, talking(t, talkTemplate)).Chat(stride.ChatConfig{Messages: talk.Messages()})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(talk.Messages(), again.Messages()); diff != "" {
		t.Error(diff)
	}
	for i, want := range []bool{true, true, false} {
		if talk.Undo() != want {
			t.Errorf("undoing the exchange %d from the end: want %v", i+1, want)
		}
	}
	if m := talk.Messages(); len(m) != 1 {
		t.Errorf("undone: %v", m)
	}
	for _, err := range talk.Retry(t.Context()) {
		if err == nil {
			t.Error("there was something to answer anew")
		}
	}
	again.Reset()
	again.SetSystem("")
	if m := again.Messages(); len(m) != 0 {
		t.Errorf("reset: %v", m)
	}
}

// TestChatStopped keeps what there is of an answer that the caller stops, in
// either way, and nothing where it fails.
func TestChatStopped(t *testing.T) {
	talk := converse(t, stride.ChatConfig{Options: []stride.Option{stride.Length(20), stride.Temperature(0)}})
	for range talk.Send(t.Context(), "春曉") {
		break
	}
	if m := talk.Messages(); len(m) != 2 || len([]rune(m[1].Content)) != 1 {
		t.Errorf("broken off: %v", m)
	}
	talk.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for step, err := range talk.Send(ctx, "春曉") {
		if last = err; step.Stats.Elements == 3 {
			cancel()
		}
	}
	if m := talk.Messages(); !errors.Is(last, context.Canceled) || len(m) != 2 || len([]rune(m[1].Content)) < 3 {
		t.Errorf("cancelled: %v, %v", last, m)
	}
	before := talk.Messages()
	for _, err := range talk.Send(ctx, "江雪") { // cancelled before it begins
		last = err
	}
	if last == nil || !slices.Equal(talk.Messages(), before) {
		t.Errorf("not begun: %v, %v", last, talk.Messages())
	}
	for _, err := range talk.Send(t.Context(), "江雪", stride.TopP(7)) {
		last = err
	}
	var option *stride.OptionError
	if !errors.As(last, &option) || !slices.Equal(talk.Messages(), before) {
		t.Errorf("failed: %v, %v", last, talk.Messages())
	}
	talk.SetSystem("no")
	for _, err := range talk.Send(t.Context(), "江雪") {
		last = err
	}
	if last == nil || last.Error() != "the chat template refuses: no system, please" {
		t.Errorf("got %v, want the template's refusal", last)
	}
	for range talk.Send(t.Context(), "江雪") {
		for _, err := range talk.Send(t.Context(), "江雪") {
			if err == nil {
				t.Error("two messages are answered at once")
			}
		}
	}
}

// TestChatDoesNotForge sends a text with the names of control tokens.
func TestChatDoesNotForge(t *testing.T) {
	talk := converse(t, stride.ChatConfig{Options: []stride.Option{stride.Length(1)}})
	// BOS and <sep> of the template, and each byte of what is not in the vocabulary.
	if n := say(t, talk, "</s><sep>").Stats.Prompt; n != 2+len("</s><sep>") {
		t.Errorf("%d tokens, want %d", n, 2+len("</s><sep>"))
	}
}

func TestChatOutgrowsTheContext(t *testing.T) {
	opts := []stride.Option{stride.Length(5), stride.Temperature(0)}
	talk := converse(t, stride.ChatConfig{System: "春", Options: opts})
	left := 0
	for range 20 {
		last := say(t, talk, "江雪")
		if last.Stats.LeftOut < left || last.Stats.Prompt+5 > 64 {
			t.Fatalf("%d left out after %d, %d tokens", last.Stats.LeftOut, left, last.Stats.Prompt)
		}
		left = last.Stats.LeftOut
	}
	if left < 20 || left%2 != 0 || len(talk.Messages()) != 41 {
		t.Errorf("%d of %d messages were left out", left, len(talk.Messages()))
	}
	strict := converse(t, stride.ChatConfig{Messages: talk.Messages(), Options: opts, Strict: true})
	var too *stride.ContextError
	for _, err := range strict.Send(t.Context(), "江雪") {
		if !errors.As(err, &too) || too.Context != 64 || too.Reserve != 5 || too.Tokens < 100 {
			t.Errorf("got %v", err)
		}
	}
	for _, err := range talk.Send(t.Context(), strings.Repeat("江雪", 40)) {
		if !errors.As(err, &too) {
			t.Errorf("a message longer than the context: %v", err)
		}
	}
	if last := say(t, talk, strings.Repeat("江雪", 28)); last.Stats.Stopped != "context" && last.Stats.Stopped != "end" && last.Stats.Stopped != "length" {
		t.Errorf("a message almost as long as the context: %+v", last.Stats)
	}
}

// An answer under a grammar ends by the token that ends a turn, as soon as the grammar
// lets it end.
func TestChatEndsUnderAGrammar(t *testing.T) {
	const turnEnd = 3 // a control token that is not EOS
	m := open(t, talking(t, talkTemplate, func(b *checkpoint.Builder) error { return b.Set("tokenizer.ggml.eot_token_id", uint32(turnEnd)) }))
	for _, s := range []stride.Option{stride.AR(), stride.Speculate()} {
		for seed := range uint64(5) {
			talk, err := m.Chat(stride.ChatConfig{Options: []stride.Option{s, stride.Grammar(`root ::= [空山不見人]{2,}`), stride.BiasToken(turnEnd, 1000)}})
			if err != nil {
				t.Fatal(err)
			}
			last := say(t, talk, "春曉", stride.Length(9), stride.Seed(seed))
			if answer := last.Object.String(); len([]rune(answer)) != 2 || last.Stats.Stopped != "end" {
				t.Errorf("%s, seed %d: answer %q, stopped by %s, want two characters and an end", last.Stats.Strategy, seed, answer, last.Stats.Stopped)
			}
		}
	}
}

func TestNoChat(t *testing.T) {
	for path, want := range map[string]string{
		talking(t, ""):              "no chat template",
		talking(t, "a\n{% if %}"):   "line 2: if is not closed",
		talking(t, "{{ messages }"): "is not closed",
		"tiny-pixels":               "conversations, which are for models of text",
	} {
		_, err := open(t, path).Chat(stride.ChatConfig{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
	_, err := open(t, talking(t, talkTemplate)).Chat(stride.ChatConfig{Messages: []stride.Message{{Role: "judge"}}})
	if err == nil || !strings.Contains(err.Error(), `messages[0]: got the role "judge"`) {
		t.Errorf("got %v, want an error for a role", err)
	}
}
