package command

import (
	"encoding/json"
	"math"
	"time"

	"github.com/stride-ml/stride"
)

// marksFile tells a program what is heard when. The names of its fields do not
// change. Times are in seconds from the beginning of the sound, offset and length
// in bytes of text.
type marksFile struct {
	Text     string      `json:"text"`
	Model    string      `json:"model"`
	Language string      `json:"language,omitempty"`
	Sound    string      `json:"sound,omitempty"` // name of the file
	Rate     int         `json:"rate"`            // samples a second
	Seconds  float64     `json:"seconds"`
	Words    []wordMark  `json:"words"`
	Phones   []phoneMark `json:"phones"`
	Rests    []phoneMark `json:"rests"`
	Stats    soundStats  `json:"stats"`
	Choice   *budgetJSON `json:"choice,omitempty"` // with --budget or --quality
}

// wordMark is a word as written.
type wordMark struct {
	Word   string  `json:"word"`
	Start  float64 `json:"start"`
	End    float64 `json:"end"`
	Offset int     `json:"offset"`
	Length int     `json:"length"`
}

// phoneMark is a phone of the word at offset, or a rest.
type phoneMark struct {
	Phone  string  `json:"phone"`
	Start  float64 `json:"start"`
	End    float64 `json:"end"`
	Offset int     `json:"offset"`
	Length int     `json:"length"`
}

// soundStats are the figures of the summary line.
type soundStats struct {
	Strategy   string       `json:"strategy"`
	Passes     int          `json:"passes"`
	Samples    int          `json:"samples"`
	FirstSound float64      `json:"first_sound_ms"`
	Total      float64      `json:"total_ms"`
	RealTime   float64      `json:"times_real_time"`
	Seed       uint64       `json:"seed"`
	Stopped    string       `json:"stopped"`
	Stages     []stageStats `json:"stages,omitempty"`
}

// stageStats are those of a stage of a pipeline.
type stageStats struct {
	Model    string  `json:"model"`
	Strategy string  `json:"strategy"`
	Passes   int     `json:"passes"`
	Elements int     `json:"elements"`
	Busy     float64 `json:"busy_ms"`
}

func newMarksFile(text, sound string, info stride.Info) *marksFile {
	return &marksFile{
		Text: text, Model: info.Name, Language: info.Sound.Language, Sound: sound, Rate: info.Sound.Rate,
		Words: []wordMark{}, Phones: []phoneMark{}, Rests: []phoneMark{},
	}
}

// add takes marks that follow.
func (f *marksFile) add(marks []stride.Mark) {
	for _, m := range marks {
		start, end := seconds(m.Start), seconds(m.End)
		switch m.Kind {
		case stride.MarkWord:
			f.Words = append(f.Words, wordMark{m.Text, start, end, m.Offset, m.Length})
		case stride.MarkPhone:
			f.Phones = append(f.Phones, phoneMark{m.Text, start, end, m.Offset, m.Length})
		case stride.MarkRest:
			f.Rests = append(f.Rests, phoneMark{m.Text, start, end, m.Offset, m.Length})
		}
	}
}

func (f *marksFile) encode() ([]byte, error) {
	data, err := json.MarshalIndent(f, "", "  ")
	return append(data, '\n'), err
}

// seconds are rounded to a tenth of a millisecond.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e4) / 1e4 }

// newSoundStats are the figures of a sound of so many samples.
func newSoundStats(s stride.Stats, made progress) soundStats {
	out := soundStats{
		Strategy: s.Strategy, Passes: s.Passes, Samples: made.samples, FirstSound: milliseconds(made.first), Total: milliseconds(s.Total),
		RealTime: math.Round(100*made.realTime(s.Total)) / 100, Seed: s.Seed, Stopped: s.Stopped,
	}
	for _, t := range s.Stages {
		out.Stages = append(out.Stages, stageStats{t.Model, t.Strategy, t.Passes, t.Elements, milliseconds(t.Busy)})
	}
	return out
}
