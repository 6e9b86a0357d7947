package stride_test

import (
	"errors"
	"testing"

	"github.com/stride-ml/stride"
)

func TestThroughput(t *testing.T) {
	m := open(t, "tiny")
	for _, test := range []stride.ThroughputTest{
		{Tokens: 20, Prompt: true, Repetitions: 3},
		{Tokens: 20, Repetitions: 3, Workers: 1},
		{Tokens: 4, Depth: 60, Conversations: 3, Repetitions: 3, Workers: 2}, // up to the context's end
	} {
		rates, err := m.Throughput(t.Context(), test)
		if err != nil || len(rates) != 3 {
			t.Fatalf("%+v: %v, %v", test, rates, err)
		}
		for _, r := range rates {
			if !(r > 0) {
				t.Errorf("%+v: %g tokens/s", test, r)
			}
		}
	}
	var option *stride.OptionError
	for _, test := range []stride.ThroughputTest{{}, {Tokens: 5, Depth: 60}, {Tokens: 5, Depth: -1}, {Tokens: 5, Conversations: -1}} {
		if _, err := m.Throughput(t.Context(), test); !errors.As(err, &option) {
			t.Errorf("%+v: error %v, want an OptionError", test, err)
		}
	}
}
