package report

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/measure"
)

const hostile = `<script>alert("x")</script>`

// comparison is one of poems with figures made up.
func comparison() *measure.Comparison {
	c := &measure.Comparison{
		Model: "tang", Kind: measure.KindPoem, Metrics: measure.Metrics(measure.KindPoem)[:1],
		Gain: stride.GainResult{P: 3.5, Positions: 3500, Elements: 1000, Length: 20}, Seed: 7,
		Machine: measure.Machine{Processor: "a processor <b>", Cores: 2, Load: measure.Load{Busy: true, Notice: "the machine was busy: 3 of 2 cores"}},
		Notes:   []string{"a note & more"},
	}
	for _, r := range []struct {
		name, strategy    string
		asked             int
		expected, seconds float64
		quality           float64
	}{{"ar", "ar", 0, 0.04, 0.05, 5}, {"nar predicted", "nar", 0, 0.01, 0.012, 9}, {"refine 4", "refine", 4, 0.02, 0.06, 6.5}, {"refine " + hostile, "refine", 8, 0.04, 0.09, math.NaN()}} {
		value := measure.Value{Value: r.quality, Low: r.quality - 0.1, High: r.quality + 0.1}
		c.Rows = append(c.Rows, measure.Row{Name: r.name, Strategy: r.strategy, Asked: r.asked, Objects: 3, Passes: 4, Conditions: 1,
			Predicted: r.expected, Seconds: measure.Summarize([]float64{r.seconds, r.seconds}), Values: []measure.Value{value}})
	}
	c.Real = []measure.Row{{Name: "shuffled elements", Seconds: measure.Summarize(nil), Values: []measure.Value{measure.Bare(11)}}}
	return c
}

func element(changes ...measure.TrailChange) measure.TrailElement { return changes }

func texts() []measure.Trail {
	prompt := stride.Prompt{Text: "春曉 " + hostile, Conditions: map[string]string{"form": "五言絕句"}}
	return []measure.Trail{
		{Row: "ar", Prompt: prompt, Passes: 3, Text: []measure.TrailElement{
			element(measure.TrailChange{Pass: 1, Piece: "春"}), element(measure.TrailChange{Pass: 2, Piece: "\n"}), element(measure.TrailChange{Pass: 3, Piece: hostile})}},
		{Row: "refine 4", Prompt: prompt, Passes: 4, Text: []measure.TrailElement{
			element(measure.TrailChange{Pass: 2, Piece: "眠"}), element(measure.TrailChange{Pass: 2, Piece: "不"}),
			element(measure.TrailChange{Pass: 1, Piece: `"'`}, measure.TrailChange{Pass: 3}, measure.TrailChange{Pass: 4, Piece: "覺"})}},
		{Row: "gone", Prompt: prompt, Passes: 1, Text: []measure.TrailElement{element(measure.TrailChange{Pass: 1, Piece: "x"})}},
	}
}

func pictures() []measure.Trail {
	var views []measure.View
	for pass := 1; pass <= 8; pass++ {
		img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
		img.SetNRGBA(pass-1, 0, color.NRGBA{200, 0, 0, 255})
		views = append(views, measure.View{Pass: pass, Known: 1, Image: img})
	}
	return []measure.Trail{{Row: "refine 4", Prompt: stride.Prompt{Text: "a red dragon"}, Passes: 8, Views: views}}
}

func tone(seconds float64) audio.Sound {
	s := audio.Sound{Rate: 8000, Samples: make([]float32, int(8000*seconds))}
	for i := range s.Samples {
		s.Samples[i] = float32(0.5 * math.Sin(float64(i)/5))
	}
	return s
}

func sounds(seconds float64) []measure.Trail {
	frames := make([]float32, 20*10)
	for i := range frames {
		frames[i] = float32(i % 7)
	}
	views := []measure.View{{Pass: 1, Frames: frames, Bands: 10}, {Pass: 2, Frames: frames, Bands: 10}}
	return []measure.Trail{{Row: "ar", Prompt: stride.Prompt{Text: "Hello."}, Passes: 6, Views: views, Sound: tone(seconds)}}
}

