package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// listSnapshots asks for the account's own: without IncludeShared and IncludePublic what others own is left out.
func (s *rdsScan) listSnapshots(ctx context.Context) {
	follow(ctx, s.t, s.out, "DescribeDBSnapshots", func(marker *string) ([]types.DBSnapshot, *string, error) {
		page, err := s.client.DescribeDBSnapshots(ctx, &rds.DescribeDBSnapshotsInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.DBSnapshots, page.Marker, nil
	}, s.snapshot)
	follow(ctx, s.t, s.out, "DescribeDBClusterSnapshots", func(marker *string) ([]types.DBClusterSnapshot, *string, error) {
		page, err := s.client.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.DBClusterSnapshots, page.Marker, nil
	}, s.clusterSnapshot)
}

func (s *rdsScan) snapshot(ctx context.Context, n types.DBSnapshot) {
	r := s.store("rds.snapshot", s.arn(n.DBSnapshotArn, "snapshot", n.DBSnapshotIdentifier), aws.ToString(n.DBSnapshotIdentifier), residency.Backup, n.KmsKeyId)
	r.Sources = rdsSnapshotSources(s.t.Home(), n)
	r.Facts = rdsFacts(n.Engine, n.Encrypted, map[string]*string{"type": n.SnapshotType})
	if rdsShareable(n.SnapshotType) {
		answer, err := s.client.DescribeDBSnapshotAttributes(ctx, &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: n.DBSnapshotIdentifier})
		if err != nil {
			s.out.Gap(r.ID, "DescribeDBSnapshotAttributes", err)
		} else if answer.DBSnapshotAttributesResult != nil {
			for _, a := range answer.DBSnapshotAttributesResult.DBSnapshotAttributes {
				r.Placements = append(r.Placements, rdsSnapshotShares(s.t.Home(), aws.ToString(a.AttributeName), a.AttributeValues)...)
			}
		}
	}
	s.add(ctx, r, n.TagList)
}

// rdsSnapshotSources is where a snapshot came from. AWS names the source of a copy, and fills SourceRegion for snapshots made on
// the spot too. The name of the instance is that of the first snapshot of a chain of copies: it is used only where the source
// is not named, in the region that is said to be the source's.
func rdsSnapshotSources(h Home, n types.DBSnapshot) []residency.Source {
	from := Home{Partition: h.Partition, Region: orDefault(aws.ToString(n.SourceRegion), h.Region), Account: h.Account}
	name := aws.ToString(n.DBInstanceIdentifier)
	switch source := aws.ToString(n.SourceDBSnapshotIdentifier); {
	case source != "":
		return []residency.Source{rdsName(from, "snapshot", source).Source(residency.Backup, "snapshot copy")}
	case from.Region != h.Region:
		return []residency.Source{rdsName(from, "db", name).Source(residency.Backup, "snapshot copy from SourceRegion")}
	case name != "":
		return []residency.Source{rdsName(from, "db", name).Source(residency.Backup, "snapshot")}
	}
	return nil
}

func (s *rdsScan) clusterSnapshot(ctx context.Context, n types.DBClusterSnapshot) {
	r := s.store("rds.cluster_snapshot", s.arn(n.DBClusterSnapshotArn, "cluster-snapshot", n.DBClusterSnapshotIdentifier), aws.ToString(n.DBClusterSnapshotIdentifier), residency.Backup, n.KmsKeyId)
	r.Sources = rdsClusterSnapshotSources(s.t.Home(), n)
	r.Facts = rdsFacts(n.Engine, n.StorageEncrypted, map[string]*string{"type": n.SnapshotType})
	if rdsShareable(n.SnapshotType) {
		answer, err := s.client.DescribeDBClusterSnapshotAttributes(ctx, &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: n.DBClusterSnapshotIdentifier})
		if err != nil {
			s.out.Gap(r.ID, "DescribeDBClusterSnapshotAttributes", err)
		} else if answer.DBClusterSnapshotAttributesResult != nil {
			for _, a := range answer.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes {
				r.Placements = append(r.Placements, rdsSnapshotShares(s.t.Home(), aws.ToString(a.AttributeName), a.AttributeValues)...)
			}
		}
	}
	s.add(ctx, r, n.TagList)
}

// rdsClusterSnapshotSources: cluster snapshots have no SourceRegion, the ARN of what they were copied from tells it.
func rdsClusterSnapshotSources(h Home, n types.DBClusterSnapshot) []residency.Source {
	if source := aws.ToString(n.SourceDBClusterSnapshotArn); source != "" {
		return []residency.Source{rdsName(h, "cluster-snapshot", source).Source(residency.Backup, "snapshot copy")}
	}
	if name := aws.ToString(n.DBClusterIdentifier); name != "" {
		return []residency.Source{rdsName(h, "cluster", name).Source(residency.Backup, "snapshot")}
	}
	return nil
}

