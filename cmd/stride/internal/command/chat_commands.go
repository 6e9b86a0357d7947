package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/stride-ml/stride"
)

const chatHelp = `  /help              this list
  /system [TEXT]     show what the model is told before all messages, or change it
  /undo              take the last message and its answer back
  /retry             answer the last message anew
  /clear             forget all messages
  /save FILE         write the conversation as JSON
  /load FILE         go on with one that was written
  /stats             tokens so far, and how much of the context is used
  /set NAME VALUE    change a flag, as in: /set temperature 0.5
  /exit              leave
`

// command does what a line that begins with / says.
func (s *chatSession) command(ctx context.Context, line string) error {
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if takes := map[string]bool{"/system": true, "/save": true, "/load": true, "/set": true}; rest != "" && !takes[name] {
		return fmt.Errorf("%s takes nothing, got %q", name, rest)
	}
	switch name {
	case "/help":
		return writeAll(s.c.err, chatHelp)
	case "/exit", "/quit":
		s.leave = true
	case "/system":
		return s.system(rest)
	case "/undo":
		if !s.talk.Undo() {
			return errors.New("there is nothing to undo")
		}
	case "/retry":
		again := func(ctx context.Context, _ string, opts ...stride.Option) iter.Seq2[stride.Step, error] {
			return s.talk.Retry(ctx, opts...)
		}
		return s.answer(ctx, again, "", stride.Seed(s.last.Seed+1)) // of the same seed it would be the same
	case "/clear":
		s.talk.Reset()
	case "/save":
		return s.save(rest)
	case "/load":
		return s.load(rest)
	case "/stats":
		used, context := s.talk.Used()
		return writeAll(s.c.err, fmt.Sprintf("%d messages · %d answers of %s · %d of %d tokens of the context used\n",
			len(s.talk.Messages()), s.answers, tokens(s.tokens), used, context))
	case "/set":
		return s.set(rest)
	default:
		return fmt.Errorf("%s is no command; /help lists them", name)
	}
	return nil
}

func (s *chatSession) system(text string) error {
	if text != "" {
		s.talk.SetSystem(text)
		return nil
	}
	if text = s.talk.System(); text == "" {
		text = "(none)"
	}
	return writeAll(s.c.err, text+"\n")
}

// set changes a flag for the answers that follow.
func (s *chatSession) set(text string) error {
	name, value, ok := strings.Cut(text, " ")
	if !ok {
		return errors.New("want /set NAME VALUE, as in: /set temperature 0.5")
	}
	var changed chatSettings
	parser, err := kong.New(&changed, kong.Name("/set"), kong.NoDefaultHelp(), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	if _, err := parser.Parse([]string{"--" + strings.TrimLeft(name, "-") + "=" + strings.TrimSpace(value)}); err != nil {
		return err
	}
	s.options = append(s.options, changed.options()...)
	return nil
}

// savedChat is a conversation in a file.
type savedChat struct {
	Model    string           `json:"model"`
	Messages []stride.Message `json:"messages"`
}

func (s *chatSession) save(path string) error {
	if path == "" {
		return errors.New("want /save FILE")
	}
	data, err := json.MarshalIndent(savedChat{s.name, s.talk.Messages()}, "", "  ")
	if err != nil {
		return err
	}
	return save(path, append(data, '\n'))
}

func (s *chatSession) load(path string) error {
	if path == "" {
		return errors.New("want /load FILE")
	}
	config := s.config
	var err error
	if config.Messages, err = readMessages(path); err != nil {
		return err
	}
	config.System = "" // that of the file
	talk, err := s.model.Chat(config)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.talk = talk
	return nil
}

// readMessages reads what /save has written.
func readMessages(path string) ([]stride.Message, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var saved savedChat
	if err := json.Unmarshal(data, &saved); err != nil {
		return nil, fmt.Errorf("%s: %w, want a conversation as /save writes it", path, err)
	}
	if saved.Messages == nil {
		return nil, fmt.Errorf("%s: no messages, want a conversation as /save writes it", path)
	}
	return saved.Messages, nil
}
