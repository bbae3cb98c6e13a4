package provider

// A Checker is a Provider that finds mistakes in its own configuration, such as an address
// that is none. funcall.New reports them. The adapters of this module are Checkers.
//
// A wrapper hides the method of the Provider that it embeds. It passes it on like this:
//
//	func (w wrapper) Check() error {
//		if c, ok := w.Provider.(provider.Checker); ok {
//			return c.Check()
//		}
//		return nil
//	}
type Checker interface {
	// Check reports mistakes in the configuration. It does no I/O.
	Check() error
}
