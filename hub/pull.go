package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// incomplete ends the name of a blob that has not come whole.
const incomplete = ".incomplete"

// Progress is told how many bytes of a file there are.
type Progress func(done, size int64)

// Pull brings a file into the cache and returns its path there. What has come of it before, also by another tool, is
// not sent again: a transfer that was cut is taken up where it ended. The file appears whole or not at all, and a large
// one only with the SHA-256 that the hub tells. Two pulls of the same file, in whatever processes, wait for each other.
// progress may be nil.
//
// It fails with a [*StatusError] where the hub refuses and with a [*SpaceError] where the disk is too small.
func (c *Client) Pull(ctx context.Context, cache Cache, r Ref, progress Progress) (string, error) {
	f, err := c.look(ctx, r)
	if err != nil {
		return "", err
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	repo := filepath.Join(cache.Dir, r.folder())
	p := &pull{Client: c, ref: r, facts: f, progress: progress, dir: cache.Dir, blob: filepath.Join(repo, "blobs", f.etag)}
	path := cache.snapshot(r, f.commit)
	locks := filepath.Join(cache.Dir, ".locks", r.folder())
	for _, dir := range []string{filepath.Dir(p.blob), filepath.Dir(path), filepath.Join(repo, "refs"), locks} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
	}
	lock := flock.New(filepath.Join(locks, f.etag+".lock"))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	defer lock.Unlock()
	if info, err := os.Stat(p.blob); err != nil || info.Size() != f.size {
		if err := p.fetch(ctx); err != nil {
			return "", err
		}
	}
	progress(f.size, f.size)
	if err := c.link(p.blob, path, f.size); err != nil {
		return "", err
	}
	if r.Revision != f.commit {
		return path, replace(filepath.Join(repo, "refs", r.Revision), func(temp string) error {
			return os.WriteFile(temp, []byte(f.commit), 0o644)
		})
	}
	return path, nil
}

// pull is the transfer of one file.
type pull struct {
	*Client
	facts
	ref      Ref
	progress Progress
	dir      string // of the cache
	blob     string
}

// fetch brings the blob.
func (p *pull) fetch(ctx context.Context) error {
	part, err := os.OpenFile(p.blob+incomplete, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer part.Close()
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if free, ok := p.free(p.dir); ok && free < p.size-have {
		return &SpaceError{Ref: p.ref, Dir: p.dir, Need: p.size - have, Free: free}
	}
	mismatches := 0
	err = p.trying(ctx, func() (bool, error) {
		before, err := part.Seek(0, io.SeekEnd)
		if err != nil {
			return false, final{err}
		}
		if err := p.receive(ctx, part, before); err != nil {
			after, _ := part.Seek(0, io.SeekEnd)
			return after > before, err
		}
		if err := p.verify(part); err != nil {
			// What came before may be to blame: once, all of it is fetched anew.
			if truncateErr := part.Truncate(0); truncateErr != nil || mismatches > 0 {
				return false, final{errors.Join(err, truncateErr)}
			}
			mismatches++
			return false, err
		}
		return true, nil
	})
	if err != nil {
		return p.explain(err)
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil {
		return p.explain(err)
	}
	return os.Rename(p.blob+incomplete, p.blob)
}

// receive appends what is missing to the part that there is.
func (p *pull) receive(ctx context.Context, part *os.File, have int64) error {
	if have > p.size {
		have = 0
		if err := part.Truncate(0); err != nil {
			return final{err}
		}
	}
	if have == p.size {
		return nil
	}
	resp, cancel, err := p.do(ctx, http.MethodGet, p.address(p.ref, p.commit), have)
	if err != nil {
		return err
	}
	defer cancel()
	defer resp.Body.Close()
	if err := p.statusError(p.ref, resp.StatusCode); err != nil {
		return withRetryAfter(err, resp.Header)
	}
	switch {
	case resp.StatusCode == http.StatusOK: // all of it, whatever was asked for
		have = 0
		if err := part.Truncate(0); err != nil {
			return final{err}
		}
		if resp.ContentLength >= 0 && resp.ContentLength != p.size {
			return final{fmt.Errorf("%s: the hub sends %d bytes, want the %d that it told", p.ref, resp.ContentLength, p.size)}
		}
	default:
		var from, to, size int64
		n, _ := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &size)
		if n != 3 || from != have || size != p.size {
			err := fmt.Errorf("%s: the hub sends the range %q, want from %d on of %d bytes", p.ref, resp.Header.Get("Content-Range"), have, p.size)
			return errors.Join(err, part.Truncate(0)) // the next time without a range
		}
	}
	if _, err := part.Seek(have, io.SeekStart); err != nil {
		return final{err}
	}
	return p.copy(part, stalled{resp.Body, p.Stall, cancel}, have)
}

// copy writes a body behind the bytes that there are.
func (p *pull) copy(part *os.File, body io.Reader, have int64) error {
	buffer := make([]byte, 1<<17)
	for {
		n, err := body.Read(buffer)
		if have+int64(n) > p.size {
			return final{fmt.Errorf("%s: the hub sends more than the %d bytes that it told", p.ref, p.size)}
		}
		if _, writeErr := part.Write(buffer[:n]); writeErr != nil {
			return final{writeErr}
		}
		have += int64(n)
		p.progress(have, p.size)
		switch {
		case err == io.EOF && have < p.size:
			return fmt.Errorf("%s: %w after %d of %d bytes", p.ref, io.ErrUnexpectedEOF, have, p.size)
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("%s: after %d of %d bytes: %w", p.ref, have, p.size, err)
		}
	}
}

// HashError says that a file is not what the hub told.
type HashError struct {
	Ref       Ref
	Got, Want string
}

// Error gives both hashes.
func (e *HashError) Error() string {
	return fmt.Sprintf("%s: what came has the hash %s, want %s", e.Ref, e.Got, e.Want)
}

// verify compares the file with its etag, where that is a hash: SHA-256 of large files, for others that of git.
func (p *pull) verify(part *os.File) error {
	var h hash.Hash
	switch {
	case len(p.etag) == 64 && isHex(p.etag):
		h = sha256.New()
	case len(p.etag) == 40 && isHex(p.etag):
		h = sha1.New()
		fmt.Fprintf(h, "blob %d\x00", p.size)
	default:
		return nil
	}
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(h, part); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != p.etag {
		return &HashError{p.ref, got, p.etag}
	}
	return nil
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// SpaceError says that a file does not fit the disk.
type SpaceError struct {
	Ref        Ref
	Dir        string // of the cache
	Need, Free int64  // bytes
}

// Error gives the numbers.
func (e *SpaceError) Error() string {
	return fmt.Sprintf("%s needs %.2f GB more, and the disk of %s has %.2f GB free", e.Ref, float64(e.Need)/1e9, e.Dir, float64(e.Free)/1e9)
}

// explain makes an error of a full disk one that says so.
func (p *pull) explain(err error) error {
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	free, _ := p.free(p.dir)
	need := p.size
	if info, statErr := os.Stat(p.blob + incomplete); statErr == nil {
		need -= info.Size()
	}
	return &SpaceError{Ref: p.ref, Dir: p.dir, Need: need, Free: free}
}
