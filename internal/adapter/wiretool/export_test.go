package wiretool

// Property returns a property's name on the wire.
func (a *API) Property(name string) string {
	if a.properties == nil {
		return name
	}
	return a.properties.Name(name)
}
