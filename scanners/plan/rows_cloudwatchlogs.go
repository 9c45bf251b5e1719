package plan

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudWatch Logs: log groups, and every way in which their events leave them: subscriptions of the group and of the account,
// logical destinations, vended deliveries and scheduled queries. Export tasks are no resources of either language.
var _ = both(
	pair("aws_cloudwatch_log_group name", "AWS::Logs::LogGroup LogGroupName", row{kind: "cloudwatchlogs.group",
		arn: "arn:{partition}:logs:{region}:{account}:log-group:{name}", read: func(v view) {
			v.here(residency.Primary, "")
			v.place(residency.Key, "", "kms_key_id", asKey)
			findings(v, "data_protection_policy", "data protection policy") // in CloudFormation it stands in the group
		}}),
	pair("aws_cloudwatch_log_subscription_filter", "AWS::Logs::SubscriptionFilter", row{kind: "cloudwatchlogs.group",
		settings: settingsOf("log_group_name", asGroup), read: func(v view) {
			subscribed(v, "subscription filter "+v.text("name|filter_name"), "destination_arn")
		}}),
	pair("aws_cloudwatch_log_account_policy policy_name", "AWS::Logs::AccountPolicy PolicyName", row{kind: "cloudwatchlogs.account_policy",
		arn: "arn:{partition}:logs:{region}:{account}:account-policy:{name}", read: readAccountPolicy}),
	pair("aws_cloudwatch_log_destination name", "AWS::Logs::Destination DestinationName", row{kind: "cloudwatchlogs.destination",
		arn: "arn:{partition}:logs:{region}:{account}:destination:{name}", read: func(v view) {
			subscribed(v, "target", "target_arn")
		}}),
	pair("aws_cloudwatch_log_delivery_source name", "AWS::Logs::DeliverySource Name", row{kind: "cloudwatchlogs.delivery_source",
		arn: "arn:{partition}:logs:{region}:{account}:delivery-source:{name}", class: NoData}), // read by the deliveries that use it
	pair("aws_cloudwatch_log_delivery_destination name", "AWS::Logs::DeliveryDestination Name", row{kind: "cloudwatchlogs.delivery_destination",
		arn: "arn:{partition}:logs:{region}:{account}:delivery-destination:{name}", read: readDeliveryDestination}),
	pair("aws_cloudwatch_log_delivery", "AWS::Logs::Delivery", row{kind: "cloudwatchlogs.delivery",
		arn: "arn:{partition}:logs:{region}:{account}:delivery:{id}", read: readDelivery}),
	[]row{
		{typ: "aws_cloudwatch_log_data_protection_policy", kind: "cloudwatchlogs.group", settings: settingsOf("log_group_name", asGroup), read: func(v view) {
			findings(v, "policy_document", "data protection policy")
		}},
		{typ: "aws_cloudwatch_log_destination_policy", kind: "cloudwatchlogs.destination", class: NoData}, // who may send in; nobody reads by it
		{typ: "AWS::Logs::ScheduledQuery", name: "Name", kind: "cloudwatchlogs.scheduled_query",
			arn: "arn:{partition}:logs:{region}:{account}:scheduled-query:{id}", read: readScheduledQuery},
	},
)

var asGroup = asLocal("logs", "log-group:")

// subscribed is where a subscription sends events: to rest, or through a function.
func subscribed(v view, label, path string) {
	if !v.set(path) {
		v.must(residency.Log, label, path, asARN)
	}
	for _, to := range v.targets(path, asARN) {
		v.add(to.place(subscribedRole(to), v.via(path, label)))
	}
}

func subscribedRole(to target) residency.Role {
	if to.service() == "lambda" {
		return residency.Transit
	}
	return residency.Log
}

// notIn is the only selection criterion that AWS documents for subscription policies.
var notIn = regexp.MustCompile(`(?s)^\s*LogGroupName\s+NOT\s+IN\s+(\[.*\])\s*$`)

