package plan

import (
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What names, settings and findings are exported to and gathered in: AWS Config, Security Hub, GuardDuty and Macie.
var _ = both(
	pair("aws_config_delivery_channel name", "AWS::Config::DeliveryChannel Name", row{kind: "configservice.delivery_channel",
		arn: "arn:{partition}:config:{region}:{account}:delivery-channel/{name}", read: func(v view) {
			v.must(residency.Metadata, "", "s3_bucket_name", asBucket)
			v.place(residency.Metadata, "", "sns_topic_arn", asARN)
			v.place(residency.Key, "", "s3_kms_key_arn", asKey)
		}}),
	pair("aws_config_configuration_aggregator", "AWS::Config::ConfigurationAggregator", row{kind: "configservice.aggregator",
		arn: "arn:{partition}:config:{region}:{account}:config-aggregator/{id}", read: readAggregator}),
	pair("aws_config_aggregate_authorization", "AWS::Config::AggregationAuthorization", row{kind: "configservice.aggregation_authorization", regionIsTarget: true,
		arn: "arn:{partition}:config:{region}:{account}:aggregation-authorization/{id}", read: func(v view) {
			path := v.firstSet("authorized_aws_region", "region") // region until version 6 of the provider
			account := v.firstSet("account_id", "authorized_account_id")
			targets := v.targets(path, asRegion)
			if len(targets) == 0 {
				targets = []target{{why: "it is not given"}}
			}
			for _, to := range targets {
				to.account = v.text(account)
				v.add(to.place(residency.Metadata, v.via(path, "aggregation authorization")))
			}
		}}),
	pair("aws_securityhub_finding_aggregator", "AWS::SecurityHub::FindingAggregator", row{kind: "securityhub.finding_aggregator",
		arn: "arn:{partition}:securityhub:{region}:{account}:finding-aggregator/{id}", read: func(v view) {
			readLinking(v, "linking_mode|region_linking_mode", "specified_regions|regions")
		}}),
	pair("aws_securityhub_aggregator_v2", "AWS::SecurityHub::AggregatorV2", row{kind: "securityhub.aggregator_v2",
		arn: "arn:{partition}:securityhub:{region}:{account}:aggregatorv2/{id}", read: func(v view) {
			readLinking(v, "region_linking_mode", "linked_regions")
		}}),
	pair("aws_guardduty_publishing_destination", "AWS::GuardDuty::PublishingDestination", row{kind: "guardduty.publishing_destination",
		arn: "arn:{partition}:guardduty:{region}:{account}:detector/{id}", read: func(v view) {
			v.must(residency.Metadata, "findings export", v.firstSet("destination_arn", "destination_properties.destination_arn"), asARN)
			v.place(residency.Key, "findings export", v.firstSet("kms_key_arn", "destination_properties.kms_key_arn"), asKey)
		}}),
	[]row{
		{typ: "aws_macie2_classification_export_configuration", kind: "macie2.classification_export",
			arn: "arn:{partition}:macie2:{region}:{account}:classification-export-configuration", read: func(v view) {
				for _, to := range v.each("s3_destination") {
					to.must(residency.Log, "classification export", "bucket_name", asBucket)
					to.place(residency.Key, "classification export", "kms_key_arn", asKey)
				}
			}},
	},
)

// readAggregator: all regions include those that AWS opens later.
func readAggregator(v view) {
	v.here(residency.Metadata, "configuration aggregator")
	regions := func(s view) []string {
		listed, ok := s.textsOf("regions|aws_regions")
		if !ok || !s.off("all_regions|all_aws_regions", true) {
			return nil
		}
		return listed
	}
	for _, s := range v.each("account_aggregation_source|account_aggregation_sources") {
		accounts, ok := s.textsOf("account_ids")
		v.collects(covers{role: residency.Metadata, accounts: accounts, everyAccount: !ok, regions: regions(s), via: s.via("", "")})
	}
	for _, s := range v.each("organization_aggregation_source") {
		v.collects(covers{role: residency.Metadata, everyAccount: true, regions: regions(s), via: s.via("", "")})
	}
}

// readLinking: findings of the linked regions come together in the aggregator's own. Those of member accounts stand in no change.
func readLinking(v view, modePath, listPath string) {
	v.here(residency.Metadata, v.via(modePath, "finding aggregation"))
	mode := v.text(modePath)
	listed, ok := v.textsOf(listPath)
	var linked []string
	switch {
	case mode == "NO_REGIONS":
		linked = regionsOf(v.t.region)
	case mode == "SPECIFIED_REGIONS" && ok:
		linked = append(regionsOf(v.t.region), listed...)
	case mode == "ALL_REGIONS_EXCEPT_SPECIFIED" && ok:
		linked = slices.DeleteFunc(slices.Clone(v.w.regions), func(r string) bool { return r != v.t.region && slices.Contains(listed, r) })
	}
	v.collects(covers{role: residency.Metadata, accounts: []string{v.t.account}, regions: linked, via: "findings of linked regions, " + mode})
}
