package command

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/models"
)

// voicesCommand is stride voices.
type voicesCommand struct{}

// voice is a bundled model that speaks texts.
type voice struct {
	name string
	info stride.Info
}

// Run is called by kong.
func (voicesCommand) Run(c *console) error {
	all, err := voices()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("this program was built without bundled voices; give the path of a voice's file to: stride speak --voice")
	}
	rows := [][]string{{"voice", "language", "strategies", "rate", "size", "licence"}}
	for _, v := range all {
		i := v.info
		rows = append(rows, []string{v.name, i.Sound.Language, strings.Join(i.Strategies, ", "), fmt.Sprintf("%d Hz", i.Sound.Rate), size(i.Bytes), i.Licence})
	}
	width, _ := c.size()
	var b strings.Builder
	b.WriteString(table(rows, 3, 4))
	for _, v := range all {
		if credits := cmp.Or(v.info.Credits, v.info.Sound.Voice); credits != "" {
			b.WriteString("\n" + fact{v.name, []string{credits}}.lines(width))
		}
	}
	return writeAll(c.styledOut, b.String())
}

// speaks tells whether a model makes sound of texts.
func speaks(info stride.Info) bool {
	return info.Sound != nil && info.Sound.Samples && info.Sound.Language != ""
}

// voices lists the bundled voices.
func voices() ([]voice, error) {
	var out []voice
	for _, name := range models.Names() {
		info, f, err := inspect(name)
		if err != nil {
			return nil, err
		}
		if f != nil {
			if err := f.Close(); err != nil {
				return nil, err
			}
		}
		if speaks(info) {
			out = append(out, voice{name, info})
		}
	}
	return out, nil
}

// voiceNames lists voices in a line.
func voiceNames(all []voice) string {
	var names []string
	for _, v := range all {
		names = append(names, v.name)
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}
