package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	stdimage "image"
	"image/gif"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/train"
)

// The tests bring tiny models of their own under the names of the bundled ones,
// trained on the spot: a pair on a few poems over a thousand years old, until the
// causal one knows them by heart, one on a nursery rhyme, and a pair on squares
// of 8 by 8 pixels; and a voice that learned nothing.
var (
	poems = []train.Poem{
		{Title: "鹿柴", Dynasty: "唐", Form: "五言絕句", Lines: []string{"空山不見人", "但聞人語響", "返景入深林", "復照青苔上"}},
		{Title: "春曉", Dynasty: "唐", Form: "五言絕句", Lines: []string{"春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"}},
		{Title: "江雪", Dynasty: "唐", Form: "五言絕句", Lines: []string{"千山鳥飛絕", "萬徑人蹤滅", "孤舟蓑笠翁", "獨釣寒江雪"}},
		{Title: "早發白帝城", Dynasty: "唐", Form: "七言絕句", Lines: []string{"朝辭白帝彩雲間", "千里江陵一日還", "兩岸猿聲啼不住", "輕舟已過萬重山"}},
	}
	rhymes = []train.Text{
		{Text: "Twinkle, twinkle, little star, how I wonder what you are."},
		{Text: "Mary had a little lamb, its fleece was white as snow."},
	}
)

const poemRecipe = `name: %s
title: Poems for tests
strategies: [%s]
companions: [%s]
data: {kind: poems, train: [{file: poems.jsonl}], valid: [{file: poems.jsonl}], source: the Tang dynasty, licence: none, credits: the poets}
elements: {min_count: 1}
network: {kind: %s, context: 64, max_length: 40, width: 32, layers: 2, heads: 2, ffn: 64}
train: {steps: 120, batch_tokens: 256, micro_tokens: 256, learning_rate: 0.01, warmup: 5, dropout: 0, ema: 0.9, drop_condition: 0.05, length_weight: 1}
weights: f32
`

const storyRecipe = `name: stories
title: A rhyme for tests
strategies: [ar]
data: {kind: texts, train: [{file: rhymes.jsonl}], valid: [{file: rhymes.jsonl}]}
elements: {min_count: 1, pieces: 40}
network: {kind: decoder, context: 64, max_length: 60, width: 32, layers: 2, heads: 2, ffn: 64}
train: {steps: 60, batch_tokens: 128, micro_tokens: 128, learning_rate: 0.01, warmup: 5, dropout: 0, ema: 0.9}
weights: q8_0
`

const tileRecipe = `name: %s
title: Squares for tests
strategies: [%s]
companions: [%s]
data: {kind: pictures, folder: squares, captions: captions.tsv, source: here, licence: none}
elements: {width: 8, height: 8, alpha: binary, min_count: 1, colours: 5}
network:
  kind: %s
  context: 24
  width: 16
  layers: 1
  heads: 2
  ffn: 16
  patch: 2
  stem: 4
  pixel: 4
  pixels: {width: 16, layers: 1, heads: 2, ffn: 16}
  caption: {width: 16, layers: 1, heads: 2, ffn: 16}
train: {steps: 60, batch_pictures: 8, micro_pictures: 8, learning_rate: 0.02, warmup: 5, dropout: 0, ema: 0.8, validate: 60}
generate: {passes: 4, guidance: 2%s}
weights: f32
`

// modelsEnv names the folder of the models to bundle, for the stride command
// that scripts run.
const modelsEnv = "STRIDE_TEST_MODELS"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stride": func() {
		var files []string
		for _, ending := range []string{"*.gguf", "*.yaml"} {
			found, err := filepath.Glob(filepath.Join(os.Getenv(modelsEnv), ending))
			if err != nil {
				panic(err)
			}
			files = append(files, found...)
		}
		for _, path := range files {
			data, err := os.ReadFile(path)
			if err != nil {
				panic(err)
			}
			models.Add(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), data)
		}
		os.Exit(Main())
	}})
}

// tiny trains the models once and returns their folder.
var tiny = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "stride-command-")
	if err != nil {
		return "", err
	}
	if err := writeRows(filepath.Join(dir, "poems.jsonl"), poems); err != nil {
		return "", err
	}
	if err := writeRows(filepath.Join(dir, "rhymes.jsonl"), rhymes); err != nil {
		return "", err
	}
	if err := writeSquares(filepath.Join(dir, "squares")); err != nil {
		return "", err
	}
	if err := writeVoice(dir); err != nil {
		return "", err
	}
	for _, text := range []string{
		fmt.Sprintf(poemRecipe, "tang", "ar", "tang-masked", "decoder"),
		fmt.Sprintf(poemRecipe, "tang-masked", "refine, nar", "tang", "masked"),
		storyRecipe,
		fmt.Sprintf(tileRecipe, "tiles", "ar", "tiles-flow", "pixel", ""),
		fmt.Sprintf(tileRecipe, "tiles-flow", "refine, nar", "tiles", "flow", ", shortcut_passes: 2"),
		fmt.Sprintf(tileRecipe, "tiles-classifier", "", "", "classifier", ""),
	} {
		r, err := train.ParseRecipe("recipe", []byte(text))
		if err != nil {
			return "", err
		}
		if r.Name == "tiles-flow" { // few steps are taught by a network that learned the velocity
			teacher, err := train.Run(context.Background(), r, train.Options{Data: dir, Out: filepath.Join(dir, "teacher"), Workers: 1})
			if err != nil {
				return "", err
			}
			r.Network.From, r.Train.Shortcut = teacher.Model, 0.5
		}
		result, err := train.Run(context.Background(), r, train.Options{Data: dir, Out: filepath.Join(dir, r.Name), Workers: 1})
		if err != nil {
			return "", err
		}
		if err := os.Rename(result.Model, filepath.Join(dir, r.Name+".gguf")); err != nil {
			return "", err
		}
	}
	return dir, nil
})

