package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3: general purpose and directory buckets, tables and vectors, and everything by which their content, their listings or their
// logs leave them. Terraform declares most of it in resources of their own; CloudFormation inside the bucket.
var _ = rows(
	row{typ: "aws_s3_bucket", kind: "s3.bucket", arn: "arn:{partition}:s3:::{name}", name: "bucket", read: readTerraformBucket},
	row{typ: "aws_s3_bucket_replication_configuration", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		for i, rule := range v.each("rule") {
			replicationRule(rule, rule.label("id", i), "status", "Disabled", "destination.bucket", "destination.account",
				"destination.encryption_configuration.replica_kms_key_id")
		}
	}},
	row{typ: "aws_s3_bucket_logging", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		v.place(residency.Log, "server access logging", "target_bucket", asBucket)
	}},
	row{typ: "aws_s3_bucket_inventory", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		role := residency.Metadata
		if v.is("enabled", "false") {
			role = residency.Capability
		}
		for _, d := range v.each("destination.bucket") {
			d.placeOwned(role, "inventory "+v.text("name"), "bucket_arn", "account_id", asBucket)
			d.place(residency.Key, "key of inventory "+v.text("name"), "encryption.sse_kms.key_id", asKey)
		}
	}},
	row{typ: "aws_s3_bucket_analytics_configuration", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		for _, d := range v.each("storage_class_analysis.data_export.destination.s3_bucket_destination") {
			d.placeOwned(residency.Metadata, "storage class analysis "+v.text("name"), "bucket_arn", "bucket_account_id", asBucket)
		}
	}},
	row{typ: "aws_s3_bucket_notification", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		for i, q := range v.each("queue") {
			notify(q, residency.Queue, "queue_arn", q.label("id", i))
		}
		for i, t := range v.each("topic") {
			notify(t, residency.Queue, "topic_arn", t.label("id", i))
		}
		for i, f := range v.each("lambda_function") {
			notify(f, residency.Capability, "lambda_function_arn", f.label("id", i))
		}
		if v.is("eventbridge", "true") {
			v.here(residency.Capability, v.via("eventbridge", "event notification to EventBridge"))
		}
	}},
	row{typ: "aws_s3_bucket_metadata_configuration", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		metadataTables(v, "metadata_configuration.destination.table_bucket_arn")
	}},
	row{typ: "aws_s3_bucket_accelerate_configuration", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		accelerate(v, "status")
	}},
	row{typ: "aws_s3_bucket_policy", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		v.share("policy", residency.Primary, "s3")
	}},
	row{typ: "aws_s3_bucket_acl", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		cannedACL(v, "acl")
		for _, g := range v.each("access_control_policy.grant") {
			grantACL(g, "grantee.uri", "permission")
		}
	}},
	row{typ: "aws_s3_bucket_public_access_block", kind: "s3.bucket", settings: settingsOf("bucket", asBucket), read: func(v view) {
		blockPublic(v, "restrict_public_buckets", "ignore_public_acls")
	}},
	row{typ: "aws_s3_directory_bucket", kind: "s3.directory_bucket", arn: "arn:{partition}:s3express:{region}:{account}:bucket/{name}", name: "bucket", read: readDirectoryBucket("location.name")},

	row{typ: "AWS::S3::Bucket", kind: "s3.bucket", arn: "arn:{partition}:s3:::{name}", name: "BucketName", read: readTemplateBucket},
	row{typ: "AWS::S3::BucketPolicy", kind: "s3.bucket", settings: settingsOf("Bucket", asBucket), read: func(v view) {
		v.share("PolicyDocument", residency.Primary, "s3")
	}},
	row{typ: "AWS::S3Express::DirectoryBucket", kind: "s3.directory_bucket", arn: "arn:{partition}:s3express:{region}:{account}:bucket/{name}", name: "BucketName", read: readDirectoryBucket("LocationName")},
	row{typ: "AWS::S3Express::BucketPolicy", kind: "s3.directory_bucket", settings: settingsOf("Bucket", asBucket), read: func(v view) {
		v.shareNeverPublic("PolicyDocument", "s3express")
	}},
)

