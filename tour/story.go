package tour

import (
	"context"
	"fmt"

	"github.com/stride-ml/stride"
)

// story is the third stop: a story by ar, and the same by speculate.
func (r *run) story(ctx context.Context) error {
	const beginning = "Once upon a time there was a little dragon."
	m, err := stride.Open("stories")
	if err != nil {
		return err
	}
	defer m.Close()
	length := min(200, m.Info().MaxLength-1) // one is END
	if r.short {
		length = 8
	}
	ways := []struct {
		name   string
		say    string
		option stride.Option
	}{{"ar", r.storyAR, stride.AR()}, {"speculate", r.storySpeculate, stride.Speculate()}}
	var texts [2]written
	var cost [2]stride.Stats
	for i, way := range ways {
		if err := r.Guide.Say(way.say); err != nil {
			return err
		}
		w := Work{Prompt: stride.Prompt{Text: beginning}, Options: []stride.Option{way.option, stride.Temperature(0.1), stride.Length(length)}, Beat: 0.2}
		name := "story-" + way.name + ".txt"
		last, err := r.make(ctx, m, w, Row{Name: r.storyRow, File: name}, texts[i].keep)
		if err != nil {
			return err
		}
		cost[i] = last.Stats
		if err := r.write(file{name, []byte(beginning + texts[i].text() + "\n")}); err != nil {
			return err
		}
		r.page.Stories = append(r.page.Stories, indexText{Row: r.rows[len(r.rows)-1], Say: way.say, Lead: beginning,
			Spans: texts[i].guesses()})
	}
	r.page.StoryVerdict = r.storyVerdict(texts[0].text() == texts[1].text(), cost[0], cost[1])
	return r.Guide.Say(r.page.StoryVerdict)
}

// storyVerdict says what speculate was worth.
func (r *run) storyVerdict(same bool, ar, speculate stride.Stats) string {
	verdict := r.storySame
	if !same {
		verdict = r.storyDiffers
	}
	ratio := ar.Total.Seconds() / max(speculate.Total.Seconds(), 1e-9)
	verdict += " " + fmt.Sprintf(r.storyGuesses, ar.Passes, speculate.Passes, speculate.Accepted, speculate.Drafted)
	if ratio > 1.05 {
		return verdict + " " + fmt.Sprintf(r.storySooner, ratio)
	}
	return verdict + " " + fmt.Sprintf(r.storyNotSooner, ratio)
}
