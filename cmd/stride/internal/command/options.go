package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stride-ml/stride"
)

// strategyFlag is the name of a strategy, or those of the stages of a pipeline,
// joined by +.
type strategyFlag string

// UnmarshalText refuses names of no strategy.
func (s *strategyFlag) UnmarshalText(text []byte) error {
	known := []string{"ar", "nar", "refine", "speculate"}
	for _, name := range strings.Split(string(text), "+") {
		if !slices.Contains(known, strings.TrimSpace(name)) {
			return fmt.Errorf("%q is no strategy, want %s, or those of several stages joined by +", name, strings.Join(known, ", "))
		}
	}
	*s = strategyFlag(text)
	return nil
}

// lengthFlag is a value for [stride.Length], 0 if not given.
type lengthFlag int

// UnmarshalText reads fixed, predicted or a number of elements.
func (l *lengthFlag) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "fixed":
		*l = stride.LengthFixed
	case "predicted":
		*l = stride.LengthPredicted
	default:
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no length, want fixed, predicted or a number of elements from 1", s)
		}
		*l = lengthFlag(n)
	}
	return nil
}

// conditionFlags are conditions of the prompt.
type conditionFlags struct {
	Form      string            `help:"Form of a poem, in full or abbreviated: 五絕, 七絕, 五律 or 七律 (4 or 8 lines of 5 or 7 characters)." placeholder:"FORM"`
	Dynasty   string            `help:"Dynasty whose poems to follow: 唐 or 宋." placeholder:"NAME"`
	Category  string            `help:"Kind of a picture, such as monster; the model's are in: stride show MODEL." placeholder:"NAME"`
	Condition map[string]string `help:"Any other condition that the model knows (see: stride show MODEL)." placeholder:"NAME=VALUE"`
}

// resolve gives the conditions in full.
func (f conditionFlags) resolve(m *stride.Model) (map[string]string, error) {
	asked := map[string]string{}
	for name, value := range f.Condition {
		asked[name] = value
	}
	for name, value := range map[string]string{"form": f.Form, "dynasty": f.Dynasty, "category": f.Category} {
		if value != "" {
			asked[name] = value
		}
	}
	known := m.Info().Conditions
	for name, value := range asked {
		if _, ok := known[name]; !ok {
			return nil, usageError{fmt.Errorf("the model has no condition %q, it has: %s", name, cmp.Or(strings.Join(slices.Sorted(maps.Keys(known)), ", "), "none"))}
		}
		full, err := m.Condition(name, value)
		if err != nil {
			return nil, usageError{err}
		}
		asked[name] = full
	}
	return asked, nil
}
