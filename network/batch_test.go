package network

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stride-ml/stride/tensor"
)

// long is a trunk whose sequences cross pages and passes.
var long = Config{Vocab: 50, Context: 1200, Width: 32, Layers: 2, Heads: 4, KVHeads: 2, FFN: 48, Eps: 1e-5, RopeBase: 10000}

func tokensOf(rng *rand.Rand, n int) []int {
	tokens := make([]int, n)
	for i := range tokens {
		tokens[i] = rng.IntN(long.Vocab)
	}
	return tokens
}

// conversation extends by a prompt and then by the likeliest token, and returns
// all logits.
func conversation(t *testing.T, d *Decoder, prompt []int, answers int) [][]float32 {
	var all [][]float32
	for range answers {
		logits, err := d.Extend(prompt)
		if err != nil {
			t.Error(err)
			return nil
		}
		all = append(all, slices.Clone(logits))
		best := 0
		for i, v := range logits {
			if v > logits[best] {
				best = i
			}
		}
		prompt = []int{best}
	}
	return all
}

// TestSharedPassesGiveTheSameBits lets conversations of all lengths begin at
// different times.
func TestSharedPassesGiveTheSameBits(t *testing.T) {
	trunk := newTrunk(t, long)
	rng := rand.New(rand.NewPCG(41, 42))
	for kind := range 3 {
		kind := tensor.CacheType(kind)
		var prompts [][]int
		var want [][][]float32
		for _, n := range []int{1, 700, 5, 40, 300, 17} {
			prompts = append(prompts, tokensOf(rng, n))
			want = append(want, conversation(t, NewBatch(trunk, newPool(t, 1), kind).NewDecoder(), prompts[len(prompts)-1], 12))
		}
		b := NewBatch(trunk, newPool(t, 2), kind)
		var all sync.WaitGroup
		for i := range prompts {
			all.Go(func() {
				d := b.NewDecoder()
				time.Sleep(time.Duration(i) * time.Millisecond)
				got := conversation(t, d, prompts[i], 12)
				d.Leave()
				for step := range got {
					if !slices.Equal(got[step], want[i][step]) {
						t.Errorf("%v: conversation %d has other logits in step %d than alone", kind, i, step)
						return
					}
				}
			})
		}
		all.Wait()
	}
}

// TestSharedScoresAndAllLogits lets several kinds of wishes share passes.
func TestSharedScoresAndAllLogits(t *testing.T) {
	trunk := newTrunk(t, long)
	tokens := tokensOf(rand.New(rand.NewPCG(43, 44)), 600)
	ask := func(d *Decoder) (logits, nll []float32) {
		logits, err := d.ExtendAll(tokens)
		if err != nil {
			t.Error(err)
		}
		d.Rewind(0)
		nll = make([]float32, len(tokens)-1)
		if err := d.Score(tokens, nll); err != nil {
			t.Error(err)
		}
		d.Leave()
		return logits, nll
	}
	wantLogits, wantNLL := ask(NewDecoder(trunk, newPool(t, 1)))
	b := NewBatch(trunk, newPool(t, 2), tensor.CacheF32)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if logits, nll := ask(b.NewDecoder()); !slices.Equal(logits, wantLogits) || !slices.Equal(nll, wantNLL) {
				t.Error("other logits or losses than alone")
			}
		})
	}
	all.Wait()
}

// TestLogitsStay holds logits to what they were until their decoder is used again, while
// others go on.
func TestLogitsStay(t *testing.T) {
	b := NewBatch(newTrunk(t, long), newPool(t, 2), tensor.CacheF16)
	tokens := tokensOf(rand.New(rand.NewPCG(45, 46)), 200)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			d := b.NewDecoder()
			defer d.Leave()
			for n := range 40 {
				extend := d.Extend
				if (n+i)%3 == 0 {
					extend = d.ExtendAll
				}
				logits, err := extend(tokens[3*n : 3*n+1+n%3])
				if err != nil {
					t.Error(err)
					return
				}
				kept := slices.Clone(logits)
				if (n+i)%4 == 0 {
					time.Sleep(200 * time.Microsecond) // passes of others
				}
				if !slices.Equal(logits, kept) {
					t.Errorf("decoder %d, step %d: logits changed", i, n)
				}
			}
		})
	}
	all.Wait()
}

