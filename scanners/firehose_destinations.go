package scanners

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// destinationPlaces gathers the placements of one destination, each once: AWS repeats an extended bucket as a plain one.
type destinationPlaces struct {
	home  Home
	found []residency.Placement
}

func (d *destinationPlaces) add(p residency.Placement) {
	if !slices.Contains(d.found, p) {
		d.found = append(d.found, p)
	}
}

// to takes an ARN, a URL or a host. A vendor's host tells its region only by a published pattern.
func (d *destinationPlaces) to(name *string, via string) {
	d.add(d.home.Resolve(aws.ToString(name)).Place(residency.Stream, via))
}

func (d *destinationPlaces) bucket(s *types.S3DestinationDescription, role residency.Role, via string) {
	if s == nil {
		return
	}
	d.add(d.home.Bucket(aws.ToString(s.BucketARN)).Place(role, via))
	d.key(s.EncryptionConfiguration, via)
}

func (d *destinationPlaces) key(e *types.EncryptionConfiguration, via string) {
	if e != nil && e.KMSEncryptionConfig != nil && aws.ToString(e.KMSEncryptionConfig.AWSKMSKeyARN) != "" {
		d.add(d.home.Key(*e.KMSEncryptionConfig.AWSKMSKeyARN).Place(residency.Key, via+" key"))
	}
}

// backup is the bucket for source records, whose description AWS keeps when it is off.
func (d *destinationPlaces) backup(s *types.S3DestinationDescription, enabled bool) {
	if enabled {
		d.bucket(s, residency.Stream, "S3 backup")
		return
	}
	d.bucket(s, residency.Capability, "S3 backup (disabled): what it wrote may remain")
}

// placeDestination is every place that one destination writes to. Each that is not a bucket has one as well, for the records that
// could not be delivered, or for all.
func placeDestination(h Home, d types.DestinationDescription) []residency.Placement {
	p := &destinationPlaces{home: h}
	if x := d.ExtendedS3DestinationDescription; x != nil {
		p.add(h.Bucket(aws.ToString(x.BucketARN)).Place(residency.Stream, "S3 destination"))
		p.key(x.EncryptionConfiguration, "S3 destination")
		p.backup(x.S3BackupDescription, x.S3BackupMode == types.S3BackupModeEnabled)
	}
	p.bucket(d.S3DestinationDescription, residency.Stream, "S3 destination")
	if x := d.RedshiftDestinationDescription; x != nil {
		p.to(x.ClusterJDBCURL, "Redshift destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "Redshift destination, S3 on the way")
		p.backup(x.S3BackupDescription, x.S3BackupMode == types.RedshiftS3BackupModeEnabled)
	}
	if x := d.ElasticsearchDestinationDescription; x != nil {
		p.to(firstSet(x.DomainARN, x.ClusterEndpoint), "Elasticsearch destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
	if x := d.AmazonopensearchserviceDestinationDescription; x != nil {
		p.to(firstSet(x.DomainARN, x.ClusterEndpoint), "OpenSearch destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
	if x := d.AmazonOpenSearchServerlessDestinationDescription; x != nil {
		p.to(x.CollectionEndpoint, "OpenSearch Serverless destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
	p.vendors(d)
	if len(p.found) == 0 { // newer than this version's SDK: it delivers, and where to cannot be read
		p.to(nil, "destination of an unknown type")
	}
	return p.found
}

func (p *destinationPlaces) vendors(d types.DestinationDescription) {
	if x := d.HttpEndpointDestinationDescription; x != nil {
		var url *string
		if x.EndpointConfiguration != nil {
			url = x.EndpointConfiguration.Url
		}
		p.to(url, "HTTP endpoint destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
	if x := d.SplunkDestinationDescription; x != nil {
		p.to(x.HECEndpoint, "Splunk destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
	if x := d.SnowflakeDestinationDescription; x != nil {
		p.to(x.AccountUrl, "Snowflake destination")
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
	if x := d.IcebergDestinationDescription; x != nil {
		if c := x.CatalogConfiguration; c != nil {
			p.to(c.CatalogARN, "Iceberg destination")
			if aws.ToString(c.WarehouseLocation) != "" {
				p.to(c.WarehouseLocation, "Iceberg destination, warehouse")
			}
		} else {
			p.to(nil, "Iceberg destination")
		}
		p.bucket(x.S3DestinationDescription, residency.Stream, "S3 backup")
	}
}

// firstSet is the first that is not empty, or nil.
func firstSet(names ...*string) *string {
	for _, n := range names {
		if aws.ToString(n) != "" {
			return n
		}
	}
	return nil
}
