package measure_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// A metric of one's own: how many of the poems name the moon. It becomes a column of
// the table, the CSV and the JSON.
func ExampleMetric() {
	moon := measure.Metric{
		Name: "moon", Key: "moon_share", Title: "share of poems that name the moon", Kinds: []measure.Kind{measure.KindPoem},
		Percent: true, Better: measure.Nearer, // to real poems: more is no better
		Floor:   []measure.Bound{{Value: 0}},
		Ceiling: []measure.Bound{{Row: "real poems"}, {Row: "ar"}},
		Source:  "counted",
		Fooled:  "one character says it all",
		Of: func(_ context.Context, s measure.Set) (measure.Value, error) {
			var named []float64
			for _, x := range s.Objects {
				named = append(named, min(1, float64(strings.Count(x.Text, "月"))))
			}
			v := measure.Bare(measure.Mean(named))
			v.Low, v.High = measure.BootstrapMean(named, 0.95, s.Seed)
			return v, nil
		},
	}
	set := measure.Set{Objects: []measure.Made{{Text: "床前明月光\n疑是地上霜"}, {Text: "春眠不覺曉\n處處聞啼鳥"}}}
	v, err := moon.Of(context.Background(), set)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f %%\n", 100*v.Value)
	// Output: 50 %
}

func ExampleCompareOptions_metrics() {
	m, err := stride.Open("tang")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	var own measure.Metric // as in the example of Metric
	c, err := measure.Compare(context.Background(), m, measure.CompareOptions{Metrics: []measure.Metric{own}, Strategies: []string{"ar", "refine"}, Passes: []int{4}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(c.Table())
	fmt.Println(c.Advice())
}
