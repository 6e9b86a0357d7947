package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/element/text/chat"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// Exchange is one row of data of kind conversations: something said to a model, and
// its answer.
type Exchange struct {
	Prompt   string `json:"prompt"`
	Response string `json:"response"`
}

// draftObjective trains a draft head to tell what a decoder, the target, finds
// likeliest after the next tokens of conversations. What the target gave is kept in
// half precision for later epochs, as far as there is memory for it.
type draftObjective struct {
	t      *trainer
	whose  string // see network.TargetOf
	target *network.Trunk
	tok    *text.Tokenizer
	chat   *chat.Template
	texts  []*conversation
	room   int // bytes left for what the target gave
	model  *network.DraftModel
	rows   *tensor.Param // (N,C), of the target's output table
	class  []int         // of each token of the vocabulary, its row; -1: it has none
	eval   *tensor.Run   // of the target
	hits   map[string][]tally
	deck
}

// conversation is a text of the data and what the target gave for its response, nil if
// that is not kept.
type conversation struct {
	ids       []int
	from      int      // where the response begins, at least 1
	states    []uint16 // (T,C) from the token before that on, half precision
	likeliest []int32  // (T), tokens
}

// rows is the number of states.
func (c *conversation) rows() int { return len(c.ids) - c.from + 1 }

// tally is how many guesses were right.
type tally struct{ right, all int }

func (o *draftObjective) load(ctx context.Context, _ *checkpoint.File) error {
	r, tell := o.t.recipe, o.t.opts.Progress
	tell(Progress{Message: "reading " + r.Network.Target})
	f, err := checkpoint.Open(filepath.Join(o.t.opts.Data, r.Network.Target))
	if err != nil {
		return fmt.Errorf("train: network.target: %w", errNoData(err, r.Network.Target, r))
	}
	defer f.Close()
	if err := o.open(f); err != nil {
		return fmt.Errorf("train: network.target: %w", err)
	}
	tell(Progress{Message: "reading data"})
	if o.texts, err = o.conversations(ctx, r.Data.Train); err != nil {
		return err
	}
	if len(o.texts) == 0 {
		return fmt.Errorf("train: %s: the training data holds no conversations", r.Name)
	}
	o.seed, o.n, o.room = r.Seed, len(o.texts), r.Train.KeepStates<<20
	c := network.DraftConfig{Vocab: o.target.Vocab, Width: o.target.Width, FFN: r.Network.FFN, Tokens: o.frequent(r.Network.Candidates)}
	if o.model, err = network.NewDraftModel(c); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	o.model.Init(r.Seed, o.target.Norm.Data)
	o.rows = tensor.NewParam("rows", len(c.Tokens), c.Width)
	copy(o.rows.Data, o.target.Rows(o.eval, c.Tokens).Data)
	o.rows.Frozen = true
	o.class = slices.Repeat([]int{-1}, c.Vocab)
	for row, id := range c.Tokens {
		o.class[id] = row
	}
	o.hits = map[string][]tally{}
	return o.t.startFrom(o.params(), nil)
}

// open reads the target.
func (o *draftObjective) open(f *checkpoint.File) (err error) {
	if o.whose, err = network.TargetOf(f); err != nil {
		return err
	}
	if o.tok, err = text.FromMetadata(f.Value); err != nil {
		return err
	}
	if o.chat, err = chat.Of(f, o.tok); err != nil {
		return err
	}
	if o.target, err = network.ReadDecoder(f); err != nil {
		return err
	}
	if n := o.tok.Size(); n != o.target.Vocab {
		return fmt.Errorf("the tokenizer has %d tokens, the network %d", n, o.target.Vocab)
	}
	o.eval = tensor.NewRun(o.t.pool)
	return nil
}

// conversations reads files and lays out their rows as the target's chat template
// does, cut at network.max_length.
func (o *draftObjective) conversations(ctx context.Context, sources []DataSource) (out []*conversation, err error) {
	r := o.t.recipe
	for _, s := range sources {
		path := filepath.Join(o.t.opts.Data, s.File)
		var texts []*conversation
		n := 0
		for row, err := range Rows[Exchange](path) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return nil, errNoData(err, path, r)
			}
			n++
			text, err := o.conversation(row)
			if err != nil {
				return nil, fmt.Errorf("%s: conversation %d: %w", path, n, err)
			}
			if text.rows() > 1 {
				texts = append(texts, text)
			}
		}
		for range s.Repeat {
			out = append(out, texts...)
		}
	}
	return out, nil
}

