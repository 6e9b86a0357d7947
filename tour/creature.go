package tour

import (
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"math"
	"strings"
	"unicode"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/measure"
)

// How many texts and sprites are made, of which the best is taken.
const (
	mostTexts   = 12
	mostSprites = 12
)

// character is the creature: what it looks like, what it says and how.
type character struct {
	caption string
	text    string
	frames  []*stdimage.NRGBA // two, slightly different
	ground  *stdimage.NRGBA
	voice   *heard
	rows    []Row // of text, sprite and voice
}

// creature is the fifth stop: text, sprite and voice of one character.
func (r *run) creature(ctx context.Context) error {
	if err := r.Guide.Say(fmt.Sprintf(r.creatureIntro, r.asked.text)); err != nil {
		return err
	}
	c := character{caption: r.asked.caption}
	for _, part := range []func(context.Context, *character) error{r.creatureText, r.creatureSprite, r.creatureVoice} {
		before := len(r.rows)
		if err := part(ctx, &c); err != nil {
			return err
		}
		c.rows = append(c.rows, r.rows[before:]...)
	}
	page, err := r.scene(&c)
	if err != nil {
		return err
	}
	sprite, err := encodePNG("creature.png", image.Scale(c.frames[0], animScale), c.caption)
	if err != nil {
		return err
	}
	files, err := c.voice.files("creature", c.text)
	if err != nil {
		return err
	}
	if err := r.write(append(files[:1], sprite, file{sceneName, page})...); err != nil {
		return err
	}
	r.page.Creature = &indexCreature{Sentence: r.asked.text, Text: c.text, Caption: c.caption}
	return r.Guide.Say(r.creatureOutro)
}

// creatureText lets a model write what the creature says: the best of several
// beginnings and seeds.
func (r *run) creatureText(ctx context.Context, c *character) error {
	name, write := "stories", r.tale
	if r.asked.language == Chinese {
		name, write = "tang", r.verse
	}
	m, err := stride.Open(name)
	if err != nil {
		return err
	}
	defer m.Close()
	count := mostTexts
	if r.short {
		count = 1
	}
	var best Row
	worth := math.Inf(-1)
	for i := range count {
		text, row, w, err := write(ctx, m, i)
		if err != nil {
			return err
		}
		if w > worth || c.text == "" {
			c.text, best, worth = text, row, w
		}
	}
	r.rows = append(r.rows, best)
	return r.Guide.Say(fmt.Sprintf(r.creatureSays, count, c.text))
}

// tale is try number i of what the creature says in English.
func (r *run) tale(ctx context.Context, m *stride.Model, i int) (string, Row, float64, error) {
	beginnings := []string{"I like to", "Every day I", "I want to", "I live in"}
	introduction := introduce(r.asked.text) + " "
	beginning := introduction + beginnings[i%len(beginnings)]
	text, stats, err := m.Text(ctx, stride.Prompt{Text: beginning}, stride.Temperature(0.35), stride.Length(40), stride.Seed(r.Seed+uint64(i)))
	if err != nil {
		return "", Row{}, 0, err
	}
	said, whole := firstSentences(beginning[len(introduction):]+text, 2)
	likely, err := m.Score(ctx, stride.Prompt{Text: introduction}, said)
	if err != nil {
		return "", Row{}, 0, err
	}
	worth := worthOf(said, whole) - likely.Bits/float64(max(likely.Units, 1))
	return introduction + said, Row{Name: r.creatureTextRow, File: sceneName}.of(stats), worth, nil
}

// introduce lets a creature say who it is.
func introduce(text string) string {
	if first, _, _ := strings.Cut(strings.ToLower(text), " "); first == "i" || first == "my" || first == "i'm" {
		return "Hello! " + text + "."
	}
	return "Hello! I am " + text + "."
}

// firstSentences are at most n sentences of a text, and whether the last one has
// its end. Where somebody else begins to speak they end.
func firstSentences(text string, n int) (string, bool) {
	text = oneLine(strings.ReplaceAll(text, "\n", " \" "))
	if i := strings.IndexAny(text, "\"“”"); i >= 0 {
		text = text[:i]
	}
	end := 0
	for i, c := range text {
		if strings.ContainsRune(".!?", c) {
			if end, n = i+1, n-1; n == 0 {
				break
			}
		}
	}
	if end == 0 {
		return strings.TrimRight(text, " ,;:") + ".", false
	}
	return text[:end], true
}

