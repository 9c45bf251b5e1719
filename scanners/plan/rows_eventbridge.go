package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// EventBridge, its pipes and its scheduler: events that are forwarded, archived and delivered anywhere.
var _ = both(
	pair("aws_cloudwatch_event_bus name", "AWS::Events::EventBus Name", row{kind: "eventbridge.event_bus", arn: "arn:{partition}:events:{region}:{account}:event-bus/{name}", read: func(v view) {
		v.here(residency.Capability, "")
		sends(leg{residency.Queue, "dead_letter_config.arn", asQueue, ""}, leg{residency.Key, "kms_key_identifier", asKey, ""})(v)
		v.share("policy", residency.Capability, "events")
	}}),
	pair("aws_cloudwatch_event_rule name", "AWS::Events::Rule Name", row{kind: "eventbridge.rule", arn: "arn:{partition}:events:{region}:{account}:rule/{name}", variant: ruleOfBus,
		read: func(v view) {
			v.here(residency.Capability, "")
			off := v.is("state", "DISABLED") || v.is("is_enabled", "false")
			for _, t := range v.each("targets") { // CloudFormation declares them in the rule
				readEventTarget(t, off)
			}
		}}),
	pair("aws_cloudwatch_event_archive name", "AWS::Events::Archive ArchiveName", row{kind: "eventbridge.archive", arn: "arn:{partition}:events:{region}:{account}:archive/{name}", read: func(v view) {
		v.here(residency.Primary, "")
		v.from(residency.Primary, "", "event_source_arn|source_arn", asARN)
		v.place(residency.Key, "", "kms_key_identifier", asKey)
	}}),
	pair("aws_cloudwatch_event_api_destination name", "AWS::Events::ApiDestination Name", row{kind: "eventbridge.api_destination",
		arn: "arn:{partition}:events:{region}:{account}:api-destination/{name}/{id}", read: func(v view) {
			v.must(residency.Transit, "", "invocation_endpoint", asARN)
		}}),
	pair("aws_pipes_pipe name", "AWS::Pipes::Pipe Name", row{kind: "pipes.pipe", arn: "arn:{partition}:pipes:{region}:{account}:pipe/{name}", read: func(v view) {
		v.here(residency.Capability, "")
		v.from(residency.Transit, "", "source", asARN)
		sends(leg{"", "target", asARN, ""}, leg{residency.Transit, "enrichment", asARN, ""},
			leg{residency.Log, "log_configuration.s3_log_destination.bucket_name", asBucket, ""},
			leg{residency.Log, "log_configuration.firehose_log_destination.delivery_stream_arn", asFirehose, ""},
			leg{residency.Log, "log_configuration.cloudwatch_logs_log_destination.log_group_arn", asGroup, ""},
			leg{residency.Queue, "source_parameters.kinesis_stream_parameters.dead_letter_config.arn", asQueue, ""},
			leg{residency.Queue, "source_parameters.dynamodb_stream_parameters.dead_letter_config.arn", asQueue, ""},
			leg{residency.Key, "kms_key_identifier", asKey, ""})(v)
	}}),
	pair("aws_scheduler_schedule name", "AWS::Scheduler::Schedule Name", row{kind: "scheduler.schedule", arn: "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}",
		variant: scheduleOfGroup, read: readSchedule}),
	[]row{
		{typ: "aws_cloudwatch_event_target", kind: "eventbridge.rule", settings: ruleOf, read: func(v view) { readEventTarget(v, false) }},
		{typ: "aws_cloudwatch_event_bus_policy", kind: "eventbridge.event_bus", settings: settingsOf("event_bus_name", asLocal("events", "event-bus/")), read: func(v view) {
			v.share("policy", residency.Capability, "events")
		}},
		{typ: "AWS::Events::EventBusPolicy", kind: "eventbridge.event_bus", settings: settingsOf("EventBusName", asLocal("events", "event-bus/")), read: func(v view) {
			v.share("Statement", residency.Capability, "events")
		}},
		{typ: "AWS::Events::Endpoint", name: "Name", kind: "eventbridge.endpoint", arn: "arn:{partition}:events:{region}:{account}:endpoint/{name}", read: func(v view) {
			role, label := residency.Transit, "replication of every event"
			if v.is("replication_config.state", "DISABLED") { // only after a failover
				role, label = residency.Capability, "failover"
			}
			v.place(role, label, "routing_config.failover_config.secondary.route", asRegion)
			for _, bus := range v.each("event_buses") {
				bus.place(role, label, "event_bus_arn", asARN)
			}
		}},
	},
)

// readEventTarget: a rule forwards to a bus or an API of any region, and to everything else in its own.
func readEventTarget(v view, off bool) {
	for _, to := range v.targets("arn", asARN) {
		if off {
			v.add(to.place(residency.Capability, v.via("arn", "target of a disabled rule")))
			continue
		}
		v.add(to.place(takenBy(to), v.via("arn", "target")))
	}
	v.leg(leg{residency.Queue, "dead_letter_config.arn", asQueue, ""})
}

// ruleOfBus: the ARN of a rule of another bus than the default one has that in it.
func ruleOfBus(r row, values Value) row {
	bus := values.field("event_bus_name")
	if r.template() {
		bus = values.field("EventBusName")
	}
	switch {
	case bus.kind == text && known(bus.text) && bus.text != "default" && bus.text != "":
		r.arn = "arn:{partition}:events:{region}:{account}:rule/" + bus.text[strings.LastIndex(bus.text, "/")+1:] + "/{name}"
	case !bus.empty() && bus.text != "default":
		r.arn = "arn:{partition}:events:{region}:{account}:rule/{id}/{name}"
	}
	return r
}

// ruleOf finds the rule of a target by its name, on its bus; where the bus is not known, on any.
func ruleOf(v view) target {
	prefix := "rule/"
	if bus := v.text("event_bus_name"); bus != "" && bus != "default" {
		prefix += bus[strings.LastIndex(bus, "/")+1:] + "/"
	}
	to := settingsOf("rule", asLocal("events", prefix))(v)
	if to.thing != nil || !v.open("event_bus_name") {
		return to
	}
	for _, t := range v.w.ofKind("eventbridge.rule") {
		if t.name == v.text("rule") && sameHome(t, v.t) {
			return v.w.of(t)
		}
	}
	return to
}

func scheduleOfGroup(r row, values Value) row {
	if group := values.field("group_name"); group.kind == text && group.text != "" {
		r.arn = "arn:{partition}:scheduler:{region}:{account}:schedule/" + group.text + "/{name}"
	}
	return r
}

// readSchedule: a universal target calls any API of its region, copies among them; the others send what stands in the schedule.
func readSchedule(v view) {
	for _, t := range v.each("target") {
		arn := t.text("arn")
		_, call, universal := strings.Cut(arn, ":::aws-sdk:")
		switch {
		case universal && strings.Contains(strings.ToLower(call), "copy"):
			v.add(residency.Placement{Role: residency.Backup, Via: t.via("arn", "scheduled call of "+call) + ": where it copies to stands in its input"})
		case universal:
			v.here(residency.Capability, t.via("arn", "scheduled call of "+call))
		default:
			t.place(residency.Capability, "scheduled call", "arn", asARN)
		}
		t.leg(leg{residency.Queue, "dead_letter_config.arn", asQueue, ""})
	}
}
