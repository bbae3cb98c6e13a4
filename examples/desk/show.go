package main

import (
	"fmt"
	"iter"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// show prints the events of a run as they happen.
func show(events iter.Seq2[funcall.Event, error]) error {
	streamed := false // whether the last text was printed piece by piece
	for ev, err := range events {
		if err != nil {
			return err
		}
		switch ev.Kind {
		case funcall.EventText:
			fmt.Print(ev.Text)
			streamed = true
		case funcall.EventToolEnd:
			fmt.Printf("[%s %s: %s]\n", ev.Tool, ev.Status, ev.Text)
			streamed = false
		case funcall.EventDone:
			if !streamed {
				fmt.Print(ev.Result.Text())
			}
			fmt.Println()
			if ev.Result.Outcome != transcript.OutcomeDone {
				fmt.Println("outcome:", ev.Result.Outcome, ev.Result.Reason)
			}
		}
	}
	return nil
}
