package explain

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride/internal/golden"
	"github.com/stride-ml/stride/internal/standin"
	"github.com/stride-ml/stride/strategy"
)

// written are the pages that were asked for, which take long.
var written = map[string]map[Options]string{}

func write(t *testing.T, topic string, o Options) string {
	t.Helper()
	if s, ok := written[topic][o]; ok {
		return s
	}
	var b strings.Builder
	if err := Write(&b, topic, o); err != nil {
		t.Fatal(err)
	}
	if written[topic] == nil {
		written[topic] = map[Options]string{}
	}
	written[topic][o] = b.String()
	return b.String()
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func everyPage(t *testing.T, f func(t *testing.T, topic, lang string)) {
	for _, lang := range Languages() {
		for _, topic := range Topics() {
			t.Run(topic+"."+lang, func(t *testing.T) { f(t, topic, lang) })
		}
	}
}

func TestGoldenPages(t *testing.T) {
	everyPage(t, func(t *testing.T, topic, lang string) {
		golden.Compare(t, topic+"."+lang+".txt", write(t, topic, Options{Lang: lang, Width: 80}))
	})
}

// A page is one screen, and colours change nothing but colours and the shades of
// pictures.
func TestPagesFit(t *testing.T) {
	everyPage(t, func(t *testing.T, topic, lang string) {
		plain := write(t, topic, Options{Lang: lang, Seed: 3, Width: 80})
		if n := strings.Count(plain, "\n"); n < 20 || n > 40 {
			t.Errorf("%d lines, want 20 to 40", n)
		}
		coloured := write(t, topic, Options{Lang: lang, Seed: 3, Colour: true})
		if coloured == plain || strings.Contains(plain, "\x1b") {
			t.Error("colours where none were asked for, or none")
		}
		if got := escapes.ReplaceAllString(coloured, ""); topic != "flow" && got != plain {
			t.Errorf("without its colours it is\n%s\nwant\n%s", got, plain)
		}
		checkLines(t, plain, 80)
		checkLines(t, coloured, 80)
		if topic != "all" && topic != "refine" { // which take long
			checkLines(t, write(t, topic, Options{Lang: lang, Seed: 3, Width: 40, Colour: true}), 40)
		}
		for line := range strings.SplitSeq(plain, "\n") {
			if strings.HasPrefix(line, " ") && lipgloss.Width(line) > 79 {
				t.Errorf("this line may have been cut: %q", line)
			}
		}
		if plain == write(t, topic, Options{Lang: lang, Width: 80}) {
			t.Error("two seeds draw the same")
		}
	})
}

// checkLines wants lines of a width, without spaces at their ends.
func checkLines(t *testing.T, page string, width int) {
	t.Helper()
	for line := range strings.SplitSeq(page, "\n") {
		if w := lipgloss.Width(line); w > width || strings.HasSuffix(line, " ") {
			t.Errorf("width %d: %d cells, or a space at the end: %q", width, w, line)
		}
	}
}

// Chinese text has Chinese punctuation.
func TestChinesePunctuation(t *testing.T) {
	ascii := regexp.MustCompile(`.{0,8}\p{Han}[,:;?!].{0,8}`)
	for _, topic := range Topics() {
		if found := ascii.FindString(write(t, topic, Options{Lang: "zh", Width: 80})); found != "" {
			t.Errorf("%s: %q", topic, found)
		}
	}
}

func TestPasses(t *testing.T) {
	for _, passes := range []int{1, slots} {
		if got := write(t, "refine", Options{Passes: passes}); !strings.Contains(got, "; "+string(rune('0'+passes))+" passes make") {
			t.Errorf("%d passes are not those of\n%s", passes, got)
		}
	}
	if got := write(t, "flow", Options{Passes: 3}); !strings.Contains(got, "pass 3, t 1.00") || strings.Contains(got, "N = 1 ") {
		t.Errorf("no third pass in\n%s", got)
	}
}

// What the machines do has the statistics that follow from the tables.
func TestShareOfMixedAnswers(t *testing.T) {
	for lang, s := range samples {
		two, lives := newTable(s.professions), newTable(s.lives)
		if got := apart(two); math.Abs(got-0.5) > 1e-9 {
			t.Errorf("%s: of two professions of two elements %.3f are mixed, want a half", lang, got)
		}
		if got := lost(two); math.Abs(got-1) > 1e-9 {
			t.Errorf("%s: two professions lose %.3f bits, want 1", lang, got)
		}
		for _, c := range []struct {
			name   string
			table  *standin.Table
			passes int
			want   float64
		}{
			{"nar", two, 0, apart(two)},
			{"nar", lives, 0, apart(lives)},
			{"refine", two, 1, apart(two)},
			{"refine", lives, 1, apart(lives)},
			{"refine", two, 2, 0},
			{"refine", lives, slots, 0},
			{"ar", two, 0, 0},
			{"ar", lives, 0, 0},
		} {
			n, err := mixed(c.name, c.table, c.passes, 0)
			if err != nil {
				t.Fatal(err)
			}
			deviation := math.Sqrt(c.want * (1 - c.want) * tellsOfTable)
			if math.Abs(float64(n)-c.want*tellsOfTable) > 4*deviation+1e-6 {
				t.Errorf("%s: %s of %d passes mixes %d of %d, want %.4f of them", lang, c.name, c.passes, n, tellsOfTable, c.want)
			}
		}
	}
}

// More passes bring pictures nearer to one of the two.
func TestDogsGetSharp(t *testing.T) {
	f := dogs()
	p := &page{}
	_, blurred := f.Nearest(f.Mean(0, 1))
	before := math.Inf(1)
	for _, passes := range []int{1, 2, 4, 8, 16} {
		sum := 0.0
		for seed := range uint64(tries) {
			run, _, err := p.flows(f, passes, seed)
			if err != nil {
				t.Fatal(err)
			}
			_, d := f.Nearest(run[len(run)-1])
			sum += d / blurred / tries
		}
		if passes == 1 && math.Abs(sum-1) > 1e-3 || sum >= before || passes == 16 && sum > 0.02 {
			t.Errorf("%d passes leave %.4f of the blur, fewer %.4f", passes, sum, before)
		}
		before = sum
	}
}

// Frames drawn one after another jump less than frames drawn apart.
func TestContourIsSmooth(t *testing.T) {
	jumps := func(each int) (sum float64) {
		for seed := range uint64(100) {
			c := newContour(seed, each)
			var values []float32
			for c.made < frames {
				more, err := c.Next()
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, more...)
			}
			for i := bands; i < len(values); i++ {
				sum += math.Abs(float64(values[i] - values[i-bands]))
			}
		}
		return sum
	}
	if one, all := jumps(1), jumps(frames); all < 1.5*one {
		t.Errorf("apart they jump %.1f, one after another %.1f, want much less", all, one)
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		n, most int
		want    []int
	}{{1, 8, []int{0}}, {3, 8, []int{0, 1, 2}}, {64, 4, []int{0, 21, 42, 63}}} {
		if got := spread(c.n, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%d of %d are %v, want %v", c.most, c.n, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"one two three", 8, []string{"one two", "three"}},
		{"老師或演員，都對。", 10, []string{"老師或演", "員，都對。"}},
		{"跑 N 趟，不是 1 趟", 9, []string{"跑 N 趟，", "不是 1 趟"}},
		{"unbreakable", 4, []string{"unbreakable"}},
	} {
		if got := wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d cells is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		topic string
		o     Options
		want  string
	}{
		{"quick", Options{}, "strategy: got quick, want all, ar, nar, refine, flow, speculate, cascade"},
		{"ar", Options{Lang: "fr"}, "lang: got fr, want en or zh"},
		{"ar", Options{Width: 39}, "width: got 39, want 40 to 200"},
		{"refine", Options{Passes: 9}, "passes: got 9, want 1 to 8"},
		{"flow", Options{Passes: 65}, "passes: got 65, want 1 to 64"},
		{"refine", Options{Passes: -1}, "passes: got -1, want 1 to 8"},
	} {
		err := Write(&strings.Builder{}, c.topic, c.o)
		var option *strategy.OptionError
		if !errors.As(err, &option) || err.Error() != c.want {
			t.Errorf("%s %+v: error %v, want %s", c.topic, c.o, err, c.want)
		}
	}
	var unsupported *strategy.UnsupportedError
	if err := Write(&strings.Builder{}, "nar", Options{Passes: 2}); !errors.As(err, &unsupported) {
		t.Errorf("nar in two passes: error %v, want that it is not supported", err)
	}
}
