package console

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// defaultColumns is the width of output whose device has none.
const defaultColumns = 92

// givenColumns returns the width in the environment variable COLUMNS, or [defaultColumns].
func givenColumns(getenv func(string) string) int {
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return defaultColumns
}

// wantsColor reports whether the output is in color. It follows https://no-color.org and
// https://bixense.com/clicolors.
func wantsColor(terminal bool, getenv func(string) string) bool {
	switch force := getenv("CLICOLOR_FORCE"); {
	case getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	case getenv("CLICOLOR") == "0":
		return false
	}
	return terminal && getenv("TERM") != "dumb"
}

// A terminal knows its width, also after it was resized.
type terminal struct {
	file    *os.File
	resized chan os.Signal
	width   int // 0 if it is unknown
}

func openTerminal(f *os.File) *terminal {
	t := &terminal{file: f, resized: make(chan os.Signal, 1)}
	notifyResize(t.resized)
	t.width = measure(f)
	return t
}

// columns returns the width, or other if the width is unknown.
func (t *terminal) columns(other int) int {
	select {
	case <-t.resized:
		t.width = measure(t.file)
	default:
	}
	if t.width > 0 {
		return t.width
	}
	return other
}

// measure asks the command stty for the width of a terminal. It returns 0 if there is no such
// command, or the terminal has no width. The system call needs package unsafe, or a module that
// the first command of a newcomer would have to compile.
func measure(f *os.File) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stty := exec.CommandContext(ctx, "stty", "size")
	stty.Stdin = f
	out, err := stty.Output()
	if err != nil {
		return 0
	}
	var rows, columns int
	if _, err := fmt.Sscan(string(out), &rows, &columns); err != nil {
		return 0
	}
	return columns
}
