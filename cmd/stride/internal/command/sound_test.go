package command

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/golden"
	"github.com/stride-ml/stride/network"
)

// sine is a tone of 250 Hz at 1000 Hz.
func sine(n int, amplitude float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(amplitude * math.Sin(math.Pi/2*float64(i)+math.Pi/4) * math.Sqrt2)
	}
	return x
}

const spokenText = "Good morning, the dragon is awake."

// soundSteps are those of a pipeline that speaks spokenText at 1000 Hz: four
// frames of 100 ms one after another, then the samples of two at a time.
func soundSteps() []stride.Step {
	word := func(text string, start, end time.Duration) stride.Mark {
		return stride.Mark{Kind: stride.MarkWord, Text: text, Start: start * time.Millisecond, End: end * time.Millisecond, Offset: strings.Index(spokenText, text), Length: len(text)}
	}
	phone := word("Good", 20, 80)
	phone.Kind, phone.Text = stride.MarkPhone, "G"
	rest := stride.Mark{Kind: stride.MarkRest, Text: ",", Start: 150 * time.Millisecond, End: 200 * time.Millisecond, Offset: 12, Length: 1}
	var steps []stride.Step
	add := func(stage int, s stride.Sound, frames, samples int) {
		n := len(steps) + 1
		passes := [2]int{frames, samples / 200}
		stats := stride.Stats{Strategy: "ar + nar", Model: "test", Passes: passes[0] + passes[1], Elements: samples, Total: time.Duration(n) * 10 * time.Millisecond, Seed: 7}
		stats.Stages = []stride.StageStats{
			{Strategy: "ar", Model: "acoustic", Passes: frames, Elements: frames, Busy: 20 * time.Millisecond},
			{Strategy: "nar", Model: "vocoder", Passes: passes[1], Elements: samples, Busy: 5 * time.Millisecond},
		}
		steps = append(steps, stride.Step{Pass: passes[stage-1], Object: s, Stage: stage, Stages: 2, Stats: stats})
	}
	frame := func(marks ...stride.Mark) stride.Sound {
		return stride.Sound{Rate: 1000, Frames: make([]float32, 2), Bands: 2, Hop: 100, Marks: marks}
	}
	add(1, frame(), 1, 0)
	add(1, frame(), 2, 0)
	add(2, stride.Sound{Rate: 1000, Samples: sine(200, 0.1), Marks: []stride.Mark{word("Good", 20, 80), phone, word("morning", 80, 150), rest}}, 2, 200)
	add(1, frame(), 3, 200)
	add(1, frame(), 4, 200)
	add(2, stride.Sound{Rate: 1000, Samples: sine(200, 1), Start: 200, Marks: []stride.Mark{word("the", 200, 250), word("dragon", 250, 400)}}, 4, 400)
	last := &steps[len(steps)-1]
	last.Done, last.Stats.Stopped = true, "end"
	return steps
}

// newTestRun is a run without a model.
func newTestRun(c *console, out string) *soundRun {
	r := &soundRun{soundFlags: &soundFlags{}, c: c, out: out, prompt: stride.Prompt{Text: spokenText}}
	r.info = stride.Info{Name: "test", Sound: &stride.SoundInfo{Rate: 1000, Samples: true, Language: "english"}}
	r.made.rate = 1000
	return r
}

func testConsole() (c *console, out, err *bytes.Buffer) {
	out, err = &bytes.Buffer{}, &bytes.Buffer{}
	return &console{in: strings.NewReader(""), out: out, err: err, styledOut: out, styledErr: err, size: func() (int, int) { return 60, 24 }}, out, err
}

