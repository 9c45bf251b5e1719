package scanners

import "github.com/aws/aws-sdk-go-v2/aws"

// gather reads a whole list that belongs to one resource (its tags, its data sources), or that others are looked up in. If it
// fails, that is a gap on the resource, and what came before is returned with ok false.
func gather[T any](out *Sink, resource, operation string, next func(token *string) ([]T, *string, error)) (all []T, ok bool) {
	for token := (*string)(nil); ; {
		items, more, err := next(token)
		switch {
		case out.None(operation, err):
			return all, true
		case err != nil:
			out.Gap(resource, operation, err)
			return all, false
		}
		all = append(all, items...)
		if aws.ToString(more) == "" {
			return all, true
		}
		if aws.ToString(more) == aws.ToString(token) {
			out.Malformed(resource, operation, "the list offers the same page again")
			return all, false
		}
		token = more
	}
}
