package stride

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// ThroughputTest says what [Model.Throughput] measures: so many random tokens, in
// one pass as of a prompt or one after another as they are generated.
type ThroughputTest struct {
	Tokens        int    // of each conversation
	Prompt        bool   // all in as few passes as there can be, else one a pass
	Depth         int    // tokens that the cache holds before
	Conversations int    // that share passes; 1 if 0
	Workers       int    // threads; as many as there are processors if 0
	CacheType     string // as for [CacheType]; the model's usual one if ""
}

// ThroughputOptions says how [Model.Throughput] measures.
type ThroughputOptions struct {
	Repetitions int                   // timed, of each test, after one that is not; 5 if 0
	Progress    func(done, whole int) // called after each repetition; nil: nobody is told
}

// Throughput measures how many tokens a second the network of ar goes through, all
// conversations together, in each repetition of each test. Tests take turns, so that
// what else the machine does meanwhile is no matter of one of them. Tokens are random
// and nothing is drawn from the logits, as llama-bench does it.
//
// It fails with an [*OptionError] for values out of range.
func (m *Model) Throughput(ctx context.Context, tests []ThroughputTest, o ThroughputOptions) ([][]float64, error) {
	e, err := scorer[*causal](ctx, m, "throughput")
	if err != nil {
		return nil, err
	}
	if o.Repetitions == 0 {
		o.Repetitions = 5
	}
	tests = slices.Clone(tests)
	for i := range tests {
		test := &tests[i]
		if test.Conversations == 0 {
			test.Conversations = 1
		}
		if test.Tokens < 1 || test.Depth < 0 || test.Tokens+test.Depth > e.context() {
			return nil, badOption("tokens", fmt.Sprintf("%d after %d", test.Tokens, test.Depth), fmt.Sprintf("1 to %d, those before included", e.context()))
		}
		if test.Conversations < 0 || o.Repetitions < 0 || test.Workers < 0 {
			return nil, badOption("throughput", fmt.Sprintf("%+v %d times", *test, o.Repetitions), "numbers of 0 or more")
		}
	}
	rates := make([][]float64, len(tests))
	err = guarded(func() error { return e.throughput(ctx, tests, o, rates) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return rates, nil
}

func (e *causal) throughput(ctx context.Context, tests []ThroughputTest, o ThroughputOptions, rates [][]float64) error {
	set := make([]throughputs, len(tests))
	for i, test := range tests {
		pool := tensor.NewPool(test.Workers)
		defer pool.Close()
		var err error
		if set[i], err = e.prepare(test, pool); err != nil {
			return err
		}
	}
	for repetition := range o.Repetitions + 1 {
		for i, test := range set {
			start := time.Now()
			if err := test.together(ctx); err != nil {
				return err
			}
			took := time.Since(start)
			if repetition > 0 {
				rates[i] = append(rates[i], float64(test.Tokens*test.Conversations)/took.Seconds())
			}
			if o.Progress != nil {
				o.Progress(repetition*len(set)+i+1, (o.Repetitions+1)*len(set))
			}
		}
	}
	return nil
}

// throughputs is a test that can begin: its conversations hold what comes before.
type throughputs struct {
	ThroughputTest
	decoders []*network.Decoder
	tokens   []int
}

func (e *causal) prepare(test ThroughputTest, pool *tensor.Pool) (throughputs, error) {
	p := throughputs{test, make([]*network.Decoder, test.Conversations), nil}
	kind, err := cacheType(test.CacheType, e.usualCache())
	if err != nil {
		return p, err
	}
	batch := network.NewBatch(e.trunk, pool, kind)
	source := rand.New(rand.NewPCG(1, 0))
	random := func(n int) []int {
		tokens := make([]int, n)
		for i := range tokens {
			tokens[i] = source.IntN(e.config.Vocab)
		}
		return tokens
	}
	before := random(test.Depth)
	p.tokens = random(test.Tokens)
	for i := range p.decoders {
		p.decoders[i] = batch.NewDecoder()
		if test.Depth == 0 {
			continue
		}
		if _, err := p.decoders[i].Extend(before); err != nil {
			return p, err
		}
		p.decoders[i].Leave()
	}
	return p, nil
}

// together sends the tokens through all decoders at once.
func (p throughputs) together(ctx context.Context) error {
	errs := make([]error, len(p.decoders))
	var conversations sync.WaitGroup
	for i, d := range p.decoders {
		conversations.Go(func() {
			errs[i] = guarded(func() error { return p.through(ctx, d) })
		})
	}
	conversations.Wait()
	return errors.Join(errs...)
}

// through sends the tokens through a decoder, behind those that it held before.
func (p throughputs) through(ctx context.Context, d *network.Decoder) error {
	defer d.Leave()
	d.Bind(ctx)
	d.Rewind(p.Depth)
	if p.Prompt {
		_, err := d.Extend(p.tokens)
		return err
	}
	for i := range p.tokens {
		if _, err := d.Extend(p.tokens[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}
