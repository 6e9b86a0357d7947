package checkpoint_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/stride-ml/stride/checkpoint"
)

func ExampleOpen() {
	f, err := checkpoint.Open("testdata/python.gguf")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	name, err := f.String("general.name")
	fmt.Println(name, err)
	for _, t := range f.Tensors() {
		fmt.Println(t.Name, t.Type, t.Shape)
	}
	weights := make([]float32, 256)
	fmt.Println(f.Float32("other.q4_0", weights))
	weights = make([]float32, 2*32)
	fmt.Println(f.Float32("other.q4_0", weights), weights[:4])
	// Output:
	// made by python <nil>
	// vector F32 [5]
	// matrix.f16 F16 [3 7]
	// cube.q8_0 Q8_0 [2 3 64]
	// other.q4_0 Q4_0 [2 32]
	// testdata/python.gguf: tensor "other.q4_0": offset 1312: shape [2 32] has 64 values, want 256
	// <nil> [-2.2792969 0.8547363 -1.1396484 -0.2849121]
}

func ExampleParse() {
	_, err := checkpoint.Parse("poem.txt", []byte("Spring sleep"))
	fmt.Println(err)
	// Output: poem.txt: offset 0: not a GGUF file: it begins with "Spri", want "GGUF"
}

func ExampleBuilder() {
	b := checkpoint.NewBuilder("llama")
	if err := b.Set("llama.block_count", uint32(6)); err != nil {
		fmt.Println(err)
	}
	if err := b.Add("norm.weight", checkpoint.F32, []int{3}, []float32{1, 2, 3}); err != nil {
		fmt.Println(err)
	}
	if err := b.Add("up.weight", checkpoint.Q8_0, []int{2, 3}, make([]float32, 6)); err != nil {
		fmt.Println(err)
	}
	var file bytes.Buffer
	n, err := b.WriteTo(&file)
	fmt.Println(n, err)
	// Output:
	// tensor "up.weight": rows of 3 values, want a multiple of 32 for type Q8_0
	// 192 <nil>
}

func ExampleWriteFileAtomic() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	b := checkpoint.NewBuilder("llama")
	err = checkpoint.WriteFileAtomic(filepath.Join(folder, "model.gguf"), func(w io.Writer) error {
		_, err := b.WriteTo(w)
		return err
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleFile_Quantize() {
	b := checkpoint.NewBuilder("llama")
	for _, name := range []string{"token_embd.weight", "blk.0.ffn_up.weight", "blk.0.ffn_norm.weight"} {
		shape := []int{2, 32}
		if name == "blk.0.ffn_norm.weight" {
			shape = []int{64}
		}
		if err := b.Add(name, checkpoint.F32, shape, make([]float32, 64)); err != nil {
			fmt.Println(err)
		}
	}
	var file bytes.Buffer
	if _, err := b.WriteTo(&file); err != nil {
		fmt.Println(err)
	}
	f, err := checkpoint.Parse("model.gguf", file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "small.gguf")
	if err := f.Quantize(context.Background(), path, checkpoint.QuantizeTo(checkpoint.Q4_0)); err != nil {
		fmt.Println(err)
	}
	small, err := checkpoint.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer small.Close()
	for _, t := range small.Tensors() {
		values, size := t.Type.Block()
		fmt.Println(t.Name, t.Type, t.Bytes, "bytes, blocks of", values, "values in", size)
	}
	// Output:
	// token_embd.weight Q8_0 68 bytes, blocks of 32 values in 34
	// blk.0.ffn_up.weight Q4_0 36 bytes, blocks of 32 values in 18
	// blk.0.ffn_norm.weight F32 256 bytes, blocks of 1 values in 4
}
