package scanners_test

import (
	"encoding/json"
	"strings"

	"github.com/seed-1578181b/domicile/internal/replay"
)

// s3Estate answers for an account with buckets ("name=region", or "name" where the list names none) and nothing set on them.
// Answers by hand, from the SDK's own types.
func s3Estate(regions []string, buckets ...string) aws {
	a := account(regions...)
	var list strings.Builder
	for _, b := range buckets {
		name, region, found := strings.Cut(b, "=")
		list.WriteString("<Bucket><Name>" + name + "</Name>")
		if found {
			list.WriteString("<BucketRegion>" + region + "</BucketRegion>")
		}
		list.WriteString("</Bucket>")
	}
	a.on("us-east-1", "s3", "ListBuckets", `{"MaxBuckets":10000}`, `<ListAllMyBucketsResult><Buckets>`+list.String()+`</Buckets></ListAllMyBucketsResult>`)
	a.on("any", "s3", "ListDirectoryBuckets", "", `<ListAllMyDirectoryBucketsResult><Buckets/></ListAllMyDirectoryBucketsResult>`)
	a.fail("any", "s3", "GetBucketReplication", "", 404, s3Error("ReplicationConfigurationNotFoundError", "The replication configuration was not found"))
	a.on("any", "s3", "GetBucketLogging", "", `<BucketLoggingStatus/>`)
	a.on("any", "s3", "ListBucketInventoryConfigurations", "", `<ListInventoryConfigurationsResult><IsTruncated>false</IsTruncated></ListInventoryConfigurationsResult>`)
	a.on("any", "s3", "ListBucketAnalyticsConfigurations", "", `<ListBucketAnalyticsConfigurationResult><IsTruncated>false</IsTruncated></ListBucketAnalyticsConfigurationResult>`)
	a.on("any", "s3", "GetBucketNotificationConfiguration", "", `<NotificationConfiguration/>`)
	a.fail("any", "s3", "GetBucketMetadataConfiguration", "", 404, s3Error("MetadataConfigurationNotFound", "The metadata configuration does not exist"))
	a.on("any", "s3", "GetBucketAccelerateConfiguration", "", `<AccelerateConfiguration/>`)
	a.fail("any", "s3", "GetBucketTagging", "", 404, s3Error("NoSuchTagSet", "The TagSet does not exist"))
	a.fail("any", "s3", "GetBucketPolicy", "", 404, s3Error("NoSuchBucketPolicy", "The bucket policy does not exist"))
	a.fail("any", "s3", "GetBucketPolicyStatus", "", 404, s3Error("NoSuchBucketPolicy", "The bucket policy does not exist"))
	a.fail("any", "s3", "GetPublicAccessBlock", "", 404, s3Error("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"))
	a.on("any", "s3", "GetBucketAcl", "", ownerACL(""))
	return a.on("any", "s3", "GetBucketVersioning", "", `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`)
}

func s3Error(code, message string) string {
	return `<Error><Code>` + code + `</Code><Message>` + message + `</Message></Error>`
}

const deniedXML = `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`

// ownerACL is the ACL that every bucket has, with further grants.
func ownerACL(grants string) string {
	return `<AccessControlPolicy><Owner><ID>owner</ID></Owner><AccessControlList>` + aclGrant(`<ID>owner</ID>`, "CanonicalUser", "FULL_CONTROL") +
		grants + `</AccessControlList></AccessControlPolicy>`
}

func aclGrant(grantee, kind, permission string) string {
	return `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="` + kind + `">` + grantee + `</Grantee><Permission>` + permission + `</Permission></Grant>`
}

// setS3 answers for the bucket acme.
func (a aws) setS3(operation, body string) aws {
	return a.on("any", "s3", operation, `{"Bucket":"acme"}`, body)
}

// bucketIn lets HeadBucket find a bucket that no inventory names; region "" is a denial without the header.
func (a aws) bucketIn(name, region string) aws {
	key := "any/any/s3/HeadBucket"
	ans := replay.Answer{Input: map[string]any{"Bucket": name, "ExpectedBucketOwner": ownAccount}, Body: json.RawMessage(`""`)}
	if region == "" {
		ans.Status = 403
	} else {
		ans.Headers = map[string]string{"x-amz-bucket-region": region}
	}
	a[key] = append(a[key], ans)
	return a
}

// policyS3 puts a policy into a bucket: the body of GetBucketPolicy is the policy itself.
func (a aws) policyS3(text string, public bool) aws {
	a.setS3("GetBucketPolicy", text)
	status := "false"
	if public {
		status = "true"
	}
	return a.setS3("GetBucketPolicyStatus", `<PolicyStatus><IsPublic>`+status+`</IsPublic></PolicyStatus>`)
}
