package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Lambda: what functions are fed by, where their results and failures go, and what their settings say of other regions.
var _ = both(
	pair("aws_lambda_function function_name", "AWS::Lambda::Function FunctionName", row{kind: "lambda.function", arn: "arn:{partition}:lambda:{region}:{account}:function:{name}",
		filled: []string{"logging_config"}, read: func(v view) {
			v.here(residency.Capability, "")
			sends(leg{residency.Queue, "dead_letter_config.target_arn", asQueue, ""}, leg{residency.Log, "logging_config.log_group", asGroup, ""}, leg{residency.Key, "kms_key_arn", asKey, ""})(v)
			for _, e := range v.each("environment") {
				environment(e, "variables")
			}
		}}),
	pair("aws_lambda_alias", "AWS::Lambda::Alias", row{kind: "lambda.function", settings: settingsOf("function_name", asFunction), read: nothing}),
	pair("aws_lambda_function_event_invoke_config", "AWS::Lambda::EventInvokeConfig", row{kind: "lambda.function", settings: settingsOf("function_name", asFunction),
		read: sends(leg{"", "destination_config.on_success.destination", asARN, ""}, leg{"", "destination_config.on_failure.destination", asARN, ""})}),
	pair("aws_lambda_event_source_mapping", "AWS::Lambda::EventSourceMapping", row{kind: "lambda.function", settings: settingsOf("function_name", asFunction), read: func(v view) {
		v.from(residency.Transit, "event source", "event_source_arn", asARN)
		sends(leg{"", "destination_config.on_failure.destination_arn|destination", asARN, ""})(v)
	}}),
	[]row{
		{typ: "AWS::Lambda::Version", kind: "lambda.function", settings: settingsOf("FunctionName", asFunction), read: nothing},
	},
)

// environment names the variables that speak of a region. Their values may be secrets: only the region is kept.
func environment(v view, path string) {
	variables := v.get(path)
	for _, name := range slices.Sorted(maps.Keys(variables.fields)) {
		one := variables.fields[name]
		if one.kind != text {
			continue
		}
		for _, region := range v.w.regionsIn(one.text) {
			if region != v.held.region {
				v.add(residency.Placement{Role: residency.Capability, Region: region, Via: v.via(path+"."+name, "names "+region)})
			}
		}
	}
}

// regionsIn are the regions that a text names: by themselves, in an ARN or in a host.
func (w *world) regionsIn(s string) (found []string) {
	words := strings.FieldsFunc(s, func(c rune) bool { return c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	for _, word := range words {
		if w.isRegion(word) && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}
