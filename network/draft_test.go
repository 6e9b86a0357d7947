package network

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// newDraft returns a draft head for a decoder, with weights drawn at random, and its
// file.
func newDraft(t *testing.T, target *checkpoint.File, trunk *Trunk, tokens []int) (*DraftModel, *checkpoint.File) {
	t.Helper()
	m, err := NewDraftModel(DraftConfig{Vocab: trunk.Vocab, Width: trunk.Width, FFN: 40, Tokens: tokens})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(5, trunk.Norm.Data)
	whose, err := TargetOf(target)
	if err != nil {
		t.Fatal(err)
	}
	return m, writeKeys(t, ArchitectureDraft, m.Metadata(whose), m.Params())
}

// TestDraftHead holds a head to its definition, written out: from the state of each
// row of a pass, and from its own guess of the next state.
func TestDraftHead(t *testing.T) {
	target := openTiny(t, "llama")
	trunk, err := ReadDecoder(target)
	if err != nil {
		t.Fatal(err)
	}
	tokens := []int{0, 3, 4, 9, 20, trunk.Vocab - 1}
	m, f := newDraft(t, target, trunk, tokens)
	draft, err := ReadDraft(f, target, trunk)
	if err != nil {
		t.Fatal(err)
	}
	pool := newPool(t, 2)
	run := tensor.NewRun(pool)
	ids := []int{1, 5, 2, 7, 3}
	h := trunk.Hidden(run, wholePass(ids, true))
	table := trunk.Rows(run, tokens)
	head, d := NewDraftHead(draft, pool), NewDecoder(trunk, pool)
	if _, err := d.ExtendAll(ids); err != nil {
		t.Fatal(err)
	}
	for row := range ids {
		head.Begin(d.State(row))
		state := slices.Clone(h.Row(row))
		for _, token := range []int{4, 11, 4} {
			got, err := head.Extend(token)
			if err != nil {
				t.Fatal(err)
			}
			state = nextState(m, state, trunk.Rows(run, []int{token}).Data)
			known := 0
			for id, v := range got {
				at := slices.Index(tokens, id)
				if at < 0 {
					if !math.IsInf(float64(v), -1) {
						t.Fatalf("logit %g of token %d, which is not guessed", v, id)
					}
					continue
				}
				known++
				if want := kernel.Dot(state, table.Row(at)); math.Abs(float64(v-want)) > 1e-3 {
					t.Fatalf("row %d, token %d: logit %g, want %g", row, id, v, want)
				}
			}
			if known != len(tokens) {
				t.Fatalf("%d logits, want %d", known, len(tokens))
			}
		}
	}
	if _, err := head.Extend(trunk.Vocab); err == nil {
		t.Error("a token beyond the vocabulary is taken")
	}
}

// nextState is what a draft head makes of a state and an embedding, in float64. The
// embeddings of a tied trunk are the rows of its output table.
func nextState(m *DraftModel, state, token []float32) []float32 {
	norm := func(x, w []float32) []float32 {
		var sum float64
		for _, v := range x {
			sum += float64(v) * float64(v)
		}
		out := make([]float32, len(x))
		for i, v := range x {
			out[i] = float32(float64(v)/math.Sqrt(sum/float64(len(x))+draftEps)) * w[i]
		}
		return out
	}
	times := func(w *tensor.Param, x []float32) []float32 {
		out := make([]float32, w.Out)
		for o := range out {
			var sum float64
			for i, v := range x {
				sum += float64(w.Data[o*w.In+i]) * float64(v)
			}
			out[o] = float32(sum)
		}
		return out
	}
	x, y := times(m.State, norm(state, m.StateNorm.Data)), times(m.Token, norm(token, m.TokenNorm.Data))
	kernel.Add(x, x, y)
	n := norm(x, m.Norm.Data)
	gate, up := times(m.Gate, n), times(m.Up, n)
	for i, g := range gate {
		up[i] *= float32(float64(g) / (1 + math.Exp(-float64(g))))
	}
	kernel.Add(x, x, times(m.Down, up))
	return norm(x, m.OutNorm.Data)
}

// TestStates holds that a decoder gives the states of the rows whose logits were asked
// for, whether it is alone in a pass, in several passes or among others.
func TestStates(t *testing.T) {
	trunk := newTrunk(t, long)
	pool := newPool(t, 2)
	ids := tokensOf(rand.New(rand.NewPCG(1, 2)), 600)
	alone := NewDecoder(trunk, pool)
	all, err := alone.ExtendAll(ids)
	if err != nil {
		t.Fatal(err)
	}
	check := func(d *Decoder, row int, logits []float32) {
		t.Helper()
		want := make([]float32, trunk.Vocab)
		trunk.project(tensor.NewRun(pool), want, d.State(row))
		if !slices.Equal(logits, want) {
			t.Errorf("the logits of row %d are not those of its state", row)
		}
	}
	for _, row := range []int{0, 511, 512, 599} {
		check(alone, row, all[row*trunk.Vocab:(row+1)*trunk.Vocab])
	}
	alone.Rewind(0)
	last, err := alone.Extend(ids)
	if err != nil {
		t.Fatal(err)
	}
	check(alone, 0, last)
	b := NewBatch(trunk, pool, tensor.CacheF32)
	ds := []*Decoder{b.NewDecoder(), b.NewDecoder(), b.NewDecoder()}
	logits, errs := make([][]float32, len(ds)), make([]error, len(ds))
	var together sync.WaitGroup
	for i := range ds {
		together.Go(func() { logits[i], errs[i] = ds[i].ExtendAll(ids[:5+40*i]) })
	}
	together.Wait()
	for i, d := range ds {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		for row := range 5 + 40*i {
			check(d, row, logits[i][row*trunk.Vocab:(row+1)*trunk.Vocab])
		}
	}
}

