//go:build !amd64 || noasm

package quant

func multiplierOf(*Format) multiplier { return multiplyGeneric }

func quantise(dst []byte, x []float32) { quantiseGeneric(dst, x) }

func widenBrain(dst []float32, src []uint16) { widenBrainGeneric(dst, src) }
