package stride

import (
	"errors"
	"sync"

	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/strategy/grammar"
)

// mostGrammars is how many grammars a model remembers what it found out about.
const mostGrammars = 8

// grammars are those used last with a model's tokens.
type grammars struct {
	mu    sync.Mutex
	vocab *grammar.Vocabulary
	last  []usedGrammar
}

type usedGrammar struct {
	schema    bool
	source    string
	automaton *grammar.Automaton
}

// matcher follows the grammar or schema that the options ask for, nil if there is
// none.
func (l *grammars) matcher(e texts, c config) (*grammar.Matcher, error) {
	schema, source := c.chose("schema"), c.more.grammar
	switch {
	case schema && c.chose("grammar"):
		return nil, errors.New("a schema and a grammar, want one of them")
	case schema && c.more.schemaErr != nil:
		return nil, c.more.schemaErr
	case schema:
		source = string(c.more.schema)
	case !c.chose("grammar"):
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, used := range l.last {
		if used.schema == schema && used.source == source {
			copy(l.last[1:], l.last[:i])
			l.last[0] = used
			return used.automaton.Matcher()
		}
	}
	parse := grammar.Parse
	if schema {
		parse = func(source string) (*grammar.Grammar, error) { return grammar.FromSchema([]byte(source)) }
	}
	g, err := parse(source)
	if err != nil {
		return nil, err
	}
	if l.vocab == nil {
		l.vocab = e.vocabulary()
	}
	a := grammar.New(g, l.vocab)
	l.last = append([]usedGrammar{{schema, source, a}}, l.last[:min(len(l.last), mostGrammars-1)]...)
	return a.Matcher()
}

// vocabulary is the bytes of the tokens that may stand in a response.
func (e texts) vocabulary() *grammar.Vocabulary {
	pieces := make([][]byte, e.tok.Size())
	for id := range pieces {
		switch kind := e.tok.Kind(id); {
		case kind == text.Control, kind == text.Unknown, kind == text.Byte && e.format.Separate:
		default:
			pieces[id] = e.tok.Bytes(id)
		}
	}
	return grammar.NewVocabulary(pieces, e.tok.Ends()...)
}
