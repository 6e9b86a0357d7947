package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride/tour"
)

// A tour that Ctrl-C stops says where that is which was finished.
func TestDemoStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	c := &console{out: &out, err: &errs, styledOut: &out, styledErr: &errs, size: func() (int, int) { return 60, 24 }}
	dir := filepath.Join(t.TempDir(), "tour")
	if code := run(ctx, []string{"demo", "--out", dir}, c); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	said := strings.Join(strings.Fields(out.String()), " ")
	if want := "Stopped. Finished so far: 0; see "; !strings.Contains(said, want) || errs.Len() > 0 {
		t.Errorf("got %q and %q, want %q", said, &errs, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
		t.Error(err)
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if len(line) > 60 && !strings.Contains(line, dir) {
			t.Errorf("%q is wider than the terminal", line)
		}
	}
}

// Where there is somebody who reads there is time to, and none once it is stopped.
func TestDemoRests(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	g := &demoGuide{ctx: ctx, c: &console{styledOut: &out, size: func() (int, int) { return 40, 24 }}}
	begin := time.Now()
	say := func(pace time.Duration) time.Duration {
		t.Helper()
		g.pace = pace
		before := time.Since(begin)
		if err := g.Say("One two three four\x1b."); err != nil {
			t.Fatal(err)
		}
		return time.Since(begin) - before
	}
	if d := say(4 * time.Millisecond); d < 18*time.Millisecond {
		t.Errorf("rested %s for 19 cells at 4 ms, want a quarter of that for each", d)
	}
	cancel()
	if d := say(time.Hour); d > time.Minute {
		t.Errorf("rested %s after it was stopped", d)
	}
	if got, want := out.String(), strings.Repeat("\n  One two three four\uFFFD.\n", 2); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDemoRepeat(t *testing.T) {
	for want, d := range map[string]demoCommand{
		"stride demo --seed 3": {Seed: 3},
		`stride demo --seed 0 --lang zh --creature 'it'\''s me'`: {Lang: tour.Chinese, Creature: "it's me"},
	} {
		if got := d.repeat(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
