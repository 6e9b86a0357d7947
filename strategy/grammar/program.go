package grammar

import (
	"container/heap"
	"math"
	"strings"
)

const (
	maxInstructions = 1 << 17
	maxRules        = 1 << 14
)

// operation is what an instruction does.
type operation uint8

const (
	opReturn operation = iota // to where the rule was called
	opByte                    // read a byte from lo to hi, go to next
	opSplit                   // go to any of targets
	opCall                    // go to the beginning of rule, and from its end to next
)

type instruction struct {
	op      operation
	lo, hi  byte
	rule    int32
	next    int32
	targets []int32
}

// Grammar is what a response may be, compiled. It may be shared.
type Grammar struct {
	code  []instruction // code[0] is the only return
	start []int32       // of each rule
	least []int32       // bytes from an instruction to the end of its rule, at least; never where it cannot end
	root  int
	class [256]uint8 // bytes of a class are never told apart
	first []byte     // a byte of each class
}

const neverEnds = math.MaxInt32

// compiler makes a program of rules.
type compiler struct {
	Grammar
	tails   map[instruction3]int32
	emitted int // expressions
}

// instruction3 identifies an instruction that reads a byte.
type instruction3 struct {
	lo, hi byte
	next   int32
}

// compile makes a program of rules and checks it.
func compile(rules []rule, root int) (*Grammar, error) {
	if len(rules) > maxRules {
		return nil, &LimitError{"rules", maxRules}
	}
	c := &compiler{tails: map[instruction3]int32{}}
	c.root = root
	c.code = []instruction{{op: opReturn}}
	for _, r := range rules {
		start, err := c.emit(r.body, 0)
		if err != nil {
			return nil, err
		}
		c.start = append(c.start, start)
	}
	c.measure()
	if err := c.refuseLeftRecursion(rules); err != nil {
		return nil, err
	}
	for i, r := range rules {
		if c.least[c.start[i]] == neverEnds && (i == root || r.name != "") {
			return nil, r.where("rule " + r.name + " can never end")
		}
	}
	c.classify()
	return &c.Grammar, nil
}

func (c *compiler) add(i instruction) (int32, error) {
	if len(c.code) >= maxInstructions {
		return 0, &LimitError{"instructions", maxInstructions}
	}
	c.code = append(c.code, i)
	return int32(len(c.code) - 1), nil
}

// read adds an instruction that reads a byte, or finds it.
func (c *compiler) read(lo, hi byte, next int32) (int32, error) {
	key := instruction3{lo, hi, next}
	if pc, ok := c.tails[key]; ok {
		return pc, nil
	}
	pc, err := c.add(instruction{op: opByte, lo: lo, hi: hi, next: next})
	c.tails[key] = pc
	return pc, err
}

// emit adds an expression after which the program goes on at next, and returns
// where it begins.
func (c *compiler) emit(e *expr, next int32) (pc int32, err error) {
	if c.emitted++; c.emitted > maxInstructions { // empty ones, too
		return 0, &LimitError{"expressions", maxInstructions}
	}
	switch e.kind {
	case literal:
		for i := len(e.text) - 1; i >= 0 && err == nil; i-- {
			next, err = c.read(e.text[i], e.text[i], next)
		}
		return next, err
	case class:
		return c.emitClass(e, next)
	case sequence:
		for i := len(e.parts) - 1; i >= 0 && err == nil; i-- {
			next, err = c.emit(e.parts[i], next)
		}
		return next, err
	case choice:
		targets := make([]int32, len(e.parts))
		for i, p := range e.parts {
			if targets[i], err = c.emit(p, next); err != nil {
				return 0, err
			}
		}
		return c.add(instruction{op: opSplit, targets: targets})
	case repeat:
		return c.emitRepeat(e, next)
	default:
		return c.add(instruction{op: opCall, rule: int32(e.rule), next: next})
	}
}

func (c *compiler) emitClass(e *expr, next int32) (int32, error) {
	var targets []int32
	var err error
	for _, r := range normal(e.ranges) {
		byteRanges(r, func(lo, hi []byte) {
			at := next
			for i := len(lo) - 1; i >= 0 && err == nil; i-- {
				at, err = c.read(lo[i], hi[i], at)
			}
			targets = append(targets, at)
		})
	}
	if err != nil {
		return 0, err
	}
	if len(targets) == 1 {
		return targets[0], nil
	}
	return c.add(instruction{op: opSplit, targets: targets})
}