// settingsOf finds the resource whose settings a type declares by one of its attributes.
func settingsOf(path string, as form) func(view) target {
	return func(v view) target {
		all := v.targets(path, as)
		if len(all) != 1 {
			return target{why: "the one that it sets is not known before the deployment"}
		}
		return all[0]
	}
}

// replicationRule: a disabled rule copies nothing more, but what it copied stays.
func replicationRule(rule view, name, status, disabled, bucket, account, key string) {
	if rule.is(status, disabled) {
		rule.placeOwned(residency.Capability, "disabled replication rule "+name+": copies it made may remain", bucket, account, asBucket)
		return
	}
	rule.placeOwned(residency.Replica, "replication rule "+name, bucket, account, asBucket)
	rule.place(residency.Key, "key of replication rule "+name, key, copyKey)
}

// notify: an event carries the object's key; a function or another account's queue could fetch the object and carry it on.
func notify(v view, role residency.Role, path, label string) {
	for _, to := range v.targets(path, asARN) {
		r := role
		if to.account != "" && v.held.account != "" && to.account != v.held.account {
			r = residency.Capability
		}
		v.add(to.place(r, v.via(path, "event notification "+label)))
	}
}

// metadataTables: without another one named they come into AWS's own table bucket of the region.
func metadataTables(v view, path string) {
	const label = "S3 Metadata tables"
	if v.set(path) {
		v.place(residency.Metadata, label, path, asARN)
		return
	}
	for _, to := range v.targetsOf(textOf("aws-s3"), asLocal("s3tables", "bucket/")) {
		v.add(to.place(residency.Metadata, v.via(path, label)))
	}
}

// accelerate: an accelerated transfer enters at an edge location near the client, anywhere in the world.
func accelerate(v view, path string) {
	switch {
	case v.is(path, "Enabled"):
		v.add(residency.Placement{Role: residency.Transit, Target: acceleratedHost(v.held),
			Via: v.via(path, "transfer acceleration") + ": it enters AWS at an edge location near the client, anywhere in the world"})
	case v.is(path, "Suspended"):
		v.here(residency.Capability, v.via(path, "transfer acceleration (suspended)"))
	case v.set(path):
		v.add(residency.Placement{Role: residency.Transit, Via: v.via(path, "transfer acceleration") + ": whether it is on is known only after the deployment"})
	}
}

// acceleratedHost is where a bucket is reached then.
func acceleratedHost(bucket target) string {
	if bucket.thing == nil || !known(bucket.thing.name) {
		return "s3-accelerate.amazonaws.com"
	}
	return bucket.thing.name + ".s3-accelerate.amazonaws.com"
}

// The facts by which a bucket's public-access block closes what looks public.
const (
	restrictsPolicies = "restrict_public_buckets"
	ignoresACLs       = "ignore_public_acls"
)

func blockPublic(v view, policies, acls string) {
	v.out.facts = map[string]any{restrictsPolicies: v.is(policies, "true"), ignoresACLs: v.is(acls, "true")}
}

const viaACL = "ACL grant to "

// cannedACL: the canned ACLs that let others read. Source: Amazon S3 User Guide, "Canned ACL".
func cannedACL(v view, path string) {
	switch got := strings.ToLower(strings.ReplaceAll(v.text(path), "-", "")); got {
	case "publicread", "publicreadwrite":
		v.add(v.ownPlace(residency.Everybody).place(residency.Primary, v.via(path, viaACL+"AllUsers")))
	case "authenticatedread":
		v.add(v.ownPlace(residency.Everybody).place(residency.Primary, v.via(path, viaACL+"AuthenticatedUsers")))
	}
	if v.open(path) {
		v.gap("policy", residency.ClassUnresolved, v.via(path, "ACL")+" is known only after the deployment")
	}
}

