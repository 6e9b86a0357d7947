package stride

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stride-ml/stride/strategy"
)

// samplingConfig is the options of texts that say what may be drawn, beside the
// usual ones.
type samplingConfig struct {
	typical       float32
	repeatPenalty float32
	repeatLast    int
	frequency     float32
	presence      float32
	tokenBias     map[int]float32
	textBias      map[string]float32
	stops         []string
	logprobs      int
	schema        []byte
	schemaErr     error
	grammar       string
}

// Typical keeps the elements whose surprise is nearest to what the network expects
// of it, together of probability p (locally typical sampling, Meister et al.,
// arXiv 2202.00666); 1 keeps all.
func Typical(p float32) Option { return option("typical", func(c *config) { c.more.typical = p }) }

// RepeatPenalty makes the elements less likely that are among the last ones of
// prompt and response ([RepeatLast]): it divides their logits, or multiplies those
// that are not positive. 1 changes nothing, 1.1 is usual.
func RepeatPenalty(x float32) Option {
	return option("repeat-penalty", func(c *config) { c.more.repeatPenalty = x })
}

// RepeatLast is how many elements [RepeatPenalty] looks at; -1 is all, 64 the
// default. For nar and refine it is so many on either side.
func RepeatLast(n int) Option {
	return option("repeat-last", func(c *config) { c.more.repeatLast = n })
}

// FrequencyPenalty is taken from the logit of an element for each time that it is
// in the response (as in OpenAI's API, -2 to 2 there).
func FrequencyPenalty(x float32) Option {
	return option("frequency-penalty", func(c *config) { c.more.frequency = x })
}

// PresencePenalty is taken from the logit of an element that is in the response,
// however often (as in OpenAI's API, -2 to 2 there).
func PresencePenalty(x float32) Option {
	return option("presence-penalty", func(c *config) { c.more.presence = x })
}

// BiasToken is added to the logit of a token by number, as `stride tokens` tells
// it. -Inf bans the token. It may be given for several.
func BiasToken(token int, value float32) Option {
	return option("bias", func(c *config) { c.more.tokenBias = withBias(c.more.tokenBias, token, value) })
}

// BiasText is [BiasToken] of every token that is a text, or that text after a
// space; there has to be one.
func BiasText(text string, value float32) Option {
	return option("bias", func(c *config) { c.more.textBias = withBias(c.more.textBias, text, value) })
}

// withBias is a copy of biases with one more: options are laid over the defaults
// more than once.
func withBias[K comparable](biases map[K]float32, key K, value float32) map[K]float32 {
	out := map[K]float32{}
	maps.Copy(out, biases)
	out[key] = value
	return out
}

// Stop ends a text before the first of these strings, wherever tokens begin. By ar
// no step shows what may be the beginning of one. Stats.Stopped is then "stop".
func Stop(texts ...string) Option {
	return option("stop", func(c *config) { c.more.stops = texts })
}

// WithLogprobs asks for the log-probabilities of each element committed and of the
// n likeliest ones at its place, 1 to 128 ([Step].Logprobs).
func WithLogprobs(n int) Option {
	return option("logprobs", func(c *config) { c.more.logprobs = n })
}

// Schema makes a text a JSON value that the schema allows: JSON as string, []byte
// or [json.RawMessage], or anything that is written as such. What is supported of
// draft 2020-12, and what that leaves to the network, is in
// [github.com/stride-ml/stride/strategy/grammar.FromSchema]. By nar and refine
// only schemas work that allow no nesting without bound and few states.
func Schema(schema any) Option {
	var data []byte
	var err error
	switch s := schema.(type) {
	case string:
		data = []byte(s)
	case []byte:
		data = slices.Clone(s)
	default:
		data, err = json.Marshal(schema)
	}
	return option("schema", func(c *config) { c.more.schema, c.more.schemaErr = data, err })
}

