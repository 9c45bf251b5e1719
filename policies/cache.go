package policies

import "github.com/seed-1578181b/domicile/internal/residency"

// finding is one control's outcome for a shape.
type finding struct {
	control  int
	outcome  residency.Outcome
	violated []int // of a fail: positions in the shape, ascending; none where the resource as a whole violates
}

// answer is what the controls of a group find for a shape. It is filled in once Rego was asked.
type answer struct{ findings []finding }

// About what one entry of the cache takes, in bytes: map slot, headers and rounding of sizes; and each of its findings.
const (
	entryCost   = 144
	findingCost = 64
)

// cache keeps answers by shape in two generations: when the young one is full it becomes the old one, and the old one goes.
// What is asked again in time moves back into the young one, so that shapes that recur survive those that do not, and no
// input makes it grow beyond its budget.
type cache struct {
	budget     int // bytes, both generations together
	spent      int // of the young generation
	young, old map[string]*answer
}

func newCache(budget int) *cache { return &cache{budget: budget, young: map[string]*answer{}} }

// find returns the answer kept for key, or a new one, to be filled in, with fresh true; cost is the answer's, in bytes.
func (c *cache) find(key []byte, cost int) (a *answer, fresh bool) {
	if a := c.young[string(key)]; a != nil {
		return a, false
	}
	a = c.old[string(key)]
	if fresh = a == nil; fresh {
		a = &answer{}
	}
	cost += entryCost + len(key)
	if c.spent+cost > c.budget/2 {
		c.old, c.young, c.spent = c.young, map[string]*answer{}, 0
	}
	c.young[string(key)] = a
	c.spent += cost
	return a, fresh
}
