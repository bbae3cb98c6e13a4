package storetest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/storetest"
)

// dirStore is a Store in a directory: one folder a session, one file an
// append, named by its position. To link a file under a name that is taken
// fails, so that of several processes one wins.
type dirStore string

func (d dirStore) folder(id string) string {
	return filepath.Join(string(d), fmt.Sprintf("%x", sha256.Sum256([]byte(id))))
}

func (d dirStore) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	t := transcript.Transcript{ID: id}
	for ctx.Err() == nil {
		file, err := os.ReadFile(filepath.Join(d.folder(id), fmt.Sprintf("%08d", len(t.Entries))))
		if errors.Is(err, fs.ErrNotExist) {
			return t, nil
		}
		if err != nil {
			return t, err
		}
		part, err := transcript.Decode(bytes.NewReader(file))
		if err != nil {
			return t, err
		}
		t.Entries = append(t.Entries, part.Entries...)
	}
	return t, ctx.Err()
}

func (d dirStore) Append(ctx context.Context, id string, at int, entries ...transcript.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	end, err := d.end(id)
	if err != nil {
		return err
	}
	if end != at {
		return fmt.Errorf("%w: there are %d entries, not %d", transcript.ErrConflict, end, at)
	}
	if len(entries) == 0 {
		return nil
	}
	if err := os.MkdirAll(d.folder(id), 0o700); err != nil {
		return err
	}
	whole, err := os.CreateTemp(string(d), "append-*")
	if err != nil {
		return err
	}
	defer os.Remove(whole.Name())
	err = errors.Join(
		transcript.Encode(whole, transcript.Transcript{ID: id, Entries: entries}),
		whole.Sync(), whole.Close())
	if err != nil {
		return err
	}
	err = os.Link(whole.Name(), filepath.Join(d.folder(id), fmt.Sprintf("%08d", at)))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w at %d", transcript.ErrConflict, at)
	}
	return err
}

// end returns how many entries a session has: the position of its last file, and
// what is in it.
func (d dirStore) end(id string) (int, error) {
	files, err := os.ReadDir(d.folder(id))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(files) == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	last := files[len(files)-1].Name()
	file, err := os.ReadFile(filepath.Join(d.folder(id), last))
	if err != nil {
		return 0, err
	}
	part, err := transcript.Decode(bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	at, err := strconv.Atoi(last)
	return at + len(part.Entries), err
}

func TestDirStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) transcript.Store { return dirStore(t.TempDir()) })
}

// Every check is a subtest. In a file of its own the function is
// func TestMyStore(t *testing.T).
func ExampleRun() {
	_ = func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) transcript.Store {
			return new(transcript.Memory)
		})
	}
}