// conversation lays out a row.
func (o *draftObjective) conversation(row Exchange) (*conversation, error) {
	messages := []chat.Message{{Role: chat.User, Content: row.Prompt}, {Role: chat.Assistant, Content: row.Response}}
	prompt, err := o.chat.Tokens(o.tok, messages[:1], true, time.Time{}, nil)
	if err != nil {
		return nil, err
	}
	ids, err := o.chat.Tokens(o.tok, messages, false, time.Time{}, nil)
	if err != nil {
		return nil, err
	}
	c := &conversation{ids: ids[:min(len(ids), o.t.recipe.Network.MaxLength)], from: 1}
	// Of a template that lays out the prompt in another way once it is answered, all
	// is learned from.
	if n := len(prompt); n > 0 && n <= len(c.ids) && slices.Equal(c.ids[:n], prompt) {
		c.from = n
	} else if n > len(c.ids) {
		c.from = len(c.ids)
	}
	return c, nil
}

// frequent returns the tokens that the texts have most, ascending.
func (o *draftObjective) frequent(most int) []int {
	counts := make([]int, o.target.Vocab)
	for _, text := range o.texts {
		for _, id := range text.ids[text.from:] {
			counts[id]++
		}
	}
	var out []int
	for id, n := range counts {
		if n > 0 {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	out = out[:min(len(out), most)]
	slices.Sort(out)
	return out
}

func (o *draftObjective) params() []*tensor.Param { return o.model.Params() }

func (o *draftObjective) kept() map[string]any { return nil }

func (o *draftObjective) draw(int) work {
	var texts []*conversation
	for n := 0; ; {
		text := o.texts[o.take()]
		if n += len(text.ids); n > o.t.recipe.Train.BatchTokens && len(texts) > 0 {
			o.Index-- // it opens the next batch
			return o.work(texts, "")
		}
		texts = append(texts, text)
	}
}

// work cuts texts into passes. Where there is a split the guesses that are right are
// counted.
func (o *draftObjective) work(texts []*conversation, split string) work {
	var w work
	for _, text := range texts {
		w.positions += len(text.ids)
		w.elements += text.rows()
	}
	var part []*conversation
	size := 0
	add := func() {
		if part := part; len(part) > 0 {
			w.passes = append(w.passes, func(run *tensor.Run) float64 { return o.forward(run, part, w.elements, split) })
		}
	}
	for _, text := range texts {
		if size+len(text.ids) > o.t.recipe.Train.MicroTokens {
			add()
			part, size = nil, 0
		}
		part, size = append(part, text), size+len(text.ids)
	}
	add()
	return w
}

// forward evaluates texts and returns their loss, a mean over so many elements: of
// each guess, that of one that goes on from another a share less.
func (o *draftObjective) forward(run *tensor.Run, texts []*conversation, elements int, split string) float64 {
	o.eval.Reset(0)
	var ids, likeliest []int
	var states []float32
	var rows, ends []int // the rows that guesses go on from, and where their texts end
	for _, text := range o.evaluated(texts) {
		start := len(ids)
		ids = append(ids, text.ids[text.from-1:]...)
		for i, token := range text.likeliest {
			rows, ends, likeliest = append(rows, start+i), append(ends, len(ids)), append(likeliest, int(token))
		}
		wide := make([]float32, len(text.states))
		kernel.WidenHalf(wide, text.states)
		states = append(states, wide...)
	}
	state := run.Over(states, o.target.Width)
	sum, share := 0.0, float32(0)
	for range o.t.recipe.Train.Depth {
		share = share*o.t.recipe.Train.DepthShare + 1
	}
	share = 1 / (share * float32(elements)) // all depths together weigh 1
	for depth := range o.t.recipe.Train.Depth {
		// Of those before, only rows whose text goes on stay.
		var stay, at, tokens []int
		for i, row := range rows {
			if row+1 < ends[i] {
				stay, at, tokens = append(stay, i), append(at, row+1), append(tokens, ids[row+1])
				ends[len(stay)-1] = ends[i]
			}
		}
		if len(stay) == 0 {
			break
		}
		rows = at
		e := o.eval.Embed(o.target.Embed, tokens)
		state = o.model.States(run, run.Gather(state, stay), run.Over(e.Data, e.Cols), float32(o.t.recipe.Train.Dropout))
		targets, weights, losses := make([]int, len(rows)), make([]float32, len(rows)), make([]float32, len(rows))
		for i, row := range rows {
			if c := o.class[likeliest[row]]; c >= 0 {
				targets[i], weights[i] = c, share
			}
		}
		if run.Training() {
			run.CrossEntropy(state, o.rows, targets, weights, losses)
		} else {
			run.CrossEntropy(state, o.rows, targets, nil, losses)
			o.count(run, split, depth, state, rows, likeliest)
		}
		sum += weighted(losses, weights)
		share *= o.t.recipe.Train.DepthShare
	}
	return sum
}

// evaluated returns texts with what the target gives for them.
func (o *draftObjective) evaluated(texts []*conversation) []*conversation {
	var m micro
	given := map[*conversation]*conversation{} // a text may be there twice
	var fresh []*conversation
	for _, text := range texts {
		if text.states == nil && given[text] == nil {
			given[text] = &conversation{ids: text.ids, from: text.from}
			fresh = append(fresh, text)
			m.add(text.ids)
		}
	}
	if len(fresh) == 0 {
		return texts
	}
	m.pass.Causal = true
	h := o.target.Hidden(o.eval, m.pass)
	for i, text := range fresh {
		span := m.pass.Spans[i]
		states := h.Data[(span.Start+text.from-1)*h.Cols : (span.Start+span.Len)*h.Cols]
		now := given[text]
		now.states, now.likeliest = make([]uint16, len(states)), make([]int32, text.rows())
		kernel.NarrowHalf(now.states, states)
		for k, token := range o.target.Likeliest(o.eval, o.eval.Over(states, h.Cols)) {
			now.likeliest[k] = int32(token)
		}
	}
	out := slices.Clone(texts)
	for i, text := range texts {
		if now := given[text]; now != nil {
			out[i] = now
		}
	}
	for _, text := range fresh {
		now := given[text]
		if size := 2*len(now.states) + 4*len(now.likeliest); size <= o.room {
			o.room -= size
			text.states, text.likeliest = now.states, now.likeliest
		}
	}
	return out
}

// count counts the guesses of a depth that are right.
func (o *draftObjective) count(run *tensor.Run, split string, depth int, state *tensor.Tensor, rows, likeliest []int) {
	if o.hits[split] == nil {
		o.hits[split] = make([]tally, o.t.recipe.Train.Depth)
	}
	logits := run.Linear(state, o.rows)
	n := &o.hits[split][depth]
	for i, row := range rows {
		top := slices.Index(logits.Row(i), kernel.Max(logits.Row(i)))
		if n.all++; top >= 0 && o.model.Tokens[top] == likeliest[row] {
			n.right++
		}
	}
}

func (o *draftObjective) heldOut(ctx context.Context, split string) ([]work, error) {
	r := o.t.recipe
	sources, most := r.Data.Valid, r.Train.ValidTokens
	if split == "test" {
		sources, most = r.Data.Test, math.MaxInt
	}
	texts, err := o.conversations(ctx, sources)
	if err != nil {
		return nil, err
	}
	n := 0
	for i, text := range texts {
		if n += len(text.ids); n > most && i > 0 {
			texts = texts[:i]
			break
		}
	}
	if len(texts) == 0 {
		return nil, nil
	}
	w := o.work(texts, split)
	first := w.passes[0]
	w.passes[0] = func(run *tensor.Run) float64 {
		delete(o.hits, split) // of an earlier validation
		return first(run)
	}
	return []work{w}, nil
}

func (o *draftObjective) describe(c *card.Card, _, _ validation) (string, []map[string]any) {
	for split, depths := range o.hits {
		for i, n := range depths {
			c.Results[fmt.Sprintf("%s.right_%d", split, i+1)] = float64(n.right) / float64(max(1, n.all))
		}
	}
	return network.ArchitectureDraft, []map[string]any{o.model.Metadata(o.whose)}
}

// checkDraft reports what does not make sense for a draft head.
func (r *Recipe) checkDraft() error {
	n, t := r.Network, r.Train
	switch {
	case len(r.Data.Train) == 0:
		return errors.New("data.train names no file")
	case n.Target == "" || !filepath.IsLocal(n.Target):
		return fmt.Errorf("network.target is %q, want a model file below the data folder", n.Target)
	case n.FFN < 1 || n.FFN > 1<<16:
		return fmt.Errorf("network.ffn is %d, want 1 to %d", n.FFN, 1<<16)
	case n.Candidates < 2 || n.Candidates > 1<<20:
		return fmt.Errorf("network.candidates is %d, want 2 to %d", n.Candidates, 1<<20)
	case n.MaxLength < 2 || n.MaxLength > t.MicroTokens:
		return fmt.Errorf("network.max_length is %d, want 2 to %d (train.micro_tokens)", n.MaxLength, t.MicroTokens)
	case t.KeepStates < 0 || t.KeepStates > 1<<20:
		return fmt.Errorf("train.keep_states is %d, want 0 to %d (MB)", t.KeepStates, 1<<20)
	case t.Depth < 1 || t.Depth > 16:
		return fmt.Errorf("train.depth is %d, want 1 to 16", t.Depth)
	case !(t.DepthShare > 0 && t.DepthShare <= 1):
		return fmt.Errorf("train.depth_share is %g, want more than 0, at most 1", t.DepthShare)
	}
	return nil
}
