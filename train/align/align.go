package align

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Utterance is what was heard and what was said.
type Utterance struct {
	Features []float32 // (T,Dim)
	Units    []int     // classes, in the order said
	// Optional are units that may not be there, such as rests between words. A nil one is none.
	Optional []bool
}

func (u *Utterance) optional(i int) bool { return u.Optional != nil && u.Optional[i] }

// maxCells bounds frames times places, which take 12 bytes each.
const maxCells = 1 << 25

// check tells what of an utterance cannot be aligned.
func (c *Config) check(u *Utterance) error {
	if len(u.Features) == 0 || len(u.Features)%c.Dim != 0 {
		return fmt.Errorf("%d values of features, want frames of %d", len(u.Features), c.Dim)
	}
	if len(u.Units) == 0 {
		return errors.New("no units")
	}
	if u.Optional != nil && len(u.Optional) != len(u.Units) {
		return fmt.Errorf("optional has %d values for %d units", len(u.Optional), len(u.Units))
	}
	frames, need, least, places := len(u.Features)/c.Dim, 0, math.MaxInt, 0
	for i, class := range u.Units {
		if class < 0 || class >= c.Classes {
			return fmt.Errorf("unit %d is of class %d, want 0 to %d", i, class, c.Classes-1)
		}
		if !u.optional(i) {
			need += c.least(class)
		}
		least = min(least, c.least(class))
		places += max(c.least(class), c.States)
	}
	if need = max(need, least); frames < need {
		return fmt.Errorf("%d frames are too short for %d units, which take at least %d", frames, len(u.Units), need)
	}
	if places > maxCells/frames {
		return fmt.Errorf("%d frames of %d units are too long, want parts of it", frames, len(u.Units))
	}
	for i, v := range u.Features {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("value %d of frame %d is %g", i%c.Dim, i/c.Dim, v)
		}
	}
	return nil
}

// Align gives the number of frames of each unit on the most likely path, which sum to T, and the logarithm of its density
// over T, which is low for what was not said so. An optional unit that is not there has 0 frames.
func (m *Model) Align(u Utterance) (frames []int, logLikelihoodPerFrame float64, err error) {
	if err := m.c.check(&u); err != nil {
		return nil, 0, fmt.Errorf("align: %w", err)
	}
	l := m.lay(&u)
	var v viterbi
	total := v.search(m, &u, l)
	frames = make([]int, len(u.Units))
	for _, p := range v.path {
		frames[l.unit[p]]++
	}
	return frames, total / float64(len(v.path)), nil
}

// line is an utterance as a line of places, at least as many a unit as it has states or takes frames.
type line struct {
	unit  []int // of each place
	state []int // of each place, an index of Model.states
	first []int // place of each unit, and the number of places
	early []int // of each unit, the first place whence one may go to its last
}

func (m *Model) lay(u *Utterance) *line {
	l := &line{first: make([]int, 0, len(u.Units)+1), early: make([]int, 0, len(u.Units))}
	for i, class := range u.Units {
		least := m.c.least(class)
		places := max(least, m.c.States)
		l.first = append(l.first, len(l.unit))
		l.early = append(l.early, len(l.unit)+max(least-2, 0))
		for p := range places {
			l.unit = append(l.unit, i)
			l.state = append(l.state, class*m.c.States+p*m.c.States/places)
		}
	}
	l.first = append(l.first, len(l.unit))
	return l
}

// beams are how far the logarithm of the density of a path may be behind the best of its time to be followed: the first
// with which a path reaches the end.
var beams = []float64{250, 1000, math.Inf(1)}

// viterbi finds the most likely path. It keeps its memory from one utterance to the next.
type viterbi struct {
	x      []float64 // (T,Dim)
	logs   []float64 // of the Gaussians of a state
	column []int     // of each place in heard, the same for those of a state
	heard  []float64 // (T,columns) logarithms of the densities of a frame in a state, not a number before they are needed
	score  []float64 // of the best path that ends in each place
	enter  []float64 // of the best path that can enter each unit, and the end
	from   []int32   // where that one is, a place
	back   []int32   // (T,places) the place before
	path   []int32   // (T) places
}

