package scanners

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (s *rdsScan) listStores(ctx context.Context) {
	follow(ctx, s.t, s.out, "DescribeDBInstances", func(marker *string) ([]types.DBInstance, *string, error) {
		page, err := s.client.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.DBInstances, page.Marker, nil
	}, s.instance)
	follow(ctx, s.t, s.out, "DescribeDBClusters", func(marker *string) ([]types.DBCluster, *string, error) {
		page, err := s.client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.DBClusters, page.Marker, nil
	}, s.cluster)
}

func (s *rdsScan) instance(ctx context.Context, i types.DBInstance) {
	r := s.store("rds.instance", s.arn(i.DBInstanceArn, "db", i.DBInstanceIdentifier), aws.ToString(i.DBInstanceIdentifier), residency.Primary, i.KmsKeyId)
	r.Placements = append(r.Placements, placeInstance(s.t.Home(), i)...)
	r.Sources = instanceSources(s.t.Home(), i)
	r.Facts = rdsFacts(i.Engine, i.StorageEncrypted, map[string]*string{"availability_zone": i.AvailabilityZone, "cluster": i.DBClusterIdentifier})
	s.add(ctx, r, i.TagList)
}

// placeInstance is where an instance sends its data.
func placeInstance(h Home, i types.DBInstance) []residency.Placement {
	var places []residency.Placement
	for _, name := range i.ReadReplicaDBInstanceIdentifiers {
		places = append(places, rdsName(h, "db", name).Place(residency.Replica, "read replica"))
	}
	for _, name := range i.ReadReplicaDBClusterIdentifiers {
		places = append(places, rdsName(h, "cluster", name).Place(residency.Replica, "read replica cluster"))
	}
	for _, b := range i.DBInstanceAutomatedBackupsReplications {
		places = append(places, h.Resolve(aws.ToString(b.DBInstanceAutomatedBackupsArn)).Place(residency.Backup, "automated backup replication"))
	}
	places = append(places, placeActivityStream(h, i.ActivityStreamKinesisStreamName, i.ActivityStreamKmsKeyId, i.ActivityStreamStatus)...)
	if aws.ToString(i.DBClusterIdentifier) == "" { // a member's logs are its cluster's
		for _, name := range i.EnabledCloudwatchLogsExports {
			places = append(places, placeLogExport(h, "rds/instance", i.DBInstanceIdentifier, name))
		}
	}
	return places
}

// instanceSources is where the data of a read replica comes from, by its own record.
func instanceSources(h Home, i types.DBInstance) []residency.Source {
	var sources []residency.Source
	if name := aws.ToString(i.ReadReplicaSourceDBInstanceIdentifier); name != "" {
		sources = append(sources, rdsName(h, "db", name).Source(residency.Replica, "read replica source"))
	}
	if name := aws.ToString(i.ReadReplicaSourceDBClusterIdentifier); name != "" {
		sources = append(sources, rdsName(h, "cluster", name).Source(residency.Replica, "read replica source"))
	}
	return sources
}

func (s *rdsScan) cluster(ctx context.Context, c types.DBCluster) {
	r := s.store("rds.cluster", s.arn(c.DBClusterArn, "cluster", c.DBClusterIdentifier), aws.ToString(c.DBClusterIdentifier), residency.Primary, c.KmsKeyId)
	r.Placements = append(r.Placements, placeCluster(s.t.Home(), c)...)
	if name := aws.ToString(c.ReplicationSourceIdentifier); name != "" {
		r.Sources = append(r.Sources, rdsName(s.t.Home(), "cluster", name).Source(residency.Replica, "replication source"))
	}
	r.Facts = rdsFacts(c.Engine, c.StorageEncrypted, map[string]*string{"engine_mode": c.EngineMode, "global_cluster": c.GlobalClusterIdentifier})
	if g, ok := s.globals[r.ID]; ok {
		places, sources := placeGlobalMember(s.t.Home(), g, r.ID)
		r.Placements = append(r.Placements, places...)
		r.Sources = append(r.Sources, sources...)
	} else if s.globalErr != nil && aws.ToString(c.GlobalClusterIdentifier) != "" {
		s.out.Gap(r.ID, "DescribeGlobalClusters", s.globalErr)
	}
	s.add(ctx, r, c.TagList)
}

// placeCluster is where a cluster sends its data, by its own settings.
func placeCluster(h Home, c types.DBCluster) []residency.Placement {
	var places []residency.Placement
	engine := aws.ToString(c.Engine)
	kind := "cluster"
	if engine == "mysql" || engine == "postgres" { // a Multi-AZ cluster, whose read replicas are instances
		kind = "db"
	}
	for _, name := range c.ReadReplicaIdentifiers {
		places = append(places, rdsName(h, kind, name).Place(residency.Replica, "read replica"))
	}
	places = append(places, placeActivityStream(h, c.ActivityStreamKinesisStreamName, c.ActivityStreamKmsKeyId, c.ActivityStreamStatus)...)
	family := "rds/cluster"
	if engine == "docdb" || engine == "neptune" {
		family = engine
	}
	for _, name := range c.EnabledCloudwatchLogsExports {
		places = append(places, placeLogExport(h, family, c.DBClusterIdentifier, name))
	}
	return places
}

// placeActivityStream: all SQL as it runs, into a stream that RDS makes in the same account and region. A name that outlives a
// stopped stream still names what it received.
func placeActivityStream(h Home, stream, key *string, status types.ActivityStreamStatus) []residency.Placement {
	name := aws.ToString(stream)
	if name == "" {
		return nil
	}
	if status == types.ActivityStreamStatusStopped {
		return []residency.Placement{h.Local("kinesis", "stream/"+name).Place(residency.Capability, "activity stream (stopped)")}
	}
	places := []residency.Placement{h.Local("kinesis", "stream/"+name).Place(residency.Stream, "activity stream")}
	if id := aws.ToString(key); id != "" {
		places = append(places, h.Key(id).Place(residency.Key, "ActivityStreamKmsKeyId"))
	}
	return places
}

// placeLogExport is the log group of AWS's fixed name: /aws/rds/instance/NAME/postgresql, /aws/docdb/NAME/audit.
func placeLogExport(h Home, family string, name *string, export string) residency.Placement {
	group := strings.Join([]string{"log-group:/aws", family, aws.ToString(name), export}, "/")
	return h.Local("logs", group).Place(residency.Log, "log export "+export)
}
