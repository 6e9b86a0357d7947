package strategy

import (
	"io"
	"slices"
)

// ending is how a machine ended: the error that Next returns from now on.
type ending struct{ err error }

// step makes a step, unless the machine has ended, and remembers if it was the
// last. told says where an error occurred.
func (e *ending) step(next func() (Step, error), told func(error) error) (Step, error) {
	if e.err != nil {
		return Step{}, e.err
	}
	step, err := next()
	switch {
	case err != nil:
		e.err = told(err)
		return Step{}, e.err
	case step.Done:
		e.err = io.EOF
	}
	return step, nil
}

// ends tells whether a token ends a response.
func (o *Options) ends(token int) bool {
	return token == o.End || slices.Contains(o.Ends, token)
}