// TestDraftTargets holds that a head belongs to a model however that is quantised, and
// to no other.
func TestDraftTargets(t *testing.T) {
	f := openTiny(t, "llama")
	trunk, err := ReadDecoder(f)
	if err != nil {
		t.Fatal(err)
	}
	m, head := newDraft(t, f, trunk, []int{1, 2, 3})
	same := write(t, ArchitectureLlama, trunk.Config, readFloats(t, f), checkpoint.Q8_0)
	a, errA := TargetOf(f)
	b, errB := TargetOf(same)
	if errA != nil || errB != nil || a != b {
		t.Errorf("targets %s and %s (%v, %v) of one model, quantised differently", a, b, errA, errB)
	}
	other := openTiny(t, "llama3")
	otherTrunk, err := ReadDecoder(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDraft(head, other, otherTrunk); err == nil || !strings.Contains(err.Error(), "guesses for another model") {
		t.Errorf("error %v for a head of another model", err)
	}
	if _, err := TargetOf(openTiny(t, "flow")); err == nil {
		t.Error("a flow network is taken for a decoder")
	}
	for name, change := range map[string]func(map[string]any){
		"ascending":                    func(k map[string]any) { k[keyDraftTokens] = []uint32{1, 3, 3} },
		"token 2 to guess":             func(k map[string]any) { k[keyDraftTokens] = []uint32{1, 2, uint32(trunk.Vocab)} },
		"number of tokens to guess is": func(k map[string]any) { k[keyDraftTokens] = []uint32{} },
		"array of integers":            func(k map[string]any) { k[keyDraftTokens] = []string{"a"} },
		"no such key":                  func(k map[string]any) { delete(k, keyDraftTarget) },
		"feed-forward width is 0":      func(k map[string]any) { k[ArchitectureDraft+".feed_forward_length"] = uint32(0) },
		"ask for":                      func(k map[string]any) { k[ArchitectureDraft+".feed_forward_length"] = uint32(1 << 15) },
		"has shape":                    func(k map[string]any) { k[ArchitectureDraft+".feed_forward_length"] = uint32(41) },
	} {
		keys := m.Metadata(a)
		change(keys)
		_, err := ReadDraft(writeKeys(t, ArchitectureDraft, keys, m.Params()), f, trunk)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q", err, name)
		}
	}
}

// readFloats is the weights of a decoder's file in float32.
func readFloats(t *testing.T, f *checkpoint.File) []*tensor.Param {
	t.Helper()
	c, err := ReadConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	trunk, err := NewTrunk(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range trunk.Params() {
		if err := f.Float32(p.Name, p.Data); err != nil {
			t.Fatal(err)
		}
	}
	return trunk.Params()
}

// TestDraftRows holds that rows of a quantised table are those of the table, to the
// bit.
func TestDraftRows(t *testing.T) {
	c := Config{Vocab: 24000, Context: 16, Width: 1024, Layers: 1, Heads: 8, KVHeads: 2, FFN: 64, Eps: 1e-5, RopeBase: 10000}
	for _, kind := range []checkpoint.Type{checkpoint.Q8_0, checkpoint.F16} {
		trunk := newTrunk(t, c)
		f := write(t, ArchitectureLlama, c, trunk.Params(), kind)
		read, err := ReadDecoder(f)
		if err != nil {
			t.Fatal(err)
		}
		rows := []int{0, 7, 8, 9, 1000, 20001, 23999}
		p, err := read.readRows(f, rows)
		if err != nil {
			t.Fatal(err)
		}
		run := tensor.NewRun(newPool(t, 2))
		x := run.Over(trunk.Embed.Data[:c.Width], c.Width)
		few, all := make([]float32, len(rows)), make([]float32, c.Vocab)
		run.Project(few, x.Data, p)
		run.Project(all, x.Data, read.head())
		for i, row := range rows {
			if few[i] != all[row] && (kind == checkpoint.Q8_0 || math.Abs(float64(few[i]-all[row])) > 1e-4) {
				t.Errorf("%s, row %d: %g, want %g", kind, row, few[i], all[row])
			}
		}
	}
}
