// Package locate understands every form in which AWS names a thing, and tells what of its place the name itself shows. It is the
// one resolver of scanners, plans and templates.
package locate

import (
	"regexp"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Home is where a name without region or account is understood.
type Home struct{ Partition, Region, Account string }

// ARN is the name of something of this place.
func (h Home) ARN(service, resource string) string {
	return "arn:" + h.Partition + ":" + service + ":" + h.Region + ":" + h.Account + ":" + resource
}

// Destination is what a service's field names, as far as the name itself tells. Region is empty where the name has none: a
// bucket, a host of somebody else. A bucket's region and owner are found by the runner, after every account was listed.
type Destination struct {
	ID      string // ARN in the normal form, or the host name outside AWS
	Region  string
	Account string
}

// Place makes a placement of it.
func (d Destination) Place(role residency.Role, via string) residency.Placement {
	return residency.Placement{Role: role, Region: d.Region, Account: d.Account, Target: d.ID, Via: via}
}

// Source makes a source of it.
func (d Destination) Source(role residency.Role, via string) residency.Source {
	return residency.Source{ID: d.ID, Role: role, Region: d.Region, Account: d.Account, Via: via}
}

// ParseARN splits an ARN. The resource part may hold colons. ok is false for anything else.
func ParseARN(s string) (partition, service, region, account, resource string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return "", "", "", "", "", false
	}
	return parts[1], parts[2], parts[3], parts[4], parts[5], true
}

// NormalARN is an ARN in the form of the Service Authorization Reference, so that the same thing has one name: log groups
// without ":*", buckets without a key, snapshots and images without an account, functions without a version.
func NormalARN(s string) string {
	partition, service, region, account, resource, ok := ParseARN(s)
	if !ok {
		return s
	}
	switch service {
	case "s3":
		if region == "" && account == "" {
			resource, _, _ = strings.Cut(resource, "/")
		}
	case "logs":
		if parts := strings.Split(resource, ":"); parts[0] == "log-group" && len(parts) > 2 { // its name has no colon: ":*", a stream
			resource = parts[0] + ":" + parts[1]
		}
	case "ec2":
		if strings.HasPrefix(resource, "snapshot/") || strings.HasPrefix(resource, "image/") {
			account = ""
		}
	case "ssm": // a parameter's name may begin with a slash, which its ARN does not repeat
		if name, found := strings.CutPrefix(resource, "parameter/"); found {
			resource = "parameter/" + strings.TrimLeft(name, "/")
		}
	case "lambda":
		if parts := strings.Split(resource, ":"); len(parts) > 2 && parts[0] == "function" {
			resource = parts[0] + ":" + parts[1]
		}
	}
	return "arn:" + partition + ":" + service + ":" + region + ":" + account + ":" + resource
}

// Resolve understands every form in which AWS names a destination: an ARN, a bucket by URI, host or bare name with s3:// or
// as a host, a queue's URL, an endpoint's host. A bare name is not one of them, since only the field tells what it names:
// see Bucket and Local.
func (h Home) Resolve(s string) Destination {
	if _, service, region, account, _, ok := ParseARN(s); ok {
		id := NormalARN(s)
		if service == "s3" && region == "" && account == "" {
			_, _, _, _, bucket, _ := ParseARN(id)
			return h.Bucket(bucket)
		}
		return Destination{ID: id, Region: region, Account: account}
	}
	if rest, ok := cutAnyPrefix(s, "s3://", "s3n://", "s3a://"); ok {
		bucket, _, _ := strings.Cut(rest, "/")
		return h.Resolve("arn:" + h.Partition + ":s3:::" + bucket)
	}
	return h.host(s)
}

// Bucket is a bucket by its bare name (or an ARN or access point given in its place). Its region is not in the name, except
// a directory bucket's zone.
func (h Home) Bucket(name string) Destination {
	if strings.HasPrefix(name, "arn:") || strings.Contains(name, "://") {
		return h.Resolve(name)
	}
	name, _, _ = strings.Cut(name, "/")
	if strings.HasSuffix(name, "--x-s3") {
		// AWS: a directory bucket is reached from its own account; its zone id is looked up by the scanner of s3.
		return Destination{ID: "arn:" + h.Partition + ":s3express:" + h.Region + ":" + h.Account + ":bucket/" + name}
	}
	return Destination{ID: "arn:" + h.Partition + ":s3:::" + name}
}

