package stride_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stride-ml/stride"
)

// A conversation with a public model, whose answer is printed while it comes.
func ExampleModel_Chat() {
	m, err := stride.Open("hf:OWNER/REPO/FILE.gguf") // see: stride pull
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	talk, err := m.Chat(stride.ChatConfig{System: "Answer in one sentence."})
	if err != nil {
		log.Fatal(err)
	}
	for _, question := range []string{"What is the capital of France?", "And of Germany?"} {
		shown := 0
		for step, err := range talk.Send(context.Background(), question, stride.Temperature(0)) {
			if err != nil {
				log.Fatal(err)
			}
			for _, piece := range step.Object.(stride.Text).Pieces[shown:] {
				fmt.Print(piece)
				shown++
			}
		}
		fmt.Println()
	}
}