func (c *compiler) emitRepeat(e *expr, next int32) (pc int32, err error) {
	body := e.parts[0]
	after := next
	if e.max == unbounded {
		if next, err = c.add(instruction{op: opSplit}); err != nil {
			return 0, err
		}
		again, err := c.emit(body, next)
		if err != nil {
			return 0, err
		}
		c.code[next].targets = []int32{again, after}
	}
	for i := e.min; i < e.max; i++ {
		if pc, err = c.emit(body, next); err != nil {
			return 0, err
		}
		if next, err = c.add(instruction{op: opSplit, targets: []int32{pc, after}}); err != nil {
			return 0, err
		}
	}
	for range e.min {
		if next, err = c.emit(body, next); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// measure finds how many bytes it takes at least from each instruction to the end
// of its rule, the nearest first (Knuth, A Generalization of Dijkstra's
// Algorithm, 1977).
func (c *compiler) measure() {
	c.least = make([]int32, len(c.code))
	for i := range c.least {
		c.least[i] = neverEnds
	}
	before := make([][]int32, len(c.code)) // instructions that depend on one
	for pc, i := range c.code {
		switch i.op {
		case opByte:
			before[i.next] = append(before[i.next], int32(pc))
		case opSplit:
			for _, t := range i.targets {
				before[t] = append(before[t], int32(pc))
			}
		case opCall:
			start := c.start[i.rule]
			before[start] = append(before[start], int32(pc))
			before[i.next] = append(before[i.next], int32(pc))
		}
	}
	queue := distances{{0, 0}}
	for len(queue) > 0 {
		d := heap.Pop(&queue).(distance)
		if c.least[d.pc] != neverEnds {
			continue
		}
		c.least[d.pc] = d.bytes
		for _, pc := range before[d.pc] {
			bytes := d.bytes
			switch i := c.code[pc]; i.op {
			case opByte:
				bytes++
			case opCall:
				a, b := c.least[c.start[i.rule]], c.least[i.next]
				if a == neverEnds || b == neverEnds {
					continue
				}
				bytes = min(a+b, farthest)
			}
			heap.Push(&queue, distance{bytes, pc})
		}
	}
}

// farthest bounds distances: rules that call each other twice double them.
const farthest = 1 << 28

type distance struct{ bytes, pc int32 }

type distances []distance

func (d distances) Len() int           { return len(d) }
func (d distances) Less(i, j int) bool { return d[i].bytes < d[j].bytes }
func (d distances) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *distances) Push(x any)        { *d = append(*d, x.(distance)) }
func (d *distances) Pop() any {
	last := len(*d) - 1
	x := (*d)[last]
	*d = (*d)[:last]
	return x
}

// refuseLeftRecursion holds that no rule calls itself before it has read a byte.
func (c *compiler) refuseLeftRecursion(rules []rule) error {
	begins := make([][]int32, len(rules)) // rules that a rule may begin with
	seen := make([]int32, len(c.code))    // by the last rule, counted from 1
	for r := range rules {
		work := []int32{c.start[r]}
		for len(work) > 0 {
			pc := work[len(work)-1]
			work = work[:len(work)-1]
			if seen[pc] == int32(r+1) {
				continue
			}
			seen[pc] = int32(r + 1)
			switch i := c.code[pc]; i.op {
			case opSplit:
				work = append(work, i.targets...)
			case opCall:
				begins[r] = append(begins[r], i.rule)
				if c.least[c.start[i.rule]] == 0 {
					work = append(work, i.next)
				}
			}
		}
	}
	const walking, walked = 1, 2
	mark := make([]uint8, len(rules))
	var path []int32
	var visit func(r int32) error
	visit = func(r int32) error {
		mark[r], path = walking, append(path, r)
		for _, to := range begins[r] {
			if mark[to] == walking {
				var names []string
				for i := len(path) - 1; i >= 0; i-- {
					if names = append([]string{rules[path[i]].name}, names...); path[i] == to {
						break
					}
				}
				names = append(names, rules[to].name)
				return rules[to].where("rule " + rules[to].name + " begins with itself (" + strings.Join(names, " -> ") + "): left recursion is not supported")
			}
			if mark[to] == 0 {
				if err := visit(to); err != nil {
					return err
				}
			}
		}
		mark[r], path = walked, path[:len(path)-1]
		return nil
	}
	for r := range rules {
		if mark[r] == 0 {
			if err := visit(int32(r)); err != nil {
				return err
			}
		}
	}
	return nil
}

// classify puts bytes in classes that no instruction tells apart.
func (c *compiler) classify() {
	var cuts [257]bool
	for _, i := range c.code {
		if i.op == opByte {
			cuts[i.lo], cuts[int(i.hi)+1] = true, true
		}
	}
	for b := range 256 {
		if b == 0 || cuts[b] {
			c.first = append(c.first, byte(b))
		}
		c.class[b] = uint8(len(c.first) - 1)
	}
}