// rdsShareable: AWS lets an account share its manual snapshots only.
func rdsShareable(snapshotType *string) bool {
	return !slices.Contains([]string{"automated", "awsbackup"}, aws.ToString(snapshotType))
}

// rdsSnapshotShares turns the attribute restore into shares; its value all is everybody.
func rdsSnapshotShares(h Home, attribute string, values []string) []residency.Placement {
	if attribute != "restore" {
		return nil
	}
	var shares []residency.Placement
	for _, account := range values {
		if account == "all" {
			account = "*"
		}
		if account != h.Account {
			shares = append(shares, residency.Placement{Role: residency.Backup, Region: h.Region, Account: account, Via: "snapshot attribute restore"})
		}
	}
	return shares
}

func (s *rdsScan) listAutomatedBackups(ctx context.Context) {
	follow(ctx, s.t, s.out, "DescribeDBInstanceAutomatedBackups", func(marker *string) ([]types.DBInstanceAutomatedBackup, *string, error) {
		page, err := s.client.DescribeDBInstanceAutomatedBackups(ctx, &rds.DescribeDBInstanceAutomatedBackupsInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.DBInstanceAutomatedBackups, page.Marker, nil
	}, s.instanceBackup)
	follow(ctx, s.t, s.out, "DescribeDBClusterAutomatedBackups", func(marker *string) ([]types.DBClusterAutomatedBackup, *string, error) {
		page, err := s.client.DescribeDBClusterAutomatedBackups(ctx, &rds.DescribeDBClusterAutomatedBackupsInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.DBClusterAutomatedBackups, page.Marker, nil
	}, s.clusterBackup)
}

func (s *rdsScan) instanceBackup(ctx context.Context, b types.DBInstanceAutomatedBackup) {
	r := s.store("rds.automated_backup", s.arn(b.DBInstanceAutomatedBackupsArn, "auto-backup", rdsFirst(b.DbiResourceId, b.DBInstanceIdentifier)), aws.ToString(b.DBInstanceIdentifier), residency.Backup, b.KmsKeyId)
	r.Sources = rdsBackupSources(s.t.Home(), "db", rdsFirst(b.DBInstanceArn, b.DBInstanceIdentifier), b.Region)
	r.Facts = rdsFacts(b.Engine, b.Encrypted, map[string]*string{"status": b.Status})
	if aws.ToString(b.Status) == "retained" { // while there is the instance, it says the same itself
		for _, copied := range b.DBInstanceAutomatedBackupsReplications {
			if arn := aws.ToString(copied.DBInstanceAutomatedBackupsArn); arn != r.ID {
				r.Placements = append(r.Placements, s.t.Home().Resolve(arn).Place(residency.Backup, "automated backup replication"))
			}
		}
	}
	s.add(ctx, r, rdsBackupTags(b.TagList))
}

func (s *rdsScan) clusterBackup(ctx context.Context, b types.DBClusterAutomatedBackup) {
	r := s.store("rds.automated_backup", s.arn(b.DBClusterAutomatedBackupsArn, "cluster-auto-backup", rdsFirst(b.DbClusterResourceId, b.DBClusterIdentifier)), aws.ToString(b.DBClusterIdentifier), residency.Backup, b.KmsKeyId)
	r.Sources = rdsBackupSources(s.t.Home(), "cluster", rdsFirst(b.DBClusterArn, b.DBClusterIdentifier), b.Region)
	r.Facts = rdsFacts(b.Engine, b.StorageEncrypted, map[string]*string{"status": b.Status})
	s.add(ctx, r, rdsBackupTags(b.TagList))
}

// rdsBackupTags: automated backups carry tags since AWS lists them; where an endpoint does not, they cannot.
func rdsBackupTags(list []types.Tag) []types.Tag {
	if list == nil {
		return []types.Tag{}
	}
	return list
}

// rdsBackupSources is the database that an automated backup is of. At a replicated backup, which lies in the region of its own ARN,
// the field Region is that of the database.
func rdsBackupSources(h Home, kind string, database, region *string) []residency.Source {
	from := orDefault(aws.ToString(region), h.Region)
	source := residency.Source{Role: residency.Backup, Region: from, Via: "automated backup"}
	if name := aws.ToString(database); name != "" {
		d := rdsName(Home{Partition: h.Partition, Region: from, Account: h.Account}, kind, name)
		d.Region = orDefault(aws.ToString(region), d.Region)
		source = d.Source(source.Role, source.Via)
	}
	return []residency.Source{source}
}

// rdsFirst is the first of an answer's members that is filled.
func rdsFirst(values ...*string) *string {
	for _, v := range values {
		if aws.ToString(v) != "" {
			return v
		}
	}
	return nil
}
