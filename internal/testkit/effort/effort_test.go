package effort

import "testing"

func TestRounds(t *testing.T) {
	less := raceDetector || testing.Short()
	for n, want := range map[int]int{1: 1, 5: 1, 10: 1, 200: 20} {
		if !less {
			want = n
		}
		if got := Rounds(n); got != want {
			t.Errorf("Rounds(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestCost(t *testing.T) {
	var skipped bool
	t.Run("expensive", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		Cost(t)
	})
	if want := raceDetector || testing.Short(); skipped != want {
		t.Errorf("skipped: %t, want %t", skipped, want)
	}
}
