package residency

// Location is where in a working copy a planned resource, or a setting of it, is declared.
type Location struct {
	File string // with slashes, relative to the working directory where that is possible; empty: not known
	Line int    // from 1
}
