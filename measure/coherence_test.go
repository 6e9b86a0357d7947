package measure

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	five, seven := "春眠不覺曉", "秦時明月漢時關"
	repeat := func(line string, n int) Poem { return slices.Repeat(Poem{line}, n) }
	for _, c := range []struct {
		name string
		poem Poem
		want string
	}{
		{"4x5", repeat(five, 4), "五言絕句"},
		{"4x7", repeat(seven, 4), "七言絕句"},
		{"8x5", repeat(five, 8), "五言律詩"},
		{"8x7", repeat(seven, 8), "七言律詩"},
		{"rare characters", repeat("𠀀眠不覺曉", 4), "五言絕句"},
		{"3 lines", repeat(five, 3), ""},
		{"6 lines", repeat(five, 6), ""},
		{"uneven", append(repeat(five, 3), seven), ""},
		{"empty line", append(repeat(five, 3), ""), ""},
		{"punctuation", repeat("春眠，覺曉", 4), ""},
		{"not UTF-8", repeat("春眠不覺\xff", 4), ""},
		{"none", nil, ""},
	} {
		f, ok := FormOf(c.poem)
		if f.Name != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q, %v, want %q", c.name, f.Name, ok, c.want)
		}
	}
	for _, p := range testPoems(t) {
		if _, ok := FormOf(p); !ok {
			t.Errorf("no form for %q", p)
		}
	}
}

