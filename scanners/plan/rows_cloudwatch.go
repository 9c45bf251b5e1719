package plan

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudWatch: metric streams, links to a monitoring account, and an organisation's rules that gather log events in one place.
var _ = both(
	pair("aws_cloudwatch_metric_stream name", "AWS::CloudWatch::MetricStream Name", row{kind: "cloudwatch.metric_stream",
		arn: "arn:{partition}:cloudwatch:{region}:{account}:metric-stream/{name}", read: func(v view) {
			v.must(residency.Metadata, "", "firehose_arn", asARN)
		}}),
	pair("aws_oam_link", "AWS::Oam::Link", row{kind: "oam.link", arn: "arn:{partition}:oam:{region}:{account}:link/{id}", read: func(v view) {
		role, via := linkRole(v)
		v.must(role, via, "sink_identifier", asARN)
		v.collects(covers{role: role, regions: regionsOf(v.t.region), via: via})
	}}),
	// What is linked to a sink stands with the links.
	pair("aws_oam_sink name", "AWS::Oam::Sink Name", row{kind: "oam.sink", arn: "arn:{partition}:oam:{region}:{account}:sink/{id}", read: nothing}),
	pair("aws_observabilityadmin_centralization_rule_for_organization rule_name", "AWS::ObservabilityAdmin::OrganizationCentralizationRule RuleName",
		row{kind: "observabilityadmin.centralization_rule", arn: "arn:{partition}:observability-admin:{region}:{account}:organization-centralization-rule/{name}",
			read: func(v view) {
				for _, rule := range v.each("rule") {
					readCentralization(rule)
				}
			}}),
	[]row{
		{typ: "aws_oam_sink_policy", kind: "oam.sink", class: NoData}, // who may link to it; nobody reads by it
	},
)

// nothing: neither holds data nor sends it anywhere by itself.
func nothing(view) {}

// regionsOf is a list of one region, or every region where that is not known.
func regionsOf(region string) []string {
	if region == "" {
		return nil
	}
	return []string{region}
}

// linkRole: log events and traces carry what users sent, and are looked at in the other account; metrics and settings do not.
func linkRole(v view) (residency.Role, string) {
	kinds, ok := v.textsOf("resource_types")
	role := residency.Metadata
	if !ok {
		role = residency.Transit
	}
	var short []string
	for _, k := range kinds {
		short = append(short, k[strings.LastIndex(k, ":")+1:])
		if k == "AWS::Logs::LogGroup" || k == "AWS::XRay::Trace" {
			role = residency.Transit
		}
	}
	slices.Sort(short)
	return role, "link of " + strings.Join(short, ", ")
}

func readCentralization(rule view) {
	centralized(rule, residency.Log, "destination.region", "")
	for _, to := range rule.each("destination.destination_logs_configuration") {
		to.place(residency.Key, "logs encryption", "logs_encryption_configuration.kms_key_arn", asKey)
		to.place(residency.Key, "backup", "backup_configuration.kms_key_arn", asKey)
	}
	if rule.set("destination.destination_logs_configuration.backup_configuration") {
		centralized(rule, residency.Backup, "destination.destination_logs_configuration.backup_configuration.region", "backup")
	}
	from, ok := centralizedFrom(rule)
	if !ok {
		rule.gap("sources", residency.ClassUnresolved, rule.via("source.scope", "")+": which accounts it covers cannot be told")
		return
	}
	rule.collects(from)
}

// centralized is a place that a rule copies to: log groups of an account and region, for which the account's ARN stands.
func centralized(rule view, role residency.Role, path, label string) {
	account := rule.text("destination.account")
	targets := rule.targets(path, asRegion)
	if len(targets) == 0 {
		targets = []target{{why: "it is not given"}}
	}
	for _, to := range targets {
		to.account = account
		if account != "" {
			to.id = "arn:" + rule.w.partition + ":iam::" + account + ":root"
		}
		rule.add(to.place(role, rule.via(path, label)))
	}
	if rule.open("destination.account") {
		rule.gap("policy", residency.ClassUnresolved, rule.via("destination.account", "")+" is known only after the deployment: whose account gets the logs cannot be told")
	}
}

var (
	scopeAccount = regexp.MustCompile(`\b\d{12}\b`)
	scopeOrg     = regexp.MustCompile(`\bo-[a-z0-9]{10,32}\b`)
	scopeUnit    = regexp.MustCompile(`\b(?:ou|r)-[a-z0-9]{4,32}\b`)
)

// centralizedFrom reads the scope, an expression over the organisation's id, accounts or units. ok is false where it names a unit, or
// nothing that is understood.
func centralizedFrom(rule view) (c covers, ok bool) {
	scope := rule.text("source.scope")
	regions, all := rule.textsOf("source.regions")
	if !all {
		regions = nil
	}
	c = covers{role: residency.Log, regions: regions, via: "source scope " + scope}
	if rule.open("source.scope") || scopeUnit.MatchString(scope) {
		return c, false
	}
	c.accounts = scopeAccount.FindAllString(scope, -1)
	c.everyAccount = scope == "" || scopeOrg.MatchString(scope)
	return c, c.everyAccount || len(c.accounts) > 0
}
