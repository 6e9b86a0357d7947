package tour

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	stdimage "image"

	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/page"
)

const sceneName = "creature.html"

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"list": func(x ...any) []any { return x }, // several things for one template
}).ParseFS(pageFiles, "pages/*"))

// indexText is a text on the page of the tour.
type indexText struct {
	Row   Row
	Say   string
	Lead  string // the prompt that it continues
	Spans []page.Span
}

// indexPicture is a picture on it, perhaps by learned shortcuts.
type indexPicture struct {
	Row      Row
	Shortcut bool
}

// indexSound is a sound on it, and the file of a picture of it.
type indexSound struct {
	Row          Row
	Say, Picture string
}

// indexCreature leads to the page of the creature.
type indexCreature struct{ Sentence, Text, Caption string }

// indexPage is the page of the tour: what is finished.
type indexPage struct {
	Poems, Stories []indexText
	StoryVerdict   string
	Strip          []indexPicture // side by side
	Caption        string
	Lines          []indexSound
	Creature       *indexCreature
}

// indexData is what the template of the page of the tour is filled with.
type indexData struct {
	indexPage
	T        map[string]string
	Cells    [][]string
	Repeat   string
	Finished bool
}

// writeIndex writes the page of what is there so far, and what the folder is.
func (r *run) writeIndex(finished bool) error {
	data := indexData{indexPage: r.page, T: r.shown(), Cells: r.cells(r.rows), Repeat: r.Repeat, Finished: finished}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "index.html", data); err != nil {
		return err
	}
	if err := r.folder.write(file{indexName, b.Bytes()}); err != nil {
		return err
	}
	about := tourFile{MadeBy: madeBy, Finished: finished, Seed: r.Seed, Language: r.asked.language, Creature: r.asked.text, Files: r.folder.files, Rows: r.rows}
	text, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return err
	}
	return r.folder.write(file{tourName, append(text, '\n')})
}

// shown are the phrases that stand on pages.
func (p *phrases) shown() map[string]string {
	return map[string]string{
		"code": p.code, "title": p.title, "intro": p.pageIntro, "colours": p.colours, "unfinished": p.unfinished,
		"poem": p.poemTitle, "picture": p.pictureTitle, "pictureAR": p.pictureAR, "story": p.storyTitle, "voice": p.voiceTitle,
		"voiceIntro": p.voiceIntro, "voiceOutro": p.voiceOutro, "creature": p.creatureTitle, "meet": p.meet,
		"passes": p.columns[2], "elements": p.columns[3], "shortcut": p.shortcut, "guessed": p.guessed,
		"table": p.tableTitle, "tableIntro": p.tableIntro, "repeat": p.repeat,
		"play": p.play, "pause": p.pause, "again": p.again, "howMade": p.howMade, "noScript": p.noScript,
	}
}

// sceneData is what the template of the page of the creature is filled with.
type sceneData struct {
	T              map[string]string
	Title, Caption string
	Words          []spokenWord
	Frames         []template.URL
	Feet           float64 // how much of a frame is empty below the creature, 0 to 1
	Ground         template.CSS
	Voice          template.URL
	Mouth          []int
	MouthRate      int
	Cells          [][]string
	Seed           uint64
	Repeat         string
}

// scene is the page of the creature: all in one file.
func (r *run) scene(c *character) ([]byte, error) {
	d := sceneData{
		T: r.shown(), Title: page.Capital(r.asked.text), Caption: c.caption, Words: spokenWords(c.text, c.voice.marks),
		Feet: belowFeet(c.frames[0]), Mouth: mouth(c.voice.sound(), c.voice.marks), MouthRate: mouthRate,
		Cells: r.cells(c.rows), Seed: r.Seed, Repeat: r.Repeat,
	}
	var err error
	if d.Voice, err = page.WAV(c.voice.sound()); err != nil {
		return nil, err
	}
	for _, f := range c.frames {
		at, err := page.PNG(image.Scale(f, animScale))
		if err != nil {
			return nil, err
		}
		d.Frames = append(d.Frames, at)
	}
	ground, err := page.PNG(image.Scale(c.ground, 2))
	if err != nil {
		return nil, err
	}
	d.Ground = template.CSS("url(" + string(ground) + ")")
	var b bytes.Buffer
	err = pages.ExecuteTemplate(&b, sceneName, d)
	return b.Bytes(), err
}

// belowFeet is how much of a picture is empty below what is drawn, 0 to 1.
func belowFeet(p *stdimage.NRGBA) float64 {
	b := p.Bounds()
	for y := b.Max.Y - 1; y >= b.Min.Y; y-- {
		for x := b.Min.X; x < b.Max.X; x++ {
			if p.NRGBAAt(x, y).A > 0 {
				return float64(b.Max.Y-1-y) / float64(b.Dy())
			}
		}
	}
	return 0
}
