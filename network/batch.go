package network

import (
	"errors"
	"sync"
	"time"

	"github.com/stride-ml/stride/tensor"
)

// Batch lets several sequences share the passes of one set of weights, which are
// then read once for all of them. Its decoders are used as if each were alone,
// each by its own goroutine: a call that appends tokens joins the next pass and
// returns when they have gone through (continuous batching, Yu et al., Orca, OSDI
// 2022). What a sequence gets has the same bits whoever shares its passes.
//
// There is no goroutine behind it. Of those that wait one leads: it makes passes
// until its own tokens are through, then the next that waits leads. A pass takes
// all sequences with few tokens and so much of the prompts as keeps it short, in
// the order in which they came, so that none waits for a long prompt to end.
// Before a pass the leader waits, for at most a quarter of what the last one took,
// for the sequences of that one to come back: they draw their tokens meanwhile.
type Batch struct {
	trunk *Trunk
	run   *tensor.Run
	kind  tensor.CacheType

	lock    sync.Mutex
	queue   []*Decoder // that wait, or are in the pass
	leading bool       // one of them, or is about to
	missing int        // decoders that missed says are awaited
	arrived chan struct{}
	free    []*slab

	// Of the leader alone.
	pass      []*Decoder
	ids       []int
	positions []int
	spans     []tensor.CachedSpan
	rows      []int
	took      time.Duration // the last pass
}

// A pass has at most aloneRows rows of one sequence, or sharedRows of several
// where at most fewRows are of a sequence that is not a prompt.
const (
	aloneRows  = 512
	sharedRows = 256
	fewRows    = 16
)

// NewBatch returns a batch whose decoders store their keys and values in the given
// type. The trunk's weights must not change while it is used.
func NewBatch(t *Trunk, pool *tensor.Pool, kind tensor.CacheType) *Batch {
	return &Batch{trunk: t, run: tensor.NewRun(pool), kind: kind, arrived: make(chan struct{}, 1)}
}

// NewDecoder returns a decoder with an empty cache.
func (b *Batch) NewDecoder() *Decoder {
	return &Decoder{batch: b, cache: newCache(b.trunk.Config, b.kind), wake: make(chan struct{}, 1)}
}

// extend returns when the decoder's tokens are through.
func (b *Batch) extend(d *Decoder) {
	b.lock.Lock()
	b.meet(d)
	if d.slab != nil {
		b.drop(d.slab)
		d.slab = nil
	}
	b.queue = append(b.queue, d)
	wait := b.leading
	b.leading = true
	b.lock.Unlock()
	if wait {
		b.announce()
		<-d.wake
	}
	// Woken because it is through, or to lead.
	if !d.over {
		b.lead(d)
	}
}

// meet notes that a decoder is back, or is not coming back. The lock is held.
func (b *Batch) meet(d *Decoder) {
	if d.missed {
		d.missed = false
		b.missing--
	}
}

func (b *Batch) leave(d *Decoder) {
	b.lock.Lock()
	b.meet(d)
	b.lock.Unlock()
	b.announce()
}

// announce tells a leader that waits to look again.
func (b *Batch) announce() {
	select {
	case b.arrived <- struct{}{}:
	default:
	}
}

// lead makes passes until d is through, then lets the next one lead.
func (b *Batch) lead(d *Decoder) {
	defer func() {
		b.lock.Lock()
		defer b.lock.Unlock()
		if !d.over { // a panic is on its way up
			b.abandon(d)
		}
		if b.leading = len(b.queue) > 0; b.leading {
			b.queue[0].wake <- struct{}{}
		}
	}()
	for !d.over {
		b.gather()
		b.choose(d)
		if len(b.pass) > 0 {
			b.evaluate(d)
		}
	}
}

var errAbandoned = errors.New("network: another sequence of the pass failed")

// abandon ends all sequences of a pass that did not end.
func (b *Batch) abandon(d *Decoder) {
	for _, other := range b.pass {
		b.finish(other, d, errAbandoned)
	}
	if !d.over {
		b.finish(d, d, errAbandoned)
	}
}

// gather waits until all sequences of the last pass are back, or long enough.
func (b *Batch) gather() {
	b.lock.Lock()
	missing := b.missing
	b.lock.Unlock()
	if missing == 0 {
		return
	}
	timer := time.NewTimer(b.took / 4)
	defer timer.Stop()
	for missing > 0 {
		select {
		case <-b.arrived:
		case <-timer.C:
			// Those that are late are not waited for again until they are back.
			b.lock.Lock()
			for _, d := range b.pass {
				b.meet(d)
			}
			b.lock.Unlock()
			return
		}
		b.lock.Lock()
		missing = b.missing
		b.lock.Unlock()
	}
}

// choose says who takes part in the next pass, with how many rows, and ends those
// that were cancelled.
func (b *Batch) choose(leader *Decoder) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.pass = b.pass[:0]
	for i := 0; i < len(b.queue); {
		if d := b.queue[i]; d.cancelled() {
			b.finish(d, leader, d.ctx.Err())
			continue
		}
		i++
	}
	room := sharedRows
	if len(b.queue) == 1 {
		room = aloneRows
	}
	for _, prompts := range []bool{false, true} {
		for _, d := range b.queue {
			if left := len(d.fed) - d.passed; room > 0 && (left > fewRows) == prompts {
				d.rows = min(left, room)
				room -= d.rows
				b.pass = append(b.pass, d)
			}
		}
	}
}

