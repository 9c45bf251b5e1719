package config

// RegionsAsOf is the date of the region table below.
const RegionsAsOf = "2026-11-05"

// partitions lists the regions of every AWS partition, without the pseudo-regions ("aws-global").
//
// Source: partitions.json as shipped with botocore 1.43.11 (2026-05-20) and, the same in every region, with
// github.com/aws/aws-sdk-go-v2 v1.47.7 (internal/endpoints/awsrulesfn, 2026-11-05).
var partitions = []struct {
	id      string
	regions []string
}{
	{"aws", []string{
		"af-south-1",
		"ap-east-1", "ap-east-2",
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
		"ap-south-1", "ap-south-2",
		"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
		"ca-central-1", "ca-west-1",
		"eu-central-1", "eu-central-2",
		"eu-north-1",
		"eu-south-1", "eu-south-2",
		"eu-west-1", "eu-west-2", "eu-west-3",
		"il-central-1",
		"me-central-1", "me-south-1",
		"mx-central-1",
		"sa-east-1",
		"us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}},
	{"aws-cn", []string{"cn-north-1", "cn-northwest-1"}},
	{"aws-eusc", []string{"eusc-de-east-1"}},
	{"aws-iso", []string{"us-iso-east-1", "us-iso-west-1"}},
	{"aws-iso-b", []string{"us-isob-east-1", "us-isob-west-1"}},
	{"aws-iso-e", []string{"eu-isoe-west-1"}},
	{"aws-iso-f", []string{"us-isof-east-1", "us-isof-south-1"}},
	{"aws-us-gov", []string{"us-gov-east-1", "us-gov-west-1"}},
}

// Partitions lists the ids of the partitions, sorted.
func Partitions() []string {
	var ids []string
	for _, p := range partitions {
		ids = append(ids, p.id)
	}
	return ids
}

// KnownRegion reports whether the table has region, in whatever partition.
func KnownRegion(region string) bool { return Partition(region) != "" }

// Partition is the partition of region ("aws", "aws-cn", …), empty for an unknown region.
func Partition(region string) string {
	for _, p := range partitions {
		for _, r := range p.regions {
			if r == region {
				return p.id
			}
		}
	}
	return ""
}

// PartitionRegions is every region of the partition, sorted; nil for an unknown partition. The slice is the caller's.
func PartitionRegions(partition string) []string {
	for _, p := range partitions {
		if p.id == partition {
			return append([]string(nil), p.regions...)
		}
	}
	return nil
}

// allRegions is every region of the table, partition by partition.
func allRegions() []string {
	var all []string
	for _, p := range partitions {
		all = append(all, p.regions...)
	}
	return all
}
