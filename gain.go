package stride

import (
	"context"
	"slices"
	"time"

	"github.com/stride-ml/stride/network"
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
// slots, 0 for 32 or as many as there can be. It takes under a second.
func (m *Model) Gain(ctx context.Context, length int) (GainResult, error) {
	r := GainResult{Length: length}
	if length == 0 {
		r.Length = min(32, m.members[0].card.MaxLength)
	}
	for _, e := range m.members {
		if err := e.weights(m.pool); err != nil {
			return r, err
		}
		prompt, err := e.format.Encode(e.tok, "", nil)
		if err != nil {
			return r, err
		}
		tokens := append(slices.Clone(prompt), make([]int, r.Length)...)
		slots := make([]int, r.Length)
		for i := range slots {
			slots[i] = len(prompt) + i
		}
		if e.masked != nil && r.Positions == 0 {
			d := network.NewMasked(e.masked, m.pool)
			perPass, err := medianTime(ctx, func() error { _, err := d.Logits(tokens, slots); return err })
			if err != nil {
				return r, err
			}
			r.Positions = float64(r.Length) / perPass
		}
		if e.trunk != nil && r.Elements == 0 {
			d := network.NewDecoder(e.trunk, m.pool)
			perResponse, err := medianTime(ctx, func() error {
				d.Rewind(0)
				if _, err := d.Extend(prompt); err != nil {
					return err
				}
				for i := range r.Length - 1 {
					if _, err := d.Extend(tokens[len(prompt)+i:][:1]); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return r, err
			}
			r.Elements = float64(r.Length) / perResponse
		}
	}
	if r.Elements > 0 {
		r.P = r.Positions / r.Elements
	}
	return r, nil
}

// medianTime calls f for a while and returns the median time of a call in
// seconds.
func medianTime(ctx context.Context, f func() error) (float64, error) {
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
	return times[len(times)/2], nil
}
