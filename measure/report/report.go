package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/stride-ml/stride/measure"
)

// Page is what a page is about.
type Page struct {
	Sections []Section
	Command  []string      // that makes it again
	Started  time.Time     // when measuring began
	Took     time.Duration // all of it
}

// Section is the comparison of one model.
type Section struct {
	Model      string
	Title      string              // what the model is, in a line
	Comparison *measure.Comparison // nil where there is none
	Trails     []measure.Trail     // of its rows, as they came to be
	NoData     bool                // no folder of data was given
	Err        error               // why there is none, or why it is not whole
	Folder     string              // where its files lie, seen from the page; "" for beside it
}

// NewSection is the section of a comparison, with what it says of itself.
func NewSection(c *measure.Comparison) Section {
	return Section{Model: c.Model, Comparison: c, Trails: c.Trails()}
}

//go:embed page.tmpl section.tmpl style.css replay.js
var files embed.FS

// Write writes the page. It fails if an object cannot be drawn, and if w does.
func Write(w io.Writer, p Page) error {
	style, script, err := assets()
	if err != nil {
		return err
	}
	v, err := p.view()
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	v.Style, v.Script = style, script
	page, err := template.ParseFS(files, "*.tmpl")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer // so that a mistake leaves no half a page
	if err := page.ExecuteTemplate(&b, "page.tmpl", v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// assets are the style and the script of a page. Both are ours.
func assets() (template.CSS, template.JS, error) {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return "", "", err
	}
	script, err := files.ReadFile("replay.js")
	return template.CSS(style), template.JS(script), err
}
