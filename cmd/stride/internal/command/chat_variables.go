package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// templateVarFlag is one of the variables of a [stride.ChatConfig].
type templateVarFlag struct {
	name  string
	value any
}

// UnmarshalText reads NAME=VALUE, where VALUE is JSON, or else a text.
func (f *templateVarFlag) UnmarshalText(data []byte) error {
	name, value, ok := strings.Cut(string(data), "=")
	if !ok || name == "" {
		return fmt.Errorf("%q is no variable, want a name and a value, as in enable_thinking=false", data)
	}
	f.name = name
	d := json.NewDecoder(bytes.NewReader([]byte(value)))
	d.UseNumber() // 3 is no 3.0
	if d.Decode(&f.value) == nil {
		if _, err := d.Token(); err == io.EOF {
			return nil
		}
	}
	f.value = value
	return nil
}

// templateVars are flags as a [stride.ChatConfig] has them.
func templateVars(flags []templateVarFlag) map[string]any {
	if len(flags) == 0 {
		return nil
	}
	out := map[string]any{}
	for _, f := range flags {
		out[f.name] = f.value
	}
	return out
}
