package text

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestEncodesAsLlamaCpp compares with ids that llama.cpp gave; the file tells how it was made.
func TestEncodesAsLlamaCpp(t *testing.T) {
	data, err := os.ReadFile("testdata/llama.cpp.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Vocabularies []struct {
			Name   string    `json:"name"`
			Prefix bool      `json:"add_space_prefix"`
			Tokens []string  `json:"tokens"`
			Scores []float32 `json:"scores"`
			Types  []int32   `json:"token_type"`
			Cases  []struct {
				Text string `json:"text"`
				IDs  []int  `json:"ids"`
			} `json:"cases"`
		} `json:"vocabularies"`
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Vocabularies) == 0 {
		t.Fatal("no vocabularies in the file")
	}
	for _, v := range golden.Vocabularies {
		tok, err := FromMetadata(getter(map[string]any{
			keyModel: modelScores, keyTokens: v.Tokens, keyScores: v.Scores, keyTypes: v.Types, keyPrefix: v.Prefix,
		}))
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		for _, c := range v.Cases {
			if got := tok.Encode(c.Text); !slices.Equal(got, c.IDs) {
				t.Errorf("%s: Encode(%q) = %s, want %s", v.Name, c.Text, shown(tok, got), shown(tok, c.IDs))
			}
		}
	}
}
