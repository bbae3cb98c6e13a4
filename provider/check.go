package provider

// A Checker is a Provider that can check its own configuration, such as a malformed address.
// funcall.New calls Check and reports its error. The adapters of this module are Checkers.
//
// A wrapper that embeds a Provider hides its Check method. It passes it on like this:
//
//	func (w wrapper) Check() error {
//		if c, ok := w.Provider.(provider.Checker); ok {
//			return c.Check()
//		}
//		return nil
//	}
type Checker interface {
	// Check returns an error that names the mistakes in the configuration. It does no I/O.
	Check() error
}
