package command

import (
	"io"
	"os"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"golang.org/x/term"
)

// console is where a command reads and writes.
type console struct {
	in           io.Reader
	inIsTerminal bool
	out, err     io.Writer
	// Styled writers pass colours on as far as the terminal and NO_COLOR allow,
	// and nothing but text where there is no terminal.
	styledOut, styledErr       io.Writer
	outIsTerminal, errTerminal bool // that can move its cursor
	dumbOut                    bool // standard output is a terminal that cannot
	colours                    bool // standard output shows enough of them for pictures
	size                       func() (width, height int)
}

// Sizes assumed where there is no terminal.
const (
	defaultWidth  = 100
	defaultHeight = 40
)

func newConsole() *console {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		lipgloss.EnableLegacyWindowsANSI(f) // does nothing on other systems
	}
	environ := os.Environ()
	out, err := colorprofile.NewWriter(os.Stdout, environ), colorprofile.NewWriter(os.Stderr, environ)
	// A dumb terminal cannot move its cursor: it gets plain lines.
	dumb := os.Getenv("TERM") == "dumb"
	outIsTerminal, errIsTerminal := term.IsTerminal(int(os.Stdout.Fd())), term.IsTerminal(int(os.Stderr.Fd()))
	return &console{
		in: os.Stdin, inIsTerminal: term.IsTerminal(int(os.Stdin.Fd())), out: os.Stdout, err: os.Stderr, styledOut: out, styledErr: err,
		outIsTerminal: outIsTerminal && !dumb, errTerminal: errIsTerminal && !dumb, dumbOut: outIsTerminal && dumb,
		colours: out.Profile >= colorprofile.ANSI256,
		size: func() (int, int) {
			if w, h, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 && h > 0 {
				return w, h
			}
			return defaultWidth, defaultHeight
		},
	}
}

// Styles use the terminal's own 16 colours, which suit its background. Each
// differs from the others without colour too.
var (
	strong = lipgloss.NewStyle().Bold(true)
	dim    = lipgloss.NewStyle().Faint(true)
	accent = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Green)
	warn   = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow)
)
