package strategy_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/strategy"
)

// Tokens of the examples.
const (
	end = iota
	mask
	begin
	te
	space
	acher
	actor
)

var pieces = []string{"<END>", "＿", "<BEGIN>", "te", "", "acher", "actor"}

// jobs stands in for a network that knows two answers, "te"+"acher" and
// ""+"actor".
type jobs struct{ sequence []int }

func (j *jobs) Vocab() int     { return len(pieces) }
func (j *jobs) Context() int   { return 8 }
func (j *jobs) MaxLength() int { return 3 }

// logits are those of one slot, given what is known of the others.
func (j *jobs) logits(known []int, slot int) []float32 {
	x := slices.Repeat([]float32{float32(math.Inf(-1))}, len(pieces))
	for _, answer := range [][]int{{te, acher, end}, {space, actor, end}} {
		fits := true
		for i, token := range known {
			fits = fits && (token == mask || token == answer[i])
		}
		if fits {
			x[answer[slot]] = 0
		}
	}
	return x
}

func (j *jobs) Extend(tokens []int) ([]float32, error) {
	j.sequence = append(j.sequence, tokens...)
	known := j.sequence[1:]
	return j.logits(known, len(known)), nil
}

func (j *jobs) Rewind(n int) { j.sequence = j.sequence[:n] }

func (j *jobs) Logits(tokens, positions []int) (rows []float32, err error) {
	for _, p := range positions {
		rows = append(rows, j.logits(tokens[1:], p-1)...)
	}
	return rows, nil
}

func (j *jobs) LengthLogits(prompt []int) ([]float32, error) {
	return []float32{-9, -9, -9, 9}, nil
}

func show(tokens []int) (s string) {
	for _, t := range tokens {
		if t < 0 {
			t = mask
		}
		s += pieces[t]
	}
	return s
}

var options = strategy.Options{
	Sampling: strategy.Sampling{Temperature: 1},
	Seed:     2,
	End:      end,
	Mask:     mask,
}

// Each half is drawn knowing the one before it.
func ExampleNewAR() {
	m, err := strategy.NewAR(&jobs{}, []int{begin}, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(step, "|", show(step.Tokens))
	}
	// Output:
	// pass 1: committed 1 of 1 (slot 0), mean confidence 0.50 | te
	// pass 2: committed 1 of 2 (slot 1), mean confidence 1.00 | teacher
	// pass 3: committed END, mean confidence 1.00, stopped by end | teacher
}

// Both halves are drawn at once, and do not agree.
func ExampleNewNAR() {
	m, err := strategy.NewNAR(&jobs{}, []int{begin}, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(step, "|", show(step.Tokens))
	}
	// Output:
	// pass 1 of 2: length 3 | ＿＿
	// pass 2 of 2: committed 2 of 2 (slots 0 1), mean confidence 0.50, stopped by end | teactor
}

// The second pass sees what the first committed.
func ExampleNewRefine() {
	o := options
	o.Passes = 2
	m, err := strategy.NewRefine(&jobs{}, []int{begin}, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(step, "|", show(step.Tokens))
	}
	// Output:
	// pass 1 of 3: length 3 | ＿＿
	// pass 2 of 3: committed 1 of 2 (slot 0), mean confidence 0.50 | te＿
	// pass 3 of 3: committed 1 of 2 (slot 1), mean confidence 1.00, stopped by end | teacher
}

// What is given stays, and the rest is drawn to fit it.
func ExampleConstraint() {
	o := options
	o.Constraint.Fixed = map[int]int{1: actor}
	m, err := strategy.NewNAR(&jobs{}, []int{begin}, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := range strategy.Steps(m) {
		fmt.Println(show(step.Tokens))
	}
	// Output:
	// ＿actor
	// actor
}

// ar draws without looking ahead, so what it is to arrive at cannot be given.
func ExampleUnsupportedError() {
	o := options
	o.Constraint.Fixed = map[int]int{1: actor}
	_, err := strategy.NewAR(&jobs{}, []int{begin}, o)
	fmt.Println(err)
	// Output: strategy ar does not support fill-in; supported by: nar, refine
}

// A loop that may stop between passes calls Next itself.
func ExampleMachine() {
	m, err := strategy.NewNAR(&jobs{}, []int{begin}, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		step, err := m.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("pass %d of %d, length %d\n", step.Pass, step.Passes, step.Length)
		if step.Done {
			break
		}
	}
	// Output:
	// pass 1 of 2, length 3
	// pass 2 of 2, length 3
}

func ExampleSampler() {
	s, err := strategy.NewSampler(strategy.Sampling{Temperature: 1, TopK: 2}, rand.New(rand.NewPCG(7, 7)))
	if err != nil {
		fmt.Println(err)
		return
	}
	counts := make([]int, 4)
	for range 10000 {
		token, _, err := s.Sample([]float32{0, 1, 2, 3}, nil, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		counts[token]++
	}
	fmt.Println(counts[0], counts[1], counts[3] > 2*counts[2])
	// Output: 0 0 true
}

func ExampleSampling_Validate() {
	fmt.Println(strategy.Sampling{Temperature: 1, TopP: 1.5}.Validate())
	// Output: top-p: got 1.5, want 0 to 1
}

// edge stands in for a network of two pixels that knows two pictures: white and
// black, (1,-1), and black and white, (-1,1).
type edge struct{ velocity []float32 }

func (e *edge) Size() int     { return 2 }
func (e *edge) Elements() int { return 2 }

// Encode has nothing to say: there are no captions.
func (e *edge) Encode(tokens []int) ([]float32, error) { return nil, nil }

// Velocity leads to the mean of the pictures, each as likely as it is that x
// lies on the way to it.
func (e *edge) Velocity(x []float32, t, span float32, conditions [][]float32) ([]float32, error) {
	e.velocity = e.velocity[:0]
	for range conditions {
		mean := float32(math.Tanh(float64(t * (x[0] - x[1]) / (1 - t) / (1 - t))))
		e.velocity = append(e.velocity, (mean-x[0])/(1-t), (-mean-x[1])/(1-t))
	}
	return e.velocity, nil
}

// One pass ends at the mean of the two pictures, which is grey, and four decide
// for one of them.
func ExampleNewFlow() {
	for _, o := range []strategy.FlowOptions{
		{Seed: 2, Passes: 1, Guidance: 1},
		{Seed: 2, Passes: 4, Guidance: 1},
	} {
		name := "refine"
		if o.Passes == 1 {
			name = "nar"
		}
		m, err := strategy.NewFlow(name, &edge{}, o)
		if err != nil {
			fmt.Println(err)
			return
		}
		for step, err := range strategy.Steps(m) {
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Printf("%s: %v | %.1f\n", name, step, step.Values)
		}
	}
	// Output:
	// nar: pass 1 of 1: t 0.00 to 1.00, stopped by end | [0.0 0.0]
	// refine: pass 1 of 4: t 0.00 to 0.25 | [0.0 0.0]
	// refine: pass 2 of 4: t 0.25 to 0.50, mean change 0.56 | [-0.6 0.6]
	// refine: pass 3 of 4: t 0.50 to 0.75, mean change 0.43 | [-1.0 1.0]
	// refine: pass 4 of 4: t 0.75 to 1.00, mean change 0.01, stopped by end | [-1.0 1.0]
}
