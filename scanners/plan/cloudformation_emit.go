package plan

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// emit evaluates the properties of every resource. By now every other input is known too.
func (t *templates) emit(e *emitter) error {
	for _, s := range t.all {
		s.judged = map[string]judgement{}
	}
	for _, s := range t.all {
		for _, id := range slices.Sorted(maps.Keys(s.resources)) {
			if err := s.emit(e, id); err != nil {
				return err
			}
		}
	}
	for _, g := range t.gaps {
		e.gap(g.Resource, g)
	}
	return t.err
}

func (s *stack) emit(e *emitter, id string) error {
	if s.exists(id).verdict == no {
		return nil
	}
	typ := s.typeOf(id)
	t := s.of.w.things[s.addressOf(id)]
	if t == nil {
		s.strange(id, typ)
		return nil
	}
	resource := s.resources[id]
	properties := resource.field("Properties")
	if part := resource.field("Fn::Transform"); part.kind != absent {
		s.macro(part)
	}
	t.values = s.eval(properties)
	t.waive = s.eval(resource.field("Metadata").field("domicile").field("waive")).text
	t.tags, t.untold = s.tagsOf(t)
	err := e.emit(t)
	t.values, t.tags = Value{}, nil
	return errors.Join(err, s.of.err)
}

// strange accounts for a resource that is none of AWS's types.
func (s *stack) strange(id, typ string) {
	at := s.addressOf(id)
	switch {
	case typ == "AWS::CloudFormation::Stack" || typ == "AWS::CloudFormation::StackSet": // told when it was loaded
	case harmless[typ] != "":
	case typ == "AWS::CloudFormation::CustomResource" || strings.HasPrefix(typ, "Custom::"):
		s.of.gap(residency.ClassUnimplemented, at+" is a custom resource ("+typ+"): what its function creates or copies cannot be seen")
	case typ == "":
		why := s.resources[id].field("Type")
		s.of.gap(residency.ClassUnresolved, at+" has no type that is known: "+orElse(why.text, "Type is missing"))
	case strings.HasSuffix(typ, "::MODULE"):
		s.of.gap(residency.ClassUnimplemented, at+" is a module ("+typ+"): what it creates cannot be seen; check the processed template")
	default:
		s.of.gap(residency.ClassUnimplemented, at+" is of type "+typ+", which is not AWS's own: what it creates cannot be seen")
	}
}

// listedTags are the properties that hold a resource's tags, of one type or another.
var listedTags = []string{"Tags", "FileSystemTags", "HostedZoneTags", "UserPoolTags", "BackupVaultTags", "BackupPlanTags", "FrameworkTags", "ReportPlanTags", "StreamTags"}

// tagsOf are the tags that a resource will have: its own and those of its stack.
func (s *stack) tagsOf(t *thing) (tags map[string]string, untold string) {
	var own Value
	for _, property := range listedTags {
		if own = t.values.field(property); !own.empty() {
			break
		}
	}
	if own.empty() { // a global table has them at its replica in the same region
		for _, r := range t.values.field("Replicas").blocks() {
			if r.field("Region").text == t.region {
				own = r.field("Tags")
			}
		}
	}
	tags = maps.Clone(s.tags)
	if tags == nil {
		tags = map[string]string{}
	}
	if untold = addTags(tags, own); untold != "" {
		return nil, untold
	}
	return tags, ""
}

// addTags adds the tags of a property, a map or a list of Key and Value. untold: which there are is not known.
func addTags(tags map[string]string, v Value) (untold string) {
	set := func(key string, tag Value) {
		switch {
		case tag.kind == text && known(tag.text):
			tags[key] = tag.text
		case tag.kind == absent:
			tags[key] = ""
		default:
			tags[key] = residency.UntilApply
		}
	}
	switch v.kind {
	case absent:
	case object:
		for key, tag := range v.fields {
			set(key, tag)
		}
	case list:
		for _, one := range v.list {
			key := one.field("Key")
			switch {
			case one.kind == absent:
			case one.kind == object && key.kind == text && known(key.text):
				set(key.text, one.field("Value"))
			default:
				untold = "its tags are not known before the deployment: " + orElse(cmp.Or(one.text, missing(key.text), key.text), "a tag's key is not")
			}
		}
	default:
		untold = "its tags are not known before the deployment: " + v.text
	}
	return untold
}
