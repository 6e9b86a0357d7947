package network

import (
	"runtime"
	"sync"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

// keepFrom is from how many weights on those of a text network are multiplied
// as they are stored. Smaller networks, whose weights the caches hold, are decoded
// to float32: that is exact, and as fast.
const keepFrom = 24 << 20

// loadParams fills parameters from tensors of the same names, whose shapes fit,
// several at once: it is on the path from the start of a program to its first
// element. keep says that matrices may stay quantised.
func loadParams(f *checkpoint.File, ps []*tensor.Param, keep bool) error {
	rooms := roomsFor(f, ps, keep)
	errs := make([]error, len(ps))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i, p := range ps {
		slots <- struct{}{}
		all.Go(func() {
			errs[i] = loadParam(f, p, keep, rooms[p])
			if keep {
				f.Forget(p.Name)
			}
			<-slots
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// roomsFor returns the memory of the matrices that are multiplied as they are
// stored: one piece, in the order in which they are used.
func roomsFor(f *checkpoint.File, ps []*tensor.Param, keep bool) map[*tensor.Param][]byte {
	sizes, total := make([]int, len(ps)), 0
	for i, p := range ps {
		info, _ := f.Tensor(p.Name)
		if p.Out > 1 {
			sizes[i] = roomOf(info, keep, p)
			total += sizes[i]
		}
	}
	if total == 0 {
		return nil
	}
	all := tensor.NewMemory(total)
	rooms := make(map[*tensor.Param][]byte)
	for i, p := range ps {
		if n := sizes[i]; n > 0 {
			rooms[p], all = all[:n:n], all[n:]
		}
	}
	return rooms
}

// roomOf is the bytes that a matrix takes which is multiplied as it is stored, 0
// for others.
func roomOf(info checkpoint.TensorInfo, keep bool, p *tensor.Param) int {
	if format := keptFormat(info, keep); format != nil {
		return format.Size(p.Out, p.In)
	}
	if keptHalf(info, keep) {
		return tensor.HalfSize(p.Out, p.In)
	}
	return 0
}

// keptHalf says whether a tensor has 16 bits and is multiplied as it is stored.
func keptHalf(info checkpoint.TensorInfo, keep bool) bool {
	return keep && len(info.Shape) > 1 && (info.Type == checkpoint.F16 || info.Type == checkpoint.BF16)
}

// keptFormat is the format in which a tensor is multiplied as it is stored, or nil
// if it is decoded.
func keptFormat(info checkpoint.TensorInfo, keep bool) *quant.Format {
	format := quant.FormatNamed(info.Type.String())
	if !keep || format == nil || len(info.Shape) < 2 || info.Shape[len(info.Shape)-1]%format.Values() != 0 {
		return nil
	}
	return format
}

func loadParam(f *checkpoint.File, p *tensor.Param, keep bool, room []byte) error {
	info, _ := f.Tensor(p.Name)
	if format := keptFormat(info, keep); format != nil && p.Out > 1 {
		m, err := quant.NewMatrix(format, p.Out, p.In, room)
		if err != nil {
			return err
		}
		if err := f.View(p.Name, func(raw []byte) { m.Fill(raw, 0, m.Groups()) }); err != nil {
			return err
		}
		p.Quantised(m)
		return nil
	}
	if keptHalf(info, keep) && p.Out > 1 {
		return f.View(p.Name, func(raw []byte) { p.Half(raw, info.Type == checkpoint.BF16, room) })
	}
	if p.Data == nil {
		p.Data = make([]float32, p.Size())
	}
	err := f.Float32(p.Name, p.Data)
	if keep && p.Out > 1 {
		p.Pack()
	} else {
		p.Prepare()
	}
	return err
}
