package scanners

import "slices"

// notOffered lists the regions in which AWS does not offer a service, so that a host that does not exist there is no gap. A
// service or region that is not listed is asked. Only services are listed whose source is kept for every region.
// Source: botocore 1.43.11, data/endpoints.json, as of 2026-05.
var notOffered = map[string][]string{
	"macie2": {"ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1",
		"eu-central-2", "eu-south-2", "me-central-1", "mx-central-1"},
}

// NotOffered reports whether AWS does not offer the service in the region, by the shipped table.
func NotOffered(service, region string) bool { return slices.Contains(notOffered[service], region) }
