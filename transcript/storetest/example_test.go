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

// dirStore is a Store in a directory: one folder per session, one file per append, named by its
// position. Linking a file to a name that exists fails, so one of several processes wins.
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
		return fmt.Errorf("%w: session has %d entries, not %d", transcript.ErrConflict, end, b.At)
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

// wrote reports whether b is the last append of a session with end entries.
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

// In your own test file, write func TestMyStore(t *testing.T). Each check is a subtest.
func ExampleRun() {
	_ = func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) transcript.Store {
			return new(transcript.Memory)
		})
	}
}

// The two ledgers share their accounts, as two processes do.
func ExampleRunLedger() {
	_ = func(t *testing.T) {
		storetest.RunLedger(t, func(t *testing.T) (l, other transcript.Ledger) {
			m := new(transcript.Memory)
			return m, m
		})
	}
}

// The two stores share their sessions, as two processes do.
func ExampleRunLeaser() {
	_ = func(t *testing.T) {
		storetest.RunLeaser(t, func(t *testing.T) (s, other storetest.LeasedStore) {
			m := new(transcript.Memory)
			return m, m
		})
	}
}
