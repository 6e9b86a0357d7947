package strategy

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
)

// Causal is what [NewAR] asks of a network: one sequence with a key-value
// cache.
type Causal interface {
	// Vocab is the number of tokens V.
	Vocab() int
	// Context is the most positions that the cache can hold.
	Context() int
	// Extend appends tokens to the cache in one pass and returns the logits
	// (V) of what follows the last of them, valid until the next call.
	Extend(tokens []int) ([]float32, error)
	// Rewind keeps only the first n positions of the cache.
	Rewind(n int)
}

// Masked is what [NewNAR] and [NewRefine] ask of a network: full attention
// over a sequence of which some positions are unknown.
type Masked interface {
	// Vocab is the number of tokens V.
	Vocab() int
	// Context is the most positions of a sequence, prompt and response.
	Context() int
	// Logits evaluates tokens, the prompt followed by the response in which
	// unknown slots hold [Options.Mask], in one pass. It returns the logits
	// (len(positions),V) of the asked indices of tokens, row-major and valid
	// until the next call.
	Logits(tokens, positions []int) ([]float32, error)
	// LengthLogits returns logits (MaxLength()+1) over the number of slots of
	// the response to a prompt, END counted, valid until the next call.
	LengthLogits(prompt []int) ([]float32, error)
	// MaxLength is the most slots of a response, END counted.
	MaxLength() int
}

// Machine generates one response in steps. It is for one goroutine, and it
// alone may use its network until it is done.
type Machine interface {
	// Next runs one pass of the network and says what it did. The last step
	// has Done set; after it Next returns io.EOF. After any other error the
	// machine is finished, and Next returns that error again.
	Next() (Step, error)
}

// Step is what one pass did, and the response so far. Its slices belong to the
// machine and hold until the next call of Next.
type Step struct {
	// Pass counts the passes of the network from 1, the length pass included.
	// It is 0 in the only step of a response that needs no pass, because all
	// of it was given.
	Pass int
	// Passes is the number of passes planned, 0 where it is not known
	// beforehand. With length [Fixed] it is an upper bound.
	Passes int
	// Tokens is the response so far, cut before END; -1 where unknown.
	Tokens []int
	// Fresh lists, ascending, the slots of Tokens that this pass committed.
	// It is empty for a length pass and for one that only drew END.
	Fresh []int
	// Drawn is the number of tokens that all passes so far have committed,
	// less those taken back: END is counted and so is what was dropped after
	// it, but not what the caller gave.
	Drawn int
	// Confidence is the mean probability, as the network gave it, of the
	// tokens that this pass committed, END included; 0 if there were none.
	Confidence float32
	// Drafted is how many tokens were guessed and verified by this pass, Accepted
	// how many of them were right, and so committed ([NewSpeculate]).
	Drafted, Accepted int
	// Logprobs has an entry for each of Fresh if [Options.Logprobs] asked for it.
	// It may be kept.
	Logprobs []Logprobs
	// Held is how many tokens are known and not among Tokens, because they may be
	// the beginning of a stop string, and Trim how many bytes at the end of the
	// last token belong to one ([NewStops]).
	Held, Trim int
	// Remasked lists, ascending, the slots that this pass took back.
	Remasked []int
	// Length is the number of slots, END counted; 0 while it is not known.
	Length int
	// Values (Size) is, for a continuous object, the estimate of the finished
	// one: where the velocity that this pass found leads to. A pass draws all
	// elements, so that Drawn and Length are their number, and Tokens, Fresh
	// and Confidence are empty.
	//
	// Of an object made from its beginning on, as sounds are, Values are those
	// from Start on, in place of whatever earlier steps had there; Drawn is the
	// number of its elements so far, and Length 0 while their number is not known.
	Values []float32
	// Start is the index in the whole object of the first of Values.
	Start int
	// Settled is how many values of such an object, from the first on, no later
	// step changes: what a stage after this one may begin with.
	Settled int
	// From is the time at which this pass evaluated the velocity of a continuous
	// object and Time the one that it took the object to, 0 (noise) to 1
	// (finished). They are equal where a pass corrects the one before ([Heun]).
	From, Time float32
	// Change is by how much Values changed with this pass: the mean of the
	// absolute differences, 0 in the first pass.
	Change float32
	// Stage is the stage of a [NewCascade] that made the pass, from 1, and Stages
	// their number; both are 0 elsewhere. All else is as that stage tells it, but
	// for Done, which only the last step of the last stage has: that an earlier
	// stage is done its Stopped says.
	Stage, Stages int
	// Done says that no pass follows.
	Done bool
	// Stopped says why, once Done: "end" (END was reached), "stop" (a stop
	// string was), "length" (the most elements that were asked for) or "context" (all the network can hold).
	Stopped string
}

