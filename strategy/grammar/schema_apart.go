package grammar

import "slices"

// apart says whether it is certain that no value matches both schemas: by types,
// by listed values, or by a property that both require.
func (s *schema) apart(a, b value, depth int) bool {
	x, y := s.target(a), s.target(b)
	if a == value(false) || b == value(false) {
		return true
	}
	if x == nil || y == nil || depth > 16 {
		return false
	}
	for _, pair := range [][2]*object{{x, y}, {y, x}} {
		one, other := pair[0], pair[1]
		for _, name := range []string{"anyOf", "oneOf"} {
			if v, ok := one.get(name); ok {
				list, _ := v.([]value)
				return len(list) > 0 && !slices.ContainsFunc(list, func(v value) bool { return !s.apart(v, value(other), depth+1) })
			}
		}
	}
	if s.noneOf(x, y) || s.noneOf(y, x) {
		return true
	}
	tx, ty := mayBe(x), mayBe(y)
	if !slices.ContainsFunc(tx, func(t string) bool { return slices.Contains(ty, t) }) {
		return true
	}
	if len(tx) != 1 || tx[0] != "object" || len(ty) != 1 || ty[0] != "object" {
		return false
	}
	return s.apartByProperty(x, y, depth) || s.excludes(x, y) || s.excludes(y, x)
}

// target follows references to an object, nil if there is none.
func (s *schema) target(v value) *object {
	for range 16 {
		o, ok := v.(*object)
		if !ok {
			return nil
		}
		ref, ok := o.get("$ref")
		if !ok {
			return o
		}
		name, _ := ref.(string)
		found, _, err := s.resolve(name)
		if err != nil {
			return nil
		}
		v = found
	}
	return nil
}

// listed are the values of const or enum, if there is one.
func listed(o *object) ([]value, bool) {
	if v, ok := o.get("const"); ok {
		return []value{v}, true
	}
	v, ok := o.get("enum")
	list, isList := v.([]value)
	return list, ok && isList
}

// noneOf says whether a lists values of which b allows none.
func (s *schema) noneOf(a, b *object) bool {
	list, ok := listed(a)
	if !ok {
		return false
	}
	others, both := listed(b)
	types := mayBe(b)
	for _, v := range list {
		if !slices.Contains(types, typeOf(v)) && !(typeOf(v) == "number" && slices.Contains(types, "integer")) {
			continue
		}
		// 1 and 1.0 are equal: numbers are told apart by type only.
		if !both || typeOf(v) == "number" || typeOf(v) == "array" || typeOf(v) == "object" ||
			slices.ContainsFunc(others, func(w value) bool { return typeOf(w) == "number" || spell(v) == spell(w) }) {
			return false
		}
	}
	return true
}

// mayBe are the types of the values that a schema allows.
func mayBe(o *object) []string {
	if list, ok := listed(o); ok {
		var out []string
		for _, v := range list {
			out = append(out, typeOf(v))
			if typeOf(v) == "number" {
				out = append(out, "integer")
			}
		}
		return out
	}
	v, ok := o.get("type")
	if !ok {
		return allTypes
	}
	list, many := v.([]value)
	if !many {
		list = []value{v}
	}
	var out []string
	for _, v := range list {
		t, _ := v.(string)
		if out = append(out, t); t == "number" {
			out = append(out, "integer")
		}
	}
	return out
}

// required are the names of properties that have to be there.
func required(o *object) []string {
	v, _ := o.get("required")
	list, _ := v.([]value)
	var out []string
	for _, v := range list {
		if name, ok := v.(string); ok {
			out = append(out, name)
		}
	}
	return out
}

// apartByProperty says whether both require a property that cannot be both.
func (s *schema) apartByProperty(a, b *object, depth int) bool {
	of := func(o *object, name string) value {
		v, _ := o.get("properties")
		if list, ok := v.(*object); ok {
			return list.values[name]
		}
		return nil
	}
	for _, name := range required(a) {
		if slices.Contains(required(b), name) && s.apart(of(a, name), of(b, name), depth+1) {
			return true
		}
	}
	return false
}

// excludes says whether a requires a property that b cannot have.
func (s *schema) excludes(a, b *object) bool {
	if v, ok := b.get("additionalProperties"); !ok || v != value(false) {
		return false
	}
	v, _ := b.get("properties")
	list, _ := v.(*object)
	return slices.ContainsFunc(required(a), func(name string) bool {
		if list == nil {
			return true
		}
		_, ok := list.values[name]
		return !ok
	})
}
