package network

// correction is one pass after the first over a sound that is being made: it takes
// the samples of the pass before and gives its own, some of them later.
type correction struct {
	bands   []float32 // magnitudes of frames (·,Bands) that are not used yet
	samples []float32 // of the pass before, from those on that a frame still sees
	base    int       // number of the first of them, a multiple of the hop
	came    int       // samples of the pass before, in all
	out     []float32 // room for what it gives to the next
	overlap
}

// push takes samples and appends to dst those that can be made now.
func (p *correction) push(dst, samples []float32, last bool, v *Vocoder) []float32 {
	hop, bands := p.c.Hop, v.model.Bands
	p.samples = append(p.samples, samples...)
	p.came += len(samples)
	// A frame needs all samples under its window; beyond the end they are reflected.
	ready := max(p.frames, (p.came-p.pad())/hop)
	if last {
		ready = p.came / hop
	}
	if first, n := p.frames, ready-p.frames; n > 0 {
		room := p.room(n)
		parts := max(1, min(len(v.parts), n/emitFrames))
		v.run.Each(parts, func(i int) {
			by := &v.parts[i]
			for t := n * i / parts; t < n*(i+1)/parts; t++ {
				frame := room[t*p.bins:][:p.bins]
				by.second.Frame(frame, p.samples, first+t-p.base/hop)
				by.mel.Correct(frame, p.bands[t*bands:][:bands])
			}
		})
		p.bands = p.bands[:copy(p.bands, p.bands[n*bands:])]
		if forget := max(0, (ready*hop-p.pad())/hop*hop) - p.base; forget > 0 {
			p.samples = p.samples[:copy(p.samples, p.samples[forget:])]
			p.base += forget
		}
	}
	return p.emit(dst, last, v)
}
