package measure

import (
	"fmt"
	"slices"
	"strings"
)

// speakingColumns are the columns of what speech costs: passes and speed.
func speakingColumns() (passes, speed []column) {
	of := func(head string, value func(StageCost) float64) column {
		return column{head, func(r Row) string {
			var cells []string
			for _, s := range r.Speaking.Stages {
				cells = append(cells, fmt.Sprintf("%.1f", value(s)))
			}
			return strings.Join(cells, " + ")
		}}
	}
	passes = []column{
		of("passes", func(s StageCost) float64 { return s.Passes }),
		of("passes/s", func(s StageCost) float64 { return s.PerSecond }),
	}
	speed = []column{
		numbers("first sound", "%.1f ms", 1e3, func(r Row) float64 { return r.Speaking.FirstSound }),
		numbers("x real time", "%.1f", 1, func(r Row) float64 { return r.Speaking.RealTime.Median }),
	}
	return passes, speed
}

// speakingFigures are those of what speech costs.
var speakingFigures = func() []figure {
	var out []figure
	for i, n := range []string{"stage_1_", "stage_2_"} {
		of := func(value func(*StageCost) *float64) func(r *Row) *float64 {
			return func(r *Row) *float64 {
				if i >= len(r.Speaking.Stages) {
					return nil
				}
				return value(&r.Speaking.Stages[i])
			}
		}
		out = append(out, figure{n + "passes", of(func(s *StageCost) *float64 { return &s.Passes })},
			figure{n + "passes_per_s", of(func(s *StageCost) *float64 { return &s.PerSecond })})
	}
	out = append(out, figure{"first_sound_s", func(r *Row) *float64 { return &r.Speaking.FirstSound }},
		figure{"sentence_s", func(r *Row) *float64 { return &r.Speaking.Seconds }})
	return slices.Concat(out, spreads("times_real_time_", "", func(r *Row) *Summary { return &r.Speaking.RealTime }))
}()