// Known is the number of slots of Tokens that are known; of a continuous
// object, all elements that were drawn.
func (s Step) Known() int {
	if s.Values != nil {
		return s.Drawn
	}
	n := 0
	for _, t := range s.Tokens {
		if t >= 0 {
			n++
		}
	}
	return n
}

// String is one line for a trace: "pass 3 of 8: committed 7 of 32 (slots 1 4 9
// ...), mean confidence 0.81", slots counted from 0, or for a continuous object
// "pass 3 of 8: t 0.25 to 0.38, mean change 0.04", and for one that is made from
// its beginning on "pass 3: values 160 to 240". A cascade's begin with "stage 1
// of 2, ".
func (s Step) String() string {
	var b strings.Builder
	if s.Stage > 0 {
		fmt.Fprintf(&b, "stage %d of %d, ", s.Stage, s.Stages)
	}
	fmt.Fprintf(&b, "pass %d", s.Pass)
	if s.Passes > 0 {
		fmt.Fprintf(&b, " of %d", s.Passes)
	}
	switch {
	case s.Values != nil && s.Time == 0:
		end := s.Start + len(s.Values)
		fmt.Fprintf(&b, ": values %d to %d", s.Start, end)
		if s.Settled < end {
			fmt.Fprintf(&b, ", settled up to %d", s.Settled)
		}
	case s.Values != nil && s.From == s.Time:
		fmt.Fprintf(&b, ": t %.2f, corrected", s.Time)
	case s.Values != nil:
		fmt.Fprintf(&b, ": t %.2f to %.2f", s.From, s.Time)
	case len(s.Fresh) > 0:
		fmt.Fprintf(&b, ": committed %d of %d (%s)", len(s.Fresh), len(s.Tokens), slotList(s.Fresh))
	case s.Held > 0:
		fmt.Fprintf(&b, ": held back %d", s.Held)
	case s.Stopped == "stop":
		b.WriteString(": completed a stop string")
	case s.Confidence > 0:
		b.WriteString(": committed END")
	default:
		fmt.Fprintf(&b, ": length %d", s.Length)
	}
	if s.Confidence > 0 {
		fmt.Fprintf(&b, ", mean confidence %.2f", s.Confidence)
	}
	if s.Drafted > 0 {
		fmt.Fprintf(&b, ", %d of %d guesses right", s.Accepted, s.Drafted)
	}
	if s.Time > 0 && s.Pass > 1 {
		fmt.Fprintf(&b, ", mean change %.2f", s.Change)
	}
	if len(s.Remasked) > 0 {
		fmt.Fprintf(&b, ", took back %d (%s)", len(s.Remasked), slotList(s.Remasked))
	}
	if s.Stopped != "" {
		fmt.Fprintf(&b, ", stopped by %s", s.Stopped)
	}
	return b.String()
}

// slotList writes at most twelve slots.
func slotList(slots []int) string {
	const most = 12
	name, tail := "slots ", ""
	if len(slots) == 1 {
		name = "slot "
	}
	if len(slots) > most {
		slots, tail = slots[:most], " ..."
	}
	return name + strings.Trim(fmt.Sprint(slots), "[]") + tail
}

// Steps ranges over the steps of a machine up to the last one or the first
// error.
func Steps(m Machine) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		for {
			step, err := m.Next()
			if !yield(step, err) || err != nil || step.Done {
				return
			}
		}
	}
}

// Streams of randomness of one seed. The numbers are arbitrary, and part of what
// "same seed, same tokens" means.
const (
	mainStream   = 0x57121de
	offsetStream = 0x0ff5e75 // of a flow on a torus
)

// newStream is the only source of randomness of a machine.
func newStream(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

func newSource(seed uint64) *rand.Rand { return newStream(seed, mainStream) }
