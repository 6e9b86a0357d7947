package plot_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/stride-ml/stride/measure/plot"
)

func ExampleFrontier_Write() {
	f := plot.Frontier{
		Title:   "tang",
		Quality: "NLL under the judge (bits/char, lower is better)",
		Object:  "poem",
		Series: []plot.Series{
			{Name: "ar", Points: []plot.Point{{X: 0.021, Y: 7.3, Low: 7.2, High: 7.4}}},
			{Name: "refine", Points: []plot.Point{
				{X: 0.009, Y: 8.6, Label: "N=2"},
				{X: 0.034, Y: 7.8, Label: "N=8"},
			}},
		},
		Reference: 7.9, ReferenceName: "real poems",
	}
	var svg bytes.Buffer
	if err := f.Write(&svg, plot.SVG); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Contains(svg.Bytes(), []byte(">N=8</text>")))
	// Output: true
}

func ExampleLossCurve_Write() {
	l := plot.LossCurve{
		Title:    "tang",
		Elements: "tokens",
		Loss:     "loss (nats per token)",
		Train:    []plot.Point{{X: 0, Y: 9}, {X: 1e6, Y: 6.5}, {X: 2e6, Y: 6}},
		Valid:    []plot.Point{{X: 2e6, Y: 6.1}},
	}
	var picture bytes.Buffer
	if err := l.Write(&picture, plot.PNG); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", picture.Bytes()[1:4])
	// Output: "PNG"
}
