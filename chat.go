package stride

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/element/text/chat"
)

// Message is a part of a conversation: its role, [RoleSystem], [RoleUser] or
// [RoleAssistant], and its text.
type Message = chat.Message

// Roles of messages.
const (
	RoleSystem    = chat.System
	RoleUser      = chat.User
	RoleAssistant = chat.Assistant
)

// ChatConfig says how a conversation begins; its zero value is an empty one.
type ChatConfig struct {
	// System is the system prompt, what the model is told before all messages.
	// Without one, many templates have their own.
	System string
	// Messages are the conversation so far, as [Conversation.Messages] gives
	// them; a first one of the system is the system prompt where System is "".
	Messages []Message
	// Variables are what the chat template of the model may look at beside the
	// messages, as "enable_thinking" with false for Qwen3: values that JSON can write,
	// mappings with their names in order. Texts in them are texts, as in messages. A
	// name that the template does not look at, or sets by itself, is an [*OptionError]
	// that lists those that it has.
	Variables map[string]any
	// Options hold for every answer; those of a call of Send come after them.
	Options []Option
	// Strict lets a conversation that outgrows the context fail with a
	// [*ContextError]; by default its oldest messages are left out.
	Strict bool
}

// Conversation is a chat with a model: what was said, laid out for the model by
// its own template. It is for one goroutine at a time; several conversations may
// share a model.
type Conversation struct {
	model    *Model
	tok      *text.Tokenizer
	template *chat.Template
	context  int
	began    time.Time // for templates that tell the date: it does not change within a conversation
	config   ChatConfig
	history  []Message // without the system prompt
	left     int       // messages of the history that no longer fit
	used     int       // tokens of the last prompt and its answer
	busy     atomic.Bool
}

// ContextError says that a conversation does not fit the context of a model.
type ContextError struct {
	Tokens  int // of the conversation
	Reserve int // for the answer
	Context int // most there can be
}

// Error gives the numbers.
func (e *ContextError) Error() string {
	return fmt.Sprintf("the conversation has %d tokens and its answer is to have room for %d, want at most %d together, the context of the model",
		e.Tokens, e.Reserve, e.Context)
}

// Chat begins a conversation with a model whose file has a chat template
// (tokenizer.chat_template), or at least the marks of ChatML. It fails for other
// models, and with an error of the template where that is broken.
func (m *Model) Chat(c ChatConfig) (*Conversation, error) {
	e := m.members[0]
	if m.pipeline != nil || e.tok == nil || e.makes() != kindText {
		return nil, &UnsupportedError{Strategy: e.card.Strategies[0], Want: "conversations, which are for models of text"}
	}
	template, err := chat.Of(e.file, e.tok)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.file.Name(), err)
	}
	if c.Variables, err = templateVariables(template, c.Variables); err != nil {
		return nil, fmt.Errorf("%s: %w", e.file.Name(), err)
	}
	talk := &Conversation{model: m, tok: e.tok, template: template, context: e.engine.context(), began: time.Now(), config: c}
	messages := c.Messages
	if len(messages) > 0 && messages[0].Role == RoleSystem && c.System == "" {
		talk.config.System, messages = messages[0].Content, messages[1:]
	}
	for i, m := range messages {
		if m.Role != RoleUser && m.Role != RoleAssistant {
			return nil, badOption(fmt.Sprintf("messages[%d]", i), fmt.Sprintf("the role %q", m.Role), "user or assistant, and system for the first message only")
		}
	}
	talk.history = slices.Clone(messages)
	return talk, nil
}

// fork is another conversation that begins as this one stands.
func (c *Conversation) fork() *Conversation {
	return &Conversation{model: c.model, tok: c.tok, template: c.template, context: c.context, began: c.began, config: c.config,
		history: slices.Clone(c.history), left: c.left, used: c.used}
}

// Send says something to the model and yields the steps of its answer, as
// [Model.Generate] does. The exchange becomes a part of the conversation when
// the answer is finished; of one that is stopped, by a cancelled context or
// because the caller ends the loop, what there is of it. After another error the
// conversation is as it was.
//
// Where the conversation does not fit the context any more, its oldest messages
// are left out, and some more so that this does not happen with every message:
// [Stats].LeftOut says how many. The answer has room for a [Length] that was
// asked for, up to half of the context, else for 256 tokens or a quarter of it.
//
// The texts of messages are texts: names of control tokens in them are not
// those tokens.
func (c *Conversation) Send(ctx context.Context, text string, opts ...Option) iter.Seq2[Step, error] {
	return c.answer(ctx, opts, func() ([]Message, error) {
		return append(slices.Clip(c.history), Message{Role: RoleUser, Content: text}), nil
	})
}

