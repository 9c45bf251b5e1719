// Package plan sees what is about to exist: it reads Terraform plans, CloudFormation templates and cloud assemblies, and turns
// them into the same resources with placements that the scanners make of the live cloud, so that one set of policies judges both.
//
// A reader makes things: planned resources with a symbolic ARN, in which whatever nobody knows before the deployment is a token
// that stands for it. What a setting refers to is then found by comparing ARNs. The table of types (types.go and the rows files)
// says what each type of resource is, and where its settings send data.
package plan
