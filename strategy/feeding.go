package strategy

import (
	"errors"
	"fmt"
)

// feeding is what a machine knows of the frames that it works on: those it was
// given, or those that the stage before it has settled so far.
type feeding struct {
	bands int
	fed   int  // values that came, in all
	whole bool // no more come
}

func newFeeding(frames []float32, bands int) (feeding, error) {
	if len(frames)%bands != 0 {
		return feeding{}, fmt.Errorf("%d values of frames, want whole frames of %d", len(frames), bands)
	}
	return feeding{bands: bands, fed: len(frames), whole: len(frames) > 0}, nil
}

// frames is how many came.
func (f *feeding) frames() int { return f.fed / f.bands }

// fresh takes a step of the stage before and returns the values that it settled.
func (f *feeding) fresh(s Step) (values []float32, err error) {
	if f.whole {
		return nil, errors.New("more frames for a sound that had all of them")
	}
	end := s.Start + len(s.Values)
	if s.Done && s.Settled < end {
		return nil, fmt.Errorf("frames are settled up to value %d, want all %d at the end", s.Settled, end)
	}
	if s.Settled > f.fed {
		if s.Start > f.fed || s.Settled > end || s.Settled%f.bands != 0 {
			return nil, fmt.Errorf("values %d to %d of frames, settled up to %d; want whole frames of %d from value %d on", s.Start, end, s.Settled, f.bands, f.fed)
		}
		values = s.Values[f.fed-s.Start : s.Settled-s.Start]
		f.fed = s.Settled
	}
	f.whole = s.Done
	return values, nil
}
