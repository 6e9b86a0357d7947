package explain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/rivo/uniseg"

	"github.com/stride-ml/stride/internal/columns"
)

// Styles use the terminal's own 16 colours, which suit its background.
var (
	heading = lipgloss.NewStyle().Bold(true)
	faint   = lipgloss.NewStyle().Faint(true)
	fresh   = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Green)
	wrong   = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red)
)

// paint is text in a style, if there are colours.
func (p *page) paint(style lipgloss.Style, s string) string {
	if !p.Colour || s == "" {
		return s
	}
	return style.Render(s)
}

// set lays out a text: "# " begins the title, lines that begin with spaces stay as
// they are, cut to the width, others are paragraphs. Lines end without spaces.
func (p *page) set(text string) string {
	var b strings.Builder
	var paragraph []string
	flush := func() {
		for _, line := range wrap(p.join(paragraph), p.Width) {
			b.WriteString(line + "\n")
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimRight(line, " ")
		title, isTitle := strings.CutPrefix(line, "# ")
		switch {
		case isTitle:
			for _, line := range wrap(title, p.Width) {
				b.WriteString(p.paint(heading, line) + "\n")
			}
		case line == "" || line[0] == ' ':
			flush()
			b.WriteString(strings.TrimRight(lipgloss.NewStyle().MaxWidth(p.Width).Render(line), " ") + "\n")
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return b.String()
}

// join makes one line of a paragraph's: with a space between them, but for Chinese
// characters.
func (p *page) join(lines []string) string {
	text := ""
	for _, line := range lines {
		last, _ := utf8.DecodeLastRuneInString(text)
		first, _ := utf8.DecodeRuneInString(line)
		wide := func(r rune) bool { return r > unicode.MaxLatin1 }
		switch {
		case text == "" || wide(last) && wide(first) || wide(last) && unicode.IsPunct(last) || wide(first) && unicode.IsPunct(first):
			text += line
		default:
			text += " " + line
		}
	}
	return text
}

// wrap breaks a text where Unicode's rules (UAX 14) allow it, so that no line is
// wider than so many cells.
func wrap(text string, width int) []string {
	var lines []string
	line, state := "", -1
	for text != "" {
		var segment string
		segment, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		if line != "" && lipgloss.Width(strings.TrimRight(line+segment, " ")) > width {
			lines, line = append(lines, strings.TrimRight(line, " ")), ""
		}
		line += segment
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// table aligns rows below a head, two spaces in.
func (p *page) table(rows [][]string, right ...int) string {
	lines := columns.Align(rows, right...)
	lines[0] = p.paint(faint, lines[0])
	return "  " + strings.Join(lines, "\n  ")
}

// mark tells whether an answer is one of those that there are.
func (p *page) mark(good bool) string {
	if good {
		return p.paint(fresh, "✓")
	}
	return p.paint(wrong, "✗ "+p.words.mixed)
}

// count writes a number up to a thousand times a thousand.
func count(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
