package strategy_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/strategy/grammar"
)

// noise is a network that gives random logits, always the same for the same
// tokens.
type noise struct {
	vocab  int
	cache  []int
	logits []float32
}

func (n *noise) Vocab() int     { return n.vocab }
func (n *noise) Context() int   { return 60 }
func (n *noise) MaxLength() int { return 40 }
func (n *noise) Rewind(to int)  { n.cache = n.cache[:to] }

func (n *noise) row(tokens []int, position int) {
	seed := uint64(position)
	for _, t := range tokens {
		seed = seed*1099511628211 + uint64(t)
	}
	r := rand.New(rand.NewPCG(seed, 9))
	for range n.vocab {
		n.logits = append(n.logits, float32(3*r.NormFloat64()))
	}
}

func (n *noise) Extend(tokens []int) ([]float32, error) {
	n.cache = append(n.cache, tokens...)
	n.logits = n.logits[:0]
	n.row(n.cache, len(n.cache))
	return n.logits, nil
}

func (n *noise) Logits(tokens, positions []int) ([]float32, error) {
	n.logits = n.logits[:0]
	for _, p := range positions {
		n.row(tokens, p)
	}
	return n.logits, nil
}

func (n *noise) LengthLogits(prompt []int) ([]float32, error) {
	return make([]float32, n.MaxLength()+1), nil
}

var noisePieces = strings.Split("END MASK a b ab ba aab c \xe6 \x98\xa5 \x9b\x89 春 曉 春曉 0 1 2 12 , -", " ")

const noiseEnd, noiseMask = 0, 1

func noiseVocabulary() *grammar.Vocabulary {
	var pieces [][]byte
	for i, p := range noisePieces {
		if i <= noiseMask {
			p = ""
		}
		pieces = append(pieces, []byte(p))
	}
	return grammar.NewVocabulary(pieces, noiseEnd)
}

func matcher(t *testing.T, source string) *grammar.Matcher {
	t.Helper()
	g, err := grammar.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	m, err := grammar.New(g, noiseVocabulary()).Matcher()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func generated(t *testing.T, m strategy.Machine, err error) (text string, last strategy.Step) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			t.Fatal(err)
		}
		last = step
	}
	for _, token := range last.Tokens {
		text += noisePieces[token]
	}
	return text, last
}

// Whatever a network says, whatever the strategy and the number of passes, the
// finished response is a sentence of the grammar.
func TestResponsesFitTheGrammar(t *testing.T) {
	for _, c := range []struct{ grammar, pattern string }{
		{`root ::= "ab" | "ba" | "春曉"`, `ab|ba|春曉`},
		{`root ::= ([ab]{2} ","){2,4} "c"`, `([ab]{2},){2,4}c`},
		{`root ::= "-"? [0-2]+ ("," "-"? [0-2]+)*`, `-?[0-2]+(,-?[0-2]+)*`},
		{`root ::= ("ab" | "c" [春曉]){3}`, `(ab|c[春曉]){3}`},
		{`root ::= "a"* "b"* ("c" "a"{3} | "1")`, `a*b*(caaa|1)`},
	} {
		whole := regexp.MustCompile(`^(` + c.pattern + `)$`)
		g := matcher(t, c.grammar)
		for seed := range uint64(40) {
			o := strategy.Options{
				Sampling: strategy.Sampling{Temperature: 1}, Seed: seed, End: noiseEnd, Mask: noiseMask,
				Constraint: strategy.Constraint{Grammar: g, Banned: []int{noiseMask}}, MaxLength: 20,
			}
			prompt := []int{noiseMask}
			check := func(name string, m strategy.Machine, err error) {
				t.Helper()
				if text, last := generated(t, m, err); !whole.MatchString(text) {
					t.Errorf("%s, seed %d, %s: %q does not fit (%v)", c.grammar, seed, name, text, last)
				}
			}
			m, err := strategy.NewAR(&noise{vocab: len(noisePieces)}, prompt, o)
			check("ar", m, err)
			for _, length := range []strategy.LengthMode{strategy.Predicted, strategy.Fixed} {
				o.Length = length
				m, err = strategy.NewNAR(&noise{vocab: len(noisePieces)}, prompt, o)
				check(fmt.Sprint("nar ", length), m, err)
				for _, passes := range []int{2, 5, 30} {
					o.Passes = passes
					for _, change := range []func(*strategy.Options){
						func(*strategy.Options) {},
						func(o *strategy.Options) { o.Remask = true },
						func(o *strategy.Options) { o.Block = 3 },
						func(o *strategy.Options) { o.ConfidenceTemperature = 4.5 },
					} {
						o := o
						change(&o)
						m, err = strategy.NewRefine(&noise{vocab: len(noisePieces)}, prompt, o)
						check(fmt.Sprintf("refine %d, length %d, remask %v, block %d", passes, length, o.Remask, o.Block), m, err)
					}
				}
				o.Passes = 0
			}
		}
	}
}

