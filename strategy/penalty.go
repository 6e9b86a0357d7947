package strategy

import "fmt"

// history is what penalties look at: tokens near the slot that is drawn, and how
// often each token is in the response.
type history struct {
	last   int      // tokens near a slot; 0 if none are looked at
	near   []int    // as many or fewer, perhaps with tokens that do not count
	blank  int      // of near the token of an unknown slot
	all    []int    // of ar: prompt and response
	counts []int32  // (V): of the response
	seen   []int    // tokens of the response, each once
	stamp  []uint32 // (V): the draw in which a token was last penalised
	now    uint32
}

// begin makes prompt the history of a response that is made from left to right,
// up to so many tokens.
func (s *Sampler) begin(prompt []int, most int) {
	h := &s.history
	h.clear()
	h.blank = -1
	if h.last > 0 {
		h.all = append(make([]int, 0, len(prompt)+min(most, 1<<14)), prompt...)
		h.near = h.all[max(0, len(h.all)-h.last):]
	}
}

// accept adds the next token of the response to the history.
func (s *Sampler) accept(token int) {
	h := &s.history
	if h.last > 0 {
		h.all = append(h.all, token)
		h.near = h.all[max(0, len(h.all)-h.last):]
	}
	if s.sampling.counts() {
		h.count(token)
	}
}

// know makes slots (-1 where unknown) the response whose tokens are counted.
func (s *Sampler) know(slots []int) {
	if !s.sampling.counts() {
		return
	}
	s.history.clear()
	for _, token := range slots {
		if token >= 0 {
			s.history.count(token)
		}
	}
}

// about makes a position of tokens, blank where they are unknown, the one that is
// drawn next.
func (s *Sampler) about(tokens []int, position, blank int) {
	if h := &s.history; h.last > 0 {
		h.near, h.blank = tokens[max(0, position-h.last):min(len(tokens), position+h.last+1)], blank
	}
}

func (h *history) clear() {
	for _, token := range h.seen {
		h.counts[token] = 0
	}
	h.seen = h.seen[:0]
}

func (h *history) count(token int) {
	for token >= len(h.counts) {
		h.counts = append(h.counts, make([]int32, token+1-len(h.counts))...)
	}
	if h.counts[token] == 0 {
		h.seen = append(h.seen, token)
	}
	h.counts[token]++
}

// penalise changes the logits of the tokens in the history.
func (s *Sampler) penalise() {
	o, h := s.sampling, &s.history
	if o.repeats() {
		if len(h.stamp) < len(s.logits) {
			h.stamp, h.now = make([]uint32, len(s.logits)), 0
		}
		if h.now++; h.now == 0 { // all numbers were used
			clear(h.stamp)
			h.now = 1
		}
		for _, token := range h.near {
			if token == h.blank || token >= len(s.logits) || h.stamp[token] == h.now {
				continue
			}
			h.stamp[token] = h.now
			if x := s.logits[token]; x > 0 {
				s.logits[token] = x / o.RepeatPenalty
			} else {
				s.logits[token] = x * o.RepeatPenalty
			}
		}
	}
	if o.counts() {
		for _, token := range h.seen {
			if token < len(s.logits) {
				s.logits[token] -= float32(h.counts[token])*o.FrequencyPenalty + o.PresencePenalty
			}
		}
	}
}

// addBias adds the biases to the logits.
func (s *Sampler) addBias() error {
	for _, b := range s.bias {
		if b.token < 0 || b.token >= len(s.logits) {
			return fmt.Errorf("bias is of token %d, want 0 to %d", b.token, len(s.logits)-1)
		}
		s.logits[b.token] += b.value
	}
	return nil
}

// maskWords is how many words of 64 bits hold a bit for each of n tokens.
func maskWords(n int) int { return (n + 63) / 64 }
