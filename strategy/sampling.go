package strategy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// maxTemperature bounds temperatures: beyond it every token is as likely as
// any other to float rounding.
const maxTemperature = 1e4

// RepeatLast is how many tokens [Sampling.RepeatPenalty] looks at where nothing
// else is said.
const RepeatLast = 64

// Sampling says how a token is drawn from logits. The steps and their order
// are those of llama.cpp's default chain: bias, penalties, top-k, typical,
// top-p, min-p, temperature. So the filters see the network's own
// probabilities, and the temperature only shares out what they left. The zero
// value is greedy.
type Sampling struct {
	// Temperature divides the logits; 0 always takes the likeliest token, the
	// lowest of equals, without drawing a random number.
	Temperature float32
	// TopK keeps the k likeliest tokens; 0 keeps all.
	TopK int
	// Typical keeps the tokens whose surprise -ln p is nearest to what is
	// expected of it, the entropy, until they have more than this share of what
	// TopK left (locally typical sampling, arXiv 2202.00666); 0 and 1 keep all.
	Typical float32
	// TopP keeps the fewest likeliest tokens that have at least this share of
	// what is left (nucleus sampling, arXiv 1904.09751); 0 and 1 keep all.
	TopP float32
	// MinP keeps tokens at least so many times as likely as the likeliest left
	// (arXiv 2407.01082); 0 keeps all.
	MinP float32

	// RepeatPenalty divides the logit of each token that is among the last ones
	// of prompt and response, or multiplies it if it is not positive (CTRL,
	// arXiv 1909.05858, section 4.1, with that correction); 0 and 1 change
	// nothing, more makes it less likely. nar and refine look at the known
	// tokens up to as many positions before and after.
	RepeatPenalty float32
	// RepeatLast is how many tokens that looks at: 0 is [RepeatLast], -1 all.
	RepeatLast int
	// FrequencyPenalty is taken from the logit of a token for each time that it
	// is in the response, PresencePenalty once if it is there at all (OpenAI API
	// reference, chat completions). Below 0 they make repetition likelier.
	FrequencyPenalty, PresencePenalty float32
	// Bias is added to the logits of tokens; -Inf bans one.
	Bias map[int]float32
}

const maxPenalty = 100

// Validate returns an [*OptionError] that names the first key out of range.
func (s Sampling) Validate() error {
	switch {
	case !(s.Temperature >= 0 && s.Temperature <= maxTemperature):
		return badOption("temperature", s.Temperature, "0 to %g", maxTemperature)
	case s.TopK < 0:
		return badOption("top-k", s.TopK, "1 or more, or 0 for all")
	case !(s.Typical >= 0 && s.Typical <= 1):
		return badOption("typical", s.Typical, "0 to 1")
	case !(s.TopP >= 0 && s.TopP <= 1):
		return badOption("top-p", s.TopP, "0 to 1")
	case !(s.MinP >= 0 && s.MinP <= 1):
		return badOption("min-p", s.MinP, "0 to 1")
	case !(s.RepeatPenalty >= 0 && s.RepeatPenalty <= maxPenalty):
		return badOption("repeat-penalty", s.RepeatPenalty, "above 0 to %d, or 0 for none", maxPenalty)
	case s.RepeatLast < -1:
		return badOption("repeat-last", s.RepeatLast, "1 or more tokens, -1 for all or 0 for %d", RepeatLast)
	case !(s.FrequencyPenalty >= -maxPenalty && s.FrequencyPenalty <= maxPenalty):
		return badOption("frequency-penalty", s.FrequencyPenalty, "-%d to %d", maxPenalty, maxPenalty)
	case !(s.PresencePenalty >= -maxPenalty && s.PresencePenalty <= maxPenalty):
		return badOption("presence-penalty", s.PresencePenalty, "-%d to %d", maxPenalty, maxPenalty)
	}
	for _, b := range s.sortedBias() {
		if !(b.value <= math.MaxFloat32) || b.value < -math.MaxFloat32 && !math.IsInf(float64(b.value), -1) {
			return badOption(fmt.Sprintf("bias[%d]", b.token), b.value, "a number, or -Inf to ban the token")
		}
	}
	return nil
}

// check is Validate for a vocabulary that is known.
func (s Sampling) check(vocab int) error {
	if err := s.Validate(); err != nil {
		return err
	}
	for _, b := range s.sortedBias() {
		if err := checkToken("bias", b.token, vocab); err != nil {
			return err
		}
	}
	return nil
}

func (s Sampling) repeats() bool { return s.RepeatPenalty != 0 && s.RepeatPenalty != 1 }
func (s Sampling) counts() bool  { return s.FrequencyPenalty != 0 || s.PresencePenalty != 0 }

// plain is the sampling without biases and penalties, for what is no token.
func (s Sampling) plain() Sampling {
	return Sampling{Temperature: s.Temperature, TopK: s.TopK, Typical: s.Typical, TopP: s.TopP, MinP: s.MinP}
}

// window is how many tokens the repeat penalty looks at.
func (s Sampling) window() int {
	switch {
	case !s.repeats():
		return 0
	case s.RepeatLast < 0:
		return math.MaxInt / 2 // a position and a window can be added
	}
	return cmp.Or(s.RepeatLast, RepeatLast)
}

type bias struct {
	token int
	value float32
}

func (s Sampling) sortedBias() []bias {
	out := make([]bias, 0, len(s.Bias))
	for token, value := range s.Bias {
		out = append(out, bias{token, value})
	}
	slices.SortFunc(out, func(a, b bias) int { return cmp.Compare(a.token, b.token) })
	return out
}
