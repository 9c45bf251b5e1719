package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Ways out of a region or an account that move nothing by themselves: peerings, endpoints of another region, shares.
var _ = both(
	pair("aws_vpc_peering_connection", "AWS::EC2::VPCPeeringConnection", row{kind: "ec2.vpc_peering_connection", arn: "arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{id}", read: func(v view) {
		v.peer("peer_region", "peer_owner_id", "VPC peering")
	}}),
	pair("aws_ec2_transit_gateway_peering_attachment", "AWS::EC2::TransitGatewayPeeringAttachment", row{kind: "ec2.transit_gateway_peering_attachment",
		arn: "arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{id}", read: func(v view) {
			v.peer("peer_region", "peer_account_id", "transit gateway peering")
		}}),
	pair("aws_vpc_endpoint", "AWS::EC2::VPCEndpoint", row{kind: "ec2.vpc_endpoint", arn: "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}", read: readEndpoint}),
	pair("aws_ec2_client_vpn_endpoint", "AWS::EC2::ClientVpnEndpoint", row{kind: "ec2.client_vpn_endpoint", arn: "arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{id}", read: func(v view) {
		if !v.is("connection_log_options.enabled", "false") {
			v.place(residency.Log, "log of connections", "connection_log_options.cloudwatch_log_group", asNamed("logs", "log-group:"))
		}
	}}),
	pair("aws_vpn_connection", "AWS::EC2::VPNConnection", row{kind: "ec2.vpn_connection", arn: "arn:{partition}:ec2:{region}:{account}:vpn-connection/{id}", read: func(v view) {
		v.here(residency.Capability, v.via("customer_gateway_id", "a path out of AWS"))
	}}),
	[]row{{typ: "aws_ram_principal_association", kind: "ram.resource_share", settings: settingsOf("resource_share_arn", asARN), read: func(v view) {
		v.principals("principal")
	}}},
	pair("aws_ram_resource_share name", "AWS::RAM::ResourceShare Name", row{kind: "ram.resource_share", arn: "arn:{partition}:ram:{region}:{account}:resource-share/{id}", read: func(v view) {
		v.principals("principals")
	}}),
	pair("aws_lakeformation_permissions", "AWS::LakeFormation::PrincipalPermissions", row{kind: "lakeformation.permissions", read: func(v view) {
		v.principals("principal") // Terraform gives the name itself, a template a block around it
		v.inner("principal").principals("data_lake_principal_identifier")
	}}),
	[]row{{typ: "aws_auditmanager_account_registration", kind: "auditmanager.account", read: keeps(residency.Metadata, "kms_key")}}, // evidence of what an account does
	pair("aws_cognito_user_pool name", "AWS::Cognito::UserPool UserPoolName", row{kind: "cognitoidentityprovider.user_pool", arn: "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Transit, "e-mail", "email_configuration.source_arn", asARN)
		v.place(residency.Transit, "text messages", "sms_configuration.sns_region", asRegion)
		v.place(residency.Key, "KMSKeyID of custom senders", "lambda_config.kms_key_id", asKey)
	}}),
	[]row{{typ: "AWS::Cognito::UserPoolReplica", kind: "cognitoidentityprovider.user_pool", settings: settingsOf("UserPoolId", asLocal("cognito-idp", "userpool/")), read: func(v view) {
		v.place(residency.Replica, "user pool replica", "RegionName", asRegion)
	}}},
	pair("aws_cognito_user", "AWS::Cognito::UserPoolUser", row{class: NoData}), // it is in its pool
)

// peer is the other end of a path: of the own region and account where the setting names no other.
func (v view) peer(region, account, label string) {
	all := v.targets(region, asRegion)
	if len(all) == 0 {
		all = []target{v.ownPlace("")}
	}
	for _, to := range all {
		v.own(&to, account)
		v.add(to.place(residency.Capability, v.via(region, label)))
	}
}

// readEndpoint: what goes through an endpoint ends in the region of its service, which is its own unless it names another.
func readEndpoint(v view) {
	if v.set("service_region") {
		v.place(residency.Transit, "service of another region", "service_region", asRegion)
		return
	}
	for _, part := range strings.Split(v.text("service_name"), ".") {
		if v.w.isRegion(part) && part != v.held.region {
			v.add(residency.Placement{Role: residency.Transit, Region: part, Via: v.via("service_name", "service of another region")})
		}
	}
}

// principals are those with whom resources are shared: accounts, or an organisation and its units by the management account.
func (v view) principals(path string) {
	for _, p := range v.get(path).blocks() {
		account := p.text
		if parts := strings.Split(p.text, ":"); len(parts) > 4 { // an ARN
			account = parts[4]
		}
		switch {
		case p.kind == object:
		case p.kind != text || !known(p.text):
			v.gap("policy", residency.ClassUnresolved, v.via(path, "resource share")+" is known only after the deployment: whom it lets in cannot be told")
		case accountOnly(account) != "" && account != v.ownAccount():
			v.add(v.ownPlace(account).place(residency.Capability, v.via(path, "resource share with "+p.text)))
		}
	}
}
