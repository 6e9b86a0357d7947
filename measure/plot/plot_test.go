package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

func testFrontier() Frontier {
	return Frontier{
		Title: "tang: quality & time", Quality: "NLL (bits/char, lower is better)", Object: "poem",
		Reference: 7.9, ReferenceName: "real poems",
		Series: []Series{
			{"ar", []Point{{X: 0.020, Y: 7.3, Low: 7.25, High: 7.35, Label: "cached"}}},
			{"nar", []Point{{X: 0.0045, Y: 9.1, Low: 9, High: 9.2, Label: "predicted"}, {X: 0.052, Y: 9.2, Low: 9.1, High: 9.3, Label: "fixed"}}},
			{"refine", []Point{
				{X: 0.0045, Y: 9, Low: 8.9, High: 9.1, Label: "N=1"}, {X: 0.009, Y: 8.6, Low: 8.5, High: 8.7, Label: "N=2"}, {X: 0.018, Y: 8.1, Low: 8.05, High: 8.15, Label: "N=4"},
				{X: 0.036, Y: 7.75, Low: 7.7, High: 7.8, Label: "N=8"}, {X: 0.07, Y: 7.5, Low: 0, High: 0, Label: "N=16"}, {X: 0.14, Y: 7.42, Low: 0, High: 0, Label: ""},
			}},
			{Name: "none"},
		},
	}
}

func testLoss() LossCurve {
	source := rand.New(rand.NewPCG(1, 2))
	l := LossCurve{Title: "tang", Elements: "tokens", Loss: "loss (nats per token)"}
	for i := range 5000 {
		x := float64(i) * 16000
		loss := 4.6 + 4.4*math.Exp(-x/4e5) + 0.6*math.Exp(-x/2e7)
		l.Train = append(l.Train, Point{X: x, Y: loss + 0.15*source.NormFloat64()})
		if i%250 == 0 {
			l.Valid = append(l.Valid, Point{X: x, Y: loss + 0.1})
		}
	}
	return l
}

// texts returns the texts of an SVG, which must be well-formed.
func texts(t *testing.T, svg []byte) string {
	t.Helper()
	var all strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return all.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			all.WriteString(strings.TrimSpace(string(text)) + "|")
		}
	}
}

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		name  string
		chart interface {
			Write(io.Writer, Format) error
		}
		want []string
	}{
		{"frontier", testFrontier(), []string{
			"tang: quality & time", "NLL (bits/char, lower is better)", "time per poem (log scale)",
			"10 ms", "100 ms", "7.5", "|ar|", "|nar|", "|refine|", "|real poems|", "|cached|", "|N=16|",
		}},
		{"loss", testLoss(), []string{"|tang|", "tokens seen", "loss (nats per token)", "|20M|", "|5.0|", "|train|", "|validation|"}},
		{"one value", LossCurve{Train: []Point{{X: 0, Y: 9}}}, []string{"elements seen", "|loss|", "|train|"}},
		{"one point", Frontier{Series: []Series{{"ar", []Point{{X: 0.02, Y: 7}}}}}, []string{"time per object", "20 ms"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var svg, again, picture bytes.Buffer
			for w, format := range map[*bytes.Buffer]Format{&svg: SVG, &again: SVG, &picture: PNG} {
				if err := c.chart.Write(w, format); err != nil {
					t.Fatal(err)
				}
			}
			got := texts(t, svg.Bytes())
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in %s", want, got)
				}
			}
			if !bytes.Equal(svg.Bytes(), again.Bytes()) {
				t.Error("two drawings of the same differ")
			}
			if svg.Len() > 40_000 {
				t.Errorf("%d bytes of SVG", svg.Len())
			}
			if _, err := png.Decode(&picture); err != nil {
				t.Error(err)
			}
		})
	}
}

