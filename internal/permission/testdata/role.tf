variable "auditor" {
  description = "ARN of the role or user that runs the audit, or of its account (arn:aws:iam::111111111111:root)"
  type        = string
}

resource "aws_iam_role" "audit" {
  name                 = "DomicileAudit"
  path                 = "/audit/"
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

resource "aws_iam_policy" "inventory_1" {
  name = "DomicileAudit-1"
  path = "/audit/"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Inventory1"
        Effect = "Allow"
        Action = [
          "kinesis:ListStreams",
          "s3:GetBucketAcl",
          "s3:ListAllMyBuckets",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "inventory_1" {
  role       = aws_iam_role.audit.name
  policy_arn = aws_iam_policy.inventory_1.arn
}

output "role_arn" {
  value = aws_iam_role.audit.arn
}
