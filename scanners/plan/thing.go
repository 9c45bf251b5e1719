package plan

import (
	"cmp"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// thing is one resource that a plan or template describes, as far as others may refer to it.
type thing struct {
	address string // what the change calls it: the id of its resource in the snapshot
	row     *row
	name    string // by which its service knows it; a token where that is not known
	arn     string // in the normal form, with tokens; empty where the type has none
	region  string // empty: none, or not known, and then
	unsaid  string // says which value is missing, and what would settle it
	account string // empty: not known
	values  Value  // its attributes; only while it is read
	tags    map[string]string
	untold  string // why its tags are not known, empty where they are
	waive   string // id of the waiver that it names itself
	left    bool   // the change leaves it as it is
	from    loader // reads its values again, for others that look through it; nil: they stay
	asking  bool   // what it belongs to is being found
	lives   string // the ARN that it has already, where the plan says so
	extent  extent // where its change lies in the plan
	input   string // that describes it
}

// loader reads the values of a thing that is not being read itself.
type loader interface {
	load(*thing) (Value, error)
}

// attributes are a thing's values, read again where it is another's turn. What cannot be read is not known.
func (t *thing) attributes() Value {
	if t.from == nil || t.values.kind != absent {
		return t.values
	}
	v, err := t.from.load(t)
	if err != nil {
		return unknownBecause("the settings of " + t.address + " could not be read")
	}
	return v
}

// describe gives a thing the ARN of its type's form.
func (t *thing) describe(partition string) {
	if t.row == nil || t.row.arn == "" {
		return
	}
	h := t.home(partition)
	form := strings.NewReplacer("{partition}", partition, "{region}", h.Region, "{account}", h.Account, "{name}", t.name, "{id}", tokenFor(t.address))
	t.arn = locate.NormalARN(form.Replace(t.row.arn))
}

// ownUnsaid stands for an account that neither the change nor the user names.
var ownUnsaid = tokenBecause(accountUnsaid)

// home is where names are understood that a setting of the thing gives without region or account. What is not known of it is a
// token, so that two things of one provider still find each other by name.
func (t *thing) home(partition string) locate.Home {
	h := locate.Home{Partition: partition, Region: t.region, Account: cmp.Or(t.account, ownUnsaid)}
	if t.region == "" && !t.row.global {
		h.Region = tokenBecause(cmp.Or(t.unsaid, regionUnsaid))
	}
	return h
}

// resource is the thing as it stands in the snapshot, before its settings are read.
func (t *thing) resource() residency.Resource {
	r := residency.Resource{ID: t.address, Kind: t.row.kind, Account: t.account, Region: t.region, Tags: t.tags}
	if known(t.name) {
		r.Name = t.name
	}
	switch {
	case t.lives != "":
		r.ARN = t.lives
	case t.arn != "":
		r.ARN = pattern(t.arn)
	}
	if r.ARN == "" {
		r.ARN = "*" // nothing is known of it: a glob can only be undecided
	}
	return r
}

// rowOf is the row of a type: of the table, else of the list of classes. A type on neither has a row without a class of its own.
func rowOf(typ string) *row {
	if isCloudControl(typ) {
		typ = cloudControlType(typ)
	}
	if r := table[typ]; r != nil {
		return r
	}
	if noData(typ) {
		return &row{typ: typ, kind: kindOf(typ), class: NoData}
	}
	return &row{typ: typ, kind: kindOf(typ), class: unlisted}
}

// kindOf makes a kind of a type that has no scanner: aws_sqs_queue is aws.sqs_queue, AWS::SQS::Queue the same.
func kindOf(typ string) string {
	if rest, ok := strings.CutPrefix(typ, "aws_"); ok {
		return "aws." + rest
	}
	parts := strings.Split(typ, "::")
	return strings.ToLower(strings.Join(parts[:min(1, len(parts))], "") + "." + strings.Join(parts[min(1, len(parts)):], "_"))
}

// known is the ARN of the thing where it is known whole: the one that it has, or the one that it will have.
func (t *thing) known() string {
	switch {
	case t.lives != "":
		return t.lives
	case t.arn != "" && known(t.arn):
		return t.arn
	}
	return ""
}
