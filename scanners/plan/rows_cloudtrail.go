package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudTrail: trails, event data stores and channels. A trail of all regions or of an organisation gathers from all of them.
var _ = both(
	pair("aws_cloudtrail name", "AWS::CloudTrail::Trail TrailName", row{kind: "cloudtrail.trail",
		arn: "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}", read: func(v view) {
			role := selectedRole(v)
			v.must(role, "", "s3_bucket_name", asBucket)
			v.place(role, "", "cloud_watch_logs_group_arn|cloud_watch_logs_log_group_arn", asARN)
			v.place(residency.Metadata, "names of log files", "sns_topic_name", asLocal("sns", ""))
			v.place(residency.Key, "", "kms_key_id", asKey)
			gathers(v, role, "events of the trail", v.off("is_multi_region_trail", true), v.off("is_organization_trail", true))
		}}),
	pair("aws_cloudtrail_event_data_store name", "AWS::CloudTrail::EventDataStore Name", row{kind: "cloudtrail.event_data_store",
		arn: "arn:{partition}:cloudtrail:{region}:{account}:eventdatastore/{id}", collector: true, read: func(v view) {
			role := selectedRole(v)
			v.here(role, v.via("advanced_event_selector|advanced_event_selectors", ""))
			v.place(residency.Key, "", "kms_key_id", asKey)
			gathers(v, role, "events of the event data store", v.off("multi_region_enabled", false), v.off("organization_enabled", true))
		}}),
	[]row{
		{typ: "AWS::CloudTrail::Channel", name: "Name", kind: "cloudtrail.channel", arn: "arn:{partition}:cloudtrail:{region}:{account}:channel/{id}", read: func(v view) {
			for _, to := range v.each("destinations") { // an integration brings in whatever its partner sends
				to.must(residency.Log, to.text("type"), "location", asLocal("cloudtrail", "eventdatastore/"))
			}
		}},
		{typ: "AWS::CloudTrail::ResourcePolicy", kind: "cloudtrail.event_data_store", settings: settingsOf("ResourceArn", asARN), read: func(v view) {
			v.share("ResourcePolicy", residency.Log, "cloudtrail")
		}},
	},
)

// gathers adds what a trail or event data store covers.
func gathers(v view, role residency.Role, via string, oneRegion, oneAccount bool) {
	c := covers{role: role, everyAccount: !oneAccount, via: via}
	if oneRegion {
		c.regions = regionsOf(v.t.region)
	}
	v.collects(c)
}

// selectedRole: data events name objects, items and functions, and activity from outside holds what was sent; events of the control
// plane and of the network do not. What is not known is taken to be data.
func selectedRole(v view) residency.Role {
	for _, s := range v.declared("event_selector|event_selectors") {
		if s.at.kind == unknown || len(s.each("data_resource|data_resources")) > 0 {
			return residency.Log
		}
	}
	for _, s := range v.declared("advanced_event_selector|advanced_event_selectors") {
		for _, f := range s.each("field_selector|field_selectors") {
			if f.at.kind == unknown || f.is("field", "eventCategory") && selectsData(f) {
				return residency.Log
			}
		}
	}
	return residency.Metadata
}

func selectsData(field view) bool {
	categories, ok := field.textsOf("equals")
	for _, c := range categories {
		ok = ok && c != "Data" && c != "ActivityAuditLog"
	}
	return !ok
}
