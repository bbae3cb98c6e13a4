// Command base is the measure of the README's first command: a program that
// imports what every client and server of an API imports, and no more.
package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewEncoder(w).Encode(r.URL.Path); err != nil {
			slog.Error("no answer", "error", err)
		}
	})
	slog.Error("stopped", "error", http.ListenAndServe("localhost:8080", nil))
}
