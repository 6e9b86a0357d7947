package strategy

import (
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/golden"
)

// teactor is the lecture's example: two good answers, and what comes out when
// each half is drawn without seeing the other.
func teactor() *table {
	return newTable(map[string]float64{"▁te acher": 1, "▁ actor": 1})
}

// spring knows quatrains that share no character in the same place but one.
func spring() *table {
	return newTable(map[string]float64{
		"春眠不覺曉/處處聞啼鳥/夜來風雨聲/花落知多少": 3,
		"床前明月光/疑是地上霜/舉頭望明月/低頭思故鄉": 3,
		"白日依山盡/黃河入海流/欲窮千里目/更上一層樓": 2,
		"紅豆生南國/春來發幾枝/願君多采擷/此物最相思": 2,
		"空山不見人/但聞人語響":             1,
	})
}

func TestGoldenTraces(t *testing.T) {
	with := func(change func(*Options)) Options {
		o := tableOptions(7)
		change(&o)
		return o
	}
	lines := Constraint{Newline: nlToken, Lines: []int{5, 5, 5, 5}}
	fill := spring()
	fixed := map[int]int{2: fill.Token("明"), 6: fill.Token("疑"), 23: endToken}
	for _, c := range []struct {
		name, strategy string
		net            *table
		o              Options
	}{
		{"teactor_ar", "ar", teactor(), with(func(o *Options) { o.Seed = 1 })},
		{"teactor_nar", "nar", teactor(), with(func(o *Options) { o.Seed = 3 })},
		{"teactor_refine2", "refine", teactor(), with(func(o *Options) { o.Seed, o.Passes = 1, 2 })},
		{"spring_ar", "ar", spring(), tableOptions(7)},
		{"spring_nar_predicted", "nar", spring(), tableOptions(7)},
		{"spring_nar_fixed", "nar", spring(), with(func(o *Options) { o.Length, o.MaxLength = Fixed, 24 })},
		{"spring_refine8", "refine", spring(), with(func(o *Options) { o.Passes = 8 })},
		{"spring_refine8_linear", "refine", spring(), with(func(o *Options) { o.Passes, o.Schedule = 8, Linear })},
		{"spring_refine8_fixed", "refine", spring(), with(func(o *Options) { o.Passes, o.Length = 8, Fixed })},
		{"spring_refine8_remask", "refine", spring(), with(func(o *Options) { o.Passes, o.Remask = 8, true })},
		{"spring_refine8_noise", "refine", spring(), with(func(o *Options) { o.Passes, o.ConfidenceTemperature = 8, 1 })},
		{"spring_refine8_block6", "refine", spring(), with(func(o *Options) { o.Passes, o.Block = 8, 6 })},
		{"spring_acrostic_ar", "ar", fill, with(func(o *Options) {
			o.Constraint = lines
			o.Constraint.LineStarts = []int{fill.Token("白"), -1, fill.Token("欲")}
		})},
		{"spring_acrostic_refine4", "refine", fill, with(func(o *Options) {
			o.Constraint = lines
			o.Constraint.LineStarts = []int{fill.Token("白"), -1, fill.Token("欲")}
			o.Passes = 4
		})},
		{"spring_fill_refine4", "refine", fill, with(func(o *Options) { o.Constraint.Fixed, o.Passes = fixed, 4 })},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			for _, step := range finish(t, open(t, c.strategy, c.net, c.o)) {
				b.WriteString(step.String() + " | " + c.net.Text(step.Tokens) + "\n")
			}
			golden.Compare(t, c.name+".txt", b.String())
		})
	}
}
