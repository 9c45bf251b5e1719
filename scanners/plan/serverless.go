package plan

import (
	"maps"
	"slices"
	"strings"
)

// SAM's plain parts: what AWS::Serverless:: types come to without the macro's finer points. Roles and permissions, which hold no data,
// are left out.

// plainTypes are the types whose resource is that of another type; the properties that are called otherwise there are renamed.
var plainTypes = map[string]struct {
	typ    string
	rename map[string]string
}{
	"AWS::Serverless::Function":     {"AWS::Lambda::Function", map[string]string{"DeadLetterQueue": "DeadLetterConfig"}},
	"AWS::Serverless::SimpleTable":  {"AWS::DynamoDB::Table", nil},
	"AWS::Serverless::LayerVersion": {"AWS::Lambda::LayerVersion", nil},
	"AWS::Serverless::StateMachine": {"AWS::StepFunctions::StateMachine", map[string]string{"Name": "StateMachineName", "Logging": "LoggingConfiguration", "Type": "StateMachineType", "Tracing": "TracingConfiguration"}},
	"AWS::Serverless::Api":          {"AWS::ApiGateway::RestApi", nil},
	"AWS::Serverless::HttpApi":      {"AWS::ApiGatewayV2::Api", nil},
	"AWS::Serverless::GraphQLApi":   {"AWS::AppSync::GraphQLApi", map[string]string{"Logging": "LogConfig"}},
}

// expandServerless turns SAM's resources into plain ones, with what Globals adds to them. A type that is not plain stays as it is, and
// is a gap later.
func expandServerless(resources map[string]Value, globals Value) map[string]Value {
	resources = withImplicitAPIs(resources)
	out := make(map[string]Value, len(resources))
	for id, r := range resources {
		typ := r.field("Type").text
		plain, ok := plainTypes[typ]
		if !ok {
			if _, taken := out[id]; !taken {
				out[id] = r
			}
			continue
		}
		properties := withEndpoint(override(globals.field(strings.TrimPrefix(typ, "AWS::Serverless::")), r.field("Properties")))
		expanded := Value{kind: object, fields: maps.Clone(r.fields)}
		renamed := Value{kind: object, fields: map[string]Value{}}
		for name, v := range properties.fields {
			renamed.fields[orElse(plain.rename[name], name)] = v
		}
		expanded.fields["Type"], expanded.fields["Properties"] = textOf(plain.typ), renamed
		out[id] = expanded
		for suffix, extra := range extras(typ, id, properties) {
			if condition := r.field("Condition"); condition.kind != absent {
				extra.fields["Condition"] = condition
			}
			if _, taken := resources[id+suffix]; !taken {
				out[id+suffix] = extra
			}
		}
	}
	return out
}

// implicitAPIs are the APIs that SAM makes of events which name none, by the events' type. Source: AWS SAM specification, "Generated
// CloudFormation resources" (ServerlessRestApi, ServerlessHttpApi).
var implicitAPIs = map[string]struct{ id, names, typ string }{
	"Api":     {"ServerlessRestApi", "RestApiId", "AWS::Serverless::Api"},
	"HttpApi": {"ServerlessHttpApi", "ApiId", "AWS::Serverless::HttpApi"},
}

func withImplicitAPIs(resources map[string]Value) map[string]Value {
	out := maps.Clone(resources)
	for _, r := range resources {
		if typ := r.field("Type").text; typ != "AWS::Serverless::Function" && typ != "AWS::Serverless::StateMachine" {
			continue
		}
		for _, event := range r.field("Properties").field("Events").fields {
			api, ok := implicitAPIs[event.field("Type").text]
			if _, taken := out[api.id]; ok && !taken && event.field("Properties").field(api.names).kind == absent {
				out[api.id] = made(api.typ, map[string]Value{})
			}
		}
	}
	return out
}

// withEndpoint writes SAM's EndpointConfiguration, one type or a block with one, as CloudFormation has it: a list of types.
func withEndpoint(properties Value) Value {
	at := properties.field("EndpointConfiguration")
	typ := at
	if at.kind == object && !calls(at) {
		typ = at.field("Type")
	}
	if typ.kind == absent {
		return properties
	}
	out := Value{kind: object, fields: maps.Clone(properties.fields)}
	out.fields["EndpointConfiguration"] = Value{kind: object, fields: map[string]Value{"Types": {kind: list, list: []Value{typ}}}}
	return out
}

