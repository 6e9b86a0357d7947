package tensor

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// task is work cut into parts. run is called once for each part, by whichever
// worker takes it; parts must not touch each other's outputs.
type task interface {
	run(part, parts int)
}

// Pool is a fixed set of workers that run the parts of one task at a time.
// A worker without work spins for a short while, since the next operation of a
// pass is microseconds away, and then parks. Methods may be called by several
// goroutines; tasks then run one after another.
type Pool struct {
	size   int
	busy   sync.Mutex    // one task at a time
	task   task          // written before state, read after a part was taken
	state  atomic.Uint64 // epoch<<32 | parts<<16 | next part
	left   atomic.Int64  // parts not yet finished
	idle   sync.Mutex
	cond   *sync.Cond
	parked atomic.Int64
	closed atomic.Bool
	done   sync.WaitGroup
}

const (
	// spinHot is how many looks a worker takes without giving way, about
	// 50 µs; spinWarm how many more it takes offering its thread to other
	// goroutines each time, about 1 ms. A worker that parks is woken on the
	// caller's core where other programs keep the rest busy, and shares it.
	spinHot  = 20000
	spinWarm = 5000
	maxParts = 1<<16 - 1
)

// NewPool starts a pool of n workers, the caller counted; n < 1 means one for
// each processor that Go may use. Close stops it.
func NewPool(n int) *Pool {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	p := &Pool{size: n}
	p.cond = sync.NewCond(&p.idle)
	for range n - 1 {
		p.done.Add(1)
		go p.work()
	}
	return p
}

// Size is the number of workers, the caller counted.
func (p *Pool) Size() int { return p.size }

// Close stops the workers and waits for them. The pool must be idle, and is
// not used afterwards. Closing twice is harmless.
func (p *Pool) Close() {
	p.idle.Lock()
	p.closed.Store(true)
	p.cond.Broadcast()
	p.idle.Unlock()
	p.done.Wait()
}

// do runs t cut into the given number of parts and returns when all are done.
func (p *Pool) do(t task, parts int) {
	if parts <= 1 || p.size == 1 {
		for i := range parts {
			t.run(i, parts)
		}
		return
	}
	if parts > maxParts {
		panic("tensor: a task has too many parts")
	}
	p.busy.Lock()
	defer p.busy.Unlock()
	p.task = t
	p.left.Store(int64(parts))
	epoch := p.state.Load()>>32 + 1
	p.state.Store(epoch<<32 | uint64(parts)<<16)
	if p.parked.Load() > 0 {
		p.idle.Lock()
		p.cond.Broadcast()
		p.idle.Unlock()
	}
	p.take(epoch)
	for i := 0; p.left.Load() != 0; i++ {
		if i > spinHot {
			runtime.Gosched()
		}
	}
}

// take runs parts of the given epoch's task until none is left to start. A
// part is taken by a compare-and-swap that includes the epoch, so a late worker
// cannot take from the next task what it meant to take from this one.
func (p *Pool) take(epoch uint64) {
	for {
		s := p.state.Load()
		parts, next := s>>16&maxParts, s&maxParts
		if s>>32 != epoch&(1<<32-1) || next >= parts {
			return
		}
		if p.state.CompareAndSwap(s, s+1) {
			p.task.run(int(next), int(parts))
			p.left.Add(-1)
		}
	}
}

// work is a worker's life: wait for an epoch it has not seen, take parts.
func (p *Pool) work() {
	defer p.done.Done()
	var seen uint64
	for {
		for i := 0; p.state.Load()>>32 == seen; i++ {
			if p.closed.Load() {
				return
			}
			if i < spinHot {
				continue
			}
			if i < spinHot+spinWarm {
				runtime.Gosched()
				continue
			}
			p.park(seen)
		}
		seen = p.state.Load() >> 32
		p.take(seen)
	}
}

// park sleeps until the epoch is no longer seen or the pool is closed.
func (p *Pool) park(seen uint64) {
	p.idle.Lock()
	p.parked.Add(1)
	for p.state.Load()>>32 == seen && !p.closed.Load() {
		p.cond.Wait()
	}
	p.parked.Add(-1)
	p.idle.Unlock()
}

// Each calls f(0), f(1) ... f(parts-1) on the workers and returns when all have
// returned.
func (p *Pool) Each(parts int, f func(part int)) { p.do(funcTask(f), parts) }

type funcTask func(part int)

func (f funcTask) run(part, _ int) { f(part) }
