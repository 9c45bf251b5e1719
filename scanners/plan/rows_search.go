package plan

import (
	"maps"
	"slices"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

const domainARN = "arn:{partition}:es:{region}:{account}:domain/{name}"

// OpenSearch, under its old name too: domains, their links, collections and pipelines.
var _ = both(
	pair("aws_opensearch_domain domain_name", "AWS::OpenSearchService::Domain DomainName", row{kind: "opensearch.domain", arn: domainARN, read: readDomain}),
	pair("aws_elasticsearch_domain domain_name", "AWS::Elasticsearch::Domain DomainName", row{kind: "opensearch.domain", arn: domainARN, read: readDomain}),
	[]row{{typ: "aws_opensearch_outbound_connection", kind: "opensearch.domain", settings: connectedDomain("local_domain_info"), read: func(v view) {
		to := connectedDomain("remote_domain_info")(v)
		v.add(to.place(residency.Replica, v.via("remote_domain_info", "link to a remote domain")))
	}}},
	pair("aws_opensearchserverless_collection name", "AWS::OpenSearchServerless::Collection Name", row{kind: "opensearchserverless.collection",
		arn: "arn:{partition}:aoss:{region}:{account}:collection/{id}"}),
	holding("osis.pipeline", "arn:{partition}:osis:{region}:{account}:pipeline/{name}", "aws_osis_pipeline pipeline_name", "AWS::OSIS::Pipeline PipelineName"),
)

func asDomain(h locate.Home, s string) locate.Destination { return asLocal("es", "domain/")(h, s) }

func readDomain(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyId", "encrypt_at_rest|encryption_at_rest_options.kms_key_id", asKey)
	logs := v.each("log_publishing_options")
	if v.t.row.template() { // a map by the kind of log
		options := v.get("log_publishing_options")
		logs = nil
		for _, name := range slices.Sorted(maps.Keys(options.fields)) {
			logs = append(logs, v.inner("log_publishing_options."+name))
		}
		if options.kind == unknown {
			v.place(residency.Log, "log publishing", "log_publishing_options", asARN)
		}
	}
	for _, l := range logs {
		if !l.is("enabled", "false") {
			l.place(residency.Log, "log publishing "+l.text("log_type"), "cloudwatch_log_group_arn|cloud_watch_logs_log_group_arn", asARN)
		}
	}
	v.share("access_policies", residency.Primary, "es")
}

// connectedDomain is a domain by its name, owner and region, which lie in a block.
func connectedDomain(block string) func(view) target {
	return func(v view) target {
		at := v.inner(block)
		owner := at.text("owner_id")
		all := at.targetsIn("domain_name", "region", func(h locate.Home, s string) locate.Destination {
			h.Account = orElse(owner, h.Account)
			return asDomain(h, s)
		})
		if len(all) != 1 {
			return target{region: at.text("region"), account: owner, why: "the domain is not known before the deployment"}
		}
		return all[0]
	}
}
