package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// leg is one way by which data leaves a resource: the attribute that names where to, in any number of blocks.
type leg struct {
	role residency.Role // empty: that of the service that takes it
	path string
	as   form
	// on is a switch beside the attribute; where it is known to be off, what went before may remain. Empty: none.
	on string
}

// sends is the behaviour of a resource that holds nothing itself and has these legs.
func sends(legs ...leg) func(view) {
	return func(v view) {
		for _, l := range legs {
			v.leg(l)
		}
	}
}

// holds is the behaviour of one that holds data in a role where it is, and has these legs.
func holds(role residency.Role, legs ...leg) func(view) {
	return func(v view) {
		v.here(role, "")
		sends(legs...)(v)
	}
}

// leg adds where one leads.
func (v view) leg(l leg) {
	blocks, last := v.parents(l.path)
	for _, b := range blocks {
		for _, to := range b.targets(last, l.as) {
			role := l.role
			if role == "" {
				role = takenBy(to)
			}
			label := ""
			if l.on != "" && b.off(l.on, false) {
				role, label = residency.Capability, "disabled: what went there before may remain"
			}
			b.add(to.place(role, b.via(last, label)))
		}
	}
}

// fromAll is from for an attribute in any number of blocks.
func (v view) fromAll(role residency.Role, path string, as form) {
	blocks, last := v.parents(path)
	for _, b := range blocks {
		b.from(role, "", last, as)
	}
}

// parents are the blocks that have the last attribute of a path.
func (v view) parents(path string) (blocks []view, last string) {
	parent, last, nested := cutLast(path, ".")
	if !nested {
		return []view{v}, last
	}
	return v.each(parent), last
}

// takenBy is the role of what a service keeps that takes events or messages: they queue, stream or are logged, or pass through it.
func takenBy(to target) residency.Role {
	switch to.service() {
	case "sqs", "sns":
		return residency.Queue
	case "kinesis", "firehose", "kafka":
		return residency.Stream
	case "logs":
		return residency.Log
	case "s3":
		return residency.Replica
	}
	return residency.Transit
}

// The forms of names that several services use.
var (
	asTopic    = asLocal("sns", "")
	asStream   = asLocal("kinesis", "stream/")
	asFirehose = asLocal("firehose", "deliverystream/")
)

// asFunction is a function's ARN, or its name with or without a version or alias behind it.
func asFunction(h locate.Home, s string) locate.Destination {
	if !strings.HasPrefix(s, "arn:") {
		s, _, _ = strings.Cut(s, ":")
	}
	return asLocal("lambda", "function:")(h, s)
}

// asQueue is a queue's ARN, URL or name.
func asQueue(h locate.Home, s string) locate.Destination {
	if strings.Contains(s, "://") {
		return h.Resolve(s)
	}
	return asLocal("sqs", "")(h, s)
}