// finish ends a decoder's wait. The lock is held.
func (b *Batch) finish(d, leader *Decoder, err error) {
	for i, other := range b.queue {
		if other == d {
			b.queue = append(b.queue[:i], b.queue[i+1:]...)
			break
		}
	}
	d.err, d.over = err, true
	if d != leader {
		d.wake <- struct{}{}
	}
}

// evaluate makes one pass.
func (b *Batch) evaluate(leader *Decoder) {
	start := time.Now()
	b.ids, b.positions = b.ids[:0], b.positions[:0]
	for _, d := range b.pass {
		b.ids = append(b.ids, d.fed[d.passed:d.passed+d.rows]...)
		for i := range d.rows {
			b.positions = append(b.positions, d.cache.n+i)
		}
	}
	b.run.Reset(0)
	h := b.trunk.hidden(b.run, Pass{IDs: b.ids, Positions: b.positions}, b)
	if h == nil {
		return // stopped: the next choice ends those that were cancelled
	}
	b.deliver(h)
	b.took = time.Since(start)
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, d := range b.pass {
		d.cache.n += d.rows
		d.tokens = append(d.tokens, d.fed[d.passed:d.passed+d.rows]...)
		if d.passed += d.rows; d.passed == len(d.fed) {
			b.finish(d, leader, nil)
			d.missed = true
			b.missing++
		}
	}
}

// attend implements attender for the sequences of a pass.
func (b *Batch) attend(r *tensor.Run, layer int, q, k, v *tensor.Tensor, shape tensor.AttentionShape) *tensor.Tensor {
	b.spans = b.spans[:0]
	start := 0
	for _, d := range b.pass {
		b.spans = append(b.spans, d.cache.take(layer, start, d.rows))
		start += d.rows
	}
	return r.AttentionCached(q, k, v, shape, b.spans)
}

func (b *Batch) stopped() bool {
	for _, d := range b.pass {
		if !d.cancelled() {
			return false
		}
	}
	return true
}

// deliver computes what each sequence wants of its rows of h, with one product
// for the logits of all.
func (b *Batch) deliver(h *tensor.Tensor) {
	b.rows = b.rows[:0]
	start := 0
	for _, d := range b.pass {
		first := start
		start += d.rows
		switch last := d.passed+d.rows == len(d.fed); {
		case d.wants == wantLosses:
			b.score(d, h, first)
			continue
		case d.wants == wantLast && !last:
			continue
		case d.wants == wantLast:
			first = start - 1
		}
		for i := first; i < start; i++ {
			b.rows = append(b.rows, i)
		}
		d.states = append(d.states, h.Data[first*h.Cols:start*h.Cols]...)
	}
	if len(b.rows) == 0 {
		return
	}
	v := b.trunk.Vocab
	if len(b.pass) == 1 {
		b.trunk.project(b.run, b.pass[0].room(v), h.Data[b.rows[0]*h.Cols:(b.rows[len(b.rows)-1]+1)*h.Cols])
		return
	}
	shared := b.slab(len(b.rows) * v)
	b.trunk.project(b.run, shared.logits, b.run.Gather(h, b.rows).Data)
	logits := shared.logits
	for _, d := range b.pass {
		n := 0
		switch last := d.passed+d.rows == len(d.fed); {
		case d.wants == wantAll && d.rows < len(d.fed):
			n = copy(d.room(v), logits)
		case d.wants == wantAll, d.wants == wantLast && last:
			n = d.count() * v
			d.logits, d.slab = logits[:n:n], shared
			shared.users++ // none of them is through yet
		}
		logits = logits[n:]
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	b.drop(shared)
}

// slab is the logits of a pass that sequences share. It is used anew once nobody
// looks at them any more.
type slab struct {
	logits []float32
	users  int
}

// slab returns one of n logits, with whoever asked for it as its user.
func (b *Batch) slab(n int) *slab {
	b.lock.Lock()
	defer b.lock.Unlock()
	var s *slab
	if last := len(b.free) - 1; last >= 0 {
		s, b.free = b.free[last], b.free[:last]
	} else {
		s = &slab{}
	}
	if cap(s.logits) < n {
		s.logits = make([]float32, n)
	}
	s.logits, s.users = s.logits[:n], 1
	return s
}

// drop notes that a user does not look at a slab any more. The lock is held.
func (b *Batch) drop(s *slab) {
	if s.users--; s.users == 0 {
		b.free = append(b.free, s)
	}
}

// count is how many rows of logits a decoder wants in all.
func (d *Decoder) count() int {
	if d.wants == wantAll {
		return len(d.fed)
	}
	return 1
}

// room is where the logits of the rows in progress go, memory of the decoder's own.
func (d *Decoder) room(vocab int) []float32 {
	n := d.count() * vocab
	if cap(d.own) < n {
		d.own = make([]float32, n)
	}
	d.logits = d.own[:n]
	if d.wants == wantAll {
		return d.logits[d.passed*vocab : (d.passed+d.rows)*vocab]
	}
	return d.logits
}

// score writes the losses of the rows whose next token is known.
func (b *Batch) score(d *Decoder, h *tensor.Tensor, start int) {
	n := min(d.rows, len(d.fed)-1-d.passed)
	if n > 0 {
		rows := b.run.Over(h.Data[start*h.Cols:(start+n)*h.Cols], h.Cols)
		b.trunk.score(b.run, rows, d.fed[d.passed+1:d.passed+1+n], d.nll[d.passed:d.passed+n])
	}
}
