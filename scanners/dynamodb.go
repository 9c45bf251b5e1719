package scanners

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// DynamoDB: tables with their replicas and change feeds, backups, and what was exported or imported through S3.
var _ = register(Scanner{
	Service: "dynamodb", Version: 1, Scope: Regional, Kinds: []string{"dynamodb.table", "dynamodb.backup", "dynamodb.export"},
	Calls: []Call{
		{Operation: "ListTables", IAM: "dynamodb:ListTables", Facts: allFacts},
		{Operation: "DescribeTable", IAM: "dynamodb:DescribeTable", Facts: placements(residency.Replica, residency.Stream, residency.Key, residency.Capability)},
		{Operation: "ListTagsOfResource", IAM: "dynamodb:ListTagsOfResource", Facts: tagFacts},
		{Operation: "DescribeKinesisStreamingDestination", IAM: "dynamodb:DescribeKinesisStreamingDestination", Facts: placements(residency.Stream, residency.Capability)},
		{Operation: "GetResourcePolicy", IAM: "dynamodb:GetResourcePolicy", Facts: shareFacts, None: []Answer{{Code: "PolicyNotFoundException"}}},
		{Operation: "ListGlobalTables", IAM: "dynamodb:ListGlobalTables", Facts: placements(residency.Replica),
			None: []Answer{{Code: "ValidationException", Message: "global tables version 2017.11.29 is not supported in this region"}}},
		{Operation: "ListExports", IAM: "dynamodb:ListExports", Facts: placements(residency.Stream, residency.Capability)},
		{Operation: "DescribeExport", IAM: "dynamodb:DescribeExport", Facts: placements(residency.Stream, residency.Capability)},
		{Operation: "ListImports", IAM: "dynamodb:ListImports", Facts: append(placements(residency.Log), residency.FactSources)},
		{Operation: "ListBackups", IAM: "dynamodb:ListBackups", Facts: allFacts},
	},
	Scan: scanDynamoDB,
})

// dynamoScan is one run in one account and region.
type dynamoScan struct {
	client  *dynamodb.Client
	t       *Target
	out     *Sink
	records records // of legacy global tables, exports and imports, by table
}

func scanDynamoDB(ctx context.Context, t *Target, out *Sink) error {
	s := &dynamoScan{client: dynamodb.NewFromConfig(t.Config()), t: t, out: out}
	s.listGlobalTables(ctx)
	s.listExports(ctx)
	s.listImports(ctx)
	follow(ctx, t, out, "ListTables", func(last *string) ([]string, *string, error) {
		page, err := s.client.ListTables(ctx, &dynamodb.ListTablesInput{ExclusiveStartTableName: last})
		if err != nil {
			return nil, nil, err
		}
		return page.TableNames, page.LastEvaluatedTableName, nil
	}, s.table)
	s.listBackups(ctx)
	for _, r := range s.records.rest() {
		if r.Kind != kindImport { // what was imported into a table that is gone is gone too
			out.Add(r)
		}
	}
	return nil
}

func (s *dynamoScan) table(ctx context.Context, name string) {
	r := residency.Resource{ID: s.t.ARN("dynamodb", "table/"+name), Kind: "dynamodb.table", Region: s.t.Region, Name: name,
		Placements: []residency.Placement{{Role: residency.Primary, Region: s.t.Region}}}
	streams := ""
	answer, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "DescribeTable", err)
	case answer.Table != nil:
		r.ID = orDefault(aws.ToString(answer.Table.TableArn), r.ID)
		r.Placements = append(r.Placements, placeTable(s.t.Home(), *answer.Table)...)
		r.Facts = tableFacts(*answer.Table)
		if streamEnabled(*answer.Table) {
			streams = aws.ToString(answer.Table.LatestStreamArn)
		}
	}
	if r.Tags, err = s.tags(ctx, r.ID); err != nil {
		s.out.Gap(r.ID, "ListTagsOfResource", err)
	}
	destinations, err := s.client.DescribeKinesisStreamingDestination(ctx, &dynamodb.DescribeKinesisStreamingDestinationInput{TableName: &name})
	if err != nil {
		s.out.Gap(r.ID, "DescribeKinesisStreamingDestination", err)
	} else {
		r.Placements = append(r.Placements, placeKinesis(s.t.Home(), destinations.KinesisDataStreamDestinations)...)
	}
	r.Placements = append(r.Placements, s.shares(ctx, r, r.ID, residency.Primary, "")...)
	if streams != "" {
		r.Placements = append(r.Placements, s.shares(ctx, r, streams, residency.Stream, "stream's ")...)
	}
	s.records.into(&r)
	s.out.Add(r)
}

