package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What clients enter AWS by, at edges near them and through the APIs of a region: CloudFront, Global Accelerator, API Gateway, AppSync.
var _ = both(
	pair("aws_cloudfront_distribution", "AWS::CloudFront::Distribution", row{kind: "cloudfront.distribution", global: true, arn: "arn:{partition}:cloudfront::{account}:distribution/{id}", read: func(v view) {
		if v.t.row.template() {
			v.at, v.path = v.get("distribution_config"), "DistributionConfig"
		}
		readDistribution(v)
	}}),
	pair("aws_cloudfront_realtime_log_config name", "AWS::CloudFront::RealtimeLogConfig Name", row{kind: "cloudfront.realtime_log_config", global: true,
		arn: "arn:{partition}:cloudfront::{account}:realtime-log-config/{name}", read: sends(leg{residency.Log, "endpoint|end_points.kinesis_stream_config.stream_arn", asStream, ""})}),
	pair("aws_globalaccelerator_accelerator name", "AWS::GlobalAccelerator::Accelerator Name", row{kind: "globalaccelerator.accelerator", global: true,
		arn: "arn:{partition}:globalaccelerator::{account}:accelerator/{id}", read: func(v view) {
			enteredAnywhere(v, "enabled", "awsglobalaccelerator.com")
			sends(leg{residency.Log, "attributes.flow_logs_s3_bucket", asBucket, "flow_logs_enabled"})(v)
		}}),
	pair("aws_globalaccelerator_endpoint_group", "AWS::GlobalAccelerator::EndpointGroup", row{kind: "globalaccelerator.endpoint_group", global: true, read: func(v view) {
		v.place(residency.Transit, "", "endpoint_group_region", asRegion)
	}}),
	pair("aws_api_gateway_rest_api name", "AWS::ApiGateway::RestApi Name", row{kind: "apigateway.rest_api", arn: "arn:{partition}:apigateway:{region}::/restapis/{id}", read: func(v view) {
		v.here(residency.Capability, "")
		if !v.is("endpoint_configuration.types", "REGIONAL", "PRIVATE") && !allOf(v, "endpoint_configuration.types", "REGIONAL", "PRIVATE") { // AWS's default is EDGE
			enteredAnywhere(v, "endpoint_configuration.types", "cloudfront.net")
		}
	}}),
	pair("aws_api_gateway_stage", "AWS::ApiGateway::Stage", row{kind: "apigateway.stage", read: func(v view) {
		v.here(residency.Capability, "")
		v.leg(leg{residency.Log, "access_log_settings|access_log_setting.destination_arn", asARN, ""})
	}}),
	pair("aws_api_gateway_integration", "AWS::ApiGateway::Method", row{kind: "apigateway.method", read: func(v view) {
		readIntegration(v, v.firstSet("uri", "integration.uri"))
	}}),
	pair("aws_apigatewayv2_stage", "AWS::ApiGatewayV2::Stage", row{kind: "apigatewayv2.stage", read: func(v view) {
		v.here(residency.Capability, "")
		v.leg(leg{residency.Log, "access_log_settings.destination_arn", asARN, ""})
	}}),
	pair("aws_apigatewayv2_integration", "AWS::ApiGatewayV2::Integration", row{kind: "apigatewayv2.integration", read: func(v view) { readIntegration(v, "integration_uri") }}),
	pair("aws_appsync_datasource", "AWS::AppSync::DataSource", row{kind: "appsync.data_source", read: func(v view) {
		v.here(residency.Capability, "")
		sends(leg{residency.Transit, "dynamodb_config|dynamo_db_config.region|aws_region", asRegion, ""},
			leg{residency.Transit, "opensearchservice_config|open_search_service_config.region|aws_region", asRegion, ""},
			leg{residency.Transit, "elasticsearch_config.region|aws_region", asRegion, ""},
			leg{residency.Transit, "http_config.endpoint", asARN, ""},
			leg{residency.Transit, "lambda_config.function_arn|lambda_function_arn", asARN, ""},
			leg{residency.Transit, "event_bridge_config.event_bus_arn", asARN, ""})(v)
	}}),
)

// readDistribution: what passes through CloudFront is kept at edges near whoever asks, wherever that is.
func readDistribution(v view) {
	if v.off("enabled", false) {
		v.add(residency.Placement{Role: residency.Capability, Via: v.via("enabled", "edge locations") + ": disabled"})
	} else {
		v.add(residency.Placement{Role: residency.Cache, Target: "cloudfront.net", Via: v.via("price_class", "edge locations") + ": near whoever asks, anywhere in the world"})
	}
	v.fromAll(residency.Transit, "origin|origins.domain_name", asARN)
	for _, behaviour := range []string{"default_cache_behavior", "ordered_cache_behavior|cache_behaviors"} {
		for _, f := range v.each(behaviour + ".lambda_function_association|lambda_function_associations") {
			v.add(residency.Placement{Role: residency.Log, Via: f.via("lambda_arn|lambda_function_arn", "Lambda@Edge") + ": it runs and logs in the region near whoever asks"})
		}
	}
	sends(leg{residency.Log, "logging_config|logging.bucket", asLogBucket, ""},
		leg{residency.Cache, "origin|origins.origin_shield.origin_shield_region", asRegion, "enabled"})(v)
}

// enteredAnywhere: clients enter at an edge location near them.
func enteredAnywhere(v view, path, host string) {
	v.add(residency.Placement{Role: residency.Transit, Target: host, Via: v.via(path, "edge locations") + ": clients enter AWS near them, anywhere in the world"})
}

// allOf reports whether a list is known and holds nothing but these.
func allOf(v view, path string, words ...string) bool {
	all, ok := v.textsOf(path)
	for _, one := range all {
		found := false
		for _, w := range words {
			found = found || strings.EqualFold(one, w)
		}
		ok = ok && found
	}
	return ok && len(all) > 0
}

// readIntegration: an integration that invokes a service names it behind API Gateway's own ARN, with the function's inside; a URL may
// lie anywhere.
func readIntegration(v view, path string) {
	v.here(residency.Capability, "")
	uri := v.get(path)
	_, service, region, _, resource, _ := locate.ParseARN(uri.text)
	if uri.kind != text || service != "apigateway" {
		v.place(residency.Transit, "integration", path, asARN)
		return
	}
	if _, function, ok := strings.Cut(resource, "/functions/"); ok {
		function, _, _ = strings.Cut(function, "/invocations")
		for _, to := range v.targetsOf(textOf(function), asFunction) {
			v.add(to.place(residency.Transit, v.via(path, "integration")))
		}
		return
	}
	v.add(v.w.regionOf(region).place(residency.Transit, v.via(path, "integration with a service")))
}

// asLogBucket is a bucket by its host, as CloudFront wants it, or by its name.
func asLogBucket(h locate.Home, s string) locate.Destination {
	if strings.Contains(s, ".amazonaws.com") {
		return h.Resolve(s)
	}
	return h.Bucket(s)
}
