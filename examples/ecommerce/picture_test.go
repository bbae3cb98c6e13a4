package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
	"github.com/funcall/funcall/internal/text/termsvg"
)

const (
	picturePath    = "../../docs/tour.svg"
	pictureCommand = "GOLDEN_UPDATE=1 go test ./examples/ecommerce -run TestPicture"
	pictureColumns = 92
	maxPicture     = 40_000 // bytes
)

// shown are the questions of the tour that the picture has, by conversation.
var shown = [][]int{0: {0, 1, 2, 3}}

// The picture of the tour, docs/tour.svg, shows what the tour prints: in color, with the latencies
// of one seed. The clock of a bubble makes the durations repeat. This command makes the picture
// anew:
//
//	GOLDEN_UPDATE=1 go test ./examples/ecommerce -run TestPicture
func TestPicture(t *testing.T) {
	var out consoletest.Output
	synctest.Test(t, func(t *testing.T) {
		out = program(t, map[string]string{"CLICOLOR_FORCE": "1", "COLUMNS": fmt.Sprint(pictureColumns)}, "-seed", "1")
	})
	if out.Code != console.ExitOK {
		t.Fatalf("exit %d: %s", out.Code, out.Stderr)
	}
	picture := termsvg.Picture{
		Title:       "The reference shop",
		Description: "A terminal with a conversation between a customer and the agent of a shop, the tool calls that the agent makes, and the operator who approves a refund.",
		Columns:     pictureColumns,
		Output:      "$ go run ./examples/ecommerce\n" + excerpt(t, out.Stdout),
	}
	svg, err := picture.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(svg, new(struct{})); err != nil {
		t.Errorf("the picture is not XML: %v", err)
	}
	if len(svg) > maxPicture {
		t.Errorf("the picture has %d bytes, more than %d: show fewer questions", len(svg), maxPicture)
	}
	if os.Getenv("GOLDEN_UPDATE") == "1" {
		if err := os.WriteFile(picturePath, svg, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(picturePath)
	if err != nil {
		t.Error(err)
	}
	if !bytes.Equal(kept, svg) {
		t.Errorf("docs/tour.svg does not show the tour as it is now: write it anew with\n%s", pictureCommand)
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// excerpt returns the shown questions with their answers. An ellipsis stands for each omitted
// part.
func excerpt(t *testing.T, output string) string {
	t.Helper()
	var kept strings.Builder
	scene, question := -1, -1
	omitted := false
	for line := range strings.Lines(output) {
		text := escapes.ReplaceAllString(line, "")
		if strings.HasPrefix(text, "== ") {
			scene, question = scene+1, -1
		}
		if strings.HasPrefix(text, "Customer: ") {
			question++
		}
		if !isShown(scene, question) {
			omitted = true
			continue
		}
		if omitted {
			kept.WriteString("\x1b[2m…\x1b[0m\n\n")
		}
		omitted = false
		kept.WriteString(line)
	}
	if scene != len(tour) { // the last heading is that of the log
		t.Fatalf("the tour has %d conversations, and the output %d:\n%s", len(tour), scene, output)
	}
	return strings.TrimSpace(kept.String()) + "\n"
}

// isShown reports whether the picture has that question, or the heading of its conversation.
func isShown(scene, question int) bool {
	if scene < 0 || scene >= len(shown) || len(shown[scene]) == 0 {
		return false
	}
	return question < 0 || slices.Contains(shown[scene], question)
}