// writeSquares writes a folder of pictures with captions.
func writeSquares(dir string) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	captions := "file\tcategory\tcaption\tsplit\n"
	for i, ink := range []string{"r", "g", "k", "w"} {
		for j := range 4 {
			rows := slices.Repeat([]string{"........"}, 8)
			for y := j; y < j+4; y++ {
				rows[y] = ".." + strings.Repeat(ink, 4) + ".."
			}
			var file bytes.Buffer
			if err := image.EncodePNG(&file, drawing(rows...), nil); err != nil {
				return err
			}
			name := fmt.Sprintf("%d%d.png", i, j)
			if err := os.WriteFile(filepath.Join(dir, name), file.Bytes(), 0o666); err != nil {
				return err
			}
			captions += fmt.Sprintf("%s\t%s\ta %s square\t%s\n", name, []string{"bright", "dark"}[i/2], []string{"red", "green", "black", "white"}[i],
				[]string{"train", "train", "train", "valid"}[j])
		}
	}
	return os.WriteFile(filepath.Join(dir, "captions.tsv"), []byte(captions), 0o666)
}

func writeRows[T any](path string, rows []T) error {
	var out []byte
	for _, row := range rows {
		line, err := json.Marshal(row)
		if err != nil {
			return err
		}
		out = append(append(out, line...), '\n')
	}
	return os.WriteFile(path, out, 0o644)
}

// TestScripts runs testdata/script. There, $MODELS is the folder of the tiny
// models and of the data that they were trained on.
func TestScripts(t *testing.T) {
	dir, err := tiny()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv(modelsEnv, dir)
			e.Setenv("MODELS", dir)
			e.Setenv("HF_HUB_CACHE", filepath.Join(e.WorkDir, "no-hub"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "devfull" { // a device that is always full
				_, err := os.Stat("/dev/full")
				return runtime.GOOS == "linux" && err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor": waitFor, "corrupt": corrupt, "lines": countLines, "picture": picture, "sound": sound,
			"talking": talking, "serve-hub": serveHub,
		},
	})
}

// waitFor waits until a file is there and not empty.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor FILE")
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s does not appear", args[0])
}

// corrupt writes a changed copy of a file: cut to some of its bytes, or with a
// text replaced by another of the same length.
func corrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: corrupt FROM TO BYTES | corrupt FROM TO OLD NEW")
	}
	data := ts.ReadFile(args[0])
	if len(args) == 3 {
		var n int
		_, err := fmt.Sscan(args[2], &n)
		ts.Check(err)
		data = data[:n]
	} else {
		data = strings.Replace(data, args[2], args[3], 1)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(data), 0o644))
}

// picture checks the size of a picture and its number of frames.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: picture FILE WxH FRAMES")
	}
	data := []byte(ts.ReadFile(args[0]))
	config, kind, err := stdimage.DecodeConfig(bytes.NewReader(data))
	ts.Check(err)
	frames := 1
	if kind == "gif" {
		all, err := gif.DecodeAll(bytes.NewReader(data))
		ts.Check(err)
		frames = len(all.Image)
	} else if n := bytes.Count(data, []byte("fcTL")); n > 0 { // of an animated PNG
		frames = n
	}
	if got := fmt.Sprintf("%dx%d %d", config.Width, config.Height, frames); (got == args[1]+" "+args[2]) == neg {
		ts.Fatalf("%s is %s %s", args[0], kind, got)
	}
}

// sound checks the format of a sound, its rate and about how many seconds it
// lasts.
func sound(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: sound FILE FORMAT HZ LEAST MOST")
	}
	data := []byte(ts.ReadFile(args[0]))
	info, err := audio.DecodeInfo(bytes.NewReader(data))
	ts.Check(err)
	s, err := audio.Decode(bytes.NewReader(data), audio.Limits{})
	ts.Check(err)
	least, err := time.ParseDuration(args[3])
	ts.Check(err)
	most, err := time.ParseDuration(args[4])
	ts.Check(err)
	if d := s.Duration(); info.Format != args[1] || fmt.Sprint(s.Rate) != args[2] || d < least || d > most {
		ts.Fatalf("%s is %s of %s at %d Hz", args[0], info.Format, d, s.Rate)
	}
}

// countLines checks the number of lines of a file.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); (fmt.Sprint(n) == args[1]) == neg {
		ts.Fatalf("%s has %d lines", args[0], n)
	}
}
