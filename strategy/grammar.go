package strategy

// Grammar follows a response as it is made and says which tokens may come next.
// It is for one response at a time.
type Grammar interface {
	// Mask returns the tokens that may come next, a bit for each of the
	// vocabulary, END and others that end a response ([Options.Ends]) only where it
	// may end. At most left tokens can come, END not counted: near the end it may
	// leave out what could not be completed with so many. The mask holds until the
	// next call.
	Mask(left int) ([]uint64, error)
	// Accept reads the next token, none that ends the response.
	Accept(token int) error
	// Rewind keeps only the first n tokens that were read.
	Rewind(n int)
	// Automaton is the same as a finite automaton over tokens. It fails if
	// there are too many states for that.
	Automaton() (*Automaton, error)
}

// Automaton is a finite automaton over tokens. State 0 is the first.
type Automaton struct {
	Accepts []bool   // whether a response may end in a state
	Edges   [][]Edge // out of a state, to other states each
}

// Edge leads to a state.
type Edge struct {
	To     int
	Tokens []int32 // ascending, none that ends a response among them
}
