package residency

// Role says what the data is at a placement.
type Role string

// The roles a placement can have, in the order in which reports list them.
const (
	Primary    Role = "primary"
	Replica    Role = "replica"
	Backup     Role = "backup"
	Log        Role = "log"
	Stream     Role = "stream"
	Cache      Role = "cache"
	Queue      Role = "queue"
	Key        Role = "key"
	Metadata   Role = "metadata"
	Transit    Role = "transit"
	Capability Role = "capability"
)

// Roles lists every role in reporting order.
func Roles() []Role {
	return []Role{Primary, Replica, Backup, Log, Stream, Cache, Queue, Key, Metadata, Transit, Capability}
}

// Valid reports whether r is one of the roles of the contract.
func (r Role) Valid() bool {
	switch r {
	case Primary, Replica, Backup, Log, Stream, Cache, Queue, Key, Metadata, Transit, Capability:
		return true
	}
	return false
}

// Stores reports whether data rests under this role: a resource with such a placement is a data store.
func (r Role) Stores() bool {
	switch r {
	case Primary, Replica, Backup, Log, Stream, Cache, Queue:
		return true
	}
	return false
}

// Carries reports whether a zone's data travels over an edge of this role. Key, metadata and capability placements are
// judged, but carry nothing.
func (r Role) Carries() bool { return r.Stores() || r == Transit }

// Placement is one place where a resource's data comes to rest or passes.
type Placement struct {
	Role    Role   `json:"role"`
	Region  string `json:"region,omitempty"`  // absent: could not be resolved
	Account string `json:"account,omitempty"` // absent: the resource's own; "*": the public
	Target  string `json:"target,omitempty"`  // ARN of the receiving resource, or the host name outside AWS
	Via     string `json:"via,omitempty"`     // the setting that says so, for a reader
}

// Source says where a copy's data came from, by the copy's own record.
type Source struct {
	ID      string `json:"id,omitempty"`
	Role    Role   `json:"role,omitempty"` // absent: a copy of the data
	Region  string `json:"region,omitempty"`
	Account string `json:"account,omitempty"`
	Via     string `json:"via,omitempty"`
}

// UntilApply stands for the value of a tag that is known only after the deployment.
const UntilApply = "(known after apply)"

// Assigned is an assignment that was made when the tags could be read.
type Assigned struct {
	Zone  string `json:"zone,omitempty"` // a zone's id, or NoZone; empty: unclassified
	Basis Basis  `json:"basis,omitempty"`
}

// Resource is one inventoried AWS resource.
type Resource struct {
	ID         string            `json:"id"`   // ARN in the form of AWS's Service Authorization Reference
	Kind       string            `json:"kind"` // SDK package name, dot, singular noun: s3.bucket
	Account    string            `json:"account,omitempty"`
	Region     string            `json:"region,omitempty"` // absent: AWS gives it none (a global cluster, a hosted zone)
	Name       string            `json:"name,omitempty"`
	Tags       map[string]string `json:"tags,omitzero"`       // nil: not read; {}: read, there are none
	Placements []Placement       `json:"placements,omitzero"` // nil: not read; []: read, there are none
	Sources    []Source          `json:"sources,omitempty"`
	Facts      map[string]any    `json:"facts,omitempty"` // what a reader or a control may want besides: versioning, encryption
	// ARN is that of a planned resource, whose id is its address. A star stands for what is not known before the deployment.
	ARN string `json:"arn,omitempty"`
	// Assigned stands in an index of a snapshot in place of the tags: whose data the resource was found to hold.
	Assigned *Assigned `json:"assigned,omitempty"`
}

// KindEvent is the kind of what is no resource of AWS's: an event by which data moved between two scans and which left no trace in the
// inventory. Its data is that of its sources: no line of assign is asked about it.
const KindEvent = "cloudtrail.event"

// IsEvent reports whether r is something that happened, and not something that is there.
func (r *Resource) IsEvent() bool { return r.Kind == KindEvent }

// IsStore reports whether r is a data store: it has a placement in which data rests, or its placements were not read. An event is none:
// what it made is gone, or is a resource of its own.
func (r *Resource) IsStore() bool {
	if r.IsEvent() {
		return false
	}
	if r.Placements == nil {
		return true
	}
	for _, p := range r.Placements {
		if p.Role.Stores() {
			return true
		}
	}
	return false
}