func written(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func whole() Page {
	return Page{
		Command: []string{"stride", "compare", "all", "--data", "my data", "--report", hostile}, Started: time.Unix(1e9, 0).UTC(), Took: time.Minute,
		Sections: []Section{
			{Model: "tang", Title: "poems", Comparison: comparison(), Trails: texts(), NoData: true},
			{Model: "tang", Comparison: comparison(), Trails: pictures(), Folder: "tang"},
			{Model: "Tang!", Comparison: comparison(), Trails: sounds(1)},
			{Model: hostile, Err: errors.New("no such <model>")},
		},
	}
}

var code = regexp.MustCompile(`(?s)(<script>|<style>).*?(</script>|</style>)`)

// node is an element of a page.
type node struct {
	name  string
	attrs map[string]string
}

// nodes reads a page, of which every element must be closed where HTML wants it.
func nodes(t *testing.T, page string) []node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(code.ReplaceAllString(page, "$1$2")))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var out []node
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			n := node{e.Name.Local, map[string]string{}}
			for _, a := range e.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			out = append(out, n)
		}
	}
}

func TestWriteIsSound(t *testing.T) {
	page := written(t, whole())
	ids, count, level := map[string]bool{}, map[string]int{}, 0
	all := nodes(t, page)
	for _, n := range all {
		count[n.name]++
		if id, ok := n.attrs["id"]; ok {
			if ids[id] {
				t.Errorf("the id %q is used twice", id)
			}
			ids[id] = true
		}
	}
	for _, n := range all {
		if len(n.name) == 2 && n.name[0] == 'h' && n.name[1] >= '1' && n.name[1] <= '6' {
			now := int(n.name[1] - '0')
			if now > level+1 {
				t.Errorf("a heading of level %d follows one of level %d", now, level)
			}
			level = now
		}
		if src, ok := n.attrs["src"]; ok && !strings.HasPrefix(src, "data:") {
			t.Errorf("<%s> loads %q", n.name, src)
		}
		href, linked := n.attrs["href"]
		switch {
		case n.name == "link" && href != "data:,":
			t.Errorf("the page loads %q", href)
		case linked && strings.HasPrefix(href, "#") && !ids[href[1:]]:
			t.Errorf("nothing has the id of the link %q", href)
		}
		if id, ok := n.attrs["aria-labelledby"]; ok && !ids[id] {
			t.Errorf("<%s> has its name of %q, which does not exist", n.name, id)
		}
		if n.name == "img" && n.attrs["alt"] == "" {
			t.Errorf("a picture says nothing: %.80v", n.attrs)
		}
	}
	for name, want := range map[string]int{"h1": 1, "h2": 5, "article": 4, "script": 1, "style": 1, "audio": 1, "nav": 1, "title": 1} {
		if count[name] != want {
			t.Errorf("%d <%s>, want %d", count[name], name, want)
		}
	}
	if strings.Contains(page, "http") || strings.Contains(string(code.Find([]byte(page))), "url(") {
		t.Error("the page names an address")
	}
	if strings.Contains(page, "NaN") || strings.Contains(page, "ZgotmplZ") {
		t.Error("the page has figures that are none, or addresses that were refused")
	}
	if strings.Contains(page, hostile) {
		t.Error("a text was not escaped")
	}
	if len(page) > 200_000 {
		t.Errorf("%d bytes", len(page))
	}
}

