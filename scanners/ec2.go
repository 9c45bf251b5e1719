package scanners

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// ec2NotSubscribed is EC2's answer in an account that was never signed up for it.
var ec2NotSubscribed = []Answer{{Code: "OptInRequired", Message: "You are not subscribed to this service"}}

// EC2: volumes, snapshots and images, those in the recycle bin too, what is exported of them, and the networks' flow logs.
var _ = register(Scanner{
	Service: "ec2", Version: 1, Scope: Regional,
	Kinds: []string{"ec2.volume", "ec2.snapshot", "ec2.image", "ec2.export_image_task", "ec2.export_task", "ec2.flow_log"},
	Calls: []Call{
		{Operation: "DescribeAvailabilityZones", IAM: "ec2:DescribeAvailabilityZones", Facts: placements(residency.Primary, residency.Backup), None: ec2NotSubscribed},
		{Operation: "DescribeVolumes", IAM: "ec2:DescribeVolumes", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "DescribeSnapshots", IAM: "ec2:DescribeSnapshots", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "DescribeSnapshotAttribute", IAM: "ec2:DescribeSnapshotAttribute", Facts: shareFacts},
		{Operation: "GetSnapshotBlockPublicAccessState", IAM: "ec2:GetSnapshotBlockPublicAccessState", Facts: shareFacts, None: ec2NotSubscribed},
		{Operation: "DescribeImages", IAM: "ec2:DescribeImages", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "DescribeImageAttribute", IAM: "ec2:DescribeImageAttribute", Facts: shareFacts},
		{Operation: "GetImageBlockPublicAccessState", IAM: "ec2:GetImageBlockPublicAccessState", Facts: shareFacts, None: ec2NotSubscribed},
		{Operation: "GetImageAncestry", IAM: "ec2:GetImageAncestry", Facts: []residency.Fact{residency.FactSources}},
		{Operation: "DescribeStoreImageTasks", IAM: "ec2:DescribeStoreImageTasks", Facts: placements(residency.Backup), None: ec2NotSubscribed},
		{Operation: "DescribeExportImageTasks", IAM: "ec2:DescribeExportImageTasks", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "DescribeExportTasks", IAM: "ec2:DescribeExportTasks", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "ListSnapshotsInRecycleBin", IAM: "ec2:ListSnapshotsInRecycleBin", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "ListImagesInRecycleBin", IAM: "ec2:ListImagesInRecycleBin", Facts: allFacts, None: ec2NotSubscribed},
		{Operation: "DescribeFlowLogs", IAM: "ec2:DescribeFlowLogs", Facts: allFacts, None: ec2NotSubscribed},
	},
	Scan: scanEC2,
})

// ec2Scan is one run of the scanner: what its first lists told the later ones.
type ec2Scan struct {
	client *ec2.Client
	t      *Target
	out    *Sink

	zones         map[string]zonePlace
	snapshotState types.SnapshotBlockPublicAccessState
	imageState    string
	stored        map[string][]residency.Placement // by image id: where copies of it are kept as objects
	copiedImage   map[string]residency.Source      // by snapshot id: where the image that it belongs to was copied from
}

// scanEC2 runs independent lists: one that fails is a gap and the others go on. The images come before the snapshots, since
// they name the region that a copied snapshot's own record leaves out.
func scanEC2(ctx context.Context, t *Target, out *Sink) error {
	s := &ec2Scan{client: ec2.NewFromConfig(t.Config()), t: t, out: out, zones: map[string]zonePlace{},
		stored: map[string][]residency.Placement{}, copiedImage: map[string]residency.Source{}}
	for _, list := range []struct {
		operation string
		do        func(context.Context) error
	}{
		{"DescribeAvailabilityZones", s.readZones},
		{"GetSnapshotBlockPublicAccessState", s.readSnapshotState},
		{"GetImageBlockPublicAccessState", s.readImageState},
		{"DescribeStoreImageTasks", s.readStored},
		{"DescribeImages", s.images},
		{"ListImagesInRecycleBin", s.recycledImages},
		{"DescribeStoreImageTasks", s.unlistedImages},
		{"DescribeSnapshots", s.snapshots},
		{"ListSnapshotsInRecycleBin", s.recycledSnapshots},
		{"DescribeVolumes", s.volumes},
		{"DescribeExportImageTasks", s.exportImageTasks},
		{"DescribeExportTasks", s.exportTasks},
		{"DescribeFlowLogs", s.flowLogs},
	} {
		if err := list.do(ctx); err != nil && !out.None(list.operation, err) {
			out.Gap("", list.operation, err)
		}
	}
	return nil
}

func (s *ec2Scan) volumes(ctx context.Context) error {
	// Managed volumes are left out of the answer where their visibility is "hidden", unless asked for.
	in := &ec2.DescribeVolumesInput{IncludeManagedResources: aws.Bool(true), MaxResults: aws.Int32(500)}
	for pages := ec2.NewDescribeVolumesPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, v := range page.Volumes {
			s.out.Add(s.volume(v))
		}
	}
	return nil
}

