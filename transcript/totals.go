package transcript

import "github.com/funcall/funcall/provider"

// Steps returns the number of model calls in the last run that returned a response.
func (k *Tracker) Steps() int { return k.steps }

// Usage returns the usage of the last run so far. It includes failed model calls if their
// usage is known.
func (k *Tracker) Usage() provider.Usage { return k.usage }

// Cost returns the cost of the last run so far, failed model calls included.
func (k *Tracker) Cost() Cost { return k.cost }

// TotalUsage returns the usage of all runs so far. It includes failed model calls if their
// usage is known, and runs whose messages were withdrawn. It reads all entries.
func (k *Tracker) TotalUsage() provider.Usage { return k.total().usage }

// TotalCost returns the cost of all runs so far: of failed model calls, too, and of runs whose
// messages were withdrawn. It reads all entries.
func (k *Tracker) TotalCost() Cost { return k.total().cost }

// A total is the number of runs, and what they spent.
type total struct {
	runs  int
	usage provider.Usage
	cost  Cost
}

// total sums the entries up. The tracker does not keep the sums, because many conversations are
// in memory, and few are asked.
func (k *Tracker) total() (t total) {
	open := false
	for _, e := range k.t.Entries {
		switch b := e.Body.(type) {
		case *Input:
			t.runs++
			open = true
		case *Resume:
			open = true
		case *End:
			open = false
		case *Output:
			if open {
				t.usage, t.cost = t.usage.Add(b.Usage), t.cost.add(b.Cost)
			}
		case *Attempt:
			if open {
				t.usage, t.cost = t.usage.Add(b.Usage), t.cost.add(b.Cost)
			}
		}
	}
	return t
}
