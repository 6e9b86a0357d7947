package stride

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/text/chat"
)

// templateVariables checks the variables for a template, and returns them in the form
// in which encoding/json reads values.
func templateVariables(t *chat.Template, given map[string]any) (map[string]any, error) {
	if len(given) == 0 {
		return nil, nil
	}
	names := t.Variables()
	out := make(map[string]any, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch {
		case len(names) == 0:
			return nil, badOption("template-var", name, "none: the chat template of the model has no variables")
		case !slices.Contains(names, name):
			return nil, badOption("template-var", name, "a variable of the model's chat template: "+strings.Join(names, ", "))
		}
		var v any
		data, err := json.Marshal(given[name])
		if err == nil {
			d := json.NewDecoder(bytes.NewReader(data))
			d.UseNumber()
			err = d.Decode(&v)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", badOption("template-var", name, "a value that JSON can write"), err)
		}
		out[name] = v
	}
	return out, nil
}
