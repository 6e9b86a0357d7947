package measure

import (
	"fmt"
	"math"
	"strings"

	"github.com/stride-ml/stride/measure/speech"
)

// speakingColumns are the columns of what speech costs: before those of all
// objects, and after them.
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

func speechColumns() []column {
	columns := []column{
		percents("PER", func(r Row) float64 { return r.Speech.ErrorRate }),
		interval("95 %", "%.1f", 100, func(r Row) (float64, float64) { return r.Speech.ErrorLow, r.Speech.ErrorHigh }),
		percents("tones", func(r Row) float64 { return r.Speech.Tones.ErrorRate() }),
	}
	for i, f := range speech.Figures {
		format, scale := "%.2f", 1.
		if f.Name == "voicing" {
			format, scale = "%.1f %%", 100
		}
		columns = append(columns, numbers(f.Name, format, scale, func(r Row) float64 { return r.Speech.figure(i).Median }))
	}
	return columns
}

// speechFigures are the columns of the CSV.
var speechFigures = func() []figure {
	var out []figure
	for i, n := range []string{"stage_1_", "stage_2_"} {
		of := func(value func(StageCost) float64) func(r Row) float64 {
			return func(r Row) float64 {
				if i >= len(r.Speaking.Stages) {
					return math.NaN()
				}
				return value(r.Speaking.Stages[i])
			}
		}
		out = append(out, figure{n + "passes", of(func(s StageCost) float64 { return s.Passes })},
			figure{n + "passes_per_s", of(func(s StageCost) float64 { return s.PerSecond })})
	}
	out = append(out, figure{"first_sound_s", func(r Row) float64 { return r.Speaking.FirstSound }},
		figure{"sentence_s", func(r Row) float64 { return r.Speaking.Seconds }})
	out = append(out, spreads("times_real_time_", "", func(r Row) Summary { return r.Speaking.RealTime })...)
	rate := func(count func(speech.Edits) int) func(r Row) float64 {
		return func(r Row) float64 {
			return float64(count(r.Speech.Phones)) / positive(float64(r.Speech.Phones.Length))
		}
	}
	out = append(out,
		figure{"phone_error_rate", func(r Row) float64 { return r.Speech.ErrorRate }},
		figure{"phone_error_rate_low", func(r Row) float64 { return r.Speech.ErrorLow }},
		figure{"phone_error_rate_high", func(r Row) float64 { return r.Speech.ErrorHigh }},
		figure{"phone_substitutions", rate(func(e speech.Edits) int { return e.Substitutions })},
		figure{"phone_deletions", rate(func(e speech.Edits) int { return e.Deletions })},
		figure{"phone_insertions", rate(func(e speech.Edits) int { return e.Insertions })},
		figure{"tone_error_rate", func(r Row) float64 { return r.Speech.Tones.ErrorRate() }})
	units := map[string]string{"dB": "_db", "semitones": "_semitones"}
	for i, f := range speech.Figures {
		name := strings.ReplaceAll(strings.ToLower(f.Name), "-", "_") + "_"
		out = append(out, spreads(name, units[f.Unit], func(r Row) Summary { return r.Speech.figure(i) })...)
	}
	return out
}()
