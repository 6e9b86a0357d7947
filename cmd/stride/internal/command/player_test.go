package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

// fakePlayer puts a program in a folder that is found as a player, and does what
// a line for a shell says.
func fakePlayer(t *testing.T, dir, line string) {
	t.Helper()
	name := "aplay"
	if runtime.GOOS == "windows" {
		name += ".bat"
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+line+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestPlayer(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the players here are scripts for sh")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Chdir(dir)
	ctx := context.Background()
	if _, err := startPlayer(ctx, 1000); err == nil || !strings.Contains(err.Error(), "no player of sound was found, looked for aplay, paplay, pw-play, play, ffplay, afplay; want --out FILE") {
		t.Errorf("without a player: %v", err)
	}

	fakePlayer(t, dir, `echo "$@" > args; exec /bin/cat > heard`)
	c, _, _ := testConsole()
	r := newTestRun(c, "")
	r.Play = true
	if err := runSteps(r, soundSteps()); err != nil {
		t.Fatal(err)
	}
	heard, err := os.ReadFile("heard")
	if want := audio.AppendPCM(audio.AppendPCM(nil, sine(200, 0.1)), sine(200, 1)); err != nil || !bytes.Equal(heard, want) {
		t.Errorf("heard %d bytes, %v, want %d", len(heard), err, len(want))
	}
	if args, err := os.ReadFile("args"); string(args) != "-q -t raw -f S16_LE -c 1 -r 1000\n" || err != nil {
		t.Errorf("called with %q, %v", args, err)
	}

	fakePlayer(t, dir, `echo "audio open error: no such device" >&2; exit 1`)
	r = newTestRun(c, "")
	r.Play = true
	if err := runSteps(r, soundSteps()); err == nil || err.Error() != "aplay does not play: audio open error: no such device; want --out FILE" {
		t.Errorf("a player that fails: %v", err)
	}

	fakePlayer(t, dir, "exec /bin/sleep 60")
	ctx, cancel := context.WithCancel(ctx)
	p, err := startPlayer(ctx, 1000)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := p.Close(); err == nil {
		t.Error("a player that was stopped has no error")
	}
}

// TestFilePlayers checks that players of files get one, which does not stay.
func TestFilePlayers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the players here are scripts for sh")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("TMPDIR", t.TempDir())
	t.Chdir(dir)
	fakePlayer(t, dir, `exec /bin/cp "$1" heard.wav`)
	if err := os.Rename("aplay", "afplay"); err != nil {
		t.Fatal(err)
	}
	c, _, _ := testConsole()
	r := newTestRun(c, "")
	r.Play = true
	if err := runSteps(r, soundSteps()); err != nil {
		t.Fatal(err)
	}
	if s, err := audio.Read("heard.wav", audio.Limits{}); err != nil || len(s.Samples) != 400 {
		t.Errorf("heard %d samples, %v", len(s.Samples), err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
}
