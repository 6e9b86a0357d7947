package train

import (
	"reflect"
	"strings"
)

// keysOf lists the keys of the recipe section whose Go type has that name.
func keysOf(name string) []string {
	var find func(t reflect.Type) []string
	find = func(t reflect.Type) []string {
		for t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
		var keys []string
		for i := range t.NumField() {
			f := t.Field(i)
			if t.Name() != name {
				if found := find(f.Type); found != nil {
					return found
				}
			} else if key, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); key != "" {
				keys = append(keys, key)
			}
		}
		return keys
	}
	return find(reflect.TypeFor[Recipe]())
}
