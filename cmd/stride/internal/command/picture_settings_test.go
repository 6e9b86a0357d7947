package command

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/stride-ml/stride/element/image"
)

func pointer[T any](v T) *T { return &v }

// TestSettings writes settings into a PNG file, reads them back and compares the
// command line.
func TestSettings(t *testing.T) {
	for _, tc := range []struct {
		name, caption string
		s             settings
		want          string
	}{
		{"plain", "a red dragon", settings{Model: "tiles", Strategy: "ar", Passes: 1024, Seed: 7, Size: "32x32"},
			"stride generate tiles 'a red dragon' --strategy ar --seed 7 --size 32x32 --out again.png"},
		{"flow", "dragon", settings{Model: "tiles-flow", Strategy: "refine", Passes: 16, Guidance: pointer[float32](2.5), Solver: "heun", Shortcut: pointer(false), Seed: 1 << 60,
			Conditions: map[string]string{"category": "mon", "style": "flat art"}, Negative: "a frame, text", Tile: true, Init: "x.png", Strength: pointer[float32](0.1), Mask: "m y.png", Size: "256x256"},
			"stride generate tiles-flow dragon --strategy refine --passes 16 --guidance 2.5 --solver heun --no-shortcut --category mon --condition 'style=flat art' " +
				"--negative 'a frame, text' --tile --init x.png --strength 0.1 --mask 'm y.png' --seed 1152921504606846976 --size 256x256 --out again.png"},
		{"completion", "", settings{Model: "m.gguf", Strategy: "ar", Temperature: pointer[float32](0), TopK: pointer(0), TopP: pointer[float32](0.9), MinP: pointer[float32](0), Seed: 0,
			Complete: "half.png", Keep: pointer[float32](0.25), Size: "8x8"},
			"stride generate m.gguf --strategy ar --temperature 0 --top-k 0 --top-p 0.9 --min-p 0 --complete half.png --keep 0.25 --seed 0 --size 8x8 --out again.png"},
		{"sheet", "a, b", settings{Model: "tiles", Strategy: "nar", Passes: 1, Seed: 7, Prompts: "p.txt", Count: 2, Size: "32x32", Sheet: 3, Gap: pointer(0)},
			"stride generate tiles --strategy nar --prompts p.txt --count 2 --seed 7 --size 32x32 --sheet=3 --gap 0 --out again.png"},
		{"on the way", "a cat", settings{Model: "tiles", Strategy: "refine", Passes: 8, Shortcut: pointer(true), Seed: 7, Toward: "a dog", TowardSeed: pointer[uint64](0), Frames: 5, Size: "32x32", Delay: "80ms"},
			"stride generate tiles 'a cat' --strategy refine --passes 8 --shortcut --toward 'a dog' --toward-seed 0 --frames 5 --seed 7 --size 32x32 --delay 80ms --out again.png"},
		{"steps", "a cat", settings{Model: "tiles", Strategy: "refine", Passes: 8, Seed: 7, Size: "32x32", Steps: true, Delay: "40ms"},
			"stride generate tiles 'a cat' --strategy refine --passes 8 --seed 7 --size 32x32 --delay 40ms --steps-out again.png"},
		// What a stranger may have put there does nothing to shell, terminal or flags.
		{"hostile", "--out=x \x1b[31m'; rm -rf $HOME\n", settings{Model: "-q", Strategy: "$(x)", Negative: "-n", Seed: 1},
			`stride generate ./-q --strategy '$(x)' --negative=-n --seed 1 --out again.png -- '--out=x ` + "\uFFFD" + `[31m'\''; rm -rf $HOME '`},
	} {
		texts, err := tc.s.texts(tc.caption)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		var file bytes.Buffer
		if err := image.EncodePNG(&file, drawing("rg", "kw"), texts); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if texts, err = image.ReadTexts(&file); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		got, caption, err := settingsOf(texts)
		if err != nil || caption != tc.caption {
			t.Errorf("%s: caption %q, %v, want %q", tc.name, caption, err, tc.caption)
		}
		if diff := cmp.Diff(tc.s, got); diff != "" {
			t.Errorf("%s: settings differ (-written +read):\n%s", tc.name, diff)
		}
		if line := got.command(caption, "again.png"); line != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, line, tc.want)
		}
	}
	for _, texts := range [][]image.Text{nil, {{Key: textSoftware, Value: "x"}}, {{Key: textSettings, Value: "{"}}, {{Key: textSettings, Value: `{"seed": -1}`}}} {
		if _, _, err := settingsOf(texts); err == nil || !strings.Contains(err.Error(), textSettings) {
			t.Errorf("%v: %v", texts, err)
		}
	}
}

// FuzzSettings reads settings of strangers: whatever stands there, the command
// line is one line that a terminal only prints.
func FuzzSettings(f *testing.F) {
	f.Add("a red dragon", `{"model":"tiles","strategy":"refine","passes":16,"guidance":3,"seed":7,"size":"32x32"}`)
	f.Add("-x\x1b[2J", `{"model":"-","conditions":{"\u0007":"'"},"shortcut":false,"sheet":-1}`)
	f.Fuzz(func(t *testing.T, caption, text string) {
		s, caption, err := settingsOf([]image.Text{{Key: textDescription, Value: caption}, {Key: textSettings, Value: text}})
		if err != nil {
			return
		}
		if line := s.command(caption, "again.png"); strings.ContainsFunc(line, unicode.IsControl) {
			t.Errorf("%q", line)
		}
	})
}
