package command

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"
)

// lineReader reads a message a line.
type lineReader struct {
	lines   chan string
	err     error // set before lines is closed
	signals chan os.Signal
	prompt  func()
}

const mostLine = 1 << 24 // bytes of a message

func newLineReader(c *console, signals chan os.Signal) *lineReader {
	r := &lineReader{lines: make(chan string), signals: signals, prompt: func() {}}
	if c.inIsTerminal {
		r.prompt = func() { fmt.Fprint(c.err, "> ") }
	}
	go func() {
		defer close(r.lines)
		scanner := bufio.NewScanner(c.in)
		scanner.Buffer(nil, mostLine)
		for scanner.Scan() {
			r.lines <- strings.ToValidUTF8(scanner.Text(), "\uFFFD")
		}
		if r.err = scanner.Err(); r.err != nil {
			r.err = fmt.Errorf("read a message: %w", r.err)
		}
	}()
	return r
}

// read returns the next line, and io.EOF at the end or when somebody wants to
// leave.
func (r *lineReader) read() (string, error) {
	r.prompt()
	select {
	case line, ok := <-r.lines:
		switch {
		case ok:
			return line, nil
		case r.err != nil:
			return "", r.err
		}
		return "", io.EOF
	case <-r.signals:
		return "", io.EOF
	}
}

// editor lets a person at a terminal write messages, with those before at hand.
type editor struct {
	c       *console
	signals chan os.Signal
	history []string
}

func newEditor(c *console, signals chan os.Signal) *editor { return &editor{c: c, signals: signals} }

// read shows the prompt until a message is written. It returns io.EOF when the
// person leaves.
func (e *editor) read() (string, error) {
	width, _ := e.c.size()
	program := tea.NewProgram(newMessageBox(width, e.history), tea.WithInput(e.c.in), tea.WithOutput(e.c.out), tea.WithoutSignalHandler())
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-e.signals:
			program.Quit()
		case <-done:
		}
	}()
	final, err := program.Run()
	if err != nil {
		return "", fmt.Errorf("read a message: %w", err)
	}
	box, ok := final.(messageBox)
	if !ok || !box.sent {
		return "", io.EOF
	}
	text := box.area.Value()
	if n := len(e.history); strings.TrimSpace(text) != "" && (n == 0 || e.history[n-1] != text) {
		e.history = append(e.history, text)
	}
	return text, nil
}

// messageBox is the prompt: the message that is being written.
type messageBox struct {
	area    textarea.Model
	history []string
	at      int    // the message of the history that is shown; their number for the one being written
	draft   string // the one being written, while another is shown
	sent    bool
	ended   bool
}

const promptWidth = 2

func newMessageBox(width int, history []string) messageBox {
	area := textarea.New()
	area.ShowLineNumbers = false
	area.DynamicHeight, area.MinHeight, area.MaxHeight = true, 1, 10
	area.MaxContentHeight = 100_000
	area.SetPromptFunc(promptWidth, func(p textarea.PromptInfo) string {
		if p.LineNumber == 0 {
			return "> "
		}
		return "  "
	})
	area.SetVirtualCursor(false)
	styles := area.Styles()
	styles.Focused = textarea.StyleState{Prompt: accent}
	area.SetStyles(styles)
	area.SetWidth(width)
	area.Focus()
	return messageBox{area: area, history: history, at: len(history)}
}

// Init implements [tea.Model].
func (b messageBox) Init() tea.Cmd { return nil }

// Update implements [tea.Model].
func (b messageBox) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		b.area.SetWidth(msg.Width)
		return b, nil
	case tea.KeyPressMsg:
		switch msg.String() {
		case "enter":
			b.sent, b.ended = true, true
			return b, tea.Quit
		case "ctrl+c":
			if b.area.Value() == "" {
				b.ended = true
				return b, tea.Quit
			}
			b.area.Reset()
			b.at = len(b.history)
			return b, nil
		case "ctrl+d":
			if b.area.Value() == "" {
				b.ended = true
				return b, tea.Quit
			}
		case "alt+enter", "ctrl+j", "shift+enter":
			b.area.InsertString("\n")
			return b, nil
		case "up":
			if b.area.Line() == 0 && b.at > 0 {
				return b.show(b.at - 1), nil
			}
		case "down":
			if b.area.Line() == b.area.LineCount()-1 && b.at < len(b.history) {
				return b.show(b.at + 1), nil
			}
		}
	}
	var cmd tea.Cmd
	b.area, cmd = b.area.Update(msg)
	return b, cmd
}

// show brings a message of the history, or the one being written.
func (b messageBox) show(at int) messageBox {
	if b.at == len(b.history) {
		b.draft = b.area.Value()
	}
	b.at = at
	if at < len(b.history) {
		b.area.SetValue(b.history[at])
	} else {
		b.area.SetValue(b.draft)
	}
	return b
}

// View implements [tea.Model].
func (b messageBox) View() tea.View {
	if b.ended { // all of it stays on the screen
		return tea.NewView(accent.Render("> ") + strings.ReplaceAll(b.area.Value(), "\n", "\n  ") + "\n")
	}
	v := tea.NewView(b.area.View())
	v.Cursor = b.area.Cursor()
	return v
}
