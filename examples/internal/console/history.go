package console

import (
	"bufio"
	"fmt"
	"os"
	"slices"
)

// maxHistory is the number of earlier lines that the arrow keys reach.
const maxHistory = 1000

// A history holds the typed lines. It is written to a file only with -history, as the lines
// may be private.
type history struct {
	lines []string
	file  *os.File
	err   error // the first write error
}

// openHistory reads the file at path, or creates it readable by its owner only. Without a path
// the history is in memory.
func openHistory(path string) (*history, error) {
	h := new(history)
	if path == "" {
		return h, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("-history: %w", err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		h.remember(Clean(lines.Text()))
	}
	if err := lines.Err(); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("-history: reading %s: %w", path, err)
	}
	h.file = file
	return h, nil
}

func (h *history) remember(line string) bool {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return false
	}
	h.lines = append(h.lines, line)
	h.lines = slices.Delete(h.lines, 0, max(len(h.lines)-maxHistory, 0))
	return true
}

// Add, Len and At implement History for the line editor.

func (h *history) Add(line string) {
	if !h.remember(line) || h.file == nil {
		return
	}
	if _, err := h.file.WriteString(line + "\n"); err != nil && h.err == nil {
		h.err = err
	}
}

func (h *history) Len() int { return len(h.lines) }

// At counts from the newest line.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

// close returns the first write error.
func (h *history) close() error {
	if h.file == nil {
		return nil
	}
	if err := h.file.Close(); h.err == nil {
		h.err = err
	}
	if h.err != nil {
		return fmt.Errorf("writing the history: %w", h.err)
	}
	return nil
}
