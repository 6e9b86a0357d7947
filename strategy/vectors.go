package strategy

import (
	"fmt"
	"math"
)

// Vectors is what [NewVectors] asks of a network of continuous elements that it
// makes one after another, such as frames of sound.
type Vectors interface {
	// Size is the number of values of the object, and Elements that of its
	// elements, each of Size()/Elements() values that lie side by side.
	Size() int
	Elements() int
	// Next makes the next elements, all of whose values hold until the next call,
	// given those before. After the last there are none.
	Next() ([]float32, error)
}

// vectors is the machine of ar over continuous elements.
type vectors struct {
	net  Vectors
	pass int
	made int // values
	ending
}

// NewVectors returns a machine of ar that makes a continuous object from its
// beginning on, some of its elements in each pass.
//
// A network that makes other elements than it says, or values that are not
// finite, ends the machine with an error that says where.
func NewVectors(net Vectors) (Machine, error) {
	if size, n := net.Size(), net.Elements(); n < 1 || size < n || size%n != 0 {
		return nil, fmt.Errorf("ar: the network makes %d values in %d elements, want as many values in each", size, n)
	}
	return &vectors{net: net}, nil
}

// Next makes the next elements.
func (m *vectors) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return fmt.Errorf("ar: pass %d: %w", m.pass+1, err) })
}

func (m *vectors) next() (Step, error) {
	values, err := m.net.Next()
	if err != nil {
		return Step{}, err
	}
	size, elements := m.net.Size(), m.net.Elements()
	each := size / elements
	if n := len(values); n == 0 || n%each != 0 || m.made+n > size {
		return Step{}, fmt.Errorf("the network made %d values after %d of %d, want whole elements of %d and no more than are left", n, m.made, size, each)
	}
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return Step{}, fmt.Errorf("value %d of %d is %g, want a finite number", m.made+i, size, v)
		}
	}
	step := Step{Values: values, Start: m.made}
	m.pass++
	m.made += len(values)
	step.Pass, step.Settled, step.Drawn, step.Length = m.pass, m.made, m.made/each, elements
	if m.made == size {
		step.Done, step.Stopped, step.Passes = true, "end", m.pass
	}
	return step, nil
}
