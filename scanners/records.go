package scanners

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// records are what a service keeps about single copies (an export, an integration), by the ARN of the store that was copied.
// Each becomes part of its store where that is still there, so that it shares the store's tags and zone, and a resource of its
// own where it is not: a copy outlives what it was made from.
type records struct {
	mu sync.Mutex
	by map[string][]residency.Resource
}

func (c *records) add(store string, r residency.Resource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string][]residency.Resource{}
	}
	c.by[store] = append(c.by[store], r)
}

// into moves the records of a store into it. What says the same twice (the daily export to one bucket) is kept once.
func (c *records) into(store *residency.Resource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range sortedByID(c.by[store.ID]) {
		for _, p := range r.Placements {
			if !slices.Contains(store.Placements, p) {
				store.Placements = append(store.Placements, p)
			}
		}
		for _, s := range r.Sources {
			if s.ID != store.ID && !slices.Contains(store.Sources, s) {
				store.Sources = append(store.Sources, s)
			}
		}
	}
	delete(c.by, store.ID)
}

// rest lists the records whose store was not seen.
func (c *records) rest() (left []residency.Resource) {
	for _, store := range slices.Sorted(maps.Keys(c.by)) {
		left = append(left, sortedByID(c.by[store])...)
	}
	return left
}

// sortedByID undoes the order in which concurrent calls happened to answer.
func sortedByID(found []residency.Resource) []residency.Resource {
	slices.SortStableFunc(found, func(a, b residency.Resource) int { return strings.Compare(a.ID, b.ID) })
	return found
}

// exported is the place of what a service wrote into a bucket. The owner is empty where the setting does not state it.
func exported(h Home, bucket, owner string, role residency.Role, via string) residency.Placement {
	if bucket == "" {
		return residency.Placement{Role: role, Via: via}
	}
	d := h.Bucket(bucket)
	d.Account = owner
	return d.Place(role, via)
}

// follow hands every item of a list on, page by page. The list is one of several of its scanner: if it fails, that is a gap and
// the others go on. next asks for the page behind a token, nil for the first.
func follow[T any](ctx context.Context, t *Target, out *Sink, operation string, next func(token *string) ([]T, *string, error), do func(context.Context, T)) {
	for token := (*string)(nil); ; {
		items, more, err := next(token)
		if err != nil {
			if !out.None(operation, err) {
				out.Gap("", operation, err)
			}
			return
		}
		_ = each(ctx, t, items, func(ctx context.Context, item T) error { // nil: what fails of one item is its own gap
			do(ctx, item)
			return nil
		})
		if aws.ToString(more) == "" {
			return
		}
		if aws.ToString(more) == aws.ToString(token) {
			out.Malformed("", operation, "the list offers the same page again")
			return
		}
		token = more
	}
}