// placeTable is where a table's data rests besides its own region, which a list of replicas may or may not hold.
func placeTable(h Home, d types.TableDescription) []residency.Placement {
	var places []residency.Placement
	name := aws.ToString(d.TableName)
	for _, replica := range d.Replicas {
		region := aws.ToString(replica.RegionName)
		at := Home{Partition: h.Partition, Region: region, Account: h.Account}.Local("dynamodb", "table/"+name)
		if arn := aws.ToString(replica.ReplicaArn); arn != "" {
			at = h.Resolve(arn) // a global table may span accounts
		}
		switch {
		case at.Region == h.Region && at.Account == h.Account:
		case replica.ReplicaStatus == types.ReplicaStatusCreationFailed:
			places = append(places, at.Place(residency.Capability, "global table replica (creation failed)"))
		default:
			places = append(places, at.Place(residency.Replica, "global table replica"))
		}
	}
	for _, witness := range d.GlobalTableWitnesses { // AWS keeps its log there, in no table of the account
		places = append(places, residency.Placement{Role: residency.Replica, Region: aws.ToString(witness.RegionName), Via: "global table witness"})
	}
	if stream := aws.ToString(d.LatestStreamArn); stream != "" && streamEnabled(d) {
		places = append(places, h.Resolve(stream).Place(residency.Stream, "DynamoDB stream"))
	}
	if d.SSEDescription != nil && aws.ToString(d.SSEDescription.KMSMasterKeyArn) != "" {
		places = append(places, h.Key(*d.SSEDescription.KMSMasterKeyArn).Place(residency.Key, "KMSMasterKeyArn"))
	}
	return places
}

func streamEnabled(d types.TableDescription) bool {
	return d.StreamSpecification != nil && aws.ToBool(d.StreamSpecification.StreamEnabled)
}

func tableFacts(d types.TableDescription) map[string]any {
	facts := map[string]any{}
	if version := aws.ToString(d.GlobalTableVersion); version != "" {
		facts["global_table_version"] = version
	}
	if d.MultiRegionConsistency != "" {
		facts["multi_region_consistency"] = string(d.MultiRegionConsistency)
	}
	return facts
}

// placeKinesis is the change feed into a data stream. One that was turned off has left in the stream what it had sent.
func placeKinesis(h Home, destinations []types.KinesisDataStreamDestination) []residency.Placement {
	var places []residency.Placement
	for _, d := range destinations {
		role, via := residency.Stream, "Kinesis streaming destination"
		if d.DestinationStatus == types.DestinationStatusDisabled || d.DestinationStatus == types.DestinationStatusEnableFailed {
			role, via = residency.Capability, via+" ("+string(d.DestinationStatus)+")"
		}
		places = append(places, h.Resolve(aws.ToString(d.StreamArn)).Place(role, via))
	}
	return places
}

// tags pages by the token. Nil with the error: the tags were not read.
func (s *dynamoScan) tags(ctx context.Context, arn string) (map[string]string, error) {
	tags, in := map[string]string{}, &dynamodb.ListTagsOfResourceInput{ResourceArn: &arn}
	for {
		page, err := s.client.ListTagsOfResource(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, tag := range page.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if aws.ToString(page.NextToken) == "" {
			return tags, nil
		}
		if aws.ToString(page.NextToken) == aws.ToString(in.NextToken) {
			return nil, errors.New("the list of tags offers the same page again")
		}
		in.NextToken = page.NextToken
	}
}

// shares reads the policy of a table, or of its stream, which has one of its own.
func (s *dynamoScan) shares(ctx context.Context, r residency.Resource, arn string, role residency.Role, whose string) []residency.Placement {
	answer, err := s.client.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: &arn})
	switch {
	case s.out.None("GetResourcePolicy", err):
		return nil
	case err != nil:
		s.out.Gap(r.ID, "GetResourcePolicy", err)
		return nil
	}
	shares := s.out.Shares(s.t, r, "GetResourcePolicy", aws.ToString(answer.Policy), role)
	for i := range shares {
		shares[i].Via = whose + shares[i].Via
	}
	return shares
}