type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	one := func(p Point) Frontier { return Frontier{Series: []Series{{"ar", []Point{p}}}} }
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"no points", Frontier{}.Write(io.Discard, SVG), "no points"},
		{"no losses", LossCurve{}.Write(io.Discard, SVG), "no points"},
		{"time 0", one(Point{X: 0, Y: 1}).Write(io.Discard, SVG), `point 0 of "ar": x is 0`},
		{"NaN", one(Point{X: 1, Y: math.NaN()}).Write(io.Discard, SVG), `point 0 of "ar" has NaN`},
		{"infinite", LossCurve{Valid: []Point{{Y: 1}, {Y: math.Inf(1)}}}.Write(io.Discard, SVG), `point 1 of "validation" has +Inf`},
		{"reference", Frontier{Series: one(Point{X: 1}).Series, Reference: math.NaN(), ReferenceName: "real"}.Write(io.Discard, SVG), `"real" is NaN`},
		{"format", testFrontier().Write(io.Discard, "gif"), `"gif": expected "svg" or "png"`},
		{"full disk", testFrontier().Write(failing{}, PNG), "writing png: disk full"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, c.err, c.want)
		}
	}
	if err := testLoss().Write(failing{}, SVG); !errors.Is(err, errFull) {
		t.Errorf("got %v, want the writer's error in it", err)
	}
}

func TestLabelsDoNotMeet(t *testing.T) {
	f := testFrontier()
	p := newPlot("", "", "")
	f.setRanges(p)
	l := labels{size: 9, gap: 6}
	for _, s := range f.Series {
		l.add(s.Points, ink)
	}
	c := draw.New(vgsvg.New(width, height))
	toX, toY := p.Transforms(&c)
	boxes := l.arrange(c, func(at plotter.XY) vg.Point { return vg.Point{X: toX(at.X), Y: toY(at.Y)} })
	if len(boxes) != 8 {
		t.Fatalf("%d labels", len(boxes))
	}
	for i, a := range boxes {
		if !c.Contains(a.Min) || !c.Contains(a.Max) {
			t.Errorf("%q leaves the frame", l.points[i].label)
		}
		for j, b := range boxes[:i] {
			if meets(a, b) {
				t.Errorf("%q and %q meet", l.points[i].label, l.points[j].label)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 80e6, "0 20M 40M 60M 80M"},
		{0, 1500, "0 500 1k 1.5k"},
		{0, 6, "0 1 2 3 4 5 6"},
		{0, 1, "0 0.2 0.4 0.6 0.8 1"},
	} {
		var got []string
		for _, tick := range evenTicks(quantity)(c.low, c.high) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v: got %s, want %s", c.low, c.high, s, c.want)
		}
	}
	for v, want := range map[float64]string{5e-5: "50 µs", 1e-3: "1 ms", 0.02: "20 ms", 0.5: "500 ms", 1: "1 s", 20: "20 s"} {
		if got := seconds(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
	for _, c := range []struct {
		v, step float64
		want    string
	}{{7.5, 0.5, "7.5"}, {8, 1, "8"}, {0.25, 0.05, "0.25"}, {-20, 10, "-20"}, {1e-3, 1e-3, "0.001"}} {
		if got := number(c.v, c.step); got != c.want {
			t.Errorf("%v by %v: got %s, want %s", c.v, c.step, got, c.want)
		}
	}
}

func TestThin(t *testing.T) {
	got := thin([]Point{{X: 0, Y: 1}, {X: 2, Y: 3}, {X: 4, Y: 5}, {X: 6, Y: 9}}, 2)
	if len(got) != 2 || got[0] != (Point{X: 1, Y: 2}) || got[1] != (Point{X: 5, Y: 7}) {
		t.Errorf("got %v", got)
	}
}

// FuzzWrite holds that no numbers break the drawing: it draws or says why not.
func FuzzWrite(f *testing.F) {
	f.Add(0.02, 7.3, 0.1, 9.0, 8.0)
	f.Add(1e-12, -1e15, 1e15, 1e15, 0.0)
	f.Add(math.NaN(), math.Inf(1), 5e-324, 1e308, -1.0)
	f.Fuzz(func(t *testing.T, x0, y0, x1, y1, low float64) {
		points := []Point{{X: x0, Y: y0, Low: low, High: y1, Label: "a"}, {X: x1, Y: y1, Label: "b"}}
		for _, err := range []error{
			Frontier{Series: []Series{{"s", points}}, Reference: low, ReferenceName: "r"}.Write(io.Discard, SVG),
			LossCurve{Train: points, Valid: points[1:]}.Write(io.Discard, SVG),
		} {
			if err != nil && !strings.Contains(err.Error(), "expected") {
				t.Error(err)
			}
		}
	})
}