// readAccountPolicy: every log group of the account and region has what the policy sends. The policy stands for the groups that are
// there already and not in the change.
func readAccountPolicy(v view) {
	label := "account policy " + v.text("policy_name")
	switch {
	case v.is("policy_type", "DATA_PROTECTION_POLICY"):
		findings(v, "policy_document", label)
	case v.is("policy_type", "SUBSCRIPTION_FILTER_POLICY") || v.open("policy_type"):
		for _, to := range v.targetsInside("policy_document", "DestinationArn", asARN, "aws_kinesis_stream", "aws_kinesis_firehose_delivery_stream", "aws_lambda_function") {
			v.add(to.place(subscribedRole(to), v.via("policy_document", label)))
		}
	default:
		return // field indexes, transformers and retention stay where the log group is
	}
	excluded := excludedGroups(v)
	for _, other := range v.w.ofKind("cloudwatchlogs.group") {
		if !sameHome(other, v.t) || slices.Contains(excluded, other.name) {
			continue
		}
		group := v.onto(v.w.of(other))
		group.out.placements = slices.Clone(v.out.placements)
		v.tell(group)
	}
}

// excludedGroups are the names that a subscription policy leaves out. A criterion that cannot be read leaves out none.
func excludedGroups(v view) (names []string) {
	criterion := v.text("selection_criteria")
	if criterion == "" {
		return nil
	}
	m := notIn.FindStringSubmatch(criterion)
	if m == nil || json.Unmarshal([]byte(m[1]), &names) != nil {
		v.gap("selection_criteria", residency.ClassMalformed, v.via("selection_criteria", "")+": "+criterion+" is no criterion that AWS documents")
		return nil
	}
	return names
}

// findings lists where a data protection policy writes its findings: counts and places of sensitive data, not the data.
func findings(v view, path, label string) {
	if !v.set(path) {
		return
	}
	doc, ok := v.parsed(path)
	if !ok {
		v.add(residency.Placement{Role: residency.Metadata, Via: v.via(path, label) + ": it is known only after the deployment"})
		return
	}
	_, spelled := v.walk(path)
	for _, at := range doc.field("Statement").blocks() {
		to := v
		to.at, to.path = at.field("Operation").field("Audit").field("FindingsDestination"), spelled
		to.place(residency.Metadata, label+", findings", "CloudWatchLogs.LogGroup", asGroup)
		to.place(residency.Metadata, label+", findings", "Firehose.DeliveryStream", asNamed("firehose", "deliverystream/"))
		to.place(residency.Metadata, label+", findings", "S3.Bucket", asBucket)
	}
}

// readDeliveryDestination: X-Ray, which has no ARN of its own, takes traces in the same region.
func readDeliveryDestination(v view) {
	path := "delivery_destination_configuration.destination_resource_arn"
	if v.t.row.template() {
		path = "destination_resource_arn"
	}
	if !v.set(path) && v.is("delivery_destination_type", "XRAY") {
		xray := v.ownPlace("")
		xray.id = "xray." + xray.region + ".amazonaws.com"
		v.add(xray.place(residency.Log, v.via("delivery_destination_type", "XRAY")))
		return
	}
	v.must(residency.Log, "", path, asARN)
}

func readDelivery(v view) {
	v.must(residency.Log, "", "delivery_destination_arn", asARN)
	for _, to := range v.targets("delivery_source_name", asLocal("logs", "delivery-source:")) {
		source, ok := v.through(to)
		if !ok {
			v.gap("sources", residency.ClassUnresolved, v.via("delivery_source_name", "")+": the delivery source is not in the change, so that what it sends cannot be told")
			continue
		}
		source.from(residency.Log, "delivery source "+source.text("name")+": "+source.text("log_type"), "resource_arn|resource_arns", asARN)
	}
}

// readScheduledQuery: a query that is off has written nothing yet.
func readScheduledQuery(v view) {
	role, off := residency.Stream, ""
	if v.is("state", "DISABLED") {
		role, off = residency.Capability, " (disabled)"
	}
	for _, to := range v.each("destination_configuration.s3_configuration") {
		to.placeOwned(role, "query results"+off, "destination_identifier", "owner_account_id", asBucket)
		to.place(residency.Key, "query results", "kms_key_id", asKey)
	}
	if !v.set("log_group_identifiers") {
		v.gap("sources", residency.ClassUnresolved, v.via("query_string", "")+" names its log groups in its own text only")
	}
	v.from(residency.Stream, "", "log_group_identifiers", asGroup)
}
