package scanners

import (
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3: where buckets live, where their objects, logs and listings are sent, and who else may read them.
var _ = register(Scanner{
	Service: "s3", Version: 1, Scope: Global, Kinds: []string{"s3.bucket", "s3.directory_bucket"}, Rate: 100,
	Calls: []Call{
		{Operation: "ListBuckets", IAM: "s3:ListAllMyBuckets", Facts: allFacts},
		// Asked only where ListBuckets names no region. The region stands in the answer of a denied HeadBucket too, and each of the
		// two proves what the other would say.
		// A gap here always stands beside one on GetBucketLocation, which leaves the place open; what a gap of the runner's own leaves
		// open, of a bucket that is only named, is whose it is.
		{Operation: "HeadBucket", IAM: "s3:ListBucket", Facts: shareFacts, Optional: true},
		{Operation: "GetBucketLocation", IAM: "s3:GetBucketLocation", Facts: placements(residency.Primary), Optional: true},
		{Operation: "GetBucketReplication", IAM: "s3:GetReplicationConfiguration",
			Facts: placements(residency.Replica, residency.Key, residency.Capability),
			None:  []Answer{{Code: "ReplicationConfigurationNotFoundError"}}},
		{Operation: "GetBucketLogging", IAM: "s3:GetBucketLogging", Facts: placements(residency.Log)},
		{Operation: "ListBucketInventoryConfigurations", IAM: "s3:GetInventoryConfiguration",
			Facts: placements(residency.Metadata, residency.Key, residency.Capability)},
		{Operation: "ListBucketAnalyticsConfigurations", IAM: "s3:GetAnalyticsConfiguration", Facts: placements(residency.Metadata)},
		{Operation: "GetBucketNotificationConfiguration", IAM: "s3:GetBucketNotification", Facts: placements(residency.Queue, residency.Capability)},
		{Operation: "GetBucketMetadataConfiguration", IAM: "s3:GetBucketMetadataTableConfiguration", Facts: placements(residency.Metadata),
			None: []Answer{{Code: "MetadataConfigurationNotFound"}}},
		{Operation: "GetBucketAccelerateConfiguration", IAM: "s3:GetAccelerateConfiguration",
			Facts: placements(residency.Transit, residency.Capability), None: []Answer{
				{Code: "InvalidRequest", Message: "S3 Transfer Acceleration is not supported for buckets with"}, // dots in the name
				{Code: "UnsupportedArgument"}, // the two answers of regions that do not offer it
				{Code: "MethodNotAllowed", Message: "not allowed against this resource"}}},
		{Operation: "GetBucketTagging", IAM: "s3:GetBucketTagging", Facts: tagFacts, None: []Answer{{Code: "NoSuchTagSet"}}},
		{Operation: "GetBucketPolicy", IAM: "s3:GetBucketPolicy", Facts: shareFacts, None: []Answer{{Code: "NoSuchBucketPolicy"}}},
		{Operation: "GetBucketPolicyStatus", IAM: "s3:GetBucketPolicyStatus", Facts: shareFacts, None: []Answer{{Code: "NoSuchBucketPolicy"}}},
		{Operation: "GetPublicAccessBlock", IAM: "s3:GetBucketPublicAccessBlock", Facts: shareFacts,
			None: []Answer{{Code: "NoSuchPublicAccessBlockConfiguration"}}},
		{Operation: "GetBucketAcl", IAM: "s3:GetBucketAcl", Facts: shareFacts},
		{Operation: "GetBucketVersioning", IAM: "s3:GetBucketVersioning"}, // a fact for the reader; no control needs it
		// Asked once, and only when a bucket looks public: a block of the whole account may close it. Where nothing looks public
		// its denial leaves no question open.
		{Operation: "GetPublicAccessBlock", Package: "s3control", IAM: "s3:GetAccountPublicAccessBlock", Facts: shareFacts, Optional: true,
			None: []Answer{{Code: "NoSuchPublicAccessBlockConfiguration"}}},
		{Operation: "ListDirectoryBuckets", IAM: "s3express:ListAllMyDirectoryBuckets", Facts: allFacts},
		{Operation: "DescribeAvailabilityZones", Package: "ec2", IAM: "ec2:DescribeAvailabilityZones", Facts: placements(residency.Primary)},
		{Operation: "GetBucketPolicy", IAM: "s3express:GetBucketPolicy", Facts: shareFacts, None: []Answer{{Code: "NoSuchBucketPolicy"}}},
		{Operation: "ListTagsForResource", Package: "s3control", IAM: "s3express:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanS3,
})

// maxBuckets is S3's own limit for a page. Any value makes S3 name the region of each bucket; a smaller one would make
// emulators that know no token cut the list.
const maxBuckets = 10000

// s3Scan is one run over an account's buckets.
type s3Scan struct {
	t       *Target
	out     *Sink
	account func() (publicBlock, error) // the account's public-access block, asked once

	mu      sync.Mutex
	clients map[string]*s3.Client // by region: each keeps its own retry quota
}

func scanS3(ctx context.Context, t *Target, out *Sink) error {
	s := &s3Scan{t: t, out: out, account: accountBlock(ctx, t, out), clients: map[string]*s3.Client{}}
	if err := s.buckets(ctx); err != nil {
		out.Gap("", "ListBuckets", err)
	}
	return each(ctx, t, t.Regions, func(ctx context.Context, region string) error {
		if err := s.directories(ctx, region); err != nil {
			out.Gap("", "ListDirectoryBuckets", err)
		}
		return nil
	})
}

func (s *s3Scan) client(region string) *s3.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	client := s.clients[region]
	if client == nil {
		// Sessions are for the objects of directory buckets, which nobody reads here. With them the SDK refuses to list the buckets at
		// an endpoint of the user's own.
		client = s3.NewFromConfig(s.t.ConfigIn(region), byPath, func(o *s3.Options) { o.DisableS3ExpressSessionAuth = aws.Bool(true) })
		s.clients[region] = client
	}
	return client
}

func (s *s3Scan) buckets(ctx context.Context) error {
	in := &s3.ListBucketsInput{MaxBuckets: aws.Int32(maxBuckets)}
	for pages := s3.NewListBucketsPaginator(s.client(s.t.Region), in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if len(page.Buckets) == maxBuckets && aws.ToString(page.ContinuationToken) == "" {
			s.out.Malformed("", "ListBuckets", "a full page without a token to go on with: the endpoint may have cut the list")
		}
		if err := each(ctx, s.t, page.Buckets, func(ctx context.Context, b types.Bucket) error {
			if err := ctx.Err(); err != nil { // interrupted: the list stands as one gap, not a dozen for each bucket that is left
				return err
			}
			s.out.Add(s.bucket(ctx, b))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// bucket asks everything about one bucket, one question after the other: at most 14, its region's included.
func (s *s3Scan) bucket(ctx context.Context, listed types.Bucket) residency.Resource {
	name := aws.ToString(listed.Name)
	b := &s3Bucket{scan: s, name: listed.Name, r: residency.Resource{ID: "arn:" + s.t.Partition + ":s3:::" + name, Kind: "s3.bucket",
		Name: name, Region: aws.ToString(listed.BucketRegion)}}
	if b.r.Region == "" {
		b.r.Region, b.located = s.locate(ctx, b.r.ID, listed.Name)
	}
	b.client = s.client(orDefault(b.r.Region, s.t.Region))
	b.home = Home{Partition: s.t.Partition, Region: b.r.Region, Account: s.t.Account}
	b.r.Placements = []residency.Placement{{Role: residency.Primary, Region: b.r.Region}}
	for _, ask := range []func(context.Context){b.replication, b.logging, b.inventory, b.analytics, b.notification, b.metadata,
		b.accelerate, b.tags, b.shares} {
		ask(ctx)
	}
	if b.located < 2 { // else the limit of 14 is reached: what no control needs gives way
		b.versioning(ctx)
	}
	return b.r
}

// locate finds the region of a bucket that the list names without one, and says how many calls that took.
func (s *s3Scan) locate(ctx context.Context, id string, name *string) (region string, asked int) {
	head, headErr := s.client(s.t.Region).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: name})
	if headErr == nil {
		region = aws.ToString(head.BucketRegion)
	} else {
		region = bucketRegionHeader(headErr)
	}
	if region != "" {
		return region, 1
	}
	location, err := s.client(s.t.Region).GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: name})
	if err != nil {
		if headErr != nil {
			s.out.Gap(id, "HeadBucket", headErr)
		}
		s.out.Gap(id, "GetBucketLocation", err)
		return "", 2
	}
	return constraintRegion(location.LocationConstraint, homeRegion(s.t.Partition)), 2
}

// constraintRegion reads a location constraint: none means the partition's first region, and EU is an old name.
func constraintRegion(c types.BucketLocationConstraint, first string) string {
	switch {
	case c == "":
		return first
	case strings.EqualFold(string(c), "EU"):
		return "eu-west-1"
	}
	return string(c)
}