func grantACL(v view, uri, permission string) {
	if v.is(permission, "READ", "FULL_CONTROL") && strings.HasSuffix(v.text(uri), "Users") {
		v.add(v.ownPlace(residency.Everybody).place(residency.Primary, v.via(uri, viaACL+v.text(uri))))
	}
}

// readTerraformBucket reads the settings that providers before version 4 kept inside the bucket. Later ones compute them.
func readTerraformBucket(v view) {
	v.here(residency.Primary, "")
	for _, c := range v.declared("replication_configuration") {
		for i, rule := range c.each("rules") {
			replicationRule(rule, rule.label("id", i), "status", "Disabled", "destination.bucket", "destination.account_id", "destination.replica_kms_key_id")
		}
	}
	for _, l := range v.declared("logging") {
		l.place(residency.Log, "server access logging", "target_bucket", asBucket)
	}
	accelerate(v, "acceleration_status")
	cannedACL(v, "acl")
	for _, g := range v.declared("grant") {
		grantACL(g, "uri", "permissions")
	}
	v.share("policy", residency.Primary, "s3")
}

// readDirectoryBucket: a zone's id tells a Local Zone (usw2-lax1-az1), which stands in another city, from one of the region (usw2-az1).
func readDirectoryBucket(zone string) func(view) {
	return func(v view) {
		if strings.Count(v.text(zone), "-") > 1 {
			v.add(residency.Placement{Role: residency.Primary, Via: v.via(zone, "Local Zone "+v.text(zone)) + ": a plan does not say in which country it stands"})
			return
		}
		v.here(residency.Primary, "")
	}
}

func readTemplateBucket(v view) {
	v.here(residency.Primary, "")
	for i, rule := range v.each("ReplicationConfiguration.Rules") {
		replicationRule(rule, rule.label("Id", i), "Status", "Disabled", "Destination.Bucket", "Destination.Account", "Destination.EncryptionConfiguration.ReplicaKmsKeyID")
	}
	if v.set("LoggingConfiguration") { // without a destination a bucket logs to itself
		v.place(residency.Log, "server access logging", "LoggingConfiguration.DestinationBucketName", asBucket)
	}
	for i, c := range v.each("InventoryConfigurations") {
		role := residency.Metadata
		if c.is("Enabled", "false") {
			role = residency.Capability
		}
		c.placeOwned(role, "inventory "+c.label("Id", i), "Destination.BucketArn", "Destination.BucketAccountId", asBucket)
	}
	for i, c := range v.each("AnalyticsConfigurations") {
		c.placeOwned(residency.Metadata, "storage class analysis "+c.label("Id", i), "StorageClassAnalysis.DataExport.Destination.BucketArn",
			"StorageClassAnalysis.DataExport.Destination.BucketAccountId", asBucket)
	}
	for i, q := range v.each("NotificationConfiguration.QueueConfigurations") {
		notify(q, residency.Queue, "Queue", q.label("Event", i))
	}
	for i, t := range v.each("NotificationConfiguration.TopicConfigurations") {
		notify(t, residency.Queue, "Topic", t.label("Event", i))
	}
	for i, f := range v.each("NotificationConfiguration.LambdaConfigurations") {
		notify(f, residency.Capability, "Function", f.label("Event", i))
	}
	if v.set("NotificationConfiguration.EventBridgeConfiguration") && !v.is("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", "false") {
		v.here(residency.Capability, v.via("NotificationConfiguration.EventBridgeConfiguration", "event notification to EventBridge"))
	}
	if v.set("MetadataConfiguration") {
		metadataTables(v, "MetadataConfiguration.Destination.TableBucketArn")
	}
	v.place(residency.Metadata, "S3 Metadata table", "MetadataTableConfiguration.S3TablesDestination.TableBucketArn", asARN) // the first version
	accelerate(v, "AccelerateConfiguration.AccelerationStatus")
	cannedACL(v, "AccessControl")
	if v.set("PublicAccessBlockConfiguration") {
		blockPublic(v, "PublicAccessBlockConfiguration.RestrictPublicBuckets", "PublicAccessBlockConfiguration.IgnorePublicAcls")
	}
}
