package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners/plan/plantest"
)

type discard struct{}

func (discard) Add(*residency.Resource) error { return nil }

// BenchmarkPlan reads a plan and makes its resources, without judging them.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{1000, 10000, 50000} {
		data := plantest.Synthetic(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				c, err := Read([]Input{{Name: "plan.json", Data: strings.NewReader(data), Size: int64(len(data))}}, Options{}, "aws", someRegions, nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := c.Emit(discard{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