// Grammar makes a text one that the rule root of a grammar matches, in the
// notation of llama.cpp (GBNF):
// [github.com/stride-ml/stride/strategy/grammar.Parse]. The same holds of nar and
// refine as for [Schema].
func Grammar(source string) Option {
	return option("grammar", func(c *config) { c.more.grammar = source })
}

// TokenLogprob is a token and the natural logarithm of its probability.
type TokenLogprob struct {
	Token   int
	Text    string // perhaps a part of a character
	Logprob float64
}

// Logprobs is how likely the network found an element that was committed, and the
// likeliest ones at its place, likeliest first: before biases, penalties,
// constraints, filters and temperature.
type Logprobs struct {
	Index int // of the element
	TokenLogprob
	Top []TokenLogprob
}

// sampling turns options into those of a strategy, but for biases.
func (c *config) sampling() strategy.Sampling {
	m := &c.more
	return strategy.Sampling{
		Temperature: c.temperature, TopK: c.topK, Typical: m.typical, TopP: c.topP, MinP: c.minP,
		RepeatPenalty: m.repeatPenalty, RepeatLast: m.repeatLast, FrequencyPenalty: m.frequency, PresencePenalty: m.presence,
	}
}

// biases are those of tokens and of texts, which the tokenizer knows.
func (e texts) biases(c config) (map[int]float32, error) {
	out := map[int]float32{}
	found := map[string]bool{}
	for id := 0; id < e.tok.Size() && len(c.more.textBias) > 0; id++ {
		piece := string(e.tok.Bytes(id))
		for _, text := range []string{strings.TrimPrefix(piece, " "), piece} {
			if value, ok := c.more.textBias[text]; ok && piece != "" {
				out[id], found[text] = value, true
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(c.more.textBias)) {
		if !found[text] {
			return nil, badOption("bias", fmt.Sprintf("%q, which is %d tokens", text, len(e.tok.Encode(text))), "a text that is one token")
		}
	}
	for token, value := range c.more.tokenBias {
		out[token] = value
	}
	return out, nil
}

// limit adds biases, log-probabilities and the grammar to a strategy's options.
func (e texts) limit(o *strategy.Options, c config) (err error) {
	if o.Sampling.Bias, err = e.biases(c); err != nil {
		return err
	}
	if o.Logprobs = c.more.logprobs; c.chose("logprobs") && o.Logprobs == 0 {
		return badOption("logprobs", "0", "1 to 128")
	}
	m, err := e.grammars.matcher(e, c)
	if m != nil {
		o.Constraint.Grammar = m
	}
	return err
}

// finish adds to a generation what comes after the strategy: stop strings and
// how log-probabilities are shown.
func (e texts) finish(g *generation, c config) (*generation, error) {
	machine, err := strategy.NewStops(g.machine, e.tok.Bytes, c.more.stops)
	if err != nil {
		g.free()
		return nil, err
	}
	g.machine = machine
	g.tokenText = func(token int) string { return string(e.tok.Bytes(token)) }
	return g, nil
}

// logprobs are those of a step.
func (g *generation) logprobs(list []strategy.Logprobs) []Logprobs {
	if len(list) == 0 {
		return nil
	}
	of := func(c strategy.Candidate) TokenLogprob {
		return TokenLogprob{c.Token, g.tokenText(c.Token), float64(c.Logprob)}
	}
	out := make([]Logprobs, len(list))
	for i, l := range list {
		out[i] = Logprobs{Index: l.Slot, TokenLogprob: of(l.Candidate)}
		for _, c := range l.Top {
			out[i].Top = append(out[i].Top, of(c))
		}
	}
	slices.SortStableFunc(out, func(a, b Logprobs) int { return cmp.Compare(a.Index, b.Index) })
	return out
}

// trimmed are pieces without the last bytes.
func trimmed(pieces []string, bytes int) []string {
	if n := len(pieces) - 1; bytes > 0 && n >= 0 {
		pieces = slices.Clone(pieces)
		pieces[n] = pieces[n][:len(pieces[n])-bytes]
	}
	return pieces
}
