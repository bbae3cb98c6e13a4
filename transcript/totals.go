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
// usage is known, and runs whose messages were withdrawn.
func (k *Tracker) TotalUsage() provider.Usage { return k.pastUsage.Add(k.usage) }

// TotalCost returns the cost of all runs so far: of failed model calls, too, and of runs whose
// messages were withdrawn.
func (k *Tracker) TotalCost() Cost { return k.pastCost.plus(k.cost) }

// countRun updates the totals when a run begins.
func (k *Tracker) countRun() {
	k.runs++
	k.pastUsage, k.pastCost = k.TotalUsage(), k.TotalCost()
	k.usage, k.cost = provider.Usage{}, Cost{}
}
