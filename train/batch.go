package train

import (
	"math/rand/v2"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// micro is one forward pass of a step: its rows, and which of them are scored
// against which targets with which weights.
type micro struct {
	pass    network.Pass
	rows    []int
	targets []int
	weights []float32 // of the loss, already divided by the batch's normaliser
	// The length head's rows and targets, for masked networks.
	lengthRows    []int
	lengthTargets []int
	lengthWeights []float32
}

// add appends a sequence and returns the index of its first row.
func (m *micro) add(ids []int) int {
	start := len(m.pass.IDs)
	m.pass.IDs = append(m.pass.IDs, ids...)
	for i := range ids {
		m.pass.Positions = append(m.pass.Positions, i)
	}
	m.pass.Spans = append(m.pass.Spans, tensor.Span{Start: start, Len: len(ids)})
	return start
}

// batch is one step's forward passes.
type batch struct {
	micros    []micro
	positions int // rows in all
	scored    int // elements the loss is computed on
	elements  int // elements whose likelihood that loss stands for
	units     int // characters of the responses
}

// sampler draws batches of texts.
type sampler struct {
	enc      *encoder
	recipe   TrainRecipe
	examples []example
	masked   bool
	once     bool // a batch ends where the data does
	deck
}

// load lays out items and returns how many were too long.
func (s *sampler) load(items []item) (skipped int) {
	s.examples, skipped = s.enc.examples(items)
	s.n = len(s.examples)
	return skipped
}

// deck deals the rows of the data in an order that is a function of seed and
// epoch.
type deck struct {
	seed   uint64
	order  []int // of the current epoch
	cursor       // where the next batch starts
	loaded int   // epoch that order belongs to, plus one
}

func (d *deck) place() *cursor { return &d.cursor }

// stepRand is the randomness of a step's batch.
func (d *deck) stepRand(step int) *rand.Rand {
	return rand.New(rand.NewPCG(d.seed, 0x57e9<<32+uint64(step)))
}

// evenly takes at most so many elements, evenly spaced.
func evenly[T any](all []T, most int) []T {
	if len(all) <= most {
		return all
	}
	out := make([]T, most)
	for i := range out {
		out[i] = all[i*len(all)/most]
	}
	return out
}

// cursor is a position in the data, saved with the training state.
type cursor struct {
	Epoch, Index int
	n            int // rows
}

// take returns the next row, going into the next epoch at the end of one.
func (d *deck) take() int {
	if d.Index == d.n {
		d.Epoch, d.Index = d.Epoch+1, 0
	}
	if d.loaded != d.Epoch+1 {
		d.order = rand.New(rand.NewPCG(d.seed, 0xda7a+uint64(d.Epoch))).Perm(d.n)
		d.loaded = d.Epoch + 1
	}
	d.Index++
	return d.order[d.Index-1]
}

// next draws the batch of a step.
func (s *sampler) next(step int) batch {
	rng := s.stepRand(step)
	hide := func() bool { return rng.Float64() < s.recipe.DropCondition }
	var exs []*example
	for positions := 0; len(exs) == 0 || !s.once || s.Index < len(s.examples); {
		ex := &s.examples[s.take()]
		n := len(ex.prompt) + len(ex.conditions) + len(ex.body) + 2
		if positions += n; positions > s.recipe.BatchTokens && len(exs) > 0 {
			s.Index-- // it opens the next batch
			break
		}
		exs = append(exs, ex)
	}
	if s.masked {
		return maskedBatch(s.enc, s.recipe, exs, rng, hide)
	}
	return causalBatch(s.enc, s.recipe, exs, hide)
}

// grow returns the micro-batch that n more rows go to.
func (b *batch) grow(n, limit int) *micro {
	if k := len(b.micros); k > 0 && len(b.micros[k-1].pass.IDs)+n <= limit {
		return &b.micros[k-1]
	}
	b.micros = append(b.micros, micro{})
	return &b.micros[len(b.micros)-1]
}

// causalBatch scores every element of the response given all before it. The
// prompt is not scored: it is given, not generated.
func causalBatch(enc *encoder, r TrainRecipe, exs []*example, hide func() bool) batch {
	var b batch
	for _, ex := range exs {
		ids := enc.layout(nil, ex, hide)
		known := len(ids)
		ids = append(ids, ex.body...)
		if len(ids) > enc.context+1 {
			ids = ids[:enc.context+1]
		}
		m := b.grow(len(ids)-1, r.MicroTokens)
		m.pass.Causal = true
		start := m.add(ids[:len(ids)-1])
		for i := max(known-1, 0); i < len(ids)-1; i++ {
			m.rows = append(m.rows, start+i)
			m.targets = append(m.targets, ids[i+1])
			m.weights = append(m.weights, 1)
			b.elements++
		}
		b.units += ex.units
	}
	b.finish()
	return b
}

// maskedBatch hides a random number of each response's elements and scores
// those: with k of L hidden, k uniform in 1..L, the weight L/k makes the
// expected loss the same bound on the likelihood as a uniform time t with 1/t
// (LLaDA, arXiv 2502.09992, equations 3 and 6), with less variance. k is
// stratified over the batch. A share of the responses is padded to the longest
// with END, so that the network also serves the fixed length; a share of the
// prompts stands once more without a response, for the length head.
func maskedBatch(enc *encoder, r TrainRecipe, exs []*example, rng *rand.Rand, hide func() bool) batch {
	var b batch
	mask, _ := enc.tok.Mask()
	strata := rng.Perm(len(exs))
	for e, ex := range exs {
		ids := enc.layout(nil, ex, hide)
		known := len(ids)
		ids = append(ids, ex.body...)
		if rng.Float64() < r.PadShare {
			for len(ids) < known+enc.maxLength {
				ids = append(ids, enc.tok.EOS())
			}
		}
		body := ids[known:]
		u := (float64(strata[e]) + rng.Float64()) / float64(len(exs))
		k := min(1+int(u*float64(len(body))), len(body))
		noisy := append([]int(nil), ids...)
		m := b.grow(len(ids), r.MicroTokens)
		start := m.add(noisy)
		for _, i := range rng.Perm(len(body))[:k] {
			m.pass.IDs[start+known+i] = mask
			m.rows = append(m.rows, start+known+i)
			m.targets = append(m.targets, body[i])
			m.weights = append(m.weights, float32(len(body))/float32(k))
		}
		b.elements += len(body)
		b.units += ex.units
		if e%lengthEvery == 0 {
			m := b.grow(known, r.MicroTokens)
			start := m.add(ids[:known])
			m.lengthRows = append(m.lengthRows, start+known-1)
			m.lengthTargets = append(m.lengthTargets, len(ex.body))
			m.lengthWeights = append(m.lengthWeights, float32(r.LengthWeight))
		}
	}
	b.finish()
	return b
}

// lengthEvery is how many examples share one row of the length head: its task
// is easy, and each row costs a pass over the prompt.
const lengthEvery = 4

// finish counts rows and makes the weights those of a mean over elements.
func (b *batch) finish() {
	lengths := 0
	for i := range b.micros {
		b.positions += len(b.micros[i].pass.IDs)
		b.scored += len(b.micros[i].rows)
		lengths += len(b.micros[i].lengthRows)
	}
	for i := range b.micros {
		m := &b.micros[i]
		for j := range m.weights {
			m.weights[j] /= float32(b.elements)
		}
		for j := range m.lengthWeights {
			m.lengthWeights[j] /= float32(lengths)
		}
	}
}
