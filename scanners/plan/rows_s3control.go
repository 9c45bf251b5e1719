package plan

import (
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3 Control and Outposts: doors to buckets, routes between regions, and metrics that are exported.
var _ = both(
	pair("aws_s3control_multi_region_access_point", "AWS::S3::MultiRegionAccessPoint", row{kind: "s3control.multi_region_access_point", global: true,
		arn: "arn:{partition}:s3::{account}:accesspoint/{id}", read: func(v view) {
			if !v.t.row.template() {
				v = v.inner("details")
			}
			for _, region := range v.each("region|regions") { // a request goes to the nearest of the buckets, and their objects leave through it
				region.placeOwned(residency.Transit, "multi-region access point", "bucket", "bucket_account_id", asBucket)
				for _, to := range region.targets("bucket", asBucket) {
					region.own(&to, "bucket_account_id")
					v.out.sources = append(v.out.sources, to.source(residency.Transit, region.via("bucket", "multi-region access point")))
				}
			}
		}}),
	pair("aws_s3_access_point name", "AWS::S3::AccessPoint Name", row{kind: "s3control.access_point", arn: "arn:{partition}:s3:{region}:{account}:accesspoint/{name}", read: readAccessPoint}),
	[]row{{typ: "aws_s3control_access_point_policy", kind: "s3control.access_point", settings: settingsOf("access_point_arn", asARN), read: func(v view) {
		v.share("policy", residency.Capability, "s3")
	}}, {typ: "aws_s3_object_copy", kind: "s3.bucket", settings: settingsOf("source", asBucket), read: func(v view) {
		v.place(residency.Replica, "copy of an object", "bucket", asBucket)
	}}},
	pair("aws_s3control_object_lambda_access_point name", "AWS::S3ObjectLambda::AccessPoint Name", row{kind: "s3control.object_lambda_access_point",
		arn: "arn:{partition}:s3-object-lambda:{region}:{account}:accesspoint/{name}", read: func(v view) {
			c := v.inner("configuration|object_lambda_configuration")
			c.place(residency.Capability, "object lambda access point", "supporting_access_point", asARN)
			for _, f := range c.each("transformation_configuration|transformation_configurations") {
				f.place(residency.Capability, "function that transforms objects", "content_transformation.aws_lambda.function_arn", asARN)
			}
		}}),
	pair("aws_s3control_storage_lens_configuration config_id", "AWS::S3::StorageLens", row{kind: "s3control.storage_lens_configuration",
		arn: "arn:{partition}:s3:{region}:{account}:storage-lens/{name}", read: readStorageLens}),
	pair("aws_s3control_bucket bucket", "AWS::S3Outposts::Bucket BucketName", row{kind: "s3control.bucket", arn: "arn:{partition}:s3-outposts:{region}:{account}:outpost/{id}/bucket/{name}", read: func(v view) {
		v.add(residency.Placement{Role: residency.Primary, Via: v.via("outpost_id", "on an Outpost") + ": in the customer's building, wherever that is"})
	}}),
)

// readAccessPoint: an access point is a door and holds nothing; the data is its bucket's. A public policy that is restricted, as is the
// default, lets in nobody but the account itself.
func readAccessPoint(v view) {
	v.placeOwned(residency.Capability, "access point", "bucket", "bucket_account_id", asBucket)
	before := len(v.out.placements)
	v.share("policy", residency.Capability, "s3")
	everybody := func(p residency.Placement) bool { return p.Account == residency.Everybody }
	if !slices.ContainsFunc(v.out.placements[before:], everybody) {
		return
	}
	switch restricted := "public_access_block_configuration.restrict_public_buckets"; {
	case !v.is(restricted, "false") && !v.open(restricted):
		v.out.placements = v.out.placements[:before]
	case v.set("vpc_configuration"):
		v.out.placements = slices.DeleteFunc(v.out.placements, everybody)
	}
}

// readStorageLens: metrics of all regions come together in the home region, and are exported from there: names of buckets and prefixes,
// no objects.
func readStorageLens(v view) {
	c := v.inner("storage_lens_configuration")
	role, suffix := residency.Metadata, ""
	if c.is("enabled|is_enabled", "false") {
		role, suffix = residency.Capability, " (disabled)"
	}
	v.here(role, v.via("", "home region of the metrics"+suffix))
	for _, export := range [][2]string{{"data_export", "metrics export"}, {"expanded_prefixes_data_export", "prefix metrics export"}} {
		path, via := export[0], export[1]
		for _, d := range c.each(path + ".s3_bucket_destination") {
			d.placeOwned(role, via+suffix, "arn", "account_id", asBucket)
			if role == residency.Metadata {
				d.place(residency.Key, "KeyId of the "+via, "encryption.sse_kms|ssekms.key_id", copyKey)
			}
		}
		table := path + ".storage_lens_table_destination"
		if c.set(table) && !c.is(table+".enabled|is_enabled", "false") { // AWS's own table bucket of the home region
			for _, to := range v.targetsOf(textOf("aws-s3"), asLocal("s3tables", "bucket/")) {
				v.add(to.place(role, c.via(table, via+" to tables"+suffix)))
			}
		}
	}
	if role == residency.Metadata {
		lensCovers(c)
	}
}

// lensCovers says whose metrics are gathered: an organisation's or the account's, of every region but those left out. What is not
// known leaves none out.
func lensCovers(c view) {
	all := covers{role: residency.Metadata, everyAccount: c.set("aws_org"), via: c.via("", "storage lens")}
	if in, ok := c.textsOf("include.regions"); ok {
		all.regions = in
	}
	if out, ok := c.textsOf("exclude.regions"); ok && len(out) > 0 {
		all.regions = slices.DeleteFunc(slices.Clone(c.w.regions), func(r string) bool { return slices.Contains(out, r) })
		if len(all.regions) == 0 {
			return
		}
	}
	c.collects(all)
}
