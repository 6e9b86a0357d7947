package stride_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stride-ml/stride"
)

func TestThroughput(t *testing.T) {
	m := open(t, "tiny")
	tests := []stride.ThroughputTest{
		{Tokens: 20, Prompt: true},
		{Tokens: 20, Workers: 1},
		{Tokens: 4, Depth: 60, Conversations: 3, Workers: 2}, // up to the context's end
	}
	var told []int
	all, err := m.Throughput(t.Context(), tests, stride.ThroughputOptions{Repetitions: 3, Progress: func(done, whole int) {
		if told = append(told, done); whole != 12 {
			t.Errorf("%d of %d runs, want 12", done, whole)
		}
	}})
	if err != nil || len(all) != len(tests) {
		t.Fatalf("%v, %v", all, err)
	}
	for i, rates := range all {
		if len(rates) != 3 || !(slices.Min(rates) > 0) {
			t.Errorf("%+v: %g tokens/s", tests[i], rates)
		}
	}
	if len(told) != 12 || told[11] != 12 {
		t.Errorf("progress was told as %v", told)
	}
	var option *stride.OptionError
	for _, test := range []stride.ThroughputTest{{}, {Tokens: 5, Depth: 60}, {Tokens: 5, Depth: -1}, {Tokens: 5, Conversations: -1}, {Tokens: 5, CacheType: "f8"}} {
		if _, err := m.Throughput(t.Context(), append(tests, test), stride.ThroughputOptions{}); !errors.As(err, &option) {
			t.Errorf("%+v: error %v, want an OptionError", test, err)
		}
	}
	if _, err := m.Throughput(t.Context(), tests, stride.ThroughputOptions{Repetitions: -1}); !errors.As(err, &option) {
		t.Errorf("-1 repetitions: error %v, want an OptionError", err)
	}
}
