package text

import "fmt"

// Kind is what a token is for. The values are those of GGUF's tokenizer.ggml.token_type.
type Kind int32

// The kinds of tokens.
const (
	Normal      Kind = 1 // a character or a piece of several
	Unknown     Kind = 2 // stands for what cannot be encoded; never produced, since bytes can spell everything
	Control     Kind = 3 // a mark in a sequence, such as its end; no text produces it and it decodes to nothing
	UserDefined Kind = 4 // matched before all other tokens wherever its text occurs
	Unused      Kind = 5 // a place in the vocabulary without use, in models of others
	Byte        Kind = 6 // one byte, written <0x00> to <0xFF>
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case Normal:
		return "normal"
	case Unknown:
		return "unknown"
	case Control:
		return "control"
	case UserDefined:
		return "user-defined"
	case Unused:
		return "unused"
	case Byte:
		return "byte"
	}
	return fmt.Sprintf("Kind(%d)", int32(k))
}
