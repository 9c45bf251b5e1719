package plan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// maxSteps bounds the evaluation of one input: far more than the largest templates need, and a few seconds at most.
const maxSteps = 5_000_000

// eval is a value of the template with its functions carried out, as far as they can be before the deployment.
func (s *stack) eval(v Value) Value {
	t := s.of
	t.steps++
	t.depth++
	defer func() { t.depth-- }()
	switch {
	case t.steps > maxSteps:
		t.err = cmp.Or(t.err, errors.New("its functions refer to each other so often that they cannot be worked out"))
		return unknownBecause("it cannot be worked out")
	case t.depth > 2*maxDepth:
		return unknownBecause("its references lead in a circle")
	}
	switch v.kind {
	case text:
		return dynamic(v)
	case list:
		out := Value{kind: list}
		for _, item := range v.list {
			if got := s.eval(item); got.kind != absent { // AWS::NoValue
				out.list = append(out.list, got)
			}
		}
		return out
	case object:
		if name, argument, ok := function(v); ok {
			return s.call(name, argument)
		}
		return s.members(v)
	}
	return v
}

func (s *stack) members(v Value) Value {
	out := Value{kind: object, fields: make(map[string]Value, len(v.fields))}
	for _, name := range slices.Sorted(maps.Keys(v.fields)) {
		if name == "Fn::Transform" {
			s.macro(v.fields[name])
			continue
		}
		if got := s.eval(v.fields[name]); got.kind != absent {
			out.fields[name] = got
		}
	}
	return out
}

