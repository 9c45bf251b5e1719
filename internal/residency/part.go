package residency

// ElsewhereKind is the kind of a stand-in: a resource whose evidence is kept in another store than that of the snapshot in which the
// stand-in is. Its id is a digest of its own (see Pseudonym). It holds and passes data on like any other, so that chains and borders
// come out as in the whole, and is neither judged nor counted.
const ElsewhereKind = "domicile.elsewhere"

// ElsewhereZone is the tag by which a stand-in says which zone assign gave to what it stands for; without it, none that is
// told; NoZone where it is known to originate nobody's data.
const ElsewhereZone = "zone"

// Elsewhere reports whether r is a stand-in.
func (r *Resource) Elsewhere() bool { return r.Kind == ElsewhereKind }

// Division is parts.json: how the evidence of a run was divided among the stores of the zones. It holds counts and digests, and
// no names.
type Division struct {
	Config  string `json:"config"`            // SHA-256 of the configuration as it was read, before it was cut for each store
	Waivers string `json:"waivers,omitempty"` // SHA-256 of the register of waivers, likewise
	Parts   []Part `json:"parts"`             // as the configuration lists them
}

// Part is what a divided run says of the evidence that is kept elsewhere.
type Part struct {
	Zone       string                     `json:"zone"`     // NoZone: what holds several zones, or none
	Store      string                     `json:"store"`    // folder, or s3://BUCKET
	Manifest   string                     `json:"manifest"` // SHA-256 of the part's manifest.json: the seal of this run covers the part's
	Resources  int                        `json:"resources"`
	Conclusion Conclusion                 `json:"conclusion"`
	Totals     map[Outcome]int            `json:"totals"`
	Controls   map[string]map[Outcome]int `json:"controls"`
	Stores     map[string]map[Basis]int   `json:"stores"` // by zone: data stores by the form of rule that assigned them
	Fails      map[Severity]int           `json:"fails"`
	Open       bool                       `json:"open"`
}
