package scanners

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// s3Bucket is one bucket while it is asked.
type s3Bucket struct {
	scan   *s3Scan
	client *s3.Client
	home   Home // the bucket's own place
	name   *string
	r      residency.Resource

	located int // calls that it took to find the region, less one that could be left out
}

func (b *s3Bucket) add(p ...residency.Placement) { b.r.Placements = append(b.r.Placements, p...) }

// unanswered reports whether there is nothing to read: the answer is "none", or there is a gap.
func (b *s3Bucket) unanswered(operation string, err error) bool {
	if err == nil {
		return false
	}
	if !b.scan.out.None(operation, err) {
		b.scan.out.Gap(b.r.ID, operation, err)
	}
	return true
}

func (b *s3Bucket) replication(ctx context.Context) {
	got, err := b.client.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: b.name})
	if !b.unanswered("GetBucketReplication", err) && got.ReplicationConfiguration != nil {
		b.add(placeReplication(b.home, got.ReplicationConfiguration.Rules)...)
	}
}

// placeReplication tells where rules copy objects to. A disabled rule copies nothing more, but what it copied stays.
func placeReplication(home Home, rules []types.ReplicationRule) []residency.Placement {
	var out []residency.Placement
	for i, rule := range rules {
		if rule.Destination == nil {
			continue
		}
		name := orDefault(aws.ToString(rule.ID), fmt.Sprint(i+1))
		to := home.Bucket(aws.ToString(rule.Destination.Bucket))
		to.Account = orDefault(aws.ToString(rule.Destination.Account), to.Account)
		if rule.Status == types.ReplicationRuleStatusDisabled {
			out = append(out, to.Place(residency.Capability, "disabled replication rule "+name+": copies it made may remain"))
			continue
		}
		out = append(out, to.Place(residency.Replica, "replication rule "+name))
		if e := rule.Destination.EncryptionConfiguration; e != nil {
			out = append(out, placeCopyKey(home, e.ReplicaKmsKeyID, "ReplicaKmsKeyID of replication rule "+name)...)
		}
	}
	return out
}

// placeCopyKey places the key that encrypts a copy. Only an ARN tells where it is: an id names a key at the copy's place.
func placeCopyKey(home Home, key *string, via string) []residency.Placement {
	switch name := aws.ToString(key); {
	case name == "":
		return nil
	case len(name) > 4 && name[:4] == "arn:":
		return []residency.Placement{home.Key(name).Place(residency.Key, via)}
	default:
		return []residency.Placement{{Role: residency.Key, Target: name, Via: via}}
	}
}

func (b *s3Bucket) logging(ctx context.Context) {
	got, err := b.client.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: b.name})
	if b.unanswered("GetBucketLogging", err) || got.LoggingEnabled == nil {
		return
	}
	if target := aws.ToString(got.LoggingEnabled.TargetBucket); target != "" {
		b.add(b.home.Bucket(target).Place(residency.Log, "server access logging"))
	}
}

func (b *s3Bucket) inventory(ctx context.Context) {
	const operation = "ListBucketInventoryConfigurations"
	in := &s3.ListBucketInventoryConfigurationsInput{Bucket: b.name}
	for {
		page, err := b.client.ListBucketInventoryConfigurations(ctx, in)
		if b.unanswered(operation, err) {
			return
		}
		for _, c := range page.InventoryConfigurationList {
			b.add(placeInventory(b.home, c)...)
		}
		if !aws.ToBool(page.IsTruncated) || !b.goesOn(operation, &in.ContinuationToken, page.NextContinuationToken) {
			return
		}
	}
}

// goesOn moves to the next page, unless the answer announces one and gives no way to it.
func (b *s3Bucket) goesOn(operation string, token **string, next *string) bool {
	if aws.ToString(next) == "" || aws.ToString(next) == aws.ToString(*token) {
		b.scan.out.Malformed(b.r.ID, operation, "more is announced without a token to go on with")
		return false
	}
	*token = next
	return true
}

func placeInventory(home Home, c types.InventoryConfiguration) []residency.Placement {
	if c.Destination == nil || c.Destination.S3BucketDestination == nil {
		return nil
	}
	d := c.Destination.S3BucketDestination
	to, via := home.Bucket(aws.ToString(d.Bucket)), "inventory "+aws.ToString(c.Id)
	to.Account = orDefault(aws.ToString(d.AccountId), to.Account)
	if !aws.ToBool(c.IsEnabled) {
		return []residency.Placement{to.Place(residency.Capability, via+" (disabled)")}
	}
	out := []residency.Placement{to.Place(residency.Metadata, via)}
	if d.Encryption != nil && d.Encryption.SSEKMS != nil {
		out = append(out, placeCopyKey(home, d.Encryption.SSEKMS.KeyId, "KeyId of "+via)...)
	}
	return out
}

