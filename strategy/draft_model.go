package strategy

import "fmt"

const modelKind = 5 // of all guesses by a network

// modelDraft guesses what a smaller network draws.
type modelDraft struct {
	*drawer
	net     Causal
	text    []int
	cached  []int // tokens in the network's cache
	agreed  int   // of them, those that are the text's
	guesses []guess
}

// newModelDraft makes room for a text of so many tokens that begins with a prompt.
func newModelDraft(net Causal, large *ar, prompt []int, tokens, most int) (*modelDraft, error) {
	if net.Vocab() != large.net.Vocab() {
		return nil, badOption("draft", fmt.Sprintf("a network of %d tokens", net.Vocab()), "one of the %d that the large one has", large.net.Vocab())
	}
	drawer, err := newDrawer(large, prompt, tokens)
	if err != nil {
		return nil, err
	}
	net.Rewind(0)
	d := &modelDraft{drawer: drawer, net: net, text: make([]int, 0, tokens+1), cached: make([]int, 0, tokens+most), guesses: make([]guess, 0, most)}
	d.text = append(d.text, prompt...)
	return d, nil
}

func (d *modelDraft) know(tokens []int) {
	d.text = append(d.text, tokens...)
	d.drawer.know(tokens)
}

// look promises as many guesses as the network's context has room for.
func (d *modelDraft) look(most int) []guess {
	d.guesses = d.guesses[:0]
	for range min(most, d.net.Context()-len(d.text)+1) {
		d.guesses = append(d.guesses, guess{token: -1, kind: modelKind})
	}
	return d.guesses
}

// complete evaluates what the network has not seen of the text, and its own guesses.
func (d *modelDraft) complete(guesses []guess, banned []int) ([]guess, error) {
	for d.agreed < min(len(d.cached), len(d.text)-1) && d.cached[d.agreed] == d.text[d.agreed] {
		d.agreed++
	}
	d.net.Rewind(d.agreed)
	d.cached = append(d.cached[:d.agreed], d.text[d.agreed:]...)
	logits, err := d.net.Extend(d.cached[d.agreed:])
	if err != nil {
		return nil, err
	}
	return d.draw(guesses, banned, logits, d)
}

func (d *modelDraft) follow(token int) ([]float32, error) {
	d.cached = append(d.cached, token)
	return d.net.Extend(d.cached[len(d.cached)-1:])
}

// shifted goes on with the large network's window, as far as there is room for it.
func (d *modelDraft) shifted(window []int) {
	d.text = append(d.text[:0], window...)
	d.agreed = 0
}

func (d *modelDraft) verified([]int, []float32, int) {}
