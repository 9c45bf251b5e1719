package permission

import (
	"fmt"
	"strings"
)

// CloudFormation is a template of the role, for one stack or a stack set over an organisation. Whom it trusts is its parameter.
func (r Role) CloudFormation() []byte {
	var b strings.Builder
	documents := r.Reading()
	fmt.Fprintf(&b, `AWSTemplateFormatVersion: "2010-09-09"
Description: Read-only role of the residency audit. IAM is global, so that one region of each account is enough. Needs CAPABILITY_NAMED_IAM.
Parameters:
  Auditor:
    Type: String
    Description: ARN of the role or user that runs the audit, or of its account (arn:aws:iam::111111111111:root)
    AllowedPattern: "arn:aws[a-z-]*:iam::[0-9]{12}:(root|role/.+|user/.+)"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: %[1]s
      Path: %[2]s
      Description: Read-only role of the residency audit
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref Auditor}
            Action: sts:AssumeRole
      ManagedPolicyArns:
`, quote(r.name()), quote(r.path()))
	for i := range documents {
		fmt.Fprintf(&b, "        - !Ref Inventory%d\n", i+1)
	}
	for i, d := range documents {
		fmt.Fprintf(&b, `  Inventory%d:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Description: What the residency audit reads, part %d of %d
      Path: %s
      PolicyDocument:
        Version: "%s"
        Statement:
`, i+1, i+1, len(documents), quote(r.path()), d.Version)
		for _, s := range d.Statement {
			fmt.Fprintf(&b, "          - Sid: %s\n            Effect: %s\n            Action:\n", s.Sid, s.Effect)
			for _, a := range s.Action {
				fmt.Fprintf(&b, "              - %s\n", a)
			}
			fmt.Fprintf(&b, "            Resource: %s\n", quote(s.Resource))
		}
	}
	b.WriteString("Outputs:\n  RoleArn:\n    Value: !GetAtt Role.Arn\n")
	return []byte(b.String())
}

// Terraform is a configuration of the role, for one account. Whom it trusts is its variable.
func (r Role) Terraform() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `variable "auditor" {
  description = "ARN of the role or user that runs the audit, or of its account (arn:aws:iam::111111111111:root)"
  type        = string
}

resource "aws_iam_role" "audit" {
  name                 = %s
  path                 = %s
  description          = "Read-only role of the residency audit"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.auditor }
      Action    = "sts:AssumeRole"
    }]
  })
}
`, quote(r.name()), quote(r.path()))
	for i, d := range r.Reading() {
		fmt.Fprintf(&b, `
resource "aws_iam_policy" "inventory_%[1]d" {
  name = %[2]s
  path = %[3]s

  policy = jsonencode({
    Version = "%[4]s"
    Statement = [
`, i+1, quote(fmt.Sprintf("%s-%d", r.name(), i+1)), quote(r.path()), d.Version)
		for _, s := range d.Statement {
			fmt.Fprintf(&b, "      {\n        Sid    = %s\n        Effect = %s\n        Action = [\n", quote(s.Sid), quote(s.Effect))
			for _, a := range s.Action {
				fmt.Fprintf(&b, "          %s,\n", quote(a))
			}
			fmt.Fprintf(&b, "        ]\n        Resource = %s\n      },\n", quote(s.Resource))
		}
		fmt.Fprintf(&b, `    ]
  })
}

resource "aws_iam_role_policy_attachment" "inventory_%[1]d" {
  role       = aws_iam_role.audit.name
  policy_arn = aws_iam_policy.inventory_%[1]d.arn
}
`, i+1)
	}
	b.WriteString("\noutput \"role_arn\" {\n  value = aws_iam_role.audit.arn\n}\n")
	return []byte(b.String())
}

// quote puts a name or an ARN between quotes; Check let nothing through that needs an escape.
func quote(s string) string { return `"` + s + `"` }
