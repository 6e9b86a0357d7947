package stride_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
)

// Trimmed, a model makes the same texts again, in new buffers.
func TestTrim(t *testing.T) {
	m := open(t, "tiny")
	for _, strategy := range []string{"ar", "refine", "speculate"} {
		made := func() string {
			text, _, err := m.Text(t.Context(), spring, stride.Strategy(strategy), stride.Seed(1))
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		before := made()
		kept := live()
		m.Trim()
		if after := live(); after >= kept {
			t.Errorf("%s: %d bytes live before, %d after it was trimmed", strategy, kept, after)
		}
		if after := made(); after != before {
			t.Errorf("%s: %q before, %q after", strategy, before, after)
		}
	}
}

func live() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

func TestScoreOfConversation(t *testing.T) {
	m, err := stride.Open(talking(t, talkTemplate))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	c, err := m.Chat(stride.ChatConfig{})
	if err != nil {
		t.Fatal(err)
	}
	known, err := c.Score(t.Context(), "春曉", strings.Join(poems[1].Lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.Score(t.Context(), "春曉", strings.Join(poems[2].Lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if known.Bits >= other.Bits || len(known.Each) != known.Elements {
		t.Errorf("its own poem %+v, another %+v", known, other)
	}
	sum := 0.0
	for _, b := range known.Each {
		sum += b
	}
	if math.Abs(sum-known.Bits) > 1e-9 {
		t.Errorf("the elements have %v bits, want %v", sum, known.Bits)
	}
}
