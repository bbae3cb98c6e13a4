package main

import (
	"os"
	"strings"
	"testing"
)

func Example() {
	main()
	// Output:
	// get_stock {"sku": 2024} -> invalid arguments for "get_stock": /sku: must be a string, got the number 2024
	// get_stock {"sku": "WEP-2024"} -> {"WEP-2024":47}
	// Yes, we have 47 of them.
}

// The README shows the program's output.
func TestTheReadmeShowsTheOutput(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	test, err := os.ReadFile("main_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, output, _ := strings.Cut(string(test), "// Output:\n")
	output, _, _ = strings.Cut(output, "}\n\n")
	output = strings.ReplaceAll(output, "\t// ", "")
	if !strings.Contains(string(readme), "```\n"+output+"```\n") {
		t.Errorf("README.md has no block with this output:\n%s", output)
	}
}