func (b *s3Bucket) analytics(ctx context.Context) {
	const operation = "ListBucketAnalyticsConfigurations"
	in := &s3.ListBucketAnalyticsConfigurationsInput{Bucket: b.name}
	for {
		page, err := b.client.ListBucketAnalyticsConfigurations(ctx, in)
		if b.unanswered(operation, err) {
			return
		}
		for _, c := range page.AnalyticsConfigurationList {
			b.add(placeAnalytics(b.home, c)...)
		}
		if !aws.ToBool(page.IsTruncated) || !b.goesOn(operation, &in.ContinuationToken, page.NextContinuationToken) {
			return
		}
	}
}

// placeAnalytics: without an export the analysis stays in the console.
func placeAnalytics(home Home, c types.AnalyticsConfiguration) []residency.Placement {
	if c.StorageClassAnalysis == nil || c.StorageClassAnalysis.DataExport == nil || c.StorageClassAnalysis.DataExport.Destination == nil ||
		c.StorageClassAnalysis.DataExport.Destination.S3BucketDestination == nil {
		return nil
	}
	d := c.StorageClassAnalysis.DataExport.Destination.S3BucketDestination
	to := home.Bucket(aws.ToString(d.Bucket))
	to.Account = orDefault(aws.ToString(d.BucketAccountId), to.Account)
	return []residency.Placement{to.Place(residency.Metadata, "storage class analysis "+aws.ToString(c.Id))}
}

func (b *s3Bucket) notification(ctx context.Context) {
	got, err := b.client.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: b.name})
	if !b.unanswered("GetBucketNotificationConfiguration", err) {
		b.add(placeNotifications(b.home, got)...)
	}
}

// placeNotifications: an event carries the object's key. A function, a bus or another account's queue could fetch the object
// and carry it on: a capability, since S3 itself sends no more than the event.
func placeNotifications(home Home, got *s3.GetBucketNotificationConfigurationOutput) []residency.Placement {
	var out []residency.Placement
	queue := func(arn, id *string) {
		to, role := home.Resolve(aws.ToString(arn)), residency.Queue
		if to.Account != home.Account {
			role = residency.Capability
		}
		out = append(out, to.Place(role, "event notification "+aws.ToString(id)))
	}
	for _, c := range got.QueueConfigurations {
		queue(c.QueueArn, c.Id)
	}
	for _, c := range got.TopicConfigurations {
		queue(c.TopicArn, c.Id)
	}
	for _, c := range got.LambdaFunctionConfigurations {
		to := home.Resolve(aws.ToString(c.LambdaFunctionArn))
		out = append(out, to.Place(residency.Capability, "event notification "+aws.ToString(c.Id)))
	}
	if got.EventBridgeConfiguration != nil {
		out = append(out, home.Local("events", "event-bus/default").Place(residency.Capability, "event notification to EventBridge"))
	}
	return out
}

func (b *s3Bucket) metadata(ctx context.Context) {
	got, err := b.client.GetBucketMetadataConfiguration(ctx, &s3.GetBucketMetadataConfigurationInput{Bucket: b.name})
	if !b.unanswered("GetBucketMetadataConfiguration", err) {
		b.add(placeMetadata(b.home, got.GetBucketMetadataConfigurationResult)...)
	}
}

func placeMetadata(home Home, got *types.GetBucketMetadataConfigurationResult) []residency.Placement {
	if got == nil || got.MetadataConfigurationResult == nil || got.MetadataConfigurationResult.DestinationResult == nil {
		return nil
	}
	arn := aws.ToString(got.MetadataConfigurationResult.DestinationResult.TableBucketArn)
	if arn == "" {
		return nil
	}
	return []residency.Placement{home.Resolve(arn).Place(residency.Metadata, "S3 Metadata tables")}
}

// accelerate: an accelerated transfer enters at an edge location near the client, anywhere in the world; no answer tells which.
func (b *s3Bucket) accelerate(ctx context.Context) {
	got, err := b.client.GetBucketAccelerateConfiguration(ctx, &s3.GetBucketAccelerateConfigurationInput{Bucket: b.name})
	if b.unanswered("GetBucketAccelerateConfiguration", err) {
		return
	}
	switch got.Status {
	case types.BucketAccelerateStatusEnabled:
		b.add(residency.Placement{Role: residency.Transit, Target: aws.ToString(b.name) + ".s3-accelerate.amazonaws.com", Via: "transfer acceleration"})
	case types.BucketAccelerateStatusSuspended:
		b.add(residency.Placement{Role: residency.Capability, Region: b.r.Region, Via: "transfer acceleration (suspended)"})
	}
}

func (b *s3Bucket) tags(ctx context.Context) {
	got, err := b.client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b.name})
	switch {
	case b.scan.out.None("GetBucketTagging", err):
		b.r.Tags = map[string]string{}
	case err != nil:
		b.scan.out.Gap(b.r.ID, "GetBucketTagging", err)
	default:
		b.r.Tags = make(map[string]string, len(got.TagSet))
		for _, tag := range got.TagSet {
			b.r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
}

func (b *s3Bucket) versioning(ctx context.Context) {
	got, err := b.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b.name})
	if !b.unanswered("GetBucketVersioning", err) {
		b.r.Facts = map[string]any{"versioning": orDefault(string(got.Status), "Disabled")}
	}
}