// override lays the properties of a resource over those of Globals: lists are joined, objects merged.
func override(base, own Value) Value {
	switch {
	case own.kind == absent:
		return base
	case base.kind == list && own.kind == list:
		return Value{kind: list, list: slices.Concat(base.list, own.list)}
	case base.kind == object && own.kind == object && !calls(base) && !calls(own):
		out := Value{kind: object, fields: maps.Clone(base.fields)}
		for name, v := range own.fields {
			out.fields[name] = override(out.fields[name], v)
		}
		return out
	case own.kind == object && own.fields == nil:
		return Value{kind: object, fields: map[string]Value{}}
	}
	return own
}

func calls(v Value) bool { _, _, ok := function(v); return ok }

// made is a resource that SAM makes besides.
func made(typ string, properties map[string]Value) Value {
	for name, v := range properties {
		if v.kind == absent {
			delete(properties, name)
		}
	}
	return Value{kind: object, fields: map[string]Value{"Type": textOf(typ), "Properties": {kind: object, fields: properties}}}
}

func call1(name string, argument Value) Value {
	return Value{kind: object, fields: map[string]Value{name: argument}}
}

// extras are the resources that SAM makes of one besides its own, by what their id has behind that one's.
func extras(typ, id string, properties Value) map[string]Value {
	out := map[string]Value{}
	switch typ {
	case "AWS::Serverless::Api":
		out["Stage"] = made("AWS::ApiGateway::Stage", map[string]Value{"RestApiId": call1("Ref", textOf(id)), "StageName": properties.field("StageName"),
			"AccessLogSetting": properties.field("AccessLogSetting"), "CacheClusterEnabled": properties.field("CacheClusterEnabled"),
			"MethodSettings": properties.field("MethodSettings"), "TracingEnabled": properties.field("TracingEnabled"), "Tags": properties.field("Tags")})
	case "AWS::Serverless::HttpApi":
		out["Stage"] = made("AWS::ApiGatewayV2::Stage", map[string]Value{"ApiId": call1("Ref", textOf(id)), "StageName": properties.field("StageName"),
			"AccessLogSettings": properties.field("AccessLogSettings"), "Tags": properties.field("Tags")})
	case "AWS::Serverless::Function":
		arn := call1("Fn::GetAtt", Value{kind: list, list: []Value{textOf(id), textOf("Arn")}})
		if invoke := properties.field("EventInvokeConfig"); invoke.kind == object {
			out["EventInvokeConfig"] = made("AWS::Lambda::EventInvokeConfig", map[string]Value{"FunctionName": call1("Ref", textOf(id)),
				"DestinationConfig": invoke.field("DestinationConfig")})
		}
		for name, event := range properties.field("Events").fields {
			if extra, ok := eventSource(event, id, name, arn); ok {
				out[name] = extra
			}
		}
	}
	return out
}

// eventSource is the resource that an event of a function comes to. Those of an API, of a schedule and the like carry nothing away.
func eventSource(event Value, id, name string, arn Value) (Value, bool) {
	p := event.field("Properties")
	switch event.field("Type").text {
	case "S3":
		one := Value{kind: object, fields: map[string]Value{"Id": textOf(name), "LambdaFunctionArn": arn}}
		return made("Custom::S3BucketNotifications", map[string]Value{"BucketName": p.field("Bucket"),
			"NotificationConfiguration": {kind: object, fields: map[string]Value{"LambdaFunctionConfigurations": {kind: list, list: []Value{one}}}}}), true
	case "SQS":
		return mapping(id, p, p.field("Queue")), true
	case "Kinesis", "DynamoDB", "MSK":
		return mapping(id, p, p.field("Stream")), true
	case "MQ":
		return mapping(id, p, p.field("Broker")), true
	case "DocumentDB":
		return mapping(id, p, p.field("Cluster")), true
	case "SNS":
		return made("AWS::SNS::Subscription", map[string]Value{"TopicArn": p.field("Topic"), "Protocol": textOf("lambda"), "Endpoint": arn, "Region": p.field("Region")}), true
	case "CloudWatchLogs":
		return made("AWS::Logs::SubscriptionFilter", map[string]Value{"LogGroupName": p.field("LogGroupName"), "FilterPattern": p.field("FilterPattern"), "DestinationArn": arn}), true
	case "EventBridgeRule", "CloudWatchEvent":
		target := Value{kind: object, fields: map[string]Value{"Arn": arn, "Id": textOf("Function")}}
		return made("AWS::Events::Rule", map[string]Value{"EventBusName": p.field("EventBusName"), "EventPattern": p.field("Pattern"), "Targets": {kind: list, list: []Value{target}}}), true
	}
	return Value{}, false
}

func mapping(id string, p, source Value) Value {
	return made("AWS::Lambda::EventSourceMapping", map[string]Value{"FunctionName": call1("Ref", textOf(id)), "EventSourceArn": source,
		"DestinationConfig": p.field("DestinationConfig")})
}