// Retry answers the last message of the user anew, in place of the answer that
// there is. Without another [Seed] than before the answer is the same.
func (c *Conversation) Retry(ctx context.Context, opts ...Option) iter.Seq2[Step, error] {
	return c.answer(ctx, opts, func() ([]Message, error) {
		i := c.lastOfUser()
		if i < 0 {
			return nil, errors.New("there is no message to answer anew")
		}
		return slices.Clip(c.history[:i+1]), nil
	})
}

func (c *Conversation) lastOfUser() int {
	for i, m := range slices.Backward(c.history) {
		if m.Role == RoleUser {
			return i
		}
	}
	return -1
}

// Undo takes the last message of the user and its answer back; it tells whether
// there was one.
func (c *Conversation) Undo() bool {
	i := c.lastOfUser()
	if i < 0 {
		return false
	}
	c.history = slices.Clip(c.history[:i])
	c.left, c.used = min(c.left, i), 0
	return true
}

// Reset forgets all messages but the system prompt.
func (c *Conversation) Reset() { c.history, c.left, c.used = nil, 0, 0 }

// System returns the system prompt.
func (c *Conversation) System() string { return c.config.System }

// SetSystem changes the system prompt.
func (c *Conversation) SetSystem(prompt string) { c.config.System = prompt }

// Messages returns the conversation so far, first the system prompt if there is
// one. Messages that were left out are among them.
func (c *Conversation) Messages() []Message {
	return c.with(c.history)
}

// with puts the system prompt before messages.
func (c *Conversation) with(messages []Message) []Message {
	if c.config.System == "" {
		return slices.Clone(messages)
	}
	return append([]Message{{Role: RoleSystem, Content: c.config.System}}, messages...)
}

// Used returns how many tokens the last prompt and its answer had, and how many
// the context holds.
func (c *Conversation) Used() (tokens, context int) { return c.used, c.context }

// answer lets the model answer messages, the last of which is the user's.
func (c *Conversation) answer(ctx context.Context, opts []Option, ask func() ([]Message, error)) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		if !c.busy.CompareAndSwap(false, true) {
			yield(Step{}, errors.New("the conversation is answering another message"))
			return
		}
		defer c.busy.Store(false)
		opts := append(slices.Clip(c.config.Options), opts...)
		messages, err := ask()
		if err != nil {
			yield(Step{}, err)
			return
		}
		prompt, left, err := c.fit(messages, opts)
		if err != nil {
			yield(Step{}, err)
			return
		}
		for step, err := range c.model.Generate(ctx, Prompt{tokens: prompt}, opts...) {
			step.Stats.Prompt, step.Stats.LeftOut = len(prompt), left
			stopped := err != nil && ctx.Err() != nil
			if stopped || err == nil && step.Done {
				c.keep(messages, step, left, stopped)
			}
			if !yield(step, err) && err == nil && !step.Done {
				c.keep(messages, step, left, true)
				return
			}
		}
	}
}

// keep makes an exchange a part of the conversation, unless it was stopped
// before there was anything of the answer.
func (c *Conversation) keep(messages []Message, last Step, left int, stopped bool) {
	answer := strings.TrimSpace(objectText(last))
	if stopped && answer == "" {
		return
	}
	c.history = append(messages, Message{Role: RoleAssistant, Content: answer})
	c.left, c.used = left, last.Stats.Prompt+last.Stats.Elements
}

// usualReserve is how many tokens an answer has room for where nothing else is
// asked for, if that is not more than a quarter of the context.
const usualReserve = 256

// fit lays out messages for the model, leaving the oldest out where it has to,
// and tells how many these are.
func (c *Conversation) fit(messages []Message, opts []Option) ([]int, int, error) {
	_, config, err := c.model.config(opts)
	if err != nil {
		return nil, 0, err
	}
	reserve := min(usualReserve, c.context/4)
	if config.length > 0 {
		reserve = min(config.length, c.context/2)
	}
	left := min(c.left, len(messages)-1)
	most := c.context - reserve
	for {
		prompt, err := c.layout(messages[left:])
		if err != nil {
			return nil, 0, err
		}
		if len(prompt) <= most {
			return prompt, left, nil
		}
		next := nextOfUser(messages, left+1)
		if c.config.Strict || next < 0 && len(prompt) > c.context {
			return nil, 0, &ContextError{Tokens: len(prompt), Reserve: reserve, Context: c.context}
		}
		if next < 0 { // the last message alone: its answer gets what room there is
			return prompt, left, nil
		}
		left, most = next, (c.context-reserve)*3/4
	}
}

// nextOfUser is the index of the first message of the user from i on, -1 if
// there is none.
func nextOfUser(messages []Message, i int) int {
	for ; i < len(messages); i++ {
		if messages[i].Role == RoleUser {
			return i
		}
	}
	return -1
}

// layout is the tokens of messages, up to where an answer begins.
func (c *Conversation) layout(messages []Message) ([]int, error) {
	return c.template.Tokens(c.tok, c.with(messages), true, c.began, c.config.Variables)
}
