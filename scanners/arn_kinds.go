package scanners

import (
	"strings"
)

// partOfAnother is what a scanner covers without a resource of its own: a detector by its destinations.
const partOfAnother = "-"

// arnKinds tells the kind of an ARN by its service and the type in it. A scanner finds every resource of these kinds, so that one
// that others know and the inventory lacks is missing. What cannot carry tags is left out: no oracle can name it.
// By the forms of the Service Authorization Reference ("Resource types defined by" each service), written from knowledge and not
// checked against it line by line.
var arnKinds = map[string]map[string]string{
	"backup": {"backup-vault": "backup.vault", "recovery-point": "backup.recovery_point", "backup-plan": "backup.plan"},
	"bedrock": {"agent": "bedrockagent.agent", "knowledge-base": "bedrockagent.knowledge_base",
		"prompt": "bedrockagent.prompt", "flow": "bedrockagent.flow",
		"application-inference-profile": "bedrock.inference_profile", "agent-alias": partOfAnother},
	"cloudtrail": {"trail": "cloudtrail.trail", "eventdatastore": "cloudtrail.event_data_store", "channel": "cloudtrail.channel"},
	"cloudwatch": {"metric-stream": "cloudwatch.metric_stream"},
	"config":     {"config-aggregator": "configservice.aggregator", "aggregation-authorization": "configservice.aggregation_authorization"},
	"dlm":        {"policy": "dlm.policy"},
	"dynamodb":   {"table": "dynamodb.table"},
	"ec2":        {"volume": "ec2.volume", "snapshot": "ec2.snapshot", "image": "ec2.image", "vpc-flow-log": "ec2.flow_log"},
	"firehose":   {"deliverystream": "firehose.stream"},
	"guardduty":  {"detector": partOfAnother},
	"kinesis":    {"stream": "kinesis.stream"},
	"logs": {"log-group": "cloudwatchlogs.group", "destination": "cloudwatchlogs.destination", "delivery-destination": "cloudwatchlogs.delivery_destination",
		"delivery": "cloudwatchlogs.delivery", "delivery-source": partOfAnother,
		"scheduled-query": "cloudwatchlogs.scheduled_query"},
	"oam":           {"link": "oam.link", "sink": "oam.sink"},
	"organizations": {"policy": "organizations.policy"},
	"rds": {"db": "rds.instance", "cluster": "rds.cluster", "global-cluster": "rds.global_cluster", "snapshot": "rds.snapshot", "cluster-snapshot": "rds.cluster_snapshot",
		"auto-backup": "rds.automated_backup", "cluster-auto-backup": "rds.automated_backup", "integration": "rds.integration", "deployment": "rds.blue_green_deployment"},
	"route53":             {"hostedzone": "route53.hosted_zone"},
	"route53resolver":     {"resolver-query-log-config": "route53resolver.query_log_config"},
	"s3":                  {"": "s3.bucket", "accesspoint": "s3control.access_point", "storage-lens": "s3control.storage_lens_configuration"},
	"s3express":           {"bucket": "s3.directory_bucket"},
	"s3tables":            {"bucket": "s3tables.table_bucket"},
	"s3vectors":           {"bucket": "s3vectors.vector_bucket"},
	"securityhub":         {"hub": partOfAnother, "hubv2": partOfAnother, "aggregatorv2": "securityhub.aggregator_v2"},
	"observability-admin": {"organization-centralization-rule": "observabilityadmin.centralization_rule"},
}

// KindOf tells the kind of a normal ARN of which a scanner finds every resource; empty for one of which none does.
func KindOf(arn string) string {
	kind, _ := kindOf(arn)
	return strings.TrimPrefix(kind, partOfAnother)
}

// TypeIn is the type that stands in an ARN before the name, with what divides them; empty where there is none that a scanner knows. It is
// AWS's word, and no name.
func TypeIn(arn string) string {
	_, service, _, _, resource, ok := ParseARN(arn)
	end := strings.IndexAny(resource, ":/")
	if !ok || end < 0 || arnKinds[service][resource[:end]] == "" {
		return ""
	}
	return resource[:end+1]
}

