package hub

import (
	"io"
	"os"
	"path/filepath"
)

// link lets a path of a snapshot lead to a blob. Where there are no links, as for most users of Windows, it is a copy.
func (c *Client) link(blob, path string, size int64) error {
	if info, err := os.Stat(path); err == nil && info.Size() == size {
		if b, err := os.Stat(blob); err == nil && (os.SameFile(info, b) || !isLink(path)) {
			return nil
		}
	}
	target, err := filepath.Rel(filepath.Dir(path), blob)
	if err != nil {
		return err
	}
	return replace(path, func(temp string) error {
		if c.symlink(target, temp) == nil {
			return nil
		}
		return copyFile(blob, temp)
	})
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}

// replace makes a file under another name and moves it to its own, so that it is there whole or as it was.
func replace(path string, make func(temp string) error) error {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".stride-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// A relative link has to be right where it will be, one folder up.
	temp := filepath.Join(dir, "new")
	if err := make(temp); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
	}()
	_, err = io.Copy(out, in)
	return err
}