// Tokens that are given count.
func TestGrammarBesideGivenTokens(t *testing.T) {
	g := matcher(t, `root ::= ("ab" | "c" [春曉]){3}`)
	for seed := range uint64(20) {
		o := strategy.Options{
			Sampling: strategy.Sampling{Temperature: 1}, Seed: seed, End: noiseEnd, Mask: noiseMask, Length: 7,
			Constraint: strategy.Constraint{Grammar: g, Fixed: map[int]int{1: slices.Index(noisePieces, "曉"), 5: slices.Index(noisePieces, "b")}}, Passes: 3,
		}
		m, err := strategy.NewRefine(&noise{vocab: len(noisePieces)}, []int{noiseMask}, o)
		if text, _ := generated(t, m, err); !regexp.MustCompile(`^c曉(ab|c[春曉])ab$`).MatchString(text) {
			t.Fatalf("seed %d gives %q", seed, text)
		}
		o.Constraint.Fixed[0] = slices.Index(noisePieces, "a")
		if _, err := strategy.NewRefine(&noise{vocab: len(noisePieces)}, []int{noiseMask}, o); err == nil || !strings.Contains(err.Error(), "fits the grammar") {
			t.Fatalf("what cannot be is answered with error %v", err)
		}
	}
}

func TestGrammarsThatAStrategyCannotServe(t *testing.T) {
	var unsupported *strategy.UnsupportedError
	nested := matcher(t, `root ::= "a" root "b" | "c"`)
	o := strategy.Options{End: noiseEnd, Mask: noiseMask, Passes: 2, Constraint: strategy.Constraint{Grammar: nested}}
	if _, err := strategy.NewRefine(&noise{vocab: len(noisePieces)}, []int{1}, o); err != nil && !errors.As(err, &unsupported) {
		t.Errorf("a grammar that nests: error is %v, want none or an *UnsupportedError", err)
	}
	o.Passes, o.Length = 0, 5
	if _, err := strategy.NewAR(&noise{vocab: len(noisePieces)}, []int{1}, o); !errors.As(err, &unsupported) {
		t.Errorf("ar of an exact length: error is %v, want an *UnsupportedError", err)
	}
	if text, _ := func() (string, strategy.Step) {
		o.Length, o.MaxLength = 0, 9
		m, err := strategy.NewAR(&noise{vocab: len(noisePieces)}, []int{1}, o)
		return generated(t, m, err)
	}(); !regexp.MustCompile(`^a*cb*$`).MatchString(text) || strings.Count(text, "a") != strings.Count(text, "b") {
		t.Errorf("ar gives %q", text)
	}
	o.Constraint.Grammar, o.MaxLength = matcher(t, `root ::= "ab"{3}`), 3
	o.Constraint.Banned = []int{slices.Index(noisePieces, "a")}
	m, err := strategy.NewAR(&noise{vocab: len(noisePieces)}, []int{1}, o)
	if text, last := generated(t, m, err); text != "ababab" || last.Stopped != "end" || last.Pass != 3 {
		t.Errorf("a grammar that ends with the length: %q in %d passes, stopped by %s", text, last.Pass, last.Stopped)
	}
}

// A response ends by whichever of its ends the network prefers, as soon as the grammar
// lets it, and by none before.
func TestGrammarsLetEveryEndCome(t *testing.T) {
	other := slices.Index(noisePieces, "-")
	g, err := grammar.Parse(`root ::= [ab]{2,} | "-"{9}`)
	if err != nil {
		t.Fatal(err)
	}
	var pieces [][]byte
	for _, p := range noisePieces {
		pieces = append(pieces, []byte(p))
	}
	m, err := grammar.New(g, grammar.NewVocabulary(pieces, noiseEnd, other)).Matcher()
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []int{noiseEnd, other} {
		for seed := range uint64(10) {
			ar, err := strategy.NewAR(&noise{vocab: len(noisePieces)}, []int{noiseMask}, strategy.Options{
				Sampling: strategy.Sampling{Temperature: 1, Bias: map[int]float32{end: 100}}, Seed: seed, End: noiseEnd, Ends: []int{other},
				Constraint: strategy.Constraint{Grammar: m, Banned: []int{noiseMask}}, MaxLength: 20,
			})
			text, last := generated(t, ar, err)
			before := strings.TrimSuffix(text, noisePieces[last.Tokens[len(last.Tokens)-1]])
			if len(text) < 2 || len(before) > 1 || strings.Trim(text, "ab") != "" || last.Stopped != "end" || last.Drawn != len(last.Tokens)+1 {
				t.Errorf("seed %d, END %d preferred: %q, stopped by %s, %d drawn", seed, end, text, last.Stopped, last.Drawn)
			}
		}
	}
}
