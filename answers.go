package stride

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// Question is one of what [Model.Answers] answers.
type Question struct {
	Prompt  Prompt   // of a conversation its text
	Options []Option // for this one, after those for all
}

// Answer is one of [Model.Answers].
type Answer struct {
	Index int // of its question
	Text  string
	Stats Stats
	// Err is why the text ends early or is none. It is of this question alone.
	Err error
}

// Answers answers questions, so many of them at a time (at least 1), in passes that
// they share: that takes a fraction of the time that one after another would. Each is
// said in a conversation of its own that begins as chat says, or where chat is nil is a
// prompt as it is. Answers come in the order in which they are ready. None is begun
// after ctx is cancelled, and those under way end with its error. It fails where
// [Model.Chat] does.
func (m *Model) Answers(ctx context.Context, questions []Question, atOnce int, chat *ChatConfig, opts ...Option) (iter.Seq[Answer], error) {
	var first *Conversation
	if chat != nil {
		var err error
		if first, err = m.Chat(*chat); err != nil {
			return nil, err
		}
	}
	one := func(ctx context.Context, i int) Answer {
		q, a := questions[i], Answer{Index: i}
		opts := slices.Concat(opts, q.Options)
		if first == nil {
			a.Text, a.Stats, a.Err = m.Text(ctx, q.Prompt, opts...)
		} else {
			a.Text, a.Stats, a.Err = lastText(first.fork().Send(ctx, q.Prompt.Text, opts...))
		}
		return a
	}
	return func(yield func(Answer) bool) {
		ctx, cancel := context.WithCancel(ctx)
		indices, answers := make(chan int), make(chan Answer)
		var workers sync.WaitGroup
		for range min(max(1, atOnce), len(questions)) {
			workers.Go(func() {
				for i := range indices {
					answers <- one(ctx, i)
				}
			})
		}
		go func() {
			defer close(answers)
			defer workers.Wait()
			defer close(indices)
			for i := range questions {
				select {
				case indices <- i:
				case <-ctx.Done():
					return
				}
			}
		}()
		going := true
		for a := range answers { // to the end, so that no goroutine is left behind
			if going && !yield(a) {
				going = false
				cancel()
			}
		}
		cancel()
	}, nil
}