// kindOf tells the kind of a normal ARN, empty for one that no scanner covers, and the type that stands in it.
func kindOf(arn string) (kind, typ string) {
	_, service, region, account, resource, ok := ParseARN(arn)
	if !ok {
		return "", ""
	}
	resource = strings.TrimPrefix(resource, "/") // API Gateway: /restapis/…
	end := strings.IndexAny(resource, ":/")
	if end >= 0 && resource[:end] != "sha256" { // a digest in the place of a name, without a type
		typ = resource[:end]
	}
	rest := strings.Count(resource, "/")
	kind = arnKinds[service][typ]
	switch {
	case service == "s3" && typ == "" && (region != "" || account != ""):
		return "", ""
	case service == "s3" && typ == "accesspoint" && region == "":
		return "s3control.multi_region_access_point", typ
	case service == "elasticloadbalancing" && typ == "loadbalancer" && rest == 1:
		return "elasticloadbalancing.load_balancer", typ
	case service == "elasticloadbalancing" && typ == "loadbalancer":
		return "elasticloadbalancingv2.load_balancer", typ
	case service == "wafv2" && strings.HasPrefix(resource[max(end, 0):], "/webacl/"):
		return "wafv2.web_acl", "webacl"
	case service == "wafv2" && end >= 0: // regional/ipset/…
		typ, _, _ = strings.Cut(resource[end+1:], "/")
		return "", typ
	case service == "dynamodb" && rest > 1 && kind != "":
		return dynamoPart(resource), typ
	case service == "s3tables" && strings.Contains(resource, "/table/"):
		return "s3tables.table", "table"
	case service == "s3vectors" && strings.Contains(resource, "/index/"):
		return "s3vectors.index", "index"
	}
	return kind, typ
}

// dynamoPart is what lies below a table's ARN.
func dynamoPart(resource string) string {
	switch parts := strings.Split(resource, "/"); parts[2] {
	case "backup":
		return "dynamodb.backup"
	case "export":
		return "dynamodb.export"
	}
	return partOfAnother // index, stream
}

// unscannedKind names the kind of what no scanner covers, from its ARN.
func unscannedKind(service, typ string) string {
	return service + "." + strings.ReplaceAll(orDefault(typ, "resource"), "-", "_")
}

// noData lists the types, by service, that hold no customers' data: settings, rules, rights and networks, whose content their
// owner wrote as configuration. "*" is the whole service. A type that is not listed can hold data, whatever it is.
// Written from knowledge of the services and not checked against their guides line by line; kept short on purpose: what is not in it is
// taken to hold data.
var noData = map[string]string{
	"access-analyzer":         "*",
	"acm":                     "*",
	"application-autoscaling": "*",
	"autoscaling":             "*",
	"budgets":                 "*",
	"cloudformation":          "*",
	"cloudwatch":              "alarm",
	"codestar-connections":    "*",
	"config":                  "config-rule conformance-pack",
	"directconnect":           "*",
	"ec2": "capacity-reservation carrier-gateway customer-gateway dedicated-host dhcp-options egress-only-internet-gateway elastic-ip fleet internet-gateway key-pair " +
		"launch-template local-gateway natgateway network-acl network-interface placement-group prefix-list reserved-instances route-table security-group " +
		"security-group-rule spot-instances-request subnet subnet-cidr-reservation transit-gateway transit-gateway-attachment transit-gateway-route-table " +
		"vpc vpc-endpoint vpc-endpoint-service vpc-peering-connection vpn-connection vpn-gateway",
	"elasticloadbalancing": "targetgroup listener listener-rule truststore",
	"events":               "rule",
	"iam":                  "*",
	"kms":                  "*",
	"organizations":        "*",
	"ram":                  "*",
	"rds":                  "pg cluster-pg og subgrp es secgrp ri target-group",
	"resource-groups":      "*",
	"route53":              "healthcheck",
	"route53resolver":      "resolver-endpoint resolver-rule firewall-config firewall-domain-list firewall-rule-group firewall-rule-group-association",
	"servicequotas":        "*",
	"sso":                  "*",
	"wafv2":                "ipset regexpatternset rulegroup",
}

// holdsNoData reports whether the published list says that a type holds none.
func holdsNoData(service, typ string) bool {
	for _, listed := range strings.Fields(noData[service]) {
		if listed == "*" || listed == typ && typ != "" {
			return true
		}
	}
	return false
}
