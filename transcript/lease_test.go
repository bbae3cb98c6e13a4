package transcript_test

import (
	"testing"

	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/storetest"
)

func TestMemoryIsALeaser(t *testing.T) {
	storetest.RunLeaser(t, func(*testing.T) (s, other storetest.LeasedStore) {
		m := new(transcript.Memory)
		return m, m
	})
}
