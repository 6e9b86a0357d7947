package command

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/internal/golden"
)

// marked shows styles as marks that can be read in a diff.
var marked = strings.NewReplacer("\x1b[1;32m", "[fresh ", "\x1b[1;33m", "[taken ", "\x1b[2m", "[dim ", "\x1b[1m", "[bold ", "\x1b[m", "]")

// fakeSteps are the steps of a refine that takes an element back, and those of
// an ar that draws a character byte by byte.
func fakeSteps() map[string][]stride.Step {
	object := func(text string) stride.Text {
		var t stride.Text
		for _, r := range text {
			piece := string(r)
			if piece == blank {
				piece = ""
			}
			t.Pieces = append(t.Pieces, piece)
		}
		return t
	}
	step := func(strategy string, pass, passes int, o stride.Text, fresh, remasked []int, done bool) stride.Step {
		known := 0
		for _, p := range o.Pieces {
			if p != "" {
				known++
			}
		}
		return stride.Step{Pass: pass, Passes: passes, Object: o, Fresh: fresh, Remasked: remasked, Confidence: 0.25, Done: done,
			Stats: stride.Stats{Strategy: strategy, Elements: known}}
	}
	return map[string][]stride.Step{
		"refine": {
			step("refine", 1, 4, object("＿＿＿＿＿＿＿"), nil, nil, false),
			step("refine", 2, 4, object("＿＿曉\n＿＿＿"), []int{2, 3}, nil, false),
			step("refine", 3, 4, object("春＿＿\n＿啼鳥"), []int{0, 5, 6}, []int{2}, false),
			step("refine", 4, 4, object("春眠曉\n聞啼鳥"), []int{1, 2, 4}, nil, true),
		},
		"ar": {
			step("ar", 1, 0, stride.Text{Pieces: []string{" there"}}, []int{0}, nil, false),
			step("ar", 2, 0, stride.Text{Pieces: []string{" there", "\xe6"}}, []int{1}, nil, false),
			step("ar", 3, 0, stride.Text{Pieces: []string{" there", "\xe6", "\x98"}}, []int{2}, nil, false),
			step("ar", 4, 0, stride.Text{Pieces: []string{" there", "\xe6", "\x98", "\xa5"}}, []int{3}, nil, false),
			step("ar", 5, 0, stride.Text{Pieces: []string{" there", "\xe6", "\x98", "\xa5", " was\x1b[31m a\tword"}}, []int{4}, nil, false),
			step("ar", 6, 0, stride.Text{Pieces: []string{" there", "\xe6", "\x98", "\xa5", " was\x1b[31m a\tword", "."}}, []int{5}, nil, true),
		},
	}
}

// TestFrames compares what the live view shows, step by step, with a golden
// text. Rewrite it with -update.
func TestFrames(t *testing.T) {
	var b strings.Builder
	all := fakeSteps()
	for _, tc := range []struct {
		name, steps string
		scene       scene
		width       int
	}{
		{"poem", "refine", scene{title: "春曉"}, 60},
		{"poem in a narrow terminal", "refine", scene{title: "過故人莊"}, 11},
		{"story", "ar", scene{lead: "Once"}, 24},
	} {
		for _, step := range all[tc.steps] {
			fmt.Fprintf(&b, "== %s, pass %d\n", tc.name, step.Pass)
			for _, line := range tc.scene.frame(step, tc.width, 24) {
				if w := lipgloss.Width(line); w >= tc.width {
					t.Errorf("%s, pass %d: %q is %d cells wide in a terminal of %d", tc.name, step.Pass, line, w, tc.width)
				}
				b.WriteString(marked.Replace(line) + "\n")
			}
		}
	}
	golden.Compare(t, "live.golden", b.String())
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two three", 8, []string{"one two ", "three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"unbreakable", 4, []string{"unbr", "eaka", "ble"}},
		{"a unbreakable", 6, []string{"a ", "unbrea", "kable"}},
		{"春眠不覺曉", 5, []string{"春眠", "不覺", "曉"}},
		{"春\n\n眠", 5, []string{"春", "", "眠"}},
		{"e\u0301e\u0301e", 2, []string{"e\u0301e\u0301", "e"}}, // a combining mark takes no cell
	} {
		var got []string
		for _, line := range wrap(appendGlyphs(nil, tc.text, settled), tc.width) {
			got = append(got, textOf(line))
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%q in %d cells: %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
}

// screen is a terminal as far as redraw uses one.
type screen struct {
	rows   []string // with those that have scrolled out
	row    int
	height int
}

func (s *screen) write(t *testing.T, text string) {
	t.Helper()
	for text != "" {
		var n int
		switch {
		case strings.HasPrefix(text, beginUpdate), strings.HasPrefix(text, endUpdate):
			text = text[len(beginUpdate):]
		case strings.HasPrefix(text, clearBelow):
			s.rows = s.rows[:s.row]
			text = text[len(clearBelow):]
		case strings.HasPrefix(text, clearLine):
			text = text[len(clearLine):]
		case strings.HasPrefix(text, "\r\x1b["):
			if _, err := fmt.Sscanf(text, "\r"+cursorUp, &n); err != nil {
				t.Fatal(err)
			}
			s.row = max(s.row-n, len(s.rows)-s.height+1, 0)
			text = text[strings.IndexByte(text, 'A')+1:]
		default:
			line, rest, ok := strings.Cut(text, clearLine+"\n")
			if !ok || strings.Contains(line, "\x1b") {
				t.Fatalf("unexpected %q", text)
			}
			s.rows = append(s.rows[:s.row], append([]string{line}, s.rows[min(s.row+1, len(s.rows)):]...)...)
			s.row++
			text = rest
		}
	}
}

// TestRedraw draws random frames one over the other: what the screen can show of
// them must be right, and all of it unless it was told to be stale.
func TestRedraw(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		s := &screen{height: 2 + random.IntN(6)}
		var lines []string
		stale := false
		for range 8 {
			next := slices.Clone(lines)
			if random.IntN(3) > 0 && len(next) > 0 { // only the end changes, as in a text that grows
				next[len(next)-1] = fmt.Sprint(random.IntN(100))
			} else {
				for i := range next {
					next[i] = fmt.Sprint(random.IntN(100))
				}
			}
			for range random.IntN(4) {
				next = append(next, fmt.Sprint(random.IntN(100)))
			}
			text, wrong := redraw(lines, next, s.height)
			stale = stale || wrong
			s.write(t, text)
			lines = next
			if s.row != len(s.rows) {
				t.Fatalf("the cursor is in row %d of %d", s.row, len(s.rows))
			}
			from := max(0, len(lines)-s.height+1)
			if got := s.rows[max(0, len(s.rows)-s.height+1):]; !slices.Equal(got, lines[from:]) {
				t.Fatalf("the screen shows %q, want %q", got, lines[from:])
			}
			if !stale && !slices.Equal(s.rows, lines) {
				t.Fatalf("scrolled rows are %q, want %q and they are not said to be stale", s.rows, lines)
			}
		}
	}
	if text, stale := redraw([]string{"a"}, []string{"a"}, 10); text != "" || stale {
		t.Errorf("nothing new is drawn as %q", text)
	}
}

