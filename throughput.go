package stride

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
	Repetitions   int    // timed, after one that is not; 5 if 0
}

// Throughput measures how many tokens a second the network of ar goes through, all
// conversations together, in each repetition. Tokens are random and nothing is drawn
// from the logits, as llama-bench does it.
//
// It fails with an [*OptionError] for values out of range.
func (m *Model) Throughput(ctx context.Context, test ThroughputTest) ([]float64, error) {
	e, err := scorer[*causal](ctx, m, "throughput")
	if err != nil {
		return nil, err
	}
	if test.Conversations == 0 {
		test.Conversations = 1
	}
	if test.Repetitions == 0 {
		test.Repetitions = 5
	}
	if test.Tokens < 1 || test.Depth < 0 || test.Tokens+test.Depth > e.context() {
		return nil, badOption("tokens", fmt.Sprintf("%d after %d", test.Tokens, test.Depth), fmt.Sprintf("1 to %d, those before included", e.context()))
	}
	if test.Conversations < 0 || test.Repetitions < 0 || test.Workers < 0 {
		return nil, badOption("throughput", fmt.Sprintf("%+v", test), "numbers of 0 or more")
	}
	var rates []float64
	err = guarded(func() (err error) {
		rates, err = e.throughput(ctx, test)
		return err
	})
	if err != nil {
		return rates, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return rates, nil
}

func (e *causal) throughput(ctx context.Context, test ThroughputTest) ([]float64, error) {
	pool := tensor.NewPool(test.Workers)
	defer pool.Close()
	kind, err := cacheType(test.CacheType, e.usualCache())
	if err != nil {
		return nil, err
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
	before, tokens := random(test.Depth), random(test.Tokens)
	all := make([]*network.Decoder, test.Conversations)
	for i := range all {
		all[i] = batch.NewDecoder()
		if test.Depth > 0 {
			if _, err := all[i].Extend(before); err != nil {
				return nil, err
			}
		}
	}
	var rates []float64
	for i := range test.Repetitions + 1 {
		start := time.Now()
		if err := test.together(ctx, all, tokens); err != nil {
			return rates, err
		}
		if i > 0 {
			rates = append(rates, float64(test.Tokens*test.Conversations)/time.Since(start).Seconds())
		}
	}
	return rates, nil
}

// together sends the tokens through all decoders at once.
func (test ThroughputTest) together(ctx context.Context, all []*network.Decoder, tokens []int) error {
	errs := make([]error, len(all))
	var conversations sync.WaitGroup
	for i, d := range all {
		conversations.Go(func() {
			errs[i] = guarded(func() error { return test.through(ctx, d, tokens) })
		})
	}
	conversations.Wait()
	return errors.Join(errs...)
}

// through sends the tokens through a decoder, behind those that it held before.
func (test ThroughputTest) through(ctx context.Context, d *network.Decoder, tokens []int) error {
	defer d.Leave()
	d.Bind(ctx)
	d.Rewind(test.Depth)
	if test.Prompt {
		_, err := d.Extend(tokens)
		return err
	}
	for i := range tokens {
		if _, err := d.Extend(tokens[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}
