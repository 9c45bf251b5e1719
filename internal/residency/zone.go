package residency

// NoZone is the reserved zone id for stores that originate no customer data.
const NoZone = "none"

// Zone is a hosting area with its promise.
type Zone struct {
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Regions []string `json:"regions"`
	Promise bool     `json:"promise"` // false: followed and counted, but free to leave
}

// Contains reports whether region is one of the zone's. An empty (unresolved) region is not.
func (z Zone) Contains(region string) bool {
	for _, r := range z.Regions {
		if r == region && region != "" {
			return true
		}
	}
	return false
}

// Rule is one line of assign: exactly one of ARN, TagKey, Account and OwnRegion is set.
type Rule struct {
	ARN       string  // glob with *
	TagKey    string  // with TagValue nil: the tag's value names the zone
	TagValue  *string // glob with *
	Account   string  // glob with *
	OwnRegion bool    // the zone whose regions include the resource's own region
	Zone      string  // zone id or NoZone; empty for the two forms that find it themselves
	Reason    string  // with NoZone: why the store originates no customer data
	Owner     string  // with NoZone: who says so
	Line      int     // line in the configuration file, for messages
}

// Basis says which form of rule assigned a zone.
type Basis string

// The forms of a rule. ByOwnRegion proves nothing about the place.
const (
	ByARN       Basis = "arn"
	ByTag       Basis = "tag"
	ByAccount   Basis = "account"
	ByOwnRegion Basis = "region"
)

// TrustedAccount is a vendor's account whose copies are no escape; its region is still judged.
type TrustedAccount struct {
	ID, Name, Region, Reason string
}