// Local is a thing that AWS lets a field name only within the same account and region: a log group, a stream.
func (h Home) Local(service, resource string) Destination {
	return Destination{ID: h.ARN(service, resource), Region: h.Region, Account: h.Account}
}

// Key is a KMS key by ARN, alias ARN, alias or id; the last two name one of the same account and region.
func (h Home) Key(name string) Destination {
	switch {
	case strings.HasPrefix(name, "arn:"):
		return h.Resolve(name)
	case strings.HasPrefix(name, "alias/"):
		return h.Local("kms", name)
	}
	return h.Local("kms", "key/"+name)
}

// IsBucket tells the name of the bucket behind an id, if it is one whose region the id does not tell.
func IsBucket(id string) (name string, ok bool) {
	_, service, region, account, resource, ok := ParseARN(id)
	if !ok || service != "s3" || region != "" || account != "" || strings.Contains(resource, "/") {
		return "", false
	}
	return resource, true
}

var (
	regionPattern   = `((?:[a-z]{2,4}(?:-[a-z]+)+-\d+))`
	virtualBucket   = regexp.MustCompile(`^(.+?)\.s3(?:[.-](?:dualstack\.|website[.-]|fips\.)?` + regionPattern + `)?\.amazonaws\.com(?:\.cn)?$`)
	pathBucket      = regexp.MustCompile(`^s3(?:[.-](?:dualstack\.|fips\.)?` + regionPattern + `)?\.amazonaws\.com(?:\.cn)?$`)
	websiteBucket   = regexp.MustCompile(`^(.+?)\.s3-website[.-]` + regionPattern + `\.amazonaws\.com(?:\.cn)?$`)
	legacyQueue     = regexp.MustCompile(`^(?:` + regionPattern + `\.)?queue\.amazonaws\.com$`)
	endpointRegion  = regexp.MustCompile(`(?:^|\.)` + regionPattern + `(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|on\.aws)$`)
	vendorRegion    = regexp.MustCompile(`\.` + regionPattern + `\.(?:aws|privatelink)\.(?:snowflakecomputing\.com|elastic-cloud\.com|found\.io|pinecone\.io)$|\.` + regionPattern + `\.(?:snowflakecomputing\.com|pinecone\.io)$`)
	queueAccountTip = regexp.MustCompile(`^/(\d{12})/([^/]+)$`)
)

// host understands URLs and host names. A name of a host that AWS does not own tells a region only by the vendor's own
// published pattern; every other is unknown, and the placement has no region.
func (h Home) host(s string) Destination {
	host, path := splitURL(s)
	match := func(re *regexp.Regexp) []string { return re.FindStringSubmatch(host) }
	if m := match(websiteBucket); m != nil {
		return h.Bucket(m[1])
	}
	if m := match(pathBucket); m != nil {
		if bucket, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); bucket != "" {
			return h.Bucket(bucket)
		}
	}
	if m := match(virtualBucket); m != nil {
		return h.Bucket(m[1]) // a region in the host is a hint and is not trusted over the bucket's own
	}
	if m := match(legacyQueue); m != nil {
		return h.queue(orDefault(m[1], "us-east-1"), path, host)
	}
	if m := match(endpointRegion); m != nil {
		if strings.HasPrefix(host, "sqs.") {
			return h.queue(m[1], path, host)
		}
		return Destination{ID: host, Region: m[1]}
	}
	if m := match(vendorRegion); m != nil {
		return Destination{ID: host, Region: orDefault(m[1], m[2])}
	}
	return Destination{ID: host}
}

func (h Home) queue(region, path, host string) Destination {
	if m := queueAccountTip.FindStringSubmatch(path); m != nil {
		return Destination{ID: Home{h.Partition, region, m[1]}.ARN("sqs", m[2]), Region: region, Account: m[1]}
	}
	return Destination{ID: host, Region: region}
}

// splitURL cuts scheme, user, port and query off; a bare host stays itself. JDBC and MongoDB strings are URLs with more in front.
func splitURL(s string) (host, path string) {
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	s, _, _ = strings.Cut(s, "?")
	host, rest, found := strings.Cut(s, "/")
	if found {
		path = "/" + rest
	}
	if i := strings.LastIndex(host, "@"); i >= 0 {
		host = host[i+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(host), path
}

func cutAnyPrefix(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return rest, true
		}
	}
	return s, false
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
