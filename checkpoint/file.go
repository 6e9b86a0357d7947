package checkpoint

import (
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"sync"
)

// File is an open model file. Its methods may be called from several goroutines at once.
type File struct {
	name    string
	size    int64
	pairs   []pair
	keys    map[string]int // into pairs
	tensors []TensorInfo
	names   map[string]int // into tensors

	mu    sync.RWMutex // guards data against Close
	data  []byte       // the whole file; nil once closed
	unmap func() error
}

// pair is one entry of the metadata.
type pair struct {
	key    string
	value  any
	offset int64 // of the value in the file
}

// TensorInfo describes a tensor of a file.
type TensorInfo struct {
	Name   string
	Type   Type
	Shape  []int // row-major, outermost first: the reverse of the order in the file; not to be changed
	Offset int64 // of the data, in bytes from the start of the file
	Bytes  int64 // of the data
}

// errClosed is what reading tensors of a closed file gives.
var errClosed = fmt.Errorf("model file: %w", fs.ErrClosed)

// Open maps the model file at path into memory and reads its header. The error is a *[FormatError] if the content is
// wrong. The file must not be cut off or overwritten in place while it is open; replacing it by [WriteFileAtomic] is
// safe.
func Open(path string) (*File, error) {
	// Looked at before opening, because opening a pipe would wait for its other end.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open model file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open model file: %s is not a regular file", path)
	}
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("open model file: %w", err)
	}
	f := &File{name: path, size: int64(len(data)), data: data, unmap: unmap}
	if fault := f.touch(func() { err = f.parse() }); fault != nil {
		err = &FormatError{Name: path, Offset: -1, Problem: fault.Error(), Want: wantSteady}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Parse reads a model file that is in memory already. The tensors' data is not copied: data must not change as long as
// the File is in use. The name is used in errors. The error is a *[FormatError].
func Parse(name string, data []byte) (*File, error) {
	f := &File{name: name, size: int64(len(data)), data: data}
	if err := f.parse(); err != nil {
		return nil, err
	}
	return f, nil
}

// Close gives up the mapping: bytes from [File.Raw] must not be touched afterwards, and tensors cannot be read any
// more. Metadata stays readable. Closing twice does nothing.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data = nil
	if f.unmap == nil {
		return nil
	}
	unmap := f.unmap
	f.unmap = nil
	if err := unmap(); err != nil {
		return fmt.Errorf("close model file %s: %w", f.name, err)
	}
	return nil
}

// Forget lets the system take back the memory that holds a tensor of a mapped file, when what was needed of it has been
// read. Reading it again brings it in again.
func (f *File) Forget(name string) {
	t, ok := f.Tensor(name)
	f.mu.RLock()
	defer f.mu.RUnlock()
	if !ok || f.unmap == nil {
		return
	}
	// Pages that it shares with its neighbours stay.
	page := int64(os.Getpagesize())
	from, to := (t.Offset+page-1)/page*page, (t.Offset+t.Bytes)/page*page
	if from < to {
		forget(f.data[from:to])
	}
}

// Name is the path or name that the file was opened by.
func (f *File) Name() string { return f.name }

// Size is the length of the file in bytes.
func (f *File) Size() int64 { return f.size }

// Tensors describes all tensors, in the order of the file.
func (f *File) Tensors() []TensorInfo { return slices.Clone(f.tensors) }

// Tensor describes the tensor of that name, if there is one.
func (f *File) Tensor(name string) (TensorInfo, bool) {
	i, ok := f.names[name]
	if !ok {
		return TensorInfo{}, false
	}
	return f.tensors[i], true
}

// Raw gives the bytes of a tensor as they are stored, without a copy. They are read-only, also for the operating
// system, and are gone after Close.
func (f *File) Raw(name string) ([]byte, error) {
	t, ok := f.Tensor(name)
	if !ok {
		return nil, f.missingTensor(name)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.data == nil {
		return nil, errClosed
	}
	return f.raw(t), nil
}

// raw is called with the lock held, on an open file.
func (f *File) raw(t TensorInfo) []byte {
	end := t.Offset + t.Bytes
	return f.data[t.Offset:end:end]
}

// Float32 reads a tensor of one of the types with a name in this package into dst, which must have as many values as
// the tensor. The values are those that ggml gives, bit for bit. The error is a *[FormatError] that names the tensor,
// its shape and its offset.
func (f *File) Float32(name string, dst []float32) error {
	t, ok := f.Tensor(name)
	if !ok {
		return f.missingTensor(name)
	}
	if !t.Type.readable() {
		return f.wrongTensor(t, namesOf(Type.readable), "unsupported type %v (shape %v)", t.Type, t.Shape)
	}
	if values := t.Values(); len(dst) != values {
		return f.wrongTensor(t, fmt.Sprint(len(dst)), "shape %v has %d values", t.Shape, values)
	}
	return f.visit(t, func(raw []byte) { decode(t.Type, dst, raw) })
}

// View hands the stored bytes of a tensor to read, which must not keep them: unlike those of [File.Raw] they cannot go
// away meanwhile, and a file that was cut off is an error.
func (f *File) View(name string, read func(raw []byte)) error {
	t, ok := f.Tensor(name)
	if !ok {
		return f.missingTensor(name)
	}
	return f.visit(t, read)
}

// visit hands the stored bytes of a tensor to read, while they cannot go away.
func (f *File) visit(t TensorInfo, read func(raw []byte)) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.data == nil {
		return errClosed
	}
	if fault := f.touch(func() { read(f.raw(t)) }); fault != nil {
		return f.wrongTensor(t, wantSteady, "reading shape %v failed: %v", t.Shape, fault)
	}
	return nil
}

const wantSteady = "a file that stays as it is while it is open"

// touch calls what reads the data. A mapped file that shrinks after it was opened, or a disk that fails, makes reading
// memory fault, which would end the program; here it is an error.
func (f *File) touch(read func()) (err error) {
	if f.unmap != nil {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			switch fault := recover().(type) {
			case nil:
			case interface{ Addr() uintptr }:
				err = fmt.Errorf("the file was cut off or its disk failed (%v)", fault)
			default:
				panic(fault)
			}
		}()
	}
	read()
	return nil
}

func (f *File) wrongTensor(t TensorInfo, want, format string, args ...any) error {
	return &FormatError{Name: f.name, Offset: t.Offset, Tensor: t.Name, Problem: fmt.Sprintf(format, args...), Want: want}
}

// Values is the number of values of the tensor.
func (t TensorInfo) Values() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

func (f *File) missingTensor(name string) error {
	return &FormatError{Name: f.name, Offset: -1, Tensor: name, Problem: "no such tensor in the file"}
}
