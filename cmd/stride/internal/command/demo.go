package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stride-ml/stride/measure/report"
	"github.com/stride-ml/stride/tour"
)

// demoCommand is stride demo.
type demoCommand struct {
	Out      string        `short:"o" default:"stride-demo" help:"The folder that files go to: a new or empty one, or that of a former tour, which is made anew." placeholder:"DIR"`
	Force    bool          `help:"Write to a folder that holds other files, too."`
	Seed     uint64        `default:"10" help:"Seed of all that is random."`
	Lang     string        `help:"Language of the tour and of what is spoken: en or zh; default: that of --creature, or en." placeholder:"en|zh"`
	Creature string        `help:"A sentence about the creature at the end, as in \"a small red dragon that guards gold\"." placeholder:"SENTENCE"`
	Mute     bool          `help:"Do not play what is spoken, where there is a player."`
	Pace     time.Duration `default:"100ms" help:"In a terminal, show a step for about that long, and leave time to read; 0s is as fast as it is made. The figures are of the unslowed run." placeholder:"TIME"`
}

// Help is shown below the flags' help.
func (demoCommand) Help() string {
	return `A tour of everything bundled, of a minute or so: a poem by three strategies, a picture from blurred to sharp, a story and the same one sooner, a spoken line, and a creature that talks, made of one sentence. At the end a table says what each took, measured in this very run.

Open index.html in the folder to see and hear all of it, and creature.html for the creature. Ctrl-C stops at any time and keeps what is finished.

Examples:

  stride demo
  stride demo --creature "a green slime that likes poems" --out slime
  stride demo --lang zh --pace 0s`
}

// Validate is called by kong.
func (d *demoCommand) Validate() error {
	if d.Pace < 0 {
		return fmt.Errorf("--pace is %s, want 0s or more", d.Pace)
	}
	return nil
}

// Run is called by kong.
func (d *demoCommand) Run(ctx context.Context, c *console) error {
	// Here what is said about objects belongs to them: all of it goes the same way.
	one := *c
	one.err, one.styledErr, one.errTerminal = c.out, c.styledOut, c.outIsTerminal
	g := &demoGuide{ctx: ctx, c: &one, mute: d.Mute}
	if c.outIsTerminal {
		g.pace = d.Pace
	}
	t := tour.Tour{Guide: g, Dir: d.Out, Force: d.Force, Seed: d.Seed, Language: d.Lang, Creature: d.Creature, Repeat: d.repeat()}
	_, err := t.Run(ctx)
	var folder *tour.FolderError
	switch {
	case errors.As(err, &folder):
		return usageError{fmt.Errorf("%w, or --force", err)}
	case errors.Is(err, context.Canceled):
		return shownError{err}
	}
	return err
}

// repeat is the command that makes the same tour.
func (d *demoCommand) repeat() string {
	command := []string{"stride", "demo", "--seed", fmt.Sprint(d.Seed)}
	if d.Lang != "" {
		command = append(command, "--lang", d.Lang)
	}
	if d.Creature != "" {
		command = append(command, "--creature", d.Creature)
	}
	return report.Quote(command)
}
