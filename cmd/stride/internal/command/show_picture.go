package command

import (
	"bytes"
	"cmp"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/stride-ml/stride/element/image"
)

// picture shows how a picture was made.
func (s *showCommand) picture(c *console) error {
	if s.Tensors || s.Recipe {
		return usageError{fmt.Errorf("--tensors and --recipe are for models, not for pictures")}
	}
	data, err := os.ReadFile(s.Model)
	if err != nil {
		return err
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w, want a PNG file", s.Model, err)
	}
	texts, err := image.ReadTexts(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", s.Model, err)
	}
	made, caption, err := settingsOf(texts)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Model, err)
	}
	facts := []fact{{"picture", []string{fmt.Sprintf("%dx%d pixels", size.Width, size.Height)}}, {"model", []string{oneLine(made.Model)}}}
	for _, f := range made.flags() {
		facts = append(facts, fact{strings.TrimSuffix(f.flag, "="), []string{oneLine(cmp.Or(f.value, "yes"))}})
	}
	width, _ := c.size()
	var b strings.Builder
	b.WriteString(strong.Render(filepath.Base(s.Model)))
	if caption != "" {
		b.WriteString(separator + oneLine(caption))
	}
	b.WriteString("\n\n")
	for _, f := range facts {
		b.WriteString(f.lines(width))
	}
	fmt.Fprintf(&b, "\n%s\n", made.command(caption, "again.png"))
	return writeAll(c.styledOut, b.String())
}
