package stride

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// poem generates by ar with a seed.
func poem(t *testing.T, m *Model, seed int, opts ...Option) string {
	text, _, err := m.Text(t.Context(), Prompt{Text: "春曉"}, append(opts, AR(), Seed(uint64(seed)))...)
	if err != nil {
		t.Error(err)
	}
	return text
}

func openTiny(t *testing.T) *Model {
	t.Helper()
	m, err := Open("tiny")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestTextsAtOnce holds that a seed gives the same text alone, with others, and
// after others.
func TestTextsAtOnce(t *testing.T) {
	const texts = 12
	strategies := []Option{AR(), Speculate()}
	want := make([]string, texts)
	for i := range want {
		want[i] = poem(t, openTiny(t), i)
	}
	m := openTiny(t)
	for range 3 {
		var all sync.WaitGroup
		for i := range want {
			all.Go(func() {
				text, _, err := m.Text(t.Context(), Prompt{Text: "春曉"}, strategies[i%2], Seed(uint64(i)))
				if err != nil || text != want[i] {
					t.Errorf("text %d with others: %q, %v; alone %q", i, text, err, want[i])
				}
			})
		}
		all.Wait()
	}
	if n := idle(m.members[0]); n < 1 || n > mostFree() {
		t.Errorf("%d decoders are kept", n)
	}
}

// TestDecodersAreReused holds that the free decoder is lent that holds the most of
// a prompt.
func TestDecodersAreReused(t *testing.T) {
	m := openTiny(t)
	poem(t, m, 1)
	e := m.members[0].engine.(*causal)
	long := e.decoders.take(m.pool)
	long.Rewind(0)
	if _, err := long.Extend([]int{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	short := e.decoders.take(m.pool)
	if _, err := short.Extend([]int{1, 2, 5}); err != nil {
		t.Fatal(err)
	}
	e.decoders.give(short)
	e.decoders.give(long)
	l, err := e.decoders.lend(config{}, []int{1, 2, 3, 9})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.take(m.pool); got != long {
		t.Error("another decoder was lent than the one that holds the most of the prompt")
	}
	if l.prompt = []int{1, 2, 5}; l.take(m.pool) != short {
		t.Error("a new decoder was made although one is free")
	}
}

func TestCacheTypes(t *testing.T) {
	m := openTiny(t)
	for _, name := range CacheTypes() {
		if poem(t, m, 3, CacheType(name)) == "" {
			t.Errorf("no text with a cache in %s", name)
		}
	}
	var option *OptionError
	if _, _, err := m.Text(t.Context(), Prompt{}, AR(), CacheType("q9")); !errors.As(err, &option) || !strings.Contains(err.Error(), "cache-type: got q9, want f32, f16, q8_0") {
		t.Errorf("type q9: %v", err)
	}
	for name, opt := range map[string]Option{"a type of key-value cache": CacheType("f16"), "a shift of the context": ContextShift(2)} {
		var unsupported *UnsupportedError
		if _, _, err := m.Text(t.Context(), Prompt{}, NAR(), opt); !errors.As(err, &unsupported) || unsupported.Want != name {
			t.Errorf("nar with %s: %v", name, err)
		}
	}
}

// TestContextShift writes more than a context holds.
func TestContextShift(t *testing.T) {
	m := openTiny(t)
	length := 3 * m.Info().Context
	var option *OptionError
	if _, _, err := m.Text(t.Context(), Prompt{}, AR(), Length(length)); !errors.As(err, &option) {
		t.Errorf("length %d: %v", length, err)
	}
	for seed := range 40 {
		_, stats, err := m.Text(t.Context(), Prompt{}, AR(), Length(length), ContextShift(3), Temperature(2), Seed(uint64(seed)))
		if err != nil || stats.Stopped == "context" {
			t.Fatalf("stopped by %s, %v", stats.Stopped, err)
		}
		if stats.Elements > m.Info().Context {
			return
		}
	}
	t.Errorf("no text of 40 has more elements than a context of %d", m.Info().Context)
}

// patience is a context that is cancelled once it was asked so often.
type patience struct {
	context.Context
	lock *sync.Mutex
	left *int
}

func (p patience) Err() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	if *p.left--; *p.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancelledWithinAPass holds that a generation looks for that inside a pass,
// and that the next one is none the worse.
func TestCancelledWithinAPass(t *testing.T) {
	m := openTiny(t)
	want := poem(t, m, 5)
	for left := range 8 {
		ctx := patience{t.Context(), new(sync.Mutex), &left}
		_, stats, err := m.Text(ctx, Prompt{Text: "春曉"}, AR(), Seed(5))
		if !errors.Is(err, context.Canceled) || stats.Stopped != "cancelled" {
			t.Fatalf("error %v, stopped by %q", err, stats.Stopped)
		}
		if got := poem(t, m, 5); got != want {
			t.Fatalf("after a cancelled generation: %q, want %q", got, want)
		}
	}
}

// Several goroutines generate with one model at once; their sequences go through
// the network together, and each gets the text that it would get alone.
func ExampleModel_Text_concurrent() {
	m, err := Open("tiny")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	poems := make([]string, 8)
	var all sync.WaitGroup
	for i := range poems {
		all.Go(func() { poems[i], _, _ = m.Text(context.Background(), Prompt{Text: "春曉"}, AR(), Seed(1)) })
	}
	all.Wait()
	fmt.Println(len(slices.Compact(poems)), "poem")
	// Output: 1 poem
}
