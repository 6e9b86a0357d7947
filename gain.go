package stride

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stride-ml/stride/strategy"
)

// GainResult is the measured parallel gain of a model on this machine.
type GainResult struct {
	// Positions is how many positions a second one full pass of the masked
	// network gives over a response of Length slots; 0 without such a network.
	Positions float64
	// Elements is how many elements a second cached autoregression gives; 0
	// without such a network.
	Elements float64
	// P is Positions / Elements: a refine of N passes can be faster than ar
	// only if N < P. 0 where either is missing.
	P float64
	// Length is the number of slots measured.
	Length int
}

// gainTime is how long each of the two speeds is measured.
const gainTime = 300 * time.Millisecond

// Gain measures the parallel gain over a response of the given number of
// slots, 0 for 32 or as many as there can be, or for a second of sound. Of
// pictures it is always that over all pixels: a pass is one evaluation of a whole
// picture. It takes under a second where a response does. Of a pipeline it is the
// first stage's.
func (m *Model) Gain(ctx context.Context, length int) (GainResult, error) {
	r := GainResult{Length: length}
	var info Info
	m.members[0].engine.describe(&info)
	switch most := m.members[0].card.MaxLength; {
	case info.Picture != nil:
		r.Length = most
	case length == 0 && info.Sound != nil:
		r.Length = info.Sound.second()
	case length == 0:
		r.Length = min(32, most)
	case length < 0:
		return r, badOption("length", fmt.Sprint(length), "0 or more slots")
	}
	for _, e := range m.members {
		for _, s := range e.card.Strategies {
			to := &r.Positions
			if leftToRight(s) {
				to = &r.Elements
			}
			if *to != 0 {
				continue
			}
			if err := e.weights(m.pool); err != nil {
				return r, err
			}
			err := guarded(func() (err error) {
				*to, err = e.engine.speed(ctx, m.pool, s, r.Length)
				return err
			})
			if err != nil {
				return r, fmt.Errorf("%s: %w", e.card.Name, err)
			}
		}
	}
	if r.Elements > 0 {
		r.P = r.Positions / r.Elements
	}
	return r, nil
}

// stepwise measures cached autoregression over a response of the given length to
// a prompt: elements a second. Which elements does not matter to the time.
func stepwise(ctx context.Context, net strategy.Causal, prompt []int, length int) (float64, error) {
	element := []int{0}
	return rate(ctx, length, func() error {
		net.Rewind(0)
		if _, err := net.Extend(prompt); err != nil {
			return err
		}
		for range length - 1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := net.Extend(element); err != nil {
				return err
			}
		}
		return nil
	})
}

// rate calls f, which goes through the given number of elements, for a while and
// returns how many it does in a second, by the median of the calls.
func rate(ctx context.Context, elements int, f func() error) (float64, error) {
	var times []float64
	for end := time.Now().Add(gainTime); len(times) < 3 || time.Now().Before(end); {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start).Seconds())
	}
	slices.Sort(times)
	return float64(elements) / times[len(times)/2], nil
}
