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

func (d dirStore) Append(ctx context.Context, b transcript.Batch) error {
	t, err := d.Load(ctx, b.Session)
	if err != nil {
		return err
	}
	if end := len(t.Entries); end != b.At {
		if d.wrote(b, end) {
			return nil
		}
		return fmt.Errorf("%w: there are %d entries, not %d", transcript.ErrConflict, end, b.At)
	}
	if len(b.Entries) == 0 {
		return nil
	}
	if err := os.MkdirAll(d.folder(b.Session), 0o700); err != nil {
		return err
	}
	whole, err := os.CreateTemp(string(d), "append-*")
	if err != nil {
		return err
	}
	defer os.Remove(whole.Name())
	err = errors.Join(
		transcript.Encode(whole, transcript.Transcript{ID: b.Writer, Entries: b.Entries}),
		whole.Sync(), whole.Close())
	if err != nil {
		return err
	}
	err = os.Link(whole.Name(), filepath.Join(d.folder(b.Session), fmt.Sprintf("%08d", b.At)))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w at %d", transcript.ErrConflict, b.At)
	}
	return err
}

// wrote reports whether b is the last append, after which there are end entries.
func (d dirStore) wrote(b transcript.Batch, end int) bool {
	if b.Writer == "" || end != b.At+len(b.Entries) {
		return false
	}
	file, err := os.ReadFile(filepath.Join(d.folder(b.Session), fmt.Sprintf("%08d", b.At)))
	if err != nil {
		return false
	}
	var same bytes.Buffer
	err = transcript.Encode(&same, transcript.Transcript{ID: b.Writer, Entries: b.Entries})
	return err == nil && bytes.Equal(file, same.Bytes())
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