// function tells the one intrinsic function that an object is.
func function(v Value) (name string, argument Value, ok bool) {
	if len(v.fields) != 1 {
		return "", Value{}, false
	}
	for name, argument = range v.fields {
	}
	return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// dynamic takes references to Parameter Store and Secrets Manager out of a text.
func dynamic(v Value) Value {
	const opening = "{{resolve:"
	if !strings.Contains(v.text, opening) {
		return v
	}
	var b strings.Builder
	for rest := v.text; ; {
		before, after, found := strings.Cut(rest, opening)
		b.WriteString(before)
		if !found {
			return textOf(b.String())
		}
		what, after, _ := strings.Cut(after, "}}")
		b.WriteString(tokenBecause("{{resolve:" + what + "}} is read only when the stack is deployed"))
		rest = after
	}
}

func (s *stack) call(name string, argument Value) Value {
	switch name {
	case "Ref":
		return s.ref(s.eval(argument).text)
	case "Fn::GetAtt":
		return s.getAtt(argument)
	case "Fn::Sub":
		return s.sub(argument)
	case "Fn::Join":
		return s.join(argument)
	case "Fn::Select":
		return s.selected(argument)
	case "Fn::Split":
		return s.split(argument)
	case "Fn::FindInMap":
		return s.findInMap(argument)
	case "Fn::If":
		return s.either(argument)
	case "Fn::ImportValue":
		return s.imported(s.eval(argument))
	case "Fn::GetStackOutput":
		return s.stackOutput(s.eval(argument))
	case "Fn::GetAZs":
		return s.zones(s.eval(argument))
	case "Fn::Base64":
		return base64Of(s.eval(argument))
	case "Fn::Length":
		return lengthOf(s.eval(argument))
	case "Fn::ToJsonString":
		return s.jsonOf(s.eval(argument))
	case "Fn::Cidr":
		return unknownBecause("Fn::Cidr is worked out only when the stack is deployed")
	case "Fn::Transform":
		return s.macro(argument)
	}
	if strings.HasPrefix(name, "Fn::ForEach::") {
		return unknownBecause(name + " stands where it cannot be carried out")
	}
	return unknownBecause(name + " is a function that this version does not know")
}

// macro is a part of the template that a macro writes when the stack is deployed.
func (s *stack) macro(argument Value) Value {
	name := orElse(argument.field("Name").text, "a macro")
	s.of.gap(residency.ClassUnimplemented, s.address+": a part of the template is written by "+name+" when it is deployed, and cannot be seen: check the processed template")
	return unknownBecause("it is written by " + name + " when the stack is deployed")
}

// ref is what Ref gives: a pseudo-parameter, a parameter, or the resource itself.
func (s *stack) ref(name string) Value {
	if strings.HasPrefix(name, "AWS::") {
		return s.pseudo(name)
	}
	if p, ok := s.parameters[name]; ok {
		return s.parameter(name, p)
	}
	if _, ok := s.resources[name]; ok {
		return s.resource(name, "Ref")
	}
	return unknownBecause(fmt.Sprintf("%q is neither a parameter nor a resource of the template", shown(name)))
}

// pseudo are the parameters that AWS itself gives.
func (s *stack) pseudo(name string) Value {
	switch name {
	case "AWS::NoValue":
		return Value{}
	case "AWS::Region":
		return textOf(s.regionText())
	case "AWS::AccountId":
		return textOf(s.accountText())
	case "AWS::Partition":
		return textOf(s.of.w.partition)
	case "AWS::URLSuffix":
		if s.of.w.partition == "aws-cn" {
			return textOf("amazonaws.com.cn")
		}
		return textOf("amazonaws.com")
	case "AWS::StackName":
		return textOf(s.nameText())
	case "AWS::StackId":
		return textOf("arn:" + s.of.w.partition + ":cloudformation:" + s.regionText() + ":" + s.accountText() + ":stack/" + s.nameText() +
			"/" + tokenBecause("the id of stack "+s.address+" is made up when it is deployed"))
	}
	return unknownBecause(name + " is known only when the stack is deployed")
}

func (s *stack) regionText() string {
	return orElse(s.region, tokenBecause(orElse(s.unsaid, regionUnsaid)))
}
func (s *stack) accountText() string { return orElse(s.account, tokenBecause(accountUnsaid)) }
func (s *stack) nameText() string {
	return orElse(s.name, tokenBecause("the deployed name of stack "+s.address+" is not known: give --stack"))
}

// parameter is a parameter's value: given from outside, else its default. The default of a parameter of an SSM type, and a value given
// for it, is only where the value will be read.
func (s *stack) parameter(name string, declared Value) Value {
	typ := declared.field("Type").text
	if strings.HasPrefix(typ, "AWS::SSM::Parameter::Value<") {
		return textOf(tokenBecause("parameter " + name + " of " + s.address + " is read from Parameter Store when the stack is deployed"))
	}
	v := declared.field("Default")
	if s.given != nil {
		if got, ok := s.given(name); ok {
			v = got
		}
	}
	lists := typ == "CommaDelimitedList" || strings.HasPrefix(typ, "List<")
	switch {
	case v.kind == absent && lists:
		return unknownBecause("parameter " + name + " of " + s.address + " has no value: give it with --parameters FILE")
	case v.kind == absent: // a token, so that what is named after it is still found
		return textOf(tokenBecause("parameter " + name + " of " + s.address + " has no value: give it with --parameters FILE"))
	case lists && v.kind == text && known(v.text):
		out := Value{kind: list}
		for _, item := range strings.Split(v.text, ",") {
			out.list = append(out.list, dynamic(textOf(strings.TrimSpace(item))))
		}
		return out
	case lists && v.kind == text:
		return unknownBecause(orElse(missing(v.text), "parameter "+name+" is known only in part"))
	case v.kind == text:
		return dynamic(v)
	}
	return v
}

// resource is an attribute of a resource of the template.
func (s *stack) resource(id, attr string) Value {
	typ, at := s.typeOf(id), s.addressOf(id)
	if e := s.exists(id); e.verdict == no {
		return unknownBecause(at + " is not created: its condition is false")
	}
	switch {
	case typ == "Custom::CrossRegionExportReader" && attr != "Ref":
		return s.carried(id, attr)
	case typ == "AWS::CloudFormation::Stack":
		return s.output(id, attr)
	case typ == "AWS::SSM::Parameter" && attr == "Value":
		return s.eval(s.resources[id].field("Properties").field("Value"))
	case s.of.w.things[at] == nil && s.of.naming[at].thing == nil && (table[typ] == nil && !aws(typ) || readByTemplates[typ]):
		return unknownBecause(at + "." + attr + " is given by a resource of type " + orElse(typ, "unknown") + ", known only after the deployment")
	}
	return refTo(at, attr)
}

// getAtt takes [id, attribute] or "id.attribute".
func (s *stack) getAtt(argument Value) Value {
	id, attr := argument.text, ""
	if argument.kind == list && len(argument.list) >= 2 {
		id = argument.list[0].text
		got := s.eval(argument.list[1])
		if got.kind != text || !known(got.text) {
			return unknownBecause("which attribute of " + id + " is meant is not known")
		}
		attr = got.text
	} else {
		id, attr, _ = strings.Cut(id, ".")
	}
	if _, ok := s.resources[id]; !ok {
		return unknownBecause(fmt.Sprintf("%q is no resource of the template", id))
	}
	return s.resource(id, attr)
}

// refGivesARN are the types whose Ref is their ARN, not their name.
var refGivesARN = map[string]bool{"AWS::SNS::Topic": true, "AWS::SecretsManager::Secret": true, "AWS::ElasticLoadBalancingV2::LoadBalancer": true,
	"AWS::ElasticLoadBalancingV2::TargetGroup": true, "AWS::StepFunctions::StateMachine": true, "AWS::CertificateManager::Certificate": true,
	"AWS::MSK::Cluster": true, "AWS::ECS::TaskDefinition": true, "AWS::ECS::Service": true, "AWS::IAM::ManagedPolicy": true, "AWS::DMS::Endpoint": true,
	"AWS::DMS::ReplicationInstance": true, "AWS::Lambda::LayerVersion": true, "AWS::Lambda::Version": true, "AWS::Lambda::Alias": true,
	"AWS::Batch::JobQueue": true, "AWS::AmazonMQ::Configuration": true, "AWS::DataSync::LocationS3": true, "AWS::SageMaker::Model": true}

// textOfValue writes a value into a text: what is not known becomes a token.
func (s *stack) textOfValue(v Value) string {
	switch v.kind {
	case text:
		return v.text
	case unknown:
		return tokenBecause(v.text)
	case list, object:
		return tokenBecause("it is made of a list where a text belongs")
	case reference:
		return s.of.textOfReference(v)
	}
	return ""
}

func (t *templates) textOfReference(v Value) string {
	th := t.settled(v.text)
	if th == nil {
		return tokenFor(v.text)
	}
	last := th.row.typ[strings.LastIndex(th.row.typ, ":")+1:]
	switch {
	case v.attr == "Ref" && !refGivesARN[th.row.typ] && th.row.typ != "AWS::SQS::Queue", v.attr == last+"Name", v.attr == "Name":
		return th.name
	case v.attr == "Ref" && refGivesARN[th.row.typ], v.attr == "Arn", v.attr == last+"Arn":
		return orElse(th.arn, tokenFor(th.address))
	case v.attr == "Ref":
		return tokenFor(th.address)
	case th.row.typ == "AWS::S3::Bucket" && strings.HasSuffix(v.attr, "DomainName"):
		return th.name + ".s3.amazonaws.com"
	}
	return tokenBecause(v.text + "." + v.attr + " is known only after the deployment")
}
