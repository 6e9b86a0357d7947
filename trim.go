package stride

// Trim gives back the buffers that are kept for the next generation: keys and
// values of earlier prompts, and those of activations. The next generation of each
// strategy makes new ones, so that a program may see what one holds. Generations
// that are under way keep theirs.
func (m *Model) Trim() {
	for _, e := range m.members {
		e.engine.trim()
	}
	for _, stage := range m.Stages() {
		stage.Trim()
	}
	m.pool.Each(2, func(int) {}) // a pool holds on to what it worked on last
}

// trim forgets all free evaluators.
func (e evaluators[E]) trim() {
	for {
		select {
		case <-e.free:
		default:
			return
		}
	}
}

// trim forgets all free decoders, and what they share.
func (d *decoders) trim() {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.free, d.batches = nil, nil
}

// Engines forget the evaluators that are free.

func (e *causal) trim() {
	e.decoders.trim()
	e.drafts.trim()
}
func (m *masked) trim()    { m.nets.trim() }
func (p *pixels) trim()    { p.nets.trim() }
func (f *flows) trim()     { f.nets.trim() }
func (a *acoustics) trim() { a.nets.trim() }
func (v *vocoders) trim()  { v.nets.trim() }
func (w *waveNets) trim()  { w.nets.trim() }