func (s *ec2Scan) volume(v types.Volume) residency.Resource {
	r := residency.Resource{ID: s.t.ARN("ec2", "volume/"+aws.ToString(v.VolumeId)), Kind: "ec2.volume", Region: s.t.Region,
		Name: ec2Name(v.Tags, v.VolumeId), Tags: ec2Tags(v.Tags), Facts: map[string]any{"encrypted": aws.ToBool(v.Encrypted)},
		Placements: []residency.Placement{s.place(residency.Primary, v.AvailabilityZone, v.OutpostArn)}}
	if key := aws.ToString(v.KmsKeyId); key != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(key).Place(residency.Key, "KmsKeyId"))
	}
	// AWS makes a volume only of a snapshot or a volume of its own region.
	if id := aws.ToString(v.SnapshotId); id != "" {
		r.Sources = append(r.Sources, residency.Source{ID: s.ownerless(s.t.Region, "snapshot/"+id), Region: s.t.Region, Via: "SnapshotId"})
	}
	if id := aws.ToString(v.SourceVolumeId); id != "" {
		r.Sources = append(r.Sources, s.t.Home().Local("ec2", "volume/"+id).Source("", "SourceVolumeId"))
	}
	return r
}

// ownerless is the name of a snapshot or an image: AWS leaves the account out of it.
func (s *ec2Scan) ownerless(region, resource string) string {
	return Home{Partition: s.t.Partition, Region: region, Account: ""}.ARN("ec2", resource)
}

// owned keeps out what others share or publish: some emulators list it although only the account's own was asked for.
func (s *ec2Scan) owned(owner *string) bool {
	return aws.ToString(owner) == "" || aws.ToString(owner) == s.t.Account
}

func ec2Tags(tags []types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, tag := range tags {
		m[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return m
}

// ec2Name is the tag "Name", which EC2's console shows as the name, else the id.
func ec2Name(tags []types.Tag, id *string) string {
	if name := ec2Tags(tags)["Name"]; name != "" {
		return name
	}
	return aws.ToString(id)
}

// zonePlace is where a zone lies. The region is empty where AWS does not tell.
type zonePlace struct{ region, via string }

func (s *ec2Scan) readZones(ctx context.Context) error {
	// AllAvailabilityZones: the Local and Wavelength Zones that the account did not opt in to as well.
	page, err := s.client.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{AllAvailabilityZones: aws.Bool(true)})
	if err != nil {
		return err
	}
	s.zones = zonePlaces(s.t.Region, page.AvailabilityZones)
	return nil
}

// zonePlaces tells the zones of a region that lie where the region lies from those that do not: a Local or Wavelength Zone
// belongs to its parent region, but stands in another city, and some in another country. In the region's own country by AWS's
// own geography it counts as the region. In another its zone group stands in place of the region, since no region's promise
// covers it. Where AWS names no country its place stays open.
func zonePlaces(region string, zones []types.AvailabilityZone) map[string]zonePlace {
	var home []string
	ordinary := func(z types.AvailabilityZone) bool {
		return aws.ToString(z.ZoneType) == "" || aws.ToString(z.ZoneType) == "availability-zone"
	}
	for _, z := range zones {
		if ordinary(z) {
			home = append(home, countries(z)...)
		}
	}
	places := make(map[string]zonePlace, len(zones))
	for _, z := range zones {
		name, own := aws.ToString(z.ZoneName), countries(z)
		via := strings.ReplaceAll(aws.ToString(z.ZoneType), "-", " ") + " " + name
		switch {
		case ordinary(z):
			places[name] = zonePlace{region: region}
		case len(own) == 0 || len(home) == 0:
			places[name] = zonePlace{via: via + ", AWS names no country"}
		case slices.ContainsFunc(own, func(c string) bool { return !slices.Contains(home, c) }):
			places[name] = zonePlace{orDefault(aws.ToString(z.GroupName), name), via + ", " + strings.Join(own, " and ")}
		default:
			places[name] = zonePlace{region, via + ", " + strings.Join(own, " and ")}
		}
	}
	return places
}

func countries(z types.AvailabilityZone) (names []string) {
	for _, g := range z.Geography {
		if name := aws.ToString(g.Name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// place is a resource's own place. An Outpost stands in the customer's building, wherever that is.
func (s *ec2Scan) place(role residency.Role, zone, outpost *string) residency.Placement {
	p := residency.Placement{Role: role, Region: s.t.Region}
	name := aws.ToString(zone)
	known, ok := s.zones[name]
	letter, regional := strings.CutPrefix(name, s.t.Region)
	switch {
	case aws.ToString(outpost) != "":
		p.Region, p.Via = "", "on Outpost "+aws.ToString(outpost)
	case ok:
		p.Region, p.Via = known.region, known.via
	case name != "" && !(regional && len(letter) == 1): // eu-west-1a is a zone of the region by its name alone
		p.Region, p.Via = "", "zone "+name+", not in the region's list"
	}
	return p
}