// TestSoundFrames compares what the live view shows of a sound with a golden text.
func TestSoundFrames(t *testing.T) {
	long := strings.Repeat("A sentence that is said before. ", 20) + spokenText + strings.Repeat(" Another one.", 20)
	var b strings.Builder
	for _, tc := range []struct {
		name, text string
		shift      int // of the words
		width      int
	}{
		{"a sentence", spokenText, 0, 60},
		{"in a narrow terminal", spokenText, 0, 24},
		{"in a very narrow terminal", spokenText, 0, 12},
		{"in a long text", long, strings.Index(long, "Good"), 60},
		{"a vocoder", "", 0, 60},
	} {
		made := progress{rate: 1000}
		v := newSoundView(tc.text, stride.Info{
			Sound:  &stride.SoundInfo{Rate: 1000, Language: "english"},
			Stages: []stride.StageInfo{{Architecture: network.ArchitectureAcoustic}, {Architecture: network.ArchitectureVocoder}},
		}, &made)
		for i, step := range soundSteps() {
			s := step.Object.(stride.Sound)
			for k := range s.Marks {
				s.Marks[k].Offset += tc.shift
			}
			made.samples += len(s.Samples)
			if tc.text == "" {
				step.Stats.Stages, s.Marks = nil, nil
			}
			v.add(s)
			fmt.Fprintf(&b, "== %s, step %d\n", tc.name, i+1)
			for _, line := range v.frame(step, tc.width, 24) {
				if w := lipgloss.Width(line); w >= tc.width {
					t.Errorf("%s, step %d: %q is %d cells wide in a terminal of %d", tc.name, i+1, line, w, tc.width)
				}
				b.WriteString(marked.Replace(line) + "\n")
			}
		}
	}
	golden.Compare(t, "sound.golden", b.String())
}

func TestMeter(t *testing.T) {
	m := newMeter(1000)
	for range 40 { // 4 s, in pieces that are no whole bars
		m.add(sine(70, 0.01))
		m.add(sine(30, 0.1))
	}
	m.add(sine(300, 1)) // all that is measured together
	if got := audio.Level(m.window); math.Abs(got) > 0.01 || len(m.window) != 300 {
		t.Errorf("level of the last %d samples is %.2f dBFS, want that of 300 at 0", len(m.window), got)
	}
	m.add(make([]float32, 300))
	if got := audio.Level(m.window); !math.IsInf(got, -1) {
		t.Errorf("level of silence is %.2f", got)
	}
	if math.Abs(float64(m.loudest)-1) > 1e-6 {
		t.Errorf("loudest is %.2f", m.loudest)
	}
	if n := len(m.history); n != 4600/50 || math.Abs(m.history[81]) > 0.01 || !math.IsInf(m.history[n-1], -1) {
		t.Errorf("history is %.1f", m.history)
	}
	m.add(make([]float32, 50*mostBars))
	if len(m.history) != mostBars {
		t.Errorf("history of %d bars, want %d", len(m.history), mostBars)
	}
	for level, want := range map[float64]string{0: "████", -60: "", -75: "", math.Inf(-1): "", -30: "██", -15: "███", -50: "▋", 3: "████"} {
		if got := bar(level, 4); got != want {
			t.Errorf("bar of %g dBFS is %q, want %q", level, got, want)
		}
	}
}

