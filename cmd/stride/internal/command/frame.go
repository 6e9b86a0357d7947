package command

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
)

// look is how a part of an object is shown.
type look int

const (
	settled look = iota
	fresh        // committed by this pass
	unknown      // not known yet
	taken        // taken back by this pass, unknown again
	given        // the prompt that the object continues
)

// glyph is a character on the screen.
type glyph struct {
	text string
	look look
}

// blank is shown for an element that is not known; it is as wide as a Han
// character.
const blank = "＿"

// glyphs turns an object into what is shown of it. Bytes that only together
// make a character are shown together, and control characters, which could
// command the terminal, as U+FFFD.
func glyphs(pieces []string, freshAt, takenAt []int) []glyph {
	looks := make([]look, len(pieces))
	for i, p := range pieces {
		if p == "" {
			looks[i] = unknown
		}
	}
	for _, i := range freshAt {
		if i < len(looks) {
			looks[i] = fresh
		}
	}
	for _, i := range takenAt {
		if i < len(looks) && pieces[i] == "" {
			looks[i] = taken
		}
	}
	var out []glyph
	for i := 0; i < len(pieces); i++ {
		text, as := pieces[i], looks[i]
		if text == "" {
			out = append(out, glyph{blank, as})
			continue
		}
		for !utf8.ValidString(text) && len(text) < utf8.UTFMax && i+1 < len(pieces) && pieces[i+1] != "" {
			i++
			text += pieces[i]
			if looks[i] == fresh {
				as = fresh
			}
		}
		out = appendGlyphs(out, text, as)
	}
	return out
}

func appendGlyphs(out []glyph, text string, as look) []glyph {
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		switch {
		case r == '\t':
			r = ' '
		case unicode.IsControl(r) && r != '\n':
			r = utf8.RuneError
		}
		out = append(out, glyph{string(r), as})
	}
	return out
}

// wrap cuts glyphs into lines at newlines, and where a line would be wider than
// the given number of cells: at its last space, or else anywhere.
func wrap(all []glyph, width int) [][]glyph {
	lines := [][]glyph{nil}
	column := 0
	for _, g := range all {
		last := &lines[len(lines)-1]
		if g.text == "\n" {
			lines, column = append(lines, nil), 0
			continue
		}
		w := lipgloss.Width(g.text)
		if column+w > width && len(*last) > 0 {
			if g.text == " " { // the break takes its place
				lines, column = append(lines, nil), 0
				continue
			}
			line := *last
			cut := len(line)
			for cut > 0 && line[cut-1].text != " " {
				cut--
			}
			if cut == 0 {
				cut = len(line)
			}
			*last = line[:cut:cut]
			lines = append(lines, slices.Clone(line[cut:]))
			last = &lines[len(lines)-1]
			column = widthOf(*last)
		}
		*last = append(*last, g)
		column += w
	}
	return lines
}

func widthOf(line []glyph) int {
	n := 0
	for _, g := range line {
		n += lipgloss.Width(g.text)
	}
	return n
}

// render writes a line with its styles.
func render(line []glyph) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		as := line[i].look
		var run strings.Builder
		for ; i < len(line) && line[i].look == as; i++ {
			run.WriteString(line[i].text)
		}
		switch s := run.String(); as {
		case fresh:
			b.WriteString(accent.Render(s))
		case unknown, given:
			b.WriteString(dim.Render(s))
		case taken:
			b.WriteString(warn.Render(s))
		default:
			b.WriteString(s)
		}
	}
	return b.String()
}

// scene is what stays the same while an object appears.
type scene struct {
	title string // above the object; "" for none
	lead  string // the prompt that the object continues; "" for none
}

const margin = 2

// frame is the picture of a step: the lines to show in a terminal that many
// cells wide. While the object is unfinished a line below it says how far it is.
func (s scene) frame(step stride.Step, width, _ int) []string {
	indent := strings.Repeat(" ", margin)
	width = max(width-margin-1, 8) // the last column stays free: some terminals wrap there
	var lines []string
	if s.title != "" {
		for _, line := range wrap(appendGlyphs(nil, s.title, settled), width) {
			lines = append(lines, indent+strong.Render(textOf(line)))
		}
		lines = append(lines, "")
	}
	all := appendGlyphs(nil, s.lead, given)
	if t, ok := step.Object.(stride.Text); ok {
		freshAt := step.Fresh
		if step.Done {
			freshAt = nil
		}
		all = append(all, glyphs(t.Pieces, freshAt, step.Remasked)...)
	}
	if len(all) > 0 {
		for _, line := range wrap(all, width) {
			lines = append(lines, strings.TrimRight(indent+render(line), " "))
		}
	}
	if !step.Done {
		lines = append(lines, "", indent+dim.Render(shortened(passLine(step), width)))
	}
	return lines
}

// shortened leaves out the last parts of a line that is too wide.
func shortened(line string, width int) string {
	for lipgloss.Width(line) > width && strings.Contains(line, separator) {
		line = line[:strings.LastIndex(line, separator)]
	}
	return line
}

func textOf(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		b.WriteString(g.text)
	}
	return b.String()
}

const separator = " · "

// passLine says in one line what a pass did.
func passLine(s stride.Step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · pass %d", s.Stats.Strategy, s.Pass)
	if s.Passes > 0 {
		fmt.Fprintf(&b, "/%d", s.Passes)
	}
	if p, ok := s.Object.(stride.Picture); ok {
		b.WriteString(pictureProgress(s, p))
	} else if s.Object != nil {
		switch n := s.Object.Elements(); {
		case len(s.Fresh) == 0 && s.Stats.Elements == 0 && n > 0:
			fmt.Fprintf(&b, " · length %d", n)
		case s.Stats.Elements < n:
			fmt.Fprintf(&b, " · %d of %d elements", s.Stats.Elements, n)
		default:
			fmt.Fprintf(&b, " · %s", elements(n))
		}
	}
	if len(s.Fresh) > 0 {
		fmt.Fprintf(&b, " · %d new, confidence %.2f", len(s.Fresh), s.Confidence)
	}
	if len(s.Remasked) > 0 {
		fmt.Fprintf(&b, " · %d taken back", len(s.Remasked))
	}
	return b.String()
}

// elements counts elements in words.
func elements(n int) string { return plural(n, "element", "elements") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Escape sequences of ECMA-48, and the widely understood pair that makes a
// terminal show an update at once.
const (
	cursorUp    = "\x1b[%dA"
	clearLine   = "\x1b[K"
	clearBelow  = "\x1b[J"
	beginUpdate = "\x1b[?2026h"
	endUpdate   = "\x1b[?2026l"
)

// redraw returns what turns the lines on the screen, with the cursor below them,
// into the next ones. Lines that stay are not touched, so a text that only grows
// may scroll out of the screen. Whether lines changed that have scrolled out,
// and are now wrong there, is told too.
func redraw(previous, next []string, height int) (sequence string, stale bool) {
	same := 0
	for same < len(previous) && same < len(next) && previous[same] == next[same] {
		same++
	}
	if same == len(previous) && same == len(next) {
		return "", false
	}
	if reach := len(previous) - max(height-1, 1); same < reach {
		same, stale = min(reach, len(next)), true
	}
	var b strings.Builder
	b.WriteString(beginUpdate)
	if up := len(previous) - same; up > 0 {
		fmt.Fprintf(&b, "\r"+cursorUp, up)
	}
	for _, line := range next[same:] {
		b.WriteString(line)
		b.WriteString(clearLine + "\n")
	}
	b.WriteString(clearBelow + endUpdate)
	return b.String(), stale
}
