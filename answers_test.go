package stride_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stride-ml/stride"
)

// TestAnswers holds that answers are those of one after another, that each question
// has options of its own, and that one that fails leaves the others alone.
func TestAnswers(t *testing.T) {
	m := open(t, talking(t, talkTemplate))
	for _, chat := range []*stride.ChatConfig{nil, {}, {System: "空"}} {
		var questions []stride.Question
		var want []string
		for i := range 12 {
			q := stride.Question{Prompt: stride.Prompt{Text: poems[i%len(poems)].Title}, Options: []stride.Option{stride.Seed(uint64(i))}}
			questions = append(questions, q)
			var text string
			var err error
			if chat == nil {
				text, _, err = m.Text(t.Context(), q.Prompt, stride.Seed(uint64(i)), stride.Length(20))
			} else {
				talk, failed := m.Chat(*chat)
				if failed != nil {
					t.Fatal(failed)
				}
				for step, failed := range talk.Send(t.Context(), q.Prompt.Text, stride.Seed(uint64(i)), stride.Length(20)) {
					text, err = step.Object.String(), failed
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, text)
		}
		questions = append(questions, stride.Question{Prompt: stride.Prompt{Text: "春"}, Options: []stride.Option{stride.Temperature(-1)}})
		for _, atOnce := range []int{0, 5, 40} {
			answers, err := m.Answers(t.Context(), questions, atOnce, chat, stride.Length(20))
			if err != nil {
				t.Fatal(err)
			}
			seen := map[int]bool{}
			for a := range answers {
				if seen[a.Index] {
					t.Fatalf("question %d is answered twice", a.Index)
				}
				seen[a.Index] = true
				if option := (*stride.OptionError)(nil); a.Index == len(want) {
					if !errors.As(a.Err, &option) {
						t.Errorf("error %v of a temperature of -1", a.Err)
					}
				} else if a.Err != nil || a.Text != want[a.Index] || a.Stats.Elements == 0 {
					t.Errorf("answer %d of %d at once: %q, %v, want %q", a.Index, atOnce, a.Text, a.Err, want[a.Index])
				}
			}
			if len(seen) != len(questions) {
				t.Errorf("%d answers, want %d", len(seen), len(questions))
			}
		}
	}
	if _, err := open(t, "tiny-masked").Answers(t.Context(), nil, 1, &stride.ChatConfig{}); err == nil {
		t.Error("a model without a template converses")
	}
}

// TestAnswersStop holds that no question is begun after the context is cancelled or the
// caller has seen enough.
func TestAnswersStop(t *testing.T) {
	m := open(t, "tiny")
	questions := make([]stride.Question, 50)
	ctx, cancel := context.WithCancel(t.Context())
	answers, err := m.Answers(ctx, questions, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range answers {
		cancel()
		n++
	}
	if n == 0 || n > 8 {
		t.Errorf("%d answers of a cancelled context", n)
	}
	if answers, err = m.Answers(t.Context(), questions, 3, nil); err != nil {
		t.Fatal(err)
	}
	n = 0
	for range answers {
		if n++; n == 4 {
			break
		}
	}
	if n != 4 {
		t.Errorf("%d answers, want 4", n)
	}
	cancel()
}
