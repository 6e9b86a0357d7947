package picture_test

import (
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/stride-ml/stride/measure/picture"
)

// stripes returns n pictures of 16x16 pixels with stripes of a given contrast.
func stripes(n int, contrast float32) picture.Set {
	set := picture.Set{Width: 16, Height: 16}
	for i := range n {
		var p []float32
		for at := range 16 * 16 {
			v := contrast * float32(2*((at+i)%16/4%2)-1)
			p = append(p, v, v, v, 1)
		}
		set.Pictures = append(set.Pictures, p)
	}
	return set
}

func ExampleSlicedWasserstein() {
	real, faint := stripes(100, 1), stripes(50, 0.5)
	d, err := picture.SlicedWasserstein(faint, real, picture.PatchOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	floor, err := picture.RealFloor(real.Pictures, 50, 3, 1, func(a, b [][]float32) (float64, error) {
		d, err := picture.SlicedWasserstein(picture.Set{Width: 16, Height: 16, Pictures: a},
			picture.Set{Width: 16, Height: 16, Pictures: b}, picture.PatchOptions{Seed: 1})
		return d.Mean, err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("more than twice the distance of real pictures:", d.Mean > 2*slices.Max(floor))
	// Output: more than twice the distance of real pictures: true
}

func ExampleFrechet() {
	real := [][]float32{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}
	made := [][]float32{{2, 0}, {4, 0}, {3, -1}, {3, 1}} // as varied, and elsewhere
	d, err := picture.Frechet(made, real)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", d)
	// Output: 9.00
}

func ExampleSharpnessRatio() {
	ratio, err := picture.SharpnessRatio(stripes(10, 0.5), stripes(20, 1))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", ratio)
	// Output: 0.25
}

func ExampleNearest() {
	training := stripes(4, 1)
	made := stripes(2, 0.75)
	made.Pictures[0] = training.Pictures[2]
	matches, err := picture.Nearest(made, training)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range matches {
		fmt.Printf("training picture %d at %.3f\n", m.Index, m.Distance)
	}
	fmt.Println("near copies:", picture.NearCopies(matches, picture.CopyThreshold))
	// Output:
	// training picture 2 at 0.000
	// training picture 1 at 0.217
	// near copies: 0.5
}

func ExampleAccuracy() {
	captions := []string{"a red potion", "a blue potion", "a bat", "a tree"} // of pictures 0 to 3
	choices, err := picture.CaptionChoices(4, 4, captions, 1)
	if err != nil {
		log.Fatal(err)
	}
	shown := []string{"a red potion", "a red potion", "a bat", "a tree"} // what the judge sees
	scores, err := picture.Scores(choices, func(i int, caption string) (float64, error) {
		if caption == shown[i] {
			return 1, nil
		}
		if strings.HasSuffix(shown[i], "potion") && strings.HasSuffix(caption, "potion") {
			return 0.8, nil
		}
		return 0, nil
	})
	if err != nil {
		log.Fatal(err)
	}
	accuracy, err := picture.Accuracy(scores)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f, chance is %.2f\n", accuracy, 1.0/4)
	// Output: 0.75, chance is 0.25
}
