package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Load balancers of both generations: where their logs of requests and connections go.
var _ = both(
	pair("aws_lb", "AWS::ElasticLoadBalancingV2::LoadBalancer", balancer),
	pair("aws_elb name", "AWS::ElasticLoadBalancing::LoadBalancer LoadBalancerName", row{kind: "elasticloadbalancing.load_balancer",
		arn: "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{name}", read: func(v view) {
			for _, log := range v.each("access_logs|access_logging_policy") {
				accessLog(log, residency.Log, "access logs", "bucket|s3_bucket_name", log.off("enabled", false))
			}
		}}),
	[]row{withType(balancer, "aws_alb")}, // the older name
)

var balancer = row{kind: "elasticloadbalancingv2.load_balancer", arn: "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}", read: func(v view) {
	for _, l := range balancerLogs {
		for _, log := range v.each(l.block) {
			accessLog(log, l.role, strings.ReplaceAll(l.block, "_", " "), "bucket", log.off("enabled", true))
		}
		attributeLog(v, l.block, l.role)
	}
}}

func withType(r row, typ string) row {
	r.typ = typ
	return r
}

// balancerLogs are the kinds of logs. Health checks name targets and hold nothing of a request.
var balancerLogs = []struct {
	block string
	role  residency.Role
}{{"access_logs", residency.Log}, {"connection_logs", residency.Log}, {"health_check_logs", residency.Metadata}}

// attributeLog reads a log from a list of keys and values, as CloudFormation gives it.
func attributeLog(v view, prefix string, role residency.Role) {
	var enabled, bucket view
	for _, a := range v.each("load_balancer_attributes") {
		switch {
		case a.open("key"):
			v.add(residency.Placement{Role: role, Via: a.via("key", strings.ReplaceAll(prefix, "_", " ")) + ": it is known only after the deployment"})
		case a.is("key", prefix+".s3.enabled"):
			enabled = a
		case a.is("key", prefix+".s3.bucket"):
			bucket = a
		}
	}
	if bucket.t == nil {
		if enabled.t == nil || enabled.is("value", "false") {
			return
		}
		bucket = v
	}
	accessLog(bucket, role, strings.ReplaceAll(prefix, "_", " "), "value", enabled.t == nil || enabled.off("value", true))
}

// accessLog is the bucket of a load balancer's log. One that is still named after the log was turned off may hold what was written before.
func accessLog(v view, role residency.Role, label, path string, off bool) {
	if off {
		v.place(residency.Capability, label+" (disabled): logs written before may remain", path, asBucket)
		return
	}
	v.must(role, label, path, asBucket)
}
