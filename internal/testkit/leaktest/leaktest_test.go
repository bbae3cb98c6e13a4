package leaktest

import "testing"

func TestFind(t *testing.T) {
	stop := make(chan struct{})
	over := make(chan struct{})
	go func() {
		defer close(over)
		<-stop
	}()
	if find(0) == nil {
		t.Error("a goroutine is left, and not found")
	}
	close(stop)
	<-over
	Check(t)
}
