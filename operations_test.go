package stride_test

import (
	"errors"
	"testing"

	"github.com/stride-ml/stride"
)

func TestElementFLOPs(t *testing.T) {
	for _, name := range []string{"tiny", "tiny-flow"} {
		m := open(t, name)
		for _, strategy := range []string{"ar", "nar", "refine"} {
			got, err := m.ElementFLOPs(strategy)
			if err != nil {
				t.Fatal(err)
			}
			weights := float64(m.Info().Parameters)
			if name == "tiny" && strategy == "ar" && got != 2*weights {
				t.Errorf("%v for an element of text, want twice the %v weights", got, weights)
			}
			if !(got > 0 && got < 4*weights) {
				t.Errorf("%s, %s: %v for an element, %v weights", name, strategy, got, weights)
			}
		}
		var missing *stride.UnsupportedError
		if _, err := m.ElementFLOPs("cascade"); !errors.As(err, &missing) {
			t.Errorf("a strategy that %s lacks: %v", name, err)
		}
	}
}