func TestParseForm(t *testing.T) {
	for _, f := range Forms() {
		for _, name := range []string{f.Name, f.Short} {
			if got, err := ParseForm(name); err != nil || got != f {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
		}
	}
	if f, err := ParseForm("七言绝句"); err != nil || f.Short != "七絕" {
		t.Errorf("simplified: got %v, %v", f, err)
	}
	_, err := ParseForm("六絕")
	if err == nil || !strings.Contains(err.Error(), `"六絕"`) || !strings.Contains(err.Error(), "七律") {
		t.Errorf("got error %v, want one with the name and the names there are", err)
	}
}

func TestParsePoem(t *testing.T) {
	for _, c := range []struct {
		text string
		want Poem
	}{
		{"", nil},
		{" \n", nil},
		{"春眠不覺曉", Poem{"春眠不覺曉"}},
		{"春眠\r\n不覺\n", Poem{"春眠", "不覺"}},
		{"春眠\n\n 不覺 ", Poem{"春眠", "", "不覺"}},
	} {
		if got := ParsePoem(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestHalf(t *testing.T) {
	poems := testPoems(t)
	var in [2][]string
	for half := range in {
		for p := range Half(slices.Values(poems), half) {
			in[half] = append(in[half], strings.Join(p, "\n"))
		}
	}
	for _, p := range in[0] {
		if slices.Contains(in[1], p) {
			t.Errorf("in both halves: %q", p)
		}
	}
	if n := len(in[0]) + len(in[1]); n != len(poems) || min(len(in[0]), len(in[1])) < len(poems)/4 {
		t.Errorf("halves of %d and %d poems of %d", len(in[0]), len(in[1]), len(poems))
	}
	// FNV-1a of "a\n" is 0x089bdc07b544e7b2: the highest bit is 0.
	if got := slices.Collect(Half(slices.Values([]Poem{{"a"}}), 0)); len(got) != 1 {
		t.Errorf("the hash has changed: %q is not in half 0", "a")
	}
}

func TestCorpus(t *testing.T) {
	c := NewCorpus(slices.Values([]Poem{{"春眠", "不覺曉"}, {"風"}}))
	for line, want := range map[string]bool{"春眠": true, "不覺曉": true, "風": true, "不覺": false, "": false, "春眠不": false} {
		if c.HasLine(line) != want {
			t.Errorf("line %q: got %v", line, !want)
		}
	}
	for text, want := range map[string]bool{"春眠": true, "覺曉": true, "眠春": false, "眠不": false, "曉風": false} {
		if r := []rune(text); c.HasPair(r[0], r[1]) != want {
			t.Errorf("pair %q: got %v", text, !want)
		}
	}
}

func TestMeasure(t *testing.T) {
	training := []Poem{{"春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"}}
	judge := trainOn(t, 3, training...)
	asked, _ := ParseForm("五絕")
	samples := []Sample{
		// Two copied lines, one of them twice; pairs 曉春, 春聞, 聞夜, 夜花 unseen.
		{Poem: Poem{"春眠不覺曉", "春眠不覺曉", "曉春聞夜花", "花落知多少"}, Ended: true, Asked: asked},
		{Poem: Poem{"春眠", ""}, Asked: asked},
		{},
	}
	c := Measure(samples, judge, NewCorpus(slices.Values(training)))
	if c.Samples != 3 || c.Characters != 22 {
		t.Errorf("got %d samples, %d characters", c.Samples, c.Characters)
	}
	near(t, "unseen", c.UnseenPairs, 4./17)
	// 16 pairs in the first, 4 of them twice, and one more of these in the second.
	near(t, "distinct", c.Distinct2, 12./17)
	near(t, "copied", c.CopiedLines, 3./5)
	near(t, "repeated", c.RepeatedLines, 1./5)
	bits, n, _ := judge.Score(samples[0].Poem, true)
	bits1, n1, _ := judge.Score(samples[1].Poem, false)
	near(t, "NLL", c.NLL, (bits+bits1)/float64(n+n1))
	near(t, "NLL of the first", c.NLLs[0], bits/float64(n))
	if len(c.NLLs) != 3 || !math.IsNaN(c.NLLs[2]) {
		t.Errorf("NLL of each: got %v, want NaN for the empty one", c.NLLs)
	}
	// 春 4 times, 眠 and 曉 3, 不 覺 花 2, and 聞 夜 落 知 多 少 once.
	var h float64
	for _, k := range []float64{4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1} {
		h -= k / 22 * math.Log2(k/22)
	}
	near(t, "entropy", c.Entropy, h)
	want := FormCheck{Lines: 1. / 3, Lengths: 1. / 3, Ended: 1. / 3, Right: 1. / 3}
	if c.Form != want {
		t.Errorf("form: got %+v, want %+v", c.Form, want)
	}
}

func TestMeasureNothing(t *testing.T) {
	c := Measure(nil, trainOn(t, 2, Poem{"春"}), NewCorpus(slices.Values([]Poem(nil))))
	for _, v := range []float64{c.NLL, c.Entropy, c.Distinct2, c.UnseenPairs, c.CopiedLines, c.RepeatedLines, c.Form.Right} {
		if !math.IsNaN(v) {
			t.Errorf("got %v of nothing, want NaN", v)
		}
	}
}

func TestCheckForm(t *testing.T) {
	quatrain, regulated := Poem(slices.Repeat([]string{"春眠不覺曉"}, 4)), Poem(slices.Repeat([]string{"秦時明月漢時關"}, 8))
	asked, _ := ParseForm("五絕")
	for _, c := range []struct {
		name   string
		sample Sample
		want   FormCheck
	}{
		{"right", Sample{quatrain, true, asked}, FormCheck{1, 1, 1, 1}},
		{"cut off", Sample{quatrain, false, asked}, FormCheck{1, 1, 0, 0}},
		{"another form", Sample{regulated, true, asked}, FormCheck{0, 0, 1, 0}},
		{"none asked", Sample{regulated, true, Form{}}, FormCheck{1, 1, 1, 1}},
		{"none asked, none kept", Sample{quatrain[:3], true, Form{}}, FormCheck{0, 1, 1, 0}},
		{"short line", Sample{append(quatrain[:3:3], "春眠"), true, asked}, FormCheck{1, 0, 1, 0}},
	} {
		if got := CheckForm([]Sample{c.sample}); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// FuzzMeasure holds that no generated text, however malformed, breaks a measure.
func FuzzMeasure(f *testing.F) {
	training := testPoems(f)
	judge, corpus := trainOn(f, 4, training...), NewCorpus(slices.Values(training))
	f.Add(strings.Join(training[0], "\n"), true)
	f.Add("春\n\n\xff\x00", false)
	f.Fuzz(func(t *testing.T, text string, ended bool) {
		c := Measure([]Sample{{Poem: ParsePoem(text), Ended: ended}}, judge, corpus)
		for _, s := range []float64{c.Distinct2, c.UnseenPairs, c.CopiedLines, c.RepeatedLines} {
			if s < 0 || s > 1 {
				t.Errorf("a share of %v", s)
			}
		}
		if c.NLL <= 0 || math.IsInf(c.NLL, 0) || c.Entropy < 0 {
			t.Errorf("NLL %v, entropy %v", c.NLL, c.Entropy)
		}
	})
}