// search sets path and returns the logarithm of its density. The utterance has passed check, so there is one.
func (v *viterbi) search(m *Model, u *Utterance, l *line) float64 {
	v.load(u)
	v.listen(m, l, len(v.x)/m.c.Dim)
	end := len(u.Units)
	for _, beam := range beams {
		v.follow(m, u, l, beam)
		if !math.IsInf(v.enter[end], -1) {
			break
		}
	}
	for t, p := len(v.path)-1, v.from[end]; t >= 0; t-- {
		v.path[t] = p
		p = v.back[t*len(l.unit)+int(p)]
	}
	return v.enter[end]
}

// load sets x.
func (v *viterbi) load(u *Utterance) {
	v.x = resize(v.x, len(u.Features))
	for i, f := range u.Features {
		v.x[i] = float64(f)
	}
}

// listen makes room for what will be heard.
func (v *viterbi) listen(m *Model, l *line, frames int) {
	v.logs, v.column = resize(v.logs, m.c.Components), resize(v.column, len(l.unit))
	columns := make(map[int]int)
	for p, s := range l.state {
		if _, ok := columns[s]; !ok {
			columns[s] = len(columns)
		}
		v.column[p] = columns[s]
	}
	v.heard = resize(v.heard, frames*len(columns))
	for i := range v.heard {
		v.heard[i] = math.NaN()
	}
	v.score, v.enter, v.from = resize(v.score, len(l.unit)), resize(v.enter, len(l.first)), resize(v.from, len(l.first))
	v.back, v.path = resize(v.back, frames*len(l.unit)), resize(v.path, frames)
}

// follow sets back, and enter of the end, by the paths within the beam.
func (v *viterbi) follow(m *Model, u *Utterance, l *line, beam float64) {
	for p := range v.score {
		v.score[p] = math.Inf(-1)
	}
	least := math.Inf(-1)
	for t := range v.path {
		v.arrive(m, u, l, t == 0)
		v.step(m, u, l, t, least)
		least = slices.Max(v.score) - beam
	}
	v.arrive(m, u, l, false)
}

// arrive sets enter and from, out of the scores of the frame before: what leaves a unit enters the next, and what could
// enter an optional unit may pass by it.
func (v *viterbi) arrive(m *Model, u *Utterance, l *line, begin bool) {
	best, from := math.Inf(-1), int32(0)
	if begin {
		best = 0
	}
	for i := range l.first {
		v.enter[i], v.from[i] = best, from
		if i == len(u.Units) {
			break
		}
		if u.optional(i) {
			taken := m.taken[u.Units[i]]
			v.enter[i] += math.Log(taken)
			best += math.Log(1 - taken)
		} else {
			best = math.Inf(-1)
		}
		first, last := l.first[i], l.first[i+1]-1
		if out := v.score[last] + m.states[l.state[last]].move[next]; out > best {
			best, from = out, int32(last)
		}
		if m.c.least(u.Units[i]) == 1 && first < last {
			if out := v.score[first] + m.states[l.state[first]].move[leave]; out > best {
				best, from = out, int32(first)
			}
		}
	}
}

// step sets the scores of frame t; going backwards, a place still finds those of the frame before in the places before it.
// Paths of less than the least score end here.
func (v *viterbi) step(m *Model, u *Utterance, l *line, t int, least float64) {
	back := v.back[t*len(l.unit):]
	for i := range u.Units {
		first, last := l.first[i], l.first[i+1]-1
		for p := last; p >= first; p-- {
			best, from := v.score[p]+m.states[l.state[p]].move[stay], p
			if p > first {
				if score := v.score[p-1] + m.states[l.state[p-1]].move[next]; score > best {
					best, from = score, p-1
				}
			} else if v.enter[i] > best {
				best, from = v.enter[i], int(v.from[i])
			}
			if p == last {
				for q := l.early[i]; q < last-1; q++ {
					if score := v.score[q] + m.states[l.state[q]].move[skip]; score > best {
						best, from = score, q
					}
				}
			}
			v.score[p], back[p] = math.Inf(-1), int32(from)
			if best > least {
				v.score[p] = best + v.hear(m, l, t, p)
			}
		}
	}
}

// hear is the logarithm of the density of frame t in a place.
func (v *viterbi) hear(m *Model, l *line, t, place int) float64 {
	h := &v.heard[t*(len(v.heard)/len(v.path))+v.column[place]]
	if math.IsNaN(*h) {
		*h = m.states[l.state[place]].log(v.x[t*m.c.Dim:(t+1)*m.c.Dim], v.logs)
	}
	return *h
}

// resize gives a slice of length n, with any values.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
