package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// listGlobalClusters reads which clusters replicate each other by storage. Every region tells of every global cluster, some
// endpoints of their own only, so it is handed over by each region that has a member, and kept once; where no member's region
// is examined, by the first that is.
func (s *rdsScan) listGlobalClusters(ctx context.Context) {
	follow(ctx, s.t, s.out, "DescribeGlobalClusters", func(marker *string) ([]types.GlobalCluster, *string, error) {
		page, err := s.client.DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{Marker: marker})
		if err != nil {
			s.globalErr = err
			return nil, nil, err
		}
		return page.GlobalClusters, page.Marker, nil
	}, s.globalCluster)
}

func (s *rdsScan) globalCluster(ctx context.Context, g types.GlobalCluster) {
	members := globalMembers(s.t.Home(), g)
	s.mu.Lock()
	for _, m := range members {
		s.globals[m.ID] = g
	}
	s.mu.Unlock()
	if !reportsGlobal(s.t, members) {
		return
	}
	r := residency.Resource{ID: globalClusterARN(s.t.Home(), g), Kind: "rds.global_cluster", Name: aws.ToString(g.GlobalClusterIdentifier),
		Placements: []residency.Placement{}, Facts: rdsFacts(g.Engine, g.StorageEncrypted, nil)}
	headless := !slices.ContainsFunc(members, func(m globalMember) bool { return m.writer }) // in a failover
	for _, m := range members {
		if m.writer || headless {
			r.Sources = append(r.Sources, m.Source(residency.Primary, "global cluster writer"))
		}
		if m.writer {
			r.Placements = append(r.Placements, m.Place(residency.Primary, "global cluster writer"))
		} else {
			r.Placements = append(r.Placements, m.Place(residency.Replica, "global cluster member"))
		}
	}
	r.Tags = s.tags(ctx, r.ID, g.TagList)
	s.out.AddCollector(r)
}

// reportsGlobal says whether this region is one that hands a global cluster over.
func reportsGlobal(t *Target, members []globalMember) bool {
	examined := func(m globalMember) bool { return slices.Contains(t.Regions, m.Region) }
	if slices.ContainsFunc(members, examined) {
		return slices.ContainsFunc(members, func(m globalMember) bool { return m.Region == t.Region })
	}
	return len(t.Regions) == 0 || t.Region == slices.Min(t.Regions)
}

// globalMember is a cluster of a global cluster. One without instances stores the data all the same.
type globalMember struct {
	Destination
	writer     bool
	forwarding types.WriteForwardingStatus
}

// globalMembers lists the clusters, and besides them those that only a writer's list of readers names.
func globalMembers(h Home, g types.GlobalCluster) []globalMember {
	var members []globalMember
	known := func(id string) bool {
		return slices.ContainsFunc(members, func(m globalMember) bool { return m.ID == id })
	}
	for _, m := range g.GlobalClusterMembers {
		if arn := aws.ToString(m.DBClusterArn); arn != "" && !known(h.Resolve(arn).ID) {
			members = append(members, globalMember{h.Resolve(arn), aws.ToBool(m.IsWriter), m.GlobalWriteForwardingStatus})
		}
	}
	for _, m := range g.GlobalClusterMembers {
		for _, reader := range m.Readers {
			if !known(h.Resolve(reader).ID) {
				members = append(members, globalMember{Destination: h.Resolve(reader)})
			}
		}
	}
	return members
}

// globalClusterARN is its name: AWS gives it no region.
func globalClusterARN(h Home, g types.GlobalCluster) string {
	nowhere := Home{Partition: h.Partition, Account: h.Account}
	return orDefault(aws.ToString(g.GlobalClusterArn), nowhere.ARN("rds", "global-cluster:"+aws.ToString(g.GlobalClusterIdentifier)))
}

// placeGlobalMember is what the membership says about one cluster: a secondary's data comes from the global cluster, whose own
// placements are judged, so that a copy is one violation; with write forwarding its statements go to the writer.
func placeGlobalMember(h Home, g types.GlobalCluster, cluster string) (places []residency.Placement, sources []residency.Source) {
	via := "global cluster " + aws.ToString(g.GlobalClusterIdentifier)
	members := globalMembers(h, g)
	self := members[slices.IndexFunc(members, func(m globalMember) bool { return m.ID == cluster })]
	if self.writer {
		return nil, nil
	}
	sources = []residency.Source{{ID: globalClusterARN(h, g), Role: residency.Replica, Account: h.Account, Via: via}}
	for _, m := range members {
		if f := self.forwarding; m.writer && f != "" && f != types.WriteForwardingStatusDisabled {
			places = append(places, m.Place(residency.Transit, via+", write forwarding "+string(f)))
		}
	}
	return places, sources
}