func TestReuse(t *testing.T) {
	trunk := newTrunk(t, long)
	rng := rand.New(rand.NewPCG(45, 46))
	d, first := NewDecoder(trunk, newPool(t, 2)), tokensOf(rng, 400)
	conversation(t, d, first, 5)
	second := append(slices.Clone(first[:390]), tokensOf(rng, 30)...)
	for _, tc := range []struct {
		prompt []int
		kept   int
	}{{first, 399}, {second, 390}, {second[:100], 99}, {[]int{(first[0] + 1) % long.Vocab, 1}, 0}, {first[:7], 0}} {
		if kept := d.Reuse(tc.prompt); kept != tc.kept || d.Len() != tc.kept {
			t.Fatalf("kept %d positions, want %d", kept, tc.kept)
		}
		got, err := d.Extend(tc.prompt[tc.kept:])
		if err != nil {
			t.Fatal(err)
		}
		if want := conversation(t, NewDecoder(trunk, newPool(t, 1)), tc.prompt, 1); !slices.Equal(got, want[0]) {
			t.Errorf("other logits after %d positions that were kept", tc.kept)
		}
	}
	if d.Rewind(3); d.Shared(first) != 3 || d.Reuse(nil) != 0 || d.Len() != 0 {
		t.Errorf("%d tokens after a rewind to 3", d.Shared(first))
	}
}

// cancels is a context that is cancelled once it was asked so often.
type cancels struct {
	context.Context
	left int
}

func (c *cancels) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancel ends a prompt within a layer, and nothing is left of it.
func TestCancel(t *testing.T) {
	trunk := newTrunk(t, long)
	tokens := tokensOf(rand.New(rand.NewPCG(47, 48)), 900)
	d := NewDecoder(trunk, newPool(t, 2))
	want := conversation(t, d, tokens, 1)[0]
	if d.Rewind(10); d.Len() != 10 {
		t.Fatalf("%d positions", d.Len())
	}
	for left := range 6 { // twice a layer and pass, and once before each
		d.Bind(&cancels{t.Context(), left})
		if _, err := d.Extend(tokens[10:]); !errors.Is(err, context.Canceled) || d.Len() != 10 || len(d.tokens) != 10 {
			t.Fatalf("after %d looks: error %v, %d positions", left, err, d.Len())
		}
	}
	d.Bind(t.Context())
	if got, err := d.Extend(tokens[10:]); err != nil || !slices.Equal(got, want) {
		t.Errorf("other logits after cancelled passes, %v", err)
	}
}

// TestCancelAmongOthers lets one of two sequences give up.
func TestCancelAmongOthers(t *testing.T) {
	trunk := newTrunk(t, long)
	tokens := tokensOf(rand.New(rand.NewPCG(49, 50)), 1000)
	want := conversation(t, NewDecoder(trunk, newPool(t, 1)), tokens, 8)
	b := NewBatch(trunk, newPool(t, 2), tensor.CacheF32)
	var all sync.WaitGroup
	all.Go(func() {
		if got := conversation(t, b.NewDecoder(), tokens, 8); !slices.EqualFunc(got, want, slices.Equal) {
			t.Error("other logits than alone")
		}
	})
	for i := range 4 {
		d := b.NewDecoder()
		d.Bind(&cancels{t.Context(), i})
		if _, err := d.Extend(tokens); !errors.Is(err, context.Canceled) || d.Len() != 0 {
			t.Errorf("error %v, %d positions", err, d.Len())
		}
		d.Leave()
	}
	all.Wait()
}

// TestCacheTypesAreNear compares the logits after a long text.
func TestCacheTypesAreNear(t *testing.T) {
	trunk := newTrunk(t, long)
	tokens := tokensOf(rand.New(rand.NewPCG(51, 52)), 600)
	last := func(kind tensor.CacheType) []float32 {
		d := NewBatch(trunk, newPool(t, 2), kind).NewDecoder()
		return conversation(t, d, tokens, 1)[0]
	}
	exact := last(tensor.CacheF32)
	var size float64
	for _, v := range exact {
		size = max(size, math.Abs(float64(v)))
	}
	for kind, most := range map[tensor.CacheType]float64{tensor.CacheF16: 1e-3, tensor.CacheQ8_0: 1e-2} {
		var distance float64
		for i, v := range last(kind) {
			distance = max(distance, math.Abs(float64(v-exact[i])))
		}
		if distance == 0 || distance > most*size {
			t.Errorf("%v: logits differ by up to %g of %g", kind, distance, size)
		}
	}
}

// TestCachesGrowAsUsed holds that a large context takes no memory by itself.
func TestCachesGrowAsUsed(t *testing.T) {
	c := long
	c.Context = 1 << 17
	d := NewDecoder(newTrunk(t, c), newPool(t, 1))
	if got := d.CacheBytes(); got != 0 {
		t.Errorf("an empty cache takes %d bytes", got)
	}
	if _, err := d.Extend(sentence); err != nil {
		t.Fatal(err)
	}
	if got, want := d.CacheBytes(), c.Layers*c.KVHeads*256*(8+16)*4; got != want {
		t.Errorf("a cache of %d positions takes %d bytes, want %d", len(sentence), got, want)
	}
}
