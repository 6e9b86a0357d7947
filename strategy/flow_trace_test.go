package strategy

import (
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/golden"
)

// What each choice does with a field that knows a ring (0) and a cross (1).
func TestGoldenFlowTraces(t *testing.T) {
	with := func(passes int, change func(*FlowOptions)) FlowOptions {
		o := flowOptions(1, passes)
		change(&o)
		return o
	}
	f := drawings(ring, cross)
	lower := make([]bool, 25)
	for i := 10; i < 25; i++ {
		lower[i] = true
	}
	for _, c := range []struct {
		name, strategy string
		o              FlowOptions
	}{
		{"flow_nar", "nar", flowOptions(1, 1)},
		{"flow_refine2", "refine", flowOptions(1, 2)},
		{"flow_refine8", "refine", flowOptions(1, 8)},
		{"flow_refine8_heun", "refine", with(8, func(o *FlowOptions) { o.Solver = Heun })},
		{"flow_refine9_heun", "refine", with(9, func(o *FlowOptions) { o.Solver = Heun })},
		{"flow_refine4_ring", "refine", with(4, func(o *FlowOptions) { o.Condition.Tokens = []int{0} })},
		{"flow_refine8_guided", "refine", with(8, func(o *FlowOptions) { o.Condition.Tokens, o.Guidance = []int{0}, 0.7 })},
		{"flow_refine4_strength", "refine", with(4, func(o *FlowOptions) { o.Init, o.Strength = f.Pictures[0], 0.7 })},
		{"flow_refine4_mask", "refine", with(4, func(o *FlowOptions) { o.Known, o.Mask = f.Pictures[0], lower })},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			for _, step := range finish(t, openFlow(t, c.strategy, f, c.o)) {
				b.WriteString(step.String() + " | " + draw(step.Values) + "\n")
			}
			golden.Compare(t, c.name+".txt", b.String())
		})
	}
}
