package lineage

import (
	"fmt"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// BenchmarkFollow follows three zones through a million resources, nine in ten of them linked in chains of ten.
func BenchmarkFollow(b *testing.B) {
	const n = 1_000_000
	zones := append(testZones[:len(testZones):len(testZones)], residency.Zone{ID: "us", Regions: []string{"us-east-1"}})
	regions := []string{"eu-west-1", "ap-southeast-2", "us-east-1"}
	id := func(i int) string { return fmt.Sprintf("arn:aws:s3:::bucket-%09d", i) }
	for range b.N {
		b.StopTimer()
		builder, err := NewBuilder(zones, byTag, residency.NewAccounts([]string{"1"}, nil))
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			chain := i / 10
			r := store(id(i), regions[chain%3], map[bool]string{true: zones[chain%3].ID}[i%10 == 0])
			if i%10 != 9 {
				r.Placements = append(r.Placements, to(residency.Replica, regions[chain%3], id(i+1)))
			}
			builder.Add(&r)
		}
		b.StartTimer()
		g, err := builder.Build()
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			g.Name(id(i))
		}
		g.Follow()
	}
}
