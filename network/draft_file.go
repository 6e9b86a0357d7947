package network

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

// ArchitectureDraft is the general.architecture of a draft head. No public one
// fits.
const ArchitectureDraft = "stride.draft"

// Keys of a draft head: the tokens that it guesses, and whose head it is.
const (
	keyDraftTokens = ArchitectureDraft + ".tokens"
	keyDraftTarget = ArchitectureDraft + ".target"
)

// Draft is a draft head with what it needs of the decoder that it guesses for.
type Draft struct {
	Model  *DraftModel
	target *Trunk
	rows   *tensor.Param // (N,C), of the decoder's output table
}

// Parameters is the number of weights that a guess takes.
func (d *Draft) Parameters() int64 { return countParams(d.Model.Params()) + int64(d.rows.Size()) }

func (c *DraftConfig) sizes() []size {
	return []size{{"vocab_size", &c.Vocab}, {"embedding_length", &c.Width}, {"feed_forward_length", &c.FFN}}
}

// Metadata gives the sizes as keys and values of a model file, with the
// [TargetOf] the decoder that the head guesses for.
func (c DraftConfig) Metadata(target string) map[string]any {
	m := metadataOf(ArchitectureDraft, c.sizes())
	tokens := make([]uint32, len(c.Tokens))
	for i, id := range c.Tokens {
		tokens[i] = uint32(id)
	}
	m[keyDraftTokens], m[keyDraftTarget] = tokens, target
	return m
}

// TargetOf tells decoders apart by their norms, which the files of a model have in
// common however their matrices are quantised: a hash, in hexadecimal.
func TargetOf(f *checkpoint.File) (string, error) {
	sum := sha256.New()
	for i := -1; ; i++ {
		name := "output_norm.weight"
		if i >= 0 {
			name = fmt.Sprintf("blk.%d.attn_norm.weight", i)
		}
		info, ok := f.Tensor(name)
		if !ok && i > 0 {
			return hex.EncodeToString(sum.Sum(nil)), nil
		}
		if !ok || info.Values() > maxWidth {
			return "", fmt.Errorf("%s: tensor %s is not the norm of a decoder", f.Name(), name)
		}
		values := make([]float32, info.Values())
		if err := f.Float32(name, values); err != nil {
			return "", err
		}
		writeFloats(sum, values)
	}
}

func writeFloats(w io.Writer, values []float32) {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	w.Write(raw) // to a hash: it does not fail
}

// DraftTarget is the [TargetOf] the decoder that a file's head guesses for.
func DraftTarget(f *checkpoint.File) (string, error) { return f.String(keyDraftTarget) }

// ReadDraftConfig reads the sizes of a draft head.
func ReadDraftConfig(f *checkpoint.File) (c DraftConfig, err error) {
	if err := readSizesOf(f, ArchitectureDraft, c.sizes()); err != nil {
		return c, err
	}
	if c.Tokens, err = f.Ints(keyDraftTokens); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadDraft loads a draft head, packed for use with the decoder t of the file
// target. It fails if it is not that decoder's.
func ReadDraft(f, target *checkpoint.File, t *Trunk) (*Draft, error) {
	c, err := ReadDraftConfig(f)
	if err != nil {
		return nil, err
	}
	whose, err := DraftTarget(f)
	if err != nil {
		return nil, err
	}
	this, err := TargetOf(target)
	if err != nil {
		return nil, err
	}
	if whose != this || c.Vocab != t.Vocab || c.Width != t.Width {
		return nil, fmt.Errorf("%s guesses for another model (%.12s, %d tokens, width %d), not for %s (%.12s, %d tokens, width %d)",
			f.Name(), whose, c.Vocab, c.Width, target.Name(), this, t.Vocab, t.Width)
	}
	m, err := NewDraftModel(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	if err := checkParams(f, m.Params()); err != nil {
		return nil, err
	}
	if err := loadParams(f, m.Params(), true); err != nil {
		return nil, err
	}
	rows, err := t.readRows(target, c.Tokens)
	return &Draft{m, t, rows}, err
}

// readRows is some rows of the output table of the file that the trunk was read from,
// in the form in which the table is kept.
func (t *Trunk) readRows(f *checkpoint.File, rows []int) (*tensor.Param, error) {
	p := t.head()
	out := tensor.NewEmptyParam(p.Name, len(rows), p.In)
	info, _ := f.Tensor(p.Name)
	if format := keptFormat(info, p.Data == nil); format != nil {
		m, err := quant.NewMatrix(format, out.Out, out.In, tensor.NewMemory(format.Size(out.Out, out.In)))
		if err != nil {
			return nil, err
		}
		err = f.View(p.Name, func(raw []byte) {
			size := len(raw) / p.Out
			some := make([]byte, 0, size*len(rows))
			for _, row := range rows {
				some = append(some, raw[row*size:(row+1)*size]...)
			}
			m.Fill(some, 0, m.Groups())
		})
		out.Quantised(m)
		return out, err
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	out.Data = t.Rows(tensor.NewRun(pool), rows).Data
	out.Pack()
	return out, nil
}
