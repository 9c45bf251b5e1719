package scanners

import "github.com/seed-1578181b/domicile/internal/locate"

// What a field names, and where that is, is understood in one place for all of AWS.
type (
	// Home is where a name without region or account is understood.
	Home = locate.Home
	// Destination is what a service's field names, as far as the name itself tells.
	Destination = locate.Destination
)

// The readers of names that scanners use most.
var (
	ParseARN  = locate.ParseARN
	NormalARN = locate.NormalARN
	IsBucket  = locate.IsBucket
)

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
