package stride_test

import (
	"context"
	"fmt"
	"image"
	"log"

	"github.com/stride-ml/stride"
)

// A program opens a model and watches an object come into being. In a program
// of your own, import the package of the bundled model it needs:
//
//	import _ "github.com/stride-ml/stride/models/tang"
//
// This example opens a tiny model that the tests have trained.
func Example() {
	m, err := stride.Open("tiny")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	prompt := stride.Prompt{Text: "春曉", Conditions: map[string]string{"form": "五絕"}}
	for step, err := range m.Generate(context.Background(), prompt, stride.AR(), stride.Temperature(0)) {
		if err != nil {
			log.Fatal(err)
		}
		if step.Pass%6 == 0 {
			fmt.Printf("pass %d: %q\n", step.Pass, step.Object)
		}
	}
	// Output:
	// pass 6: "春眠不覺曉\n"
	// pass 12: "春眠不覺曉\n處處聞啼鳥\n"
	// pass 18: "春眠不覺曉\n處處聞啼鳥\n夜來風雨聲\n"
	// pass 24: "春眠不覺曉\n處處聞啼鳥\n夜來風雨聲\n花落知多少"
}

// Text returns the finished object in one call, with what it cost.
func ExampleModel_Text() {
	m, err := stride.Open("tiny")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	text, stats, err := m.Text(context.Background(), stride.Prompt{Text: "春曉"}, stride.Temperature(0), stride.Seed(7))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	fmt.Printf("%s, %d passes, stride %.1f", stats.Strategy, stats.Passes, stats.Stride())
	// Output:
	// 春眠不覺曉
	// 處處聞啼鳥
	// 夜來風雨聲
	// 花落知多少
	// ar, 24 passes, stride 1.0
}

// A strategy that cannot do what is asked says so, and which can.
func ExampleUnsupportedError() {
	m, err := stride.Open("tiny")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	_, _, err = m.Text(context.Background(), stride.Prompt{Fill: "春眠不覺曉，＿＿聞啼鳥"}, stride.AR())
	fmt.Println(err)
	// Output:
	// tiny: strategy ar does not support fill-in; supported by: nar, refine
}

// A picture comes into being: by refine all pixels at once, sharper with every
// pass. The image of a step is the caller's own.
func ExampleModel_Generate_picture() {
	m, err := stride.Open("tiny-flow")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	prompt := stride.Prompt{Text: "a red cross"}
	var last *image.NRGBA
	for step, err := range m.Generate(context.Background(), prompt, stride.Refine(4), stride.Seed(1)) {
		if err != nil {
			log.Fatal(err)
		}
		last = step.Object.(stride.Picture).Image
		fmt.Printf("pass %d of %d, time %.2f: %v\n", step.Pass, step.Passes, step.Time, step.Object)
	}
	for y := range 8 {
		for x := range 8 {
			fmt.Print(map[bool]string{true: " #", false: " ."}[last.NRGBAAt(x, y).A > 0])
		}
		fmt.Println()
	}
	// Output:
	// pass 1 of 4, time 0.25: picture of 8x8 pixels
	// pass 2 of 4, time 0.50: picture of 8x8 pixels
	// pass 3 of 4, time 0.75: picture of 8x8 pixels
	// pass 4 of 4, time 1.00: picture of 8x8 pixels
	//  . . . . . . . .
	//  . . . # # . . .
	//  . . . # # . . .
	//  . # # # # # # .
	//  . # # # # # # .
	//  . . . # # . . .
	//  . . . # # . . .
	//  . . . . . . . .
}

// ScorePicture tells how likely a picture is to be that of a caption.
func ExampleModel_ScorePicture() {
	m, err := stride.Open("tiny-pixels")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	prompt := stride.Prompt{Text: "a red cross"}
	red, blue := shape("cross", red), shape("cross", blue)
	asked, err := m.ScorePicture(context.Background(), prompt, red)
	if err != nil {
		log.Fatal(err)
	}
	other, err := m.ScorePicture(context.Background(), prompt, blue)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(asked.Units, "pixels; the picture of the caption takes fewer bits:", asked.Bits < other.Bits)
	// Output:
	// 64 pixels; the picture of the caption takes fewer bits: true
}