// TestSoundRun writes a sound in each format, with its marks, and compares them
// with a golden text.
func TestSoundRun(t *testing.T) {
	for _, tc := range []struct {
		out    string
		format formatFlag
		info   audio.Info
	}{
		{"a.wav", "", audio.Info{Format: "WAV", Rate: 1000, Channels: 1, Bits: 16, Samples: 400}},
		{"a.flac", "", audio.Info{Format: "FLAC", Rate: 1000, Channels: 1, Bits: 16, Samples: 400}},
		{"a.pcm", "", audio.Info{}},
		{"a.bin", "flac", audio.Info{Format: "FLAC", Rate: 1000, Channels: 1, Bits: 16, Samples: 400}},
		{"-", "", audio.Info{Format: "WAV", Rate: 1000, Channels: 1, Bits: 16, Samples: -1}},
		{"-", "pcm", audio.Info{}},
	} {
		c, out, _ := testConsole()
		dir := t.TempDir()
		path := tc.out
		if path != "-" {
			path = filepath.Join(dir, path)
		}
		r := newTestRun(c, path)
		r.Format, r.Marks, r.Spectrogram = tc.format, filepath.Join(dir, "marks.json"), filepath.Join(dir, "a.png")
		if err := runSteps(r, soundSteps()); err != nil {
			t.Fatal(err)
		}
		data := out.Bytes()
		if path != "-" {
			var err error
			if data, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		want := audio.AppendPCM(audio.AppendPCM(nil, sine(200, 0.1)), sine(200, 1))
		got := data
		if tc.info.Format != "" {
			info, err := audio.DecodeInfo(bytes.NewReader(data))
			if err != nil || info != tc.info {
				t.Errorf("%s %s: %+v, %v, want %+v", tc.out, tc.format, info, err, tc.info)
			}
			s, err := audio.Decode(bytes.NewReader(data), audio.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got = audio.AppendPCM(nil, s.Samples)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s %s: %d bytes of samples, want %d, or others", tc.out, tc.format, len(got), len(want))
		}
		if tc.out == "a.wav" {
			marks, err := os.ReadFile(r.Marks)
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, "marks.golden", string(marks))
		}
	}
}

// runSteps does with steps what a run does with those of a model.
func runSteps(r *soundRun, steps []stride.Step) error {
	ctx := context.Background()
	if err := r.destination(); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	defer r.discard()
	r.shown = r.presenter(ctx)
	for _, s := range steps {
		if err := r.show(s); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}

// TestSoundCancelled keeps what was made, and once: the last step comes again.
func TestSoundCancelled(t *testing.T) {
	c, _, told := testConsole()
	path := filepath.Join(t.TempDir(), "a.wav")
	steps := soundSteps()[:3]
	again := steps[2]
	again.Done, again.Stats.Stopped = true, stoppedCancelled
	if err := runSteps(newTestRun(c, path), append(steps, again)); err != nil {
		t.Fatal(err)
	}
	s, err := audio.Read(path, audio.Limits{})
	if err != nil || len(s.Samples) != 200 {
		t.Errorf("%d samples, %v, want 200", len(s.Samples), err)
	}
	if want := "ar + nar · 2 + 1 passes · 0.20 s of sound · 6.7 times real time · first sound after 30 ms · seed 7 · cancelled\n"; told.String() != want {
		t.Errorf("told %q, want %q", told, want)
	}
}

// TestSoundUnwritten leaves no file of a sound that was not made.
func TestSoundUnwritten(t *testing.T) {
	c, _, _ := testConsole()
	dir := t.TempDir()
	r := newTestRun(c, filepath.Join(dir, "a.wav"))
	if err := r.open(context.Background()); err != nil {
		t.Fatal(err)
	}
	r.discard()
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestDestination looks at where a sound goes, with and without a terminal and a
// player.
func TestDestination(t *testing.T) {
	for _, tc := range []struct {
		out           string
		flags         soundFlags
		json          bool
		screen, plays bool
		wantOut       string
		wantPlay      bool
		wantErr       string
	}{
		{wantOut: "speech.wav"},
		{screen: true, wantOut: "speech.wav"},
		{plays: true, wantOut: "speech.wav"},
		{screen: true, plays: true, wantPlay: true},
		{screen: true, plays: true, flags: soundFlags{Format: "flac"}, wantOut: "speech.flac"},
		{screen: true, plays: true, out: "a.wav", wantOut: "a.wav"},
		{flags: soundFlags{Play: true}, wantPlay: true},
		{flags: soundFlags{Play: true, Format: "pcm"}, wantPlay: true, wantOut: "speech.pcm"},
		{out: "-", wantOut: "-"},
		{out: "-", screen: true, wantErr: "standard output is a terminal"},
		{out: "-", json: true, wantErr: "--json and --out - both"},
		{flags: soundFlags{Marks: "-"}, wantErr: "want files, not -"},
		{flags: soundFlags{Spectrogram: "a.jpg"}, wantErr: "want a name that ends in .png"},
		{out: "a.wav", flags: soundFlags{Marks: "a.wav"}, wantErr: "two things would be written to a.wav"},
		{flags: soundFlags{Marks: "none/a.json"}, wantErr: "its folder cannot be used"},
	} {
		dir := t.TempDir()
		t.Chdir(dir)
		t.Setenv("PATH", dir)
		if tc.plays {
			fakePlayer(t, dir, "")
		}
		c, _, _ := testConsole()
		c.outIsTerminal = tc.screen
		r := newTestRun(c, tc.out)
		r.soundFlags, r.json = &tc.flags, tc.json
		err := r.destination()
		switch {
		case tc.wantErr != "":
			if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("%+v: %v", tc, err)
			}
		case err != nil || r.out != tc.wantOut || r.Play != tc.wantPlay:
			t.Errorf("%+v: out %q, play %v, %v", tc, r.out, r.Play, err)
		}
	}
}

func TestUnusedName(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, want := range []string{"speech.wav", "speech-2.wav", "speech-3.wav"} {
		got := unusedName("speech.wav")
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if err := os.WriteFile(got, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
