package plan

import (
	"strings"
	"sync"
)

// Terraform's provider awscc is made of CloudFormation's schemas: awscc_s3_bucket is AWS::S3::Bucket, its attribute bucket_name the property
// BucketName. Its resources are read by the rows of CloudFormation. Source: registry.terraform.io/providers/hashicorp/awscc.

const cloudControlPrefix = "awscc_"

func isCloudControl(typ string) bool { return strings.HasPrefix(typ, cloudControlPrefix) }

// templateTypes are the types of CloudFormation that are on a list, by the name that awscc makes of each but for its underscores.
var templateTypes = sync.OnceValue(func() map[string]string {
	types := map[string]string{}
	for typ := range table {
		types[foldedType(typ)] = typ
	}
	for typ := range noDataTemplate.names {
		types[foldedType(typ)] = typ
	}
	return types
})

func foldedType(typ string) string { return strings.ToLower(strings.ReplaceAll(typ, "::", "")) }

// cloudControlType is the type of CloudFormation that one of awscc is; itself where none is on a list.
func cloudControlType(typ string) string {
	bare := strings.TrimPrefix(typ, cloudControlPrefix)
	if found := templateTypes()["aws"+strings.ReplaceAll(bare, "_", "")]; found != "" {
		return found
	}
	for _, prefix := range noDataTemplate.prefixes { // AWS::IAM::
		service := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(prefix, "AWS::"), "::"))
		if strings.HasPrefix(bare, service+"_") {
			return prefix
		}
	}
	return typ
}

// propertyNames writes the names of attributes as CloudFormation writes those of properties.
func propertyNames(v Value) Value {
	switch v.kind {
	case object:
		out := Value{kind: object, fields: make(map[string]Value, len(v.fields))}
		for name, member := range v.fields {
			out.fields[pascal(name)] = propertyNames(member)
		}
		return out
	case list:
		out := v
		out.list = make([]Value, len(v.list))
		for i, one := range v.list {
			out.list[i] = propertyNames(one)
		}
		return out
	}
	return v
}

// propertyExpressions is propertyNames for what the configuration says.
func propertyExpressions(e expression) expression {
	e.constant = propertyNames(e.constant)
	if e.fields != nil {
		fields := make(map[string]expression, len(e.fields))
		for name, member := range e.fields {
			fields[pascal(name)] = propertyExpressions(member)
		}
		e.fields = fields
	}
	if e.list != nil {
		members := make([]expression, len(e.list))
		for i, one := range e.list {
			members[i] = propertyExpressions(one)
		}
		e.list = members
	}
	return e
}

// propertyTags are the tags of a resource of awscc, which has no default tags: a list of keys and values.
func propertyTags(t *thing) (tags map[string]string, untold string) {
	tags = map[string]string{}
	own := t.values.field("Tags")
	if own.silent {
		return tags, ""
	}
	if untold = addTags(tags, own); untold != "" {
		return nil, untold
	}
	return tags, ""
}
