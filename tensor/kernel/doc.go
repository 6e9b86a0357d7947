// Package kernel holds the single-threaded inner loops of Stride over float32 slices.
package kernel

//go:generate go run -C gen . -out ../asm_amd64.s -stubs ../asm_amd64.go -pkg kernel