// worthOf says how well a text suits a creature that says a sentence or two:
// one that has an end, is neither short nor long, and repeats little. It is the
// share of different words, less 1 where it does not suit.
func worthOf(text string, whole bool) float64 {
	const shortest, longest = 45, 130 // characters
	has := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && c != '\'' })
	different := map[string]bool{}
	for _, w := range has {
		different[w] = true
	}
	worth := float64(len(different)) / float64(max(len(has), 1))
	if n := len([]rune(text)); !whole || n < shortest || n > longest {
		worth--
	}
	return worth
}

// verse is try number i of what the creature says in Chinese: a poem, its title
// before it.
func (r *run) verse(ctx context.Context, m *stride.Model, i int) (string, Row, float64, error) {
	prompt := stride.Prompt{Text: r.asked.title, Conditions: known(m, "form", "五言絕句")}
	text, stats, err := m.Text(ctx, prompt, stride.AR(), stride.Temperature(0.7), stride.Seed(r.Seed+uint64(i)))
	if err != nil {
		return "", Row{}, 0, err
	}
	different := map[rune]bool{}
	for _, c := range text {
		different[c] = true
	}
	worth := float64(len(different)) / float64(max(len([]rune(text)), 1))
	return r.asked.title + "。\n" + text, Row{Name: r.creatureTextRow, File: sceneName}.of(stats), worth, nil
}

// creatureSprite draws the creature: the one of several seeds that a classifier
// likes best, then the same a little changed, as its second frame, and the ground.
func (r *run) creatureSprite(ctx context.Context, c *character) error {
	m, err := stride.Open("tiles")
	if err != nil {
		return err
	}
	defer m.Close()
	prompt := stride.Prompt{Text: c.caption, Conditions: known(m, "category", "monster")}
	passes, count := 16, mostSprites
	if r.short {
		passes, count = 2, 2
	}
	seed, err := r.bestSprite(ctx, m, prompt, passes, count)
	if err != nil {
		return err
	}
	var d drawn
	w := Work{Title: c.caption, Prompt: prompt, Options: []stride.Option{stride.Refine(passes), stride.Seed(seed)}, Beat: 1}
	if _, err := r.make(ctx, m, w, Row{Name: r.creatureSpriteRow, File: "creature.png"}, d.keep); err != nil {
		return err
	}
	prompt.Picture = d.last
	second, err := draw(ctx, m, prompt, stride.Refine(passes/2), stride.Strength(0.25), stride.Seed(seed))
	if err != nil {
		return err
	}
	c.frames = []*stdimage.NRGBA{d.last, second}
	floor := stride.Prompt{Text: "a grass floor tile", Conditions: known(m, "category", "dungeon feature")}
	c.ground, err = draw(ctx, m, floor, stride.Refine(passes), stride.Tile(), stride.Seed(r.Seed))
	return err
}

// bestSprite returns the seed of the sprite that speaks most for its caption, to
// the bundled classifier; the first where there is none.
func (r *run) bestSprite(ctx context.Context, m *stride.Model, p stride.Prompt, passes, count int) (uint64, error) {
	judge, err := measure.OpenPictureJudge("tiles-classifier")
	var absent *stride.NotFoundError
	if errors.As(err, &absent) {
		return r.Seed, r.Guide.Say(r.creatureNoJudge)
	}
	if err != nil {
		return 0, err
	}
	defer judge.Close()
	sprites := make([]*stdimage.NRGBA, count)
	for i := range sprites {
		if sprites[i], err = draw(ctx, m, p, stride.Refine(passes), stride.Seed(r.Seed+uint64(i))); err != nil {
			return 0, err
		}
	}
	seen, err := judge.See(sprites)
	if err != nil {
		return 0, err
	}
	best, most := 0, math.Inf(-1)
	for i, s := range seen {
		if score := judge.Score(s, p.Text, p.Conditions["category"]); score > most {
			best, most = i, score
		}
	}
	return r.Seed + uint64(best), r.Guide.Say(fmt.Sprintf(r.creatureJudge, count, best+1))
}

// draw makes a picture that nobody watches.
func draw(ctx context.Context, m *stride.Model, p stride.Prompt, options ...stride.Option) (*stdimage.NRGBA, error) {
	var d drawn
	_, err := Quiet{}.Watch(ctx, m, Work{Prompt: p, Options: options}, d.keep)
	return d.last, err
}

// creatureVoice lets the creature speak, a little higher than the voice does.
func (r *run) creatureVoice(ctx context.Context, c *character) error {
	m, err := stride.Open(r.voiceName)
	if err != nil {
		return err
	}
	defer m.Close()
	c.voice, err = r.spoken(ctx, m, c.text, "creature", r.creatureVoiceRow, stride.Pitch(2))
	if err == nil && audio.Peak(c.voice.samples) == 0 {
		return r.Guide.Say(r.creatureSilent)
	}
	return err
}
