package align_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/stride-ml/stride/train/align"
)

// Two sounds, low and high, are told apart in utterances that say only their order; silence is between them at times.
func Example() {
	const silence, low, high = 0, 1, 2
	rng := rand.New(rand.NewPCG(1, 1))
	sound := func(frames ...float32) (x []float32) {
		for _, v := range frames {
			x = append(x, v+0.1*float32(rng.NormFloat64()))
		}
		return x
	}
	optional := []bool{false, true, false, false}
	us := []align.Utterance{
		{Features: sound(-5, -5, -5, -5, 0, 0, 0, 5, 5, 0, 0, 0), Units: []int{low, silence, high, silence}, Optional: optional},
		{Features: sound(-5, -5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0), Units: []int{low, silence, high, silence}, Optional: optional},
		{Features: sound(5, 5, 5, 5, 0, 0, -5, -5, -5, -5, 0, 0), Units: []int{high, silence, low, silence}, Optional: optional},
		{Features: sound(5, 5, 5, -5, -5, -5, 0, 0, 0, 0, 0, 0), Units: []int{high, silence, low, silence}, Optional: optional},
	}
	c := align.Config{Dim: 1, Classes: 3, States: 1, Components: 1, Iterations: 10}
	m, err := align.Train(context.Background(), us, c, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, u := range us {
		frames, _, err := m.Align(u)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(frames)
	}
	// Output:
	// [4 3 2 3]
	// [2 0 6 4]
	// [4 2 4 2]
	// [3 0 3 6]
}
