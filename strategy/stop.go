package strategy

import (
	"bytes"
	"fmt"
	"slices"
)

// Bounds of stop strings.
const (
	maxStops     = 64
	maxStopBytes = 1024
)

// stopper ends the response of another machine before a stop string.
type stopper struct {
	machine Machine
	piece   func(token int) []byte
	stops   [][]byte
	longest int

	text     []byte // of the tokens so far; only of those that are appended
	ends     []int  // where each token ends in it
	shown    int    // tokens
	index    []int  // 0, 1, 2 ...: Fresh is a part of it
	logprobs []Logprobs
	ending
}

// NewStops returns a machine that makes the response of m up to the first of the
// stop strings, which need not begin or end where a token does. piece gives the
// text of a token.
//
// Of a response made from left to right tokens are held back ([Step.Held]) as
// long as they may be the beginning of a stop string, so that no step shows a part
// of one. A step of nar and refine leaves out what follows a stop string whose
// tokens are all known, and the response ends once all before it is known.
//
// It fails with an [*OptionError] for an empty stop string, one of more than 1024
// bytes and more than 64 of them.
func NewStops(m Machine, piece func(token int) []byte, stops []string) (Machine, error) {
	if len(stops) == 0 {
		return m, nil
	}
	if len(stops) > maxStops {
		return nil, badOption("stop", fmt.Sprintf("%d stop strings", len(stops)), "at most %d", maxStops)
	}
	s := &stopper{machine: m, piece: piece}
	for _, stop := range stops {
		if stop == "" || len(stop) > maxStopBytes {
			return nil, badOption("stop", fmt.Sprintf("%d bytes", len(stop)), "1 to %d", maxStopBytes)
		}
		s.stops = append(s.stops, []byte(stop))
		s.longest = max(s.longest, len(stop))
	}
	return s, nil
}

// Next makes a step of the machine below.
func (s *stopper) Next() (Step, error) {
	return s.step(s.next, func(err error) error { return err })
}

func (s *stopper) next() (Step, error) {
	step, err := s.machine.Next()
	if err != nil {
		return step, err
	}
	if step.Passes > 0 || slices.Contains(step.Tokens, -1) {
		s.cutKnown(&step)
	} else {
		s.cutGrown(&step)
	}
	return step, nil
}

// find is where in text the first stop string begins, -1 if there is none.
func (s *stopper) find(text []byte) int {
	first := -1
	for _, stop := range s.stops {
		if i := bytes.Index(text, stop); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// beginning is how many bytes at the end of text may begin a stop string.
func (s *stopper) beginning(text []byte) int {
	for n := min(s.longest-1, len(text)); n > 0; n-- {
		for _, stop := range s.stops {
			if len(stop) > n && bytes.HasPrefix(stop, text[len(text)-n:]) {
				return n
			}
		}
	}
	return 0
}

// cutGrown cuts a response to which tokens are only appended.
func (s *stopper) cutGrown(step *Step) {
	from := max(0, len(s.text)-s.longest+1)
	for i := len(s.ends); i < len(step.Tokens); i++ {
		s.text = append(s.text, s.piece(step.Tokens[i])...)
		s.ends, s.index = append(s.ends, len(s.text)), append(s.index, i)
	}
	s.logprobs = append(s.logprobs, step.Logprobs...)
	sure := len(s.text)
	if at := s.find(s.text[from:]); at >= 0 {
		sure = from + at
		step.Done, step.Stopped = true, "stop"
	} else if !step.Done {
		sure -= s.beginning(s.text)
	}
	tokens := len(s.ends) // that are shown
	for tokens > 0 && s.ends[tokens-1] > sure {
		tokens--
	}
	if begins := s.startOf(tokens); step.Stopped == "stop" && begins < sure {
		step.Trim = s.ends[tokens] - sure
		tokens++
	}
	tokens = max(tokens, s.shown)
	if !step.Done {
		step.Held = len(s.ends) - tokens
	}
	step.Tokens, step.Fresh = step.Tokens[:tokens], s.index[s.shown:tokens]
	step.Logprobs = s.take(tokens)
	s.shown = tokens
}

// startOf is where a token begins in the text.
func (s *stopper) startOf(token int) int {
	if token == 0 {
		return 0
	}
	return s.ends[token-1]
}

// take removes the log-probabilities of the tokens up to one.
func (s *stopper) take(tokens int) []Logprobs {
	n := 0
	for n < len(s.logprobs) && s.logprobs[n].Slot < tokens {
		n++
	}
	out := s.logprobs[:n:n]
	s.logprobs = s.logprobs[n:]
	return out
}

// cutKnown cuts a response whose tokens become known in any order.
func (s *stopper) cutKnown(step *Step) {
	s.text, s.ends = s.text[:0], s.ends[:0]
	run := 0
	whole := true // all so far is known
	for i, token := range step.Tokens {
		if token < 0 {
			run, whole = len(s.text), false
		} else {
			s.text = append(s.text, s.piece(token)...)
		}
		s.ends = append(s.ends, len(s.text))
		at := s.find(s.text[run:])
		if at < 0 {
			continue
		}
		at += run
		tokens := i + 1
		for tokens > 0 && s.startOf(tokens-1) >= at && step.Tokens[tokens-1] >= 0 {
			tokens--
		}
		if tokens > 0 {
			step.Trim = max(0, s.ends[tokens-1]-at)
		}
		if whole {
			step.Done, step.Stopped = true, "stop"
		}
		step.Tokens = step.Tokens[:tokens]
		below := func(slot int) bool { return slot >= tokens }
		step.Fresh, step.Remasked = slices.DeleteFunc(step.Fresh, below), slices.DeleteFunc(step.Remasked, below)
		step.Logprobs = slices.DeleteFunc(step.Logprobs, func(l Logprobs) bool { return l.Slot >= tokens })
		return
	}
}
