package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
)

// tokensCommand is stride tokens.
type tokensCommand struct {
	Text  []string `arg:"" help:"The text to cut."`
	Model string   `short:"m" help:"Model whose tokenizer to use; default: each bundled one." placeholder:"MODEL"`
}

// Help is shown below the flags' help.
func (tokensCommand) Help() string {
	return `A Han character is one element; other scripts are cut into pieces that were frequent in the training text, where ▁ stands for a space; what is neither is spelled in bytes such as <0xE5>. Below each piece is its number. Models of pictures cut their captions so.

Examples:

  stride tokens "unbreakable 各個擊破"
  stride tokens --model stories "Once upon a time"`
}

// Run is called by kong.
func (t *tokensCommand) Run(c *console) error {
	names := generators()
	if t.Model != "" {
		names = []string{t.Model}
	}
	if len(names) == 0 {
		return fmt.Errorf("this program was built without bundled models; give the path of a .gguf file with --model")
	}
	whole := strings.Join(t.Text, " ")
	type cut struct {
		models []string
		tokens []stride.Token
	}
	var cuts []cut
	for _, name := range names {
		m, err := stride.Open(name)
		if err != nil {
			return err
		}
		if info := m.Info(); info.Sound != nil || len(info.Stages) > 0 {
			defer m.Close()
			return usageError{fmt.Errorf("%s makes %s, of no elements of text", name, makes(info))}
		}
		tokens := m.Tokens(whole)
		if m.Info().Picture != nil {
			name += " (captions)"
		}
		if err := m.Close(); err != nil {
			return err
		}
		// Models that share a tokenizer are shown once.
		if i := slices.IndexFunc(cuts, func(o cut) bool { return slices.Equal(o.tokens, tokens) }); i >= 0 {
			cuts[i].models = append(cuts[i].models, name)
		} else {
			cuts = append(cuts, cut{[]string{name}, tokens})
		}
	}
	width, _ := c.size()
	var b strings.Builder
	for i, k := range cuts {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s\n%s", strong.Render(strings.Join(k.models, ", ")), elements(len(k.tokens)), tokenRows(k.tokens, width))
	}
	return writeAll(c.styledOut, b.String())
}

// tokenRows shows pieces with their numbers below, wrapped to a width.
func tokenRows(tokens []stride.Token, width int) string {
	var b, pieces, numbers strings.Builder
	column := 0
	flush := func() {
		if column > 0 {
			fmt.Fprintf(&b, "%s\n%s\n", strings.TrimRight(pieces.String(), " "), dim.Render(strings.TrimRight(numbers.String(), " ")))
		}
		pieces.Reset()
		numbers.Reset()
		column = 0
	}
	for _, t := range tokens {
		piece, number := visible(t.Piece), strconv.Itoa(t.ID)
		w := max(lipgloss.Width(piece), len(number))
		if column+margin+w >= width {
			flush()
		}
		indent := strings.Repeat(" ", margin)
		pieces.WriteString(indent + piece + strings.Repeat(" ", w-lipgloss.Width(piece)))
		numbers.WriteString(indent + number + strings.Repeat(" ", w-len(number)))
		column += margin + w
	}
	flush()
	return b.String()
}

// visible shows a line break as a sign, and other control characters as quoted.
func visible(piece string) string {
	if piece == "\n" {
		return "⏎"
	}
	return strings.Trim(strconv.Quote(piece), `"`)
}
