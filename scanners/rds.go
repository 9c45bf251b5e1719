package scanners

import (
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// RDS and Aurora: databases, their replicas, their backups and whatever copies them. The endpoint lists DocumentDB and Neptune
// too: they are stores like any other and stand under the same kinds, with the fact engine.
var _ = register(Scanner{
	Service: "rds", Version: 1, Scope: Regional,
	Kinds: []string{"rds.instance", "rds.cluster", "rds.global_cluster", "rds.snapshot", "rds.cluster_snapshot",
		"rds.automated_backup", "rds.export_task", "rds.integration", "rds.blue_green_deployment"},
	Calls: []Call{
		{Operation: "DescribeDBInstances", IAM: "rds:DescribeDBInstances", Facts: allFacts},
		{Operation: "DescribeDBClusters", IAM: "rds:DescribeDBClusters", Facts: allFacts},
		{Operation: "DescribeGlobalClusters", IAM: "rds:DescribeGlobalClusters",
			Facts: append(placements(residency.Replica, residency.Transit), residency.FactSources)},
		{Operation: "DescribeDBSnapshots", IAM: "rds:DescribeDBSnapshots", Facts: allFacts},
		{Operation: "DescribeDBClusterSnapshots", IAM: "rds:DescribeDBClusterSnapshots", Facts: allFacts},
		{Operation: "DescribeDBSnapshotAttributes", IAM: "rds:DescribeDBSnapshotAttributes", Facts: shareFacts},
		{Operation: "DescribeDBClusterSnapshotAttributes", IAM: "rds:DescribeDBClusterSnapshotAttributes", Facts: shareFacts},
		{Operation: "DescribeDBInstanceAutomatedBackups", IAM: "rds:DescribeDBInstanceAutomatedBackups", Facts: allFacts},
		{Operation: "DescribeDBClusterAutomatedBackups", IAM: "rds:DescribeDBClusterAutomatedBackups", Facts: allFacts},
		{Operation: "DescribeExportTasks", IAM: "rds:DescribeExportTasks",
			Facts: placements(residency.Stream, residency.Key, residency.Capability)},
		{Operation: "DescribeIntegrations", IAM: "rds:DescribeIntegrations", Facts: placements(residency.Stream, residency.Key)},
		{Operation: "DescribeBlueGreenDeployments", IAM: "rds:DescribeBlueGreenDeployments", Facts: placements(residency.Replica)},
		{Operation: "ListTagsForResource", IAM: "rds:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanRDS,
})

// rdsScan is one run in one account and region.
type rdsScan struct {
	client  *rds.Client
	t       *Target
	out     *Sink
	records records // of exports, integrations and deployments, by what they copy

	mu        sync.Mutex
	globals   map[string]types.GlobalCluster // by the ARN of each member
	globalErr error                          // why they could not be listed
}

func scanRDS(ctx context.Context, t *Target, out *Sink) error {
	s := &rdsScan{client: rds.NewFromConfig(t.Config()), t: t, out: out, globals: map[string]types.GlobalCluster{}}
	// What is said of a store elsewhere comes before the store.
	s.listGlobalClusters(ctx)
	s.listCopies(ctx)
	s.listStores(ctx)
	s.listSnapshots(ctx)
	s.listAutomatedBackups(ctx)
	for _, r := range s.records.rest() {
		out.Add(r)
	}
	return nil
}

// store is what every store of the endpoint has: a place of its own, and perhaps a key.
func (s *rdsScan) store(kind, arn, name string, role residency.Role, key *string) residency.Resource {
	r := residency.Resource{ID: arn, Kind: kind, Region: s.t.Region, Name: name,
		Placements: []residency.Placement{{Role: role, Region: s.t.Region}}}
	if id := aws.ToString(key); id != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(id).Place(residency.Key, "KmsKeyId"))
	}
	return r
}

// add completes a resource by its tags and by what is recorded of it elsewhere.
func (s *rdsScan) add(ctx context.Context, r residency.Resource, tags []types.Tag) {
	r.Tags = s.tags(ctx, r.ID, tags)
	s.records.into(&r)
	s.out.Add(r)
}

// tags are those of the answer. An answer without the element, other than one with an empty list, has not said that there are
// none: AWS left it out before 2020, and some endpoints do still. nil: not read.
func (s *rdsScan) tags(ctx context.Context, arn string, list []types.Tag) map[string]string {
	if list == nil {
		page, err := s.client.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: &arn})
		if err != nil {
			s.out.Gap(arn, "ListTagsForResource", err)
			return nil
		}
		list = page.TagList
	}
	return rdsTags(list)
}

func rdsTags(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}

// rdsFacts leaves out what the answer does not say.
func rdsFacts(engine *string, encrypted *bool, more map[string]*string) map[string]any {
	facts := map[string]any{}
	if encrypted != nil {
		facts["encrypted"] = *encrypted
	}
	if engine != nil {
		facts["engine"] = *engine
	}
	for name, value := range more {
		if aws.ToString(value) != "" {
			facts[name] = *value
		}
	}
	return facts
}

// rdsName understands how RDS names another of its resources: in the same account and region by its identifier, elsewhere by
// its ARN.
func rdsName(h Home, kind, name string) Destination {
	if strings.HasPrefix(name, "arn:") {
		return h.Resolve(name)
	}
	return h.Local("rds", kind+":"+name)
}

// arn is the ARN of the answer, or the one that AWS would have given.
func (s *rdsScan) arn(arn *string, kind string, name *string) string {
	return orDefault(aws.ToString(arn), s.t.ARN("rds", kind+":"+aws.ToString(name)))
}
