package command

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/strategy/grammar"
)

// sampling are the flags that every strategy understands.
type sampling struct {
	Temperature *float32 `help:"Divide the logits by it: below 1 is safer, above 1 wilder, 0 always takes the likeliest element." placeholder:"T"`
	TopK        *int     `help:"Draw from the K likeliest elements only; 0 is all." placeholder:"K"`
	TopP        *float32 `help:"Draw from the likeliest elements that together have probability P." placeholder:"P"`
	MinP        *float32 `help:"Draw from elements at least P times as likely as the likeliest." placeholder:"P"`
	Typical     *float32 `help:"Draw from the elements that surprise as much as is to be expected, together of probability P." placeholder:"P"`

	textSampling `embed:"" group:"Text"`
}

// textSampling are the flags of sampling that are for texts.
type textSampling struct {
	RepeatPenalty    *float32    `help:"Divide the logits of elements by it that are among the last ones, or multiply those below 0; 1 is none, 1.1 usual." placeholder:"X"`
	RepeatLast       *int        `help:"How many elements --repeat-penalty looks at: 64 where not said, =-1 is all." placeholder:"N"`
	FrequencyPenalty *float32    `help:"Taken from an element's logit for each time that it is in the response." placeholder:"X"`
	PresencePenalty  *float32    `help:"Taken from the logit of an element that is in the response." placeholder:"X"`
	Bias             []biasFlag  `sep:"none" help:"Add to the logit of a token, given as text or as # and its number, as in --bias=however=-5 or --bias=#123=ban. May be repeated." placeholder:"TOKEN=X"`
	Stop             []string    `sep:"none" help:"End the text before this. May be repeated." placeholder:"TEXT"`
	Schema           schemaFlag  `help:"Make the text a JSON value that this JSON schema allows, given itself or as a file." placeholder:"FILE|JSON"`
	Grammar          grammarFlag `help:"Make the text one that the grammar in a file matches, in the notation of llama.cpp (GBNF)." placeholder:"FILE"`
}

func (s sampling) options() []stride.Option {
	var out []stride.Option
	for _, f := range []struct {
		value  *float32
		option func(float32) stride.Option
	}{
		{s.Temperature, stride.Temperature}, {s.TopP, stride.TopP}, {s.MinP, stride.MinP}, {s.Typical, stride.Typical},
		{s.RepeatPenalty, stride.RepeatPenalty}, {s.FrequencyPenalty, stride.FrequencyPenalty}, {s.PresencePenalty, stride.PresencePenalty},
	} {
		if f.value != nil {
			out = append(out, f.option(*f.value))
		}
	}
	if s.TopK != nil {
		out = append(out, stride.TopK(*s.TopK))
	}
	if s.RepeatLast != nil {
		out = append(out, stride.RepeatLast(*s.RepeatLast))
	}
	for _, b := range s.Bias {
		if b.token >= 0 {
			out = append(out, stride.BiasToken(b.token, b.value))
		} else {
			out = append(out, stride.BiasText(b.text, b.value))
		}
	}
	if len(s.Stop) > 0 {
		out = append(out, stride.Stop(s.Stop...))
	}
	if s.Schema != "" {
		out = append(out, stride.Schema(string(s.Schema)))
	}
	if s.Grammar != "" {
		out = append(out, stride.Grammar(string(s.Grammar)))
	}
	return out
}

// biasFlag is a value for [stride.BiasToken], or for [stride.BiasText] if the
// token is -1.
type biasFlag struct {
	token int
	text  string
	value float32
}

// UnmarshalText reads TEXT=X or #NUMBER=X, where X may be ban.
func (b *biasFlag) UnmarshalText(data []byte) error {
	s := string(data)
	i := strings.LastIndexByte(s, '=')
	if i < 1 {
		return fmt.Errorf("%q is no bias, want a token and a number, as in however=-5", s)
	}
	b.token, b.text, b.value = -1, s[:i], float32(math.Inf(-1))
	if s[i+1:] != "ban" {
		x, err := strconv.ParseFloat(s[i+1:], 32)
		if err != nil {
			return fmt.Errorf("%q is no bias of %q, want a number or ban", s[i+1:], b.text)
		}
		b.value = float32(x)
	}
	if number, ok := strings.CutPrefix(b.text, "#"); ok && number != "" {
		token, err := strconv.Atoi(number)
		if err != nil || token < 0 {
			return fmt.Errorf("%q is no token, want # and its number", b.text)
		}
		b.token = token
	}
	return nil
}

// schemaFlag is a JSON schema.
type schemaFlag string

// UnmarshalText reads a schema, or the file of one.
func (f *schemaFlag) UnmarshalText(data []byte) error {
	if trimmed := bytes.TrimSpace(data); !bytes.HasPrefix(trimmed, []byte("{")) && string(trimmed) != "true" {
		var err error
		if data, err = os.ReadFile(string(data)); err != nil {
			return err
		}
	}
	*f = schemaFlag(data)
	_, err := grammar.FromSchema(data)
	return err
}

// grammarFlag is the text of a grammar.
type grammarFlag string

// UnmarshalText reads the file of a grammar.
func (f *grammarFlag) UnmarshalText(name []byte) error {
	data, err := os.ReadFile(string(name))
	if err != nil {
		return err
	}
	*f = grammarFlag(data)
	_, err = grammar.Parse(string(data))
	return err
}

// logprobTable writes the log-probabilities of an object when it is finished.
type logprobTable struct {
	out  io.Writer
	seen map[int]stride.Logprobs // by element
}

func (l *logprobTable) show(step stride.Step) error {
	for _, i := range step.Remasked {
		delete(l.seen, i)
	}
	for _, entry := range step.Logprobs {
		l.seen[entry.Index] = entry
	}
	if !step.Done {
		return nil
	}
	var b strings.Builder
	for _, i := range slices.Sorted(maps.Keys(l.seen)) {
		entry := l.seen[i]
		fmt.Fprintf(&b, "%4d  %s ", i, tellLogprob(entry.TokenLogprob))
		for _, c := range entry.Top {
			b.WriteString(" | " + tellLogprob(c))
		}
		b.WriteByte('\n')
	}
	return writeAll(l.out, b.String())
}

// tellLogprob is as in "Paris" -0.12 (89 %).
func tellLogprob(t stride.TokenLogprob) string {
	return fmt.Sprintf("%q %.2f (%.0f %%)", t.Text, t.Logprob, 100*math.Exp(t.Logprob))
}

// jsonLogprobs is an entry of logprobs in a line of --json.
type jsonLogprobs struct {
	Index int `json:"index"` // of pieces
	jsonLogprob
	Top []jsonLogprob `json:"top"`
}

type jsonLogprob struct {
	Token   int      `json:"token"`
	Text    string   `json:"text"`
	Logprob *float64 `json:"logprob"` // null where the probability is 0
}

func logprobsJSON(list []stride.Logprobs) []jsonLogprobs {
	of := func(t stride.TokenLogprob) jsonLogprob {
		j := jsonLogprob{Token: t.Token, Text: t.Text}
		if !math.IsInf(t.Logprob, 0) {
			j.Logprob = &t.Logprob
		}
		return j
	}
	var out []jsonLogprobs
	for _, l := range list {
		entry := jsonLogprobs{Index: l.Index, jsonLogprob: of(l.TokenLogprob)}
		for _, t := range l.Top {
			entry.Top = append(entry.Top, of(t))
		}
		out = append(out, entry)
	}
	return out
}
