package strategy

import (
	"fmt"
	"slices"
	"strings"
)

// LengthMode is how the number of slots of a response, END counted, becomes
// known: [Predicted], [Fixed], or the number itself, as LengthMode(29) for 28
// elements and END.
type LengthMode int

const (
	// Predicted asks the network for the length first, which costs a pass over
	// the prompt. For ar, which needs no length, it means none is set.
	Predicted LengthMode = 0
	// Fixed always fills [Options.MaxLength] slots and drops what follows END.
	Fixed LengthMode = -1
)

// Schedule says how many slots a refine leaves unknown after each pass.
type Schedule int

const (
	// Cosine commits little while little is known, and ever more: after pass p
	// of N, ceil(n·cos(π/2·p/N)) of n slots are left (MaskGIT, arXiv
	// 2202.04200, section 3.2).
	Cosine Schedule = iota
	// Linear commits the same number in every pass (LLaDA, arXiv 2502.09992).
	Linear
)

// Options is everything but the network and the prompt. Its zero value is
// greedy, of predicted length and without constraints; End and, for nar and
// refine, Mask have to be set to the vocabulary's own.
type Options struct {
	Sampling Sampling
	// Seed fixes all randomness.
	Seed uint64
	// MaxLength is, for ar, the most elements, END not counted; 0 is as many
	// as the context holds. For nar and refine it is the most slots, END
	// counted; 0 is the network's maximum.
	MaxLength int
	// Length is how the number of slots becomes known. ar takes an exact
	// number, at which it then places END, but not Fixed.
	Length LengthMode
	// Passes is the most passes of a refine, the length pass not counted. A
	// pass without anything to commit is never made, so more passes than open
	// slots are cut to that number, and fewer than blocks are raised to it.
	Passes int
	// Block makes refine fill blocks of so many slots from left to right,
	// sharing the passes among them; 1 comes down to one element at a time.
	// 0 is one block.
	Block int
	// Remask lets refine take back what it committed earlier but is now among
	// the least certain.
	Remask bool
	// Schedule is refine's.
	Schedule Schedule
	// ConfidenceTemperature scales the Gumbel noise on the confidence by which
	// refine chooses what to commit; it falls linearly to nothing over the
	// passes, as in MaskGIT, whose value for pictures is 4.5. 0 is no noise.
	ConfidenceTemperature float32
	// End is the token that ends a response.
	End int
	// Ends are further tokens that end a response by ar, and like End are no
	// part of it: of a conversation, the end of a turn.
	Ends []int
	// Shift lets ar go on when the context is full: the first ShiftKeep tokens of
	// prompt and response stay (at most half a context), the older half of the
	// others is dropped, and what remains is evaluated anew, so that what follows is
	// exactly what would follow that shorter text.
	Shift     bool
	ShiftKeep int
	// Mask is the token of an unknown slot; it is never produced.
	Mask       int
	Constraint Constraint
	// Logprobs asks for the log-probabilities of what is committed and of so many
	// of the likeliest tokens ([Step.Logprobs]); 0 is none.
	Logprobs int
}

// OptionError says that an option's value is out of range.
type OptionError struct {
	Option string // as in "top-p"
	Value  string
	Want   string
}

// Error names the option, its value and what was expected.
func (e *OptionError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", e.Option, e.Value, e.Want)
}

// UnsupportedError says that a strategy cannot do what was asked, and which
// ones can.
type UnsupportedError struct {
	Strategy string   // "ar", "nar" or "refine"
	Want     string   // as in "fill-in"
	Can      []string // strategies that can; none where the model cannot at all
}

// Error names the strategy, the want and what can serve it.
func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("strategy %s does not support %s", e.Strategy, e.Want)
	if len(e.Can) > 0 {
		s += "; supported by: " + strings.Join(e.Can, ", ")
	}
	return s
}

func badOption(option string, value any, want string, args ...any) error {
	return &OptionError{option, fmt.Sprint(value), fmt.Sprintf(want, args...)}
}

func checkToken(option string, token, vocab int) error {
	if token < 0 || token >= vocab {
		return badOption(option, token, "a token from 0 to %d", vocab-1)
	}
	return nil
}

func checkPrompt(prompt []int, vocab, most int) error {
	if len(prompt) < 1 || len(prompt) > most {
		return badOption("prompt", fmt.Sprintf("%d tokens", len(prompt)), "1 to %d", most)
	}
	for i, t := range prompt {
		if err := checkToken(fmt.Sprintf("prompt[%d]", i), t, vocab); err != nil {
			return err
		}
	}
	return nil
}

// check looks at everything that does not depend on the network's kind.
func (o *Options) check(strategy string, vocab int) error {
	switch {
	case o.ShiftKeep < 0:
		return badOption("context-shift", o.ShiftKeep, "0 or more tokens to keep")
	case o.Shift && strategy != "ar" && strategy != "speculate":
		return &UnsupportedError{strategy, "a shift of the context", []string{"ar", "speculate"}}
	}
	if strategy != "refine" {
		refineOnly := []struct {
			set  bool
			want string
		}{
			{o.Passes < 0 || o.Passes > 1, "more than one pass an element"},
			{o.Block != 0, "blocks"},
			{o.Remask, "remasking"},
			{o.Schedule != Cosine, "a schedule"},
			{o.ConfidenceTemperature != 0, "a confidence temperature"},
		}
		for _, r := range refineOnly {
			if r.set {
				return &UnsupportedError{strategy, r.want, []string{"refine"}}
			}
		}
	} else if o.Passes < 1 {
		return badOption("passes", o.Passes, "1 or more")
	}
	switch {
	case o.Block < 0:
		return badOption("block", o.Block, "1 or more slots, or 0 for one block")
	case o.MaxLength < 0:
		return badOption("max-length", o.MaxLength, "1 or more, or 0 for as many as there can be")
	case o.Schedule != Cosine && o.Schedule != Linear:
		return badOption("schedule", int(o.Schedule), "Cosine or Linear")
	case !(o.ConfidenceTemperature >= 0 && o.ConfidenceTemperature <= maxTemperature):
		return badOption("confidence-temperature", o.ConfidenceTemperature, "0 to %g", maxTemperature)
	case o.Logprobs < 0 || o.Logprobs > maxLogprobs:
		return badOption("logprobs", o.Logprobs, "1 to %d, or 0 for none", maxLogprobs)
	case o.Length < Fixed:
		return badOption("length", int(o.Length), "Predicted, Fixed or 1 or more slots")
	}
	if err := checkToken("end", o.End, vocab); err != nil {
		return err
	}
	if err := o.Sampling.check(vocab); err != nil {
		return err
	}
	for i, end := range o.Ends {
		if err := checkToken(fmt.Sprintf("ends[%d]", i), end, vocab); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(o.Constraint.Banned, o.ends); i >= 0 {
		return badOption("banned", fmt.Sprintf("END (%d)", o.Constraint.Banned[i]), "tokens other than END")
	}
	return o.Constraint.check(vocab, o.End)
}
