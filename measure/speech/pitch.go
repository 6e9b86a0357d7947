package speech

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// Pitch says how far the melody of what was made is from that of the reference.
type Pitch struct {
	// RMSE is the root mean square of the difference of the logarithms of F0 in
	// semitones, over steps that are voiced in both; NaN without any.
	RMSE float64
	// Voicing is the share of steps that are voiced in one and not in the other, 0
	// to 1.
	Voicing float64
	Voiced  int // steps that are voiced in both
}

// ComparePitch compares F0 and voicing, as audio.F0 estimates them, along the path.
//
// The root mean square is at the mercy of octave errors of the estimate, 12
// semitones each: one in a hundred steps makes 1.2 semitones of none. Steps that are
// voiced in one sound alone do not count in it, so it says little where Voicing is
// high. A voice that speaks as high as the reference all through has a Voicing
// error and may have a low RMSE; a monotone voice at the mean has the deviation of
// the reference, some 2 or 3 semitones. Speech with a melody of its own, however
// good, has no less: compare it with the RMSE of another good reading. A frame of
// 50 ms smooths what changes faster, so a rough voice is as good as a clear one
// while it counts as voiced.
//
// Errors are those of [MelCepstralDistortion].
func ComparePitch(reference, made audio.Sound, path Path) (Pitch, error) {
	p, err := comparePitch(reference, made, path)
	if err != nil {
		return Pitch{}, fmt.Errorf("pitch: %w", err)
	}
	return p, nil
}

func comparePitch(reference, made audio.Sound, path Path) (Pitch, error) {
	err := checkPair(reference, made)
	if err == nil {
		err = checkPath(path, reference, made)
	}
	if err != nil {
		return Pitch{}, err
	}
	a, err := audio.F0(reference, mels.Hop)
	if err != nil {
		return Pitch{}, err
	}
	b, err := audio.F0(made, mels.Hop)
	if err != nil {
		return Pitch{}, err
	}
	return melody(a, b, path), nil
}

// melody compares pitches along a path that lies within them.
func melody(a, b []audio.Pitch, path Path) Pitch {
	var p Pitch
	var squares float64
	var differ int
	for _, s := range path {
		x, y := a[s.Reference], b[s.Made]
		if x.Voiced != y.Voiced {
			differ++
		}
		if x.Voiced && y.Voiced {
			d := 12 * math.Log2(float64(y.Hz)/float64(x.Hz))
			squares += d * d
			p.Voiced++
		}
	}
	p.RMSE = math.Sqrt(squares / float64(p.Voiced))
	p.Voicing = float64(differ) / float64(len(path))
	return p
}
