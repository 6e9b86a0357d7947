package strategy

// Reuser is a [Causal] network that can keep what its cache holds of a prompt.
type Reuser interface {
	Causal
	// Reuse keeps the positions of the cache that hold the first tokens of a
	// prompt, but for its last one, and returns how many these are. What follows
	// is as after an empty cache.
	Reuse(prompt []int) int
}

// reuse prepares a network for a prompt and returns how much of it it holds.
func reuse(net Causal, prompt []int) int {
	if r, ok := net.(Reuser); ok {
		return r.Reuse(prompt)
	}
	net.Rewind(0)
	return 0
}

// shifting is the cache of a response that goes on when the context is full.
type shifting struct {
	keep   int
	window []int // tokens that the cache holds
}

// fit makes room for what is pending: of the tokens after the first keep ones, the
// pending ones counted, the older half is dropped, and the others are pending,
// because keys know the positions they were computed for.
func (s *shifting) fit(net Causal, pending []int) []int {
	if s == nil {
		return pending
	}
	if len(s.window)+len(pending) > net.Context() {
		keep := min(s.keep, net.Context()/2, len(s.window))
		rest := append(s.window[keep:], pending...)
		pending = append(pending[:0], rest[(len(rest)+1)/2:]...)
		s.window = s.window[:keep]
		net.Rewind(keep)
	}
	s.window = append(s.window, pending...)
	return pending
}
