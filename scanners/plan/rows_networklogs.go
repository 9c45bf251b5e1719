package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Logs of networks, names and requests: VPC flow logs, Route 53, its Resolver, and WAF.
var _ = both(
	pair("aws_flow_log", "AWS::EC2::FlowLog", row{kind: "ec2.flow_log", arn: "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}", read: readFlowLog}),
	pair("aws_route53_zone", "AWS::Route53::HostedZone", row{kind: "route53.hosted_zone", global: true, arn: "arn:{partition}:route53:::hostedzone/{id}", read: func(v view) {
		v.place(residency.Log, "query logging configuration", "query_logging_config.cloud_watch_logs_log_group_arn", asARN) // CloudFormation's
	}}),
	pair("aws_route53_resolver_query_log_config name", "AWS::Route53Resolver::ResolverQueryLoggingConfig Name", row{kind: "route53resolver.query_log_config",
		arn: "arn:{partition}:route53resolver:{region}:{account}:resolver-query-log-config/{id}", read: func(v view) {
			v.must(residency.Log, "query log configuration "+v.text("name"), "destination_arn", asARN)
		}}),
	pair("aws_route53_resolver_query_log_config_association", "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation", row{kind: "route53resolver.query_log_config",
		settings: settingsOf("resolver_query_log_config_id", asLocal("route53resolver", "resolver-query-log-config/")), read: func(v view) {
			v.from(residency.Log, "association", "resource_id", asLocal("ec2", "vpc/"))
			if !v.w.holds(v.held) {
				v.add(residency.Placement{Role: residency.Log, Via: v.via("resolver_query_log_config_id", "query log configuration") +
					": it is not in the change: name the last scan with --with"})
			}
		}}),
	pair("aws_wafv2_web_acl name", "AWS::WAFv2::WebACL Name", row{kind: "wafv2.web_acl", arn: "arn:{partition}:wafv2:{region}:{account}:regional/webacl/{name}/{id}",
		variant: edgeACL, read: nothing}),
	pair("aws_wafv2_web_acl_logging_configuration", "AWS::WAFv2::LoggingConfiguration", row{kind: "wafv2.web_acl", settings: settingsOf("resource_arn", asARN), read: func(v view) {
		v.must(residency.Log, "web ACL log", "log_destination_configs", asARN)
	}}),
	[]row{
		{typ: "aws_route53_query_log", kind: "route53.hosted_zone", settings: settingsOf("zone_id", asHostedZone), read: func(v view) {
			v.must(residency.Log, "query logging configuration", "cloudwatch_log_group_arn", asARN)
		}},
	},
)

// readFlowLog: the destination is a bucket with its prefix, a log group or a delivery stream; the old form names just the log group,
// which is of the role's account where a role of another one delivers.
func readFlowLog(v view) {
	if v.set("log_destination") || !v.set("log_group_name") {
		v.must(residency.Log, "", "log_destination", asARN)
		return
	}
	_, _, _, account, _, _ := locate.ParseARN(v.text("deliver_cross_account_role"))
	v.place(residency.Log, "", "log_group_name", func(h locate.Home, s string) locate.Destination {
		if account != "" {
			h.Account = account
		}
		return asGroup(h, s)
	})
}

// asHostedZone is the id of a hosted zone, which some give as a path.
func asHostedZone(h locate.Home, s string) locate.Destination {
	return locate.Destination{ID: "arn:" + h.Partition + ":route53:::hostedzone/" + strings.TrimPrefix(s, "/hostedzone/")}
}

// edgeACL: a web ACL of CloudFront is deployed in us-east-1 and has no region of its own.
func edgeACL(r row, values Value) row {
	scope := values.field("scope")
	if r.template() {
		scope = values.field("Scope")
	}
	if scope.kind == text && strings.EqualFold(scope.text, "CLOUDFRONT") {
		r.global, r.arn = true, "arn:{partition}:wafv2:us-east-1:{account}:global/webacl/{name}/{id}"
	}
	return r
}
