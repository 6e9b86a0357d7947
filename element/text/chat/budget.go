package chat

import (
	"errors"
	"fmt"
	"time"

	"github.com/ardanlabs/jinja"
)

// Bounds of one rendering.
const (
	mostSteps  = 200_000  // turns of loops and calls of macros
	mostText   = 64 << 20 // bytes that these may have passed over
	mostMacros = 40       // within each other
	mostRange  = 100_000  // as in transformers
	mostItems  = 1 << 17  // of a list with all that it holds
	mostDepth  = 32       // of lists within each other
	mostTime   = 10 * time.Second
	basicSize  = 1 << 16 // bytes of a value, and twice the messages'
)

// budget counts what a rendering has used.
type budget struct {
	size, written      int // most bytes of a value, and of all that is written
	steps, text, depth int
	until              time.Time
	namespaces         map[*jinja.Dict]bool
}

func newBudget(messages int) *budget {
	size := basicSize + 2*messages
	return &budget{size: size, written: 16 * size, until: time.Now().Add(mostTime), namespaces: map[*jinja.Dict]bool{}}
}

// functions are those that [guard] lets templates call, and what stands in for functions that could run away.
func (b *budget) functions() map[string]jinja.Value {
	values := map[string]jinja.Value{}
	add := func(name string, f func(args []jinja.Value) (jinja.Value, error)) { values[name] = function(name, f) }
	add(stepName, func(args []jinja.Value) (jinja.Value, error) { return jinja.None(), b.step(args) })
	add(enterName, func(args []jinja.Value) (jinja.Value, error) {
		if b.depth++; b.depth > mostMacros {
			return jinja.None(), fmt.Errorf("more than %d macros call each other", mostMacros)
		}
		return jinja.None(), b.step(args)
	})
	add(leaveName, func([]jinja.Value) (jinja.Value, error) { b.depth--; return jinja.None(), nil })
	add(sizeName, func(args []jinja.Value) (jinja.Value, error) {
		if b.namespaces[dict(args[0])] { // it may have a name
			return args[0], nil
		}
		return args[0], b.check(args[0])
	})
	add(keepName, func(args []jinja.Value) (jinja.Value, error) { return args[0], b.check(args[0]) })
	add(writeName, func(args []jinja.Value) (jinja.Value, error) {
		w := b.weigh(args[0])
		if b.written -= w.bytes; b.written < 0 {
			return jinja.None(), errors.New("it writes more than a conversation needs")
		}
		return args[0], w.err
	})
	add("range", func(args []jinja.Value) (jinja.Value, error) { return countUp(args) })
	values["namespace"] = jinja.NewCallable("namespace", b.namespace)
	return values
}

func (b *budget) step(args []jinja.Value) error {
	if len(args) == 1 && args[0].IsInt() {
		b.text += int(args[0].AsInt())
	}
	if b.steps++; b.steps > mostSteps || b.text > mostText {
		return fmt.Errorf("more than %d steps or %d bytes", mostSteps, mostText)
	}
	return b.inTime()
}

func (b *budget) inTime() error {
	if time.Now().After(b.until) {
		return fmt.Errorf("it takes longer than %s", mostTime)
	}
	return nil
}

func (b *budget) check(v jinja.Value) error {
	if w := b.weigh(v); w.err != nil {
		return w.err
	}
	return b.inTime()
}

func dict(v jinja.Value) *jinja.Dict {
	if v.IsDict() {
		return v.AsDict()
	}
	return nil
}

// weight is the size of a value.
type weight struct {
	bytes, items int
	err          error
}

// weigh measures a value, as far as it is allowed to be large. What holds itself could only do so by a namespace.
func (b *budget) weigh(v jinja.Value) weight {
	var w weight
	w.add(b, v, 0)
	return w
}

func (w *weight) add(b *budget, v jinja.Value, depth int) {
	if w.err != nil {
		return
	}
	w.items++
	switch {
	case v.IsString():
		w.bytes += len(v.AsString())
	case v.IsList():
		for _, item := range v.AsList().Items {
			w.add(b, item, depth+1)
		}
	case v.IsDict():
		d := v.AsDict()
		if b.namespaces[d] {
			w.err = errors.New("a namespace is used as a value")
			return
		}
		for _, key := range d.Keys {
			w.bytes += len(key)
			w.add(b, d.Data[key], depth+1)
		}
	}
	switch {
	case w.err != nil:
	case w.bytes > b.size:
		w.err = fmt.Errorf("a value of more than %d bytes", b.size)
	case w.items > mostItems:
		w.err = fmt.Errorf("a list of more than %d values", mostItems)
	case depth > mostDepth:
		w.err = fmt.Errorf("more than %d lists within each other", mostDepth)
	}
}

// namespace is the function of that name; it remembers what it made.
func (b *budget) namespace(args []jinja.Value, named map[string]jinja.Value) (jinja.Value, error) {
	v := jinja.NewDict()
	b.namespaces[v.AsDict()] = true
	for _, a := range args {
		if a.IsDict() {
			for _, key := range a.AsDict().Keys {
				v.AsDict().Set(key, a.AsDict().Data[key])
			}
		}
	}
	for key, value := range named {
		if err := b.weigh(value).err; err != nil {
			return v, err
		}
		v.AsDict().Set(key, value)
	}
	return v, nil
}

// countUp is range.
func countUp(args []jinja.Value) (jinja.Value, error) {
	bounds := []int64{0, 0, 1}
	switch len(args) {
	case 1:
		args = []jinja.Value{jinja.NewInt(0), args[0]}
	case 2, 3:
	default:
		return jinja.None(), fmt.Errorf("range has %d arguments, want 1 to 3", len(args))
	}
	for i, a := range args {
		if !a.IsInt() {
			return jinja.None(), fmt.Errorf("range has the argument %s, want an integer", a)
		}
		bounds[i] = a.AsInt()
	}
	from, to, by := bounds[0], bounds[1], bounds[2]
	if by == 0 {
		return jinja.None(), errors.New("range has the step 0")
	}
	var items []jinja.Value
	for i := from; by > 0 && i < to || by < 0 && i > to; i += by {
		if len(items) == mostRange {
			return jinja.None(), fmt.Errorf("range has more than %d numbers", mostRange)
		}
		items = append(items, jinja.NewInt(i))
	}
	return jinja.NewList(items), nil
}
