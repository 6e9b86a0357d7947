package measure_test

import (
	"context"
	"fmt"
	"image"
	"log"
	"os"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/plot"
)

var spring = []measure.Poem{
	{"春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"},
	{"紅豆生南國", "春來發幾枝", "願君多采擷", "此物最相思"},
}

func ExampleTrainKneserNey() {
	m, err := measure.TrainKneserNey(3, slices.Values(spring))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("眠 after 春: %.2f\n", m.Prob("春", '眠'))
	fmt.Printf("鳥 after 春: %.2f\n", m.Prob("春", '鳥'))
	// Output:
	// 眠 after 春: 0.63
	// 鳥 after 春: 0.01
}

func ExampleMeasure() {
	judge, err := measure.TrainKneserNey(3, slices.Values(spring))
	if err != nil {
		log.Fatal(err)
	}
	asked, err := measure.ParseForm("五絕")
	if err != nil {
		log.Fatal(err)
	}
	sample := measure.Sample{
		Poem:  measure.ParsePoem("春眠不覺曉\n花落知多少\n春來風雨聲\n春鳥"),
		Ended: true,
		Asked: asked,
	}
	c := measure.Measure([]measure.Sample{sample}, judge, measure.NewCorpus(slices.Values(spring)))
	fmt.Printf("copied lines %.2f, unseen pairs %.2f\n", c.CopiedLines, c.UnseenPairs)
	fmt.Printf("lines right %.0f, lengths right %.0f\n", c.Form.Lines, c.Form.Lengths)
	// Output:
	// copied lines 0.50, unseen pairs 0.08
	// lines right 1, lengths right 0
}

func ExampleFormOf() {
	f, ok := measure.FormOf(spring[0])
	fmt.Println(f, f.Short, ok)
	// Output: 五言絕句 五絕 true
}

func ExampleSummarize() {
	seconds := []float64{0.21, 0.19, 0.35, 0.20, 0.22}
	s := measure.Summarize(seconds)
	fmt.Printf("%.2f s (%.2f to %.2f)\n", s.Median, s.Lower, s.Upper)
	// Output: 0.21 s (0.20 to 0.22)
}

func ExampleCompare() {
	m, err := stride.Open("tang")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	c, err := measure.Compare(context.Background(), m, measure.CompareOptions{
		Data:    "data", // holds tang/train.jsonl.gz and tang/test.jsonl.gz
		Passes:  []int{1, 4, 16},
		Planned: func(c *measure.Comparison) { fmt.Print(c.Forecast()) },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(c.Table())
	if err := c.WriteFrontier(os.Stdout, plot.SVG); err != nil {
		log.Fatal(err)
	}
}

func ExampleEvaluateLikelihood() {
	m, err := stride.Open("tang")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	l, err := measure.EvaluateLikelihood(context.Background(), m, "data/tang/test.jsonl.gz", true, 1000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f bits per character (%.3f to %.3f)\n", l.BitsPerChar, l.Low, l.High)
}

func ExampleOpenPictureJudge() {
	judge, err := measure.OpenPictureJudge("tiles-classifier")
	if err != nil {
		log.Fatal(err)
	}
	defer judge.Close()
	m, err := stride.Open("tiles")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for step, err := range m.Generate(context.Background(), stride.Prompt{Text: "a red dragon"}, stride.Refine(16)) {
		if err != nil {
			log.Fatal(err)
		}
		sights, err := judge.See([]*image.NRGBA{step.Object.(stride.Picture).Image})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("pass %d: %.2f nats for a red dragon, %.2f for a blue potion\n", step.Pass,
			judge.Score(sights[0], "a red dragon", "monster"), judge.Score(sights[0], "a blue potion", "item"))
	}
}