// TestLiveEndsWhole shows an object higher than the screen: at the end it is all
// there, in the end of what was written.
func TestLiveEndsWhole(t *testing.T) {
	var out bytes.Buffer
	l := &live{view: scene{}, out: &out, size: func() (int, int) { return 80, 3 }, pace: time.Microsecond}
	for _, step := range fakeSteps()["refine"] {
		text := step.Object.(stride.Text)
		text.Pieces = slices.Repeat(append(text.Pieces, "\n"), 4)
		step.Object = text
		if err := l.show(step); err != nil {
			t.Fatal(err)
		}
	}
	if want := strings.Repeat("  春眠曉\n  聞啼鳥\n", 4); !strings.HasSuffix(strings.TrimRight(out.String(), "\n")+"\n", want) {
		t.Errorf("the end is %q, want %q", out.String(), want)
	}
}

// TestStream checks that text appears as soon as it is certain, and whole
// characters only.
func TestStream(t *testing.T) {
	var out bytes.Buffer
	s := &stream{out: &out, lead: "Once", grows: true}
	var seen []string
	for _, step := range fakeSteps()["ar"][:4] {
		if err := s.show(step); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, out.String())
	}
	if want := []string{"Once there", "Once there", "Once there", "Once there春"}; !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
	for _, pieces := range [][]string{{"a", "\xe6", "b"}, {"a", "\xe6", "\xe6"}, {"\xff"}, {"a", "\uFFFD", "\xff", "b", "\xe6\x98"}} {
		out.Reset()
		s := &stream{out: &out, grows: true}
		for n := 1; n <= len(pieces); n++ {
			step := stride.Step{Object: stride.Text{Pieces: pieces[:n]}, Done: n == len(pieces)}
			if err := s.show(step); err != nil {
				t.Fatal(err)
			}
		}
		if want := (stride.Text{Pieces: pieces}).String() + "\n"; out.String() != want {
			t.Errorf("%q streamed as %q, want %q", pieces, out.String(), want)
		}
	}
}

func TestTable(t *testing.T) {
	got := marked.Replace(table([][]string{{"名", "n", "x"}, {"abc", "1", ""}, {"春", "22", "y"}}, 1))
	if want := "[dim 名    n  x]\nabc   1\n春   22  y\n"; got != want {
		t.Errorf("table\n%s want\n%s", got, want)
	}
}

func TestLengthFlag(t *testing.T) {
	for text, want := range map[string]int{"fixed": stride.LengthFixed, "predicted": stride.LengthPredicted, "7": 7, "0": 0, "-1": 0, "x": 0} {
		var l lengthFlag
		err := l.UnmarshalText([]byte(text))
		if (err == nil) != (want != 0) || int(l) != want {
			t.Errorf("%q: %d, %v", text, l, err)
		}
	}
}
