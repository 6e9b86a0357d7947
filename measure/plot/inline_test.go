package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// drawn is what a test looks at in an inline plot.
type drawn struct {
	points, best, tips int
	words              []string
}

// readInline reads an inline plot, which must be well-formed and stay within its
// size.
func readInline(t *testing.T, svg string, width, height float64) drawn {
	t.Helper()
	var d drawn
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, svg)
		}
		switch x := token.(type) {
		case xml.StartElement:
			for _, a := range x.Attr {
				switch v, err := strconv.ParseFloat(a.Value, 64); {
				case (a.Name.Local == "x" || a.Name.Local == "cx") && (err != nil || v < 0 || v > width),
					(a.Name.Local == "y" || a.Name.Local == "cy") && (err != nil || v < 0 || v > height):
					t.Errorf("<%s %s=%q> is outside of %gx%g", x.Name.Local, a.Name.Local, a.Value, width, height)
				case a.Name.Local == "class" && strings.HasPrefix(a.Value, "point"):
					d.points++
					if a.Value == "point best" {
						d.best++
					}
				case a.Name.Local == "class" && a.Value == "tip":
					d.tips++
				case strings.Contains(a.Value, "NaN"):
					t.Errorf("<%s %s=%q>", x.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(x)); s != "" {
				d.words = append(d.words, s)
			}
		}
	}
}

func TestInline(t *testing.T) {
	f := testFrontier()
	f.Series[0].Name = "ar <script>"
	f.Series[0].Points[0].Best = true
	f.Series[1].Points[0].Best = true
	f.Series[1].Points[0].Name = "the first"
	points := 0
	for _, s := range f.Series {
		points += len(s.Points)
	}
	for _, size := range [][2]int{{680, 400}, {330, 360}} {
		svg, err := f.Inline(size[0], size[1])
		if err != nil {
			t.Fatal(err)
		}
		d := readInline(t, svg, float64(size[0]), float64(size[1]))
		if d.points != points || d.tips != points || d.best != 2 {
			t.Errorf("%d points, %d tips and %d best ones, want %d, %d and 2", d.points, d.tips, d.best, points, points)
		}
		all := strings.Join(d.words, "\n")
		for _, want := range []string{"ar <script>", "time per poem (log scale)", "NLL (bits/char, lower is better)", "real poems", "the first: "} {
			if !strings.Contains(all, want) {
				t.Errorf("%q is missing in:\n%s", want, all)
			}
		}
		if strings.Contains(svg, "<script") {
			t.Error("a name was not escaped")
		}
	}
}

func TestInlineErrors(t *testing.T) {
	for _, f := range []Frontier{{}, {Series: []Series{{Name: "a", Points: []Point{{X: 1, Y: math.NaN()}}}}}} {
		if svg, err := f.Inline(600, 400); err == nil {
			t.Errorf("drew %s", svg)
		}
	}
}