func TestWriteSays(t *testing.T) {
	page := written(t, whole())
	for _, want := range []string{
		"<!DOCTYPE html>\n<html lang=\"en\">", "The machine was busy: 3 of 2 cores.", "parallel gain P = 3.50", "a note &amp; more",
		`<span class="p0" data-p="1">春</span>`, `<span class="p3" data-p="2">眠不</span>`, `data-p="4" data-h="[[1,`, `lang="zh-Hant"`,
		"no such &lt;model&gt;", "a red dragon, by refine 4", "after pass 4 of 8", "× 1.20", "What fools it:", `href="tang/compare.csv"`, `href="compare.csv"`,
		"stride compare all --data &#39;my data&#39;", "9 September 2001", "No data folder was given",
		`aria-label="ar: 50 ms, 5 (4.9 to 5.1), on the frontier"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(page, "gone") {
		t.Error("the page shows an object of a row that is not in the table")
	}
	if one := written(t, Page{Sections: whole().Sections[:1]}); strings.Contains(one, "<nav") {
		t.Error("a page of one model has a table of contents")
	}
}

func TestStops(t *testing.T) {
	passes := func(views []measure.View) (out []int) {
		for _, v := range stops(views) {
			out = append(out, v.Pass)
		}
		return out
	}
	var anew, adding []measure.View
	for pass := 1; pass <= 24; pass++ {
		anew, adding = append(anew, measure.View{Pass: pass, Known: 1}), append(adding, measure.View{Pass: pass, Known: float64(pass) / 24})
	}
	for _, c := range []struct {
		name  string
		views []measure.View
		want  []int
	}{
		{"one pass", anew[:1], nil}, {"two", anew[:2], []int{1}}, {"anew", anew, []int{1, 2, 4, 8, 16}},
		{"adding", adding, []int{4, 8, 12, 15, 19}}, {"adding a few", adding[:3], []int{1}},
	} {
		if got := passes(c.views); !slices.Equal(got, c.want) {
			t.Errorf("%s: passes %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRunsJoinBytes(t *testing.T) {
	trail := measure.Trail{Passes: 4}
	for i, piece := range []string{"\xe6", "\x98", "\xa5", "!", "\xff"} {
		trail.Text = append(trail.Text, element(measure.TrailChange{Pass: min(i+1, 3), Piece: piece}))
	}
	want := []run{{Text: "春!\uFFFD", Pass: 3, Shade: 6}}
	if got := runs(trail); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSoundsStaySmall(t *testing.T) {
	few, many := Page{Sections: []Section{{Trails: sounds(2)}}}, Page{}
	for range 20 {
		many.Sections = append(many.Sections, Section{Trails: sounds(9)})
	}
	if few.soundFormat() != linear || many.soundFormat() != muLaw {
		t.Error("few sounds have 16 bits, many have 8")
	}
	for _, format := range []soundFormat{linear, muLaw} {
		s := tone(0.5)
		address, err := soundData(s, format)
		if err != nil {
			t.Fatal(err)
		}
		file, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(address), "data:audio/wav;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		var samples []float32
		if format == linear {
			sound, err := audio.Decode(bytes.NewReader(file), audio.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			samples = sound.Samples
		} else { // which package audio does not read
			var head struct {
				_           [4]byte
				Size        uint32
				_           [12]byte
				Tag         uint16
				Channels    uint16
				Rate, Bytes uint32
				_           [22]byte
				Data        uint32
			}
			if err := binary.Read(bytes.NewReader(file), binary.LittleEndian, &head); err != nil {
				t.Fatal(err)
			}
			got := file[binary.Size(head):]
			samples = ofG711(got)
			if head.Tag != 7 || head.Channels != 1 || head.Rate != uint32(s.Rate) || int(head.Size) != len(file)-8 || int(head.Data) != len(got) {
				t.Errorf("the head is %+v for %d bytes of samples", head, len(got))
			}
		}
		if len(samples) != len(s.Samples) {
			t.Fatalf("format %d: %d samples, want %d", format, len(samples), len(s.Samples))
		}
		for i, v := range samples {
			if math.Abs(float64(v-s.Samples[i])) > 0.02 {
				t.Fatalf("format %d: sample %d is %g, want %g", format, i, v, s.Samples[i])
			}
		}
	}
}

// ofG711 decodes as the standard says: the value in the middle of each step.
func ofG711(levels []byte) []float32 {
	var out []float32
	for _, b := range levels {
		b = ^b
		v := (int(b&15)<<3+0x84)<<(b>>4&7) - 0x84
		if b&0x80 != 0 {
			v = -v
		}
		out = append(out, float32(v)/(1<<15))
	}
	return out
}

func TestQuote(t *testing.T) {
	for _, c := range []struct {
		command []string
		want    string
	}{
		{nil, ""}, {[]string{"stride", "compare", "tang", "--passes=1,2"}, "stride compare tang --passes=1,2"},
		{[]string{"a b", "", "春曉", "it's", "$x"}, `'a b' '' 春曉 'it'\''s' '$x'`},
	} {
		if got := Quote(c.command); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestWriteFolder(t *testing.T) {
	dir := t.TempDir()
	p := whole()
	p.Sections = p.Sections[1:2]
	if err := WriteFolder(dir, p); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.html", "tang/compare.csv", "tang/compare.json", "tang/frontier.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := WriteFolder(filepath.Join(dir, "index.html", "x"), p); err == nil {
		t.Error("wrote into a file")
	}
	if err := Write(failing{}, p); !errors.Is(err, errFull) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }
