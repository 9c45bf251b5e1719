package plan

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
)

// Class says what this version knows of a type of resource.
type Class string

// The classes. A type of no class is counted, and is a gap.
const (
	Judged    Class = "judged"                        // its place and every copy that its settings make
	HoldsData Class = "holds data, copies not judged" // its place; what its settings copy is a gap
	NoData    Class = "no data"                       // neither holds nor moves what is judged
)

// row is what one type of Terraform or CloudFormation is. It is data; read is its only behaviour.
type row struct {
	typ    string // aws_s3_bucket, AWS::S3::Bucket
	kind   string // of the resource that it becomes, or of the resource that it declares settings of
	global bool   // AWS gives it no region
	// arn is the form of its ARN, with {partition}, {region}, {account} and {name}; empty where it has none of its own. {id} is a part
	// that AWS makes up.
	arn string
	// name is the attribute that names it to its service.
	name string
	// zone is the attribute that names its availability zone, which tells the region where nothing else does.
	zone string
	// settings: it is no resource of its own but declares settings of the one that this finds. The resource is then the holder's.
	settings func(v view) target
	// read adds placements, sources and shares. nil: a type that only has a place.
	read func(v view)
	// collector: what is said of it elsewhere makes its place none of those that collectors gather from.
	collector bool
	// variant is the row of one with these settings, where not all of a type are alike.
	variant func(r row, values Value) row
	// filled are the blocks that the provider fills in by itself where nobody gives them (optional and computed in its schema). Such a
	// block that is not known and has no words in the configuration is none.
	filled []string
	// regionIsTarget: its attribute region names another place than its own.
	regionIsTarget bool
	// placed finds the place of the resource itself where that is not simply the region that it is deployed to.
	placed func(v view)
	class  Class // HoldsData where copies are not judged; empty: Judged
}

// with is the row of a thing with these settings.
func (r *row) with(values Value) *row {
	if r.variant == nil {
		return r
	}
	own := r.variant(*r, values)
	return &own
}

// ownARN is the ARN that a resource has already, by its attribute arn. Some types name another's there, the target of a rule say, and
// what only declares settings has none.
func (r *row) ownARN(values Value) string {
	arn := values.field("arn")
	if r.template() { // of a resource of awscc
		arn = values.field("Arn")
	}
	if arn.kind != text || r.settings != nil {
		return ""
	}
	_, service, _, _, _, ok := locate.ParseARN(arn.text)
	if _, form, _ := strings.Cut(r.arn, "arn:{partition}:"); !ok || !strings.HasPrefix(form, service+":") {
		return ""
	}
	return arn.text
}

// template reports whether it is a type of CloudFormation.
func (r *row) template() bool { return strings.HasPrefix(r.typ, "AWS::") }

// pair is one mechanism that both languages declare in a resource of their own. tf and cfn are the types, each with the attribute that
// names the resource after a space, or without one; what it reads is spelled as in Terraform.
func pair(tf, cfn string, r row) []row {
	other := r
	r.typ, r.name, _ = strings.Cut(tf, " ")
	other.typ, other.name, _ = strings.Cut(cfn, " ")
	return []row{r, other}
}

// both puts several types into the table.
func both(pairs ...[]row) struct{} { return rows(slices.Concat(pairs...)...) }

// aws reports whether a type is one of AWS's in either language.
func aws(typ string) bool {
	return strings.HasPrefix(typ, "aws_") || strings.HasPrefix(typ, "awscc_") || strings.HasPrefix(typ, "AWS::")
}

var table = map[string]*row{}

// rows puts types into the table; it returns a value so that a file needs no init.
func rows(add ...row) struct{} {
	for i := range add {
		r := &add[i]
		if _, twice := table[r.typ]; twice {
			panic("plan: two rows for type " + r.typ)
		}
		table[r.typ] = r
	}
	return struct{}{}
}
