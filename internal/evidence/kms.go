package evidence

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// kmsKey signs in AWS KMS: the private part never leaves it.
type kmsKey struct {
	client *kms.Client
	id     string
	public crypto.PublicKey
}

// KMSSigner is an asymmetric key in KMS of spec ECC_NIST_P256 and usage SIGN_VERIFY, by ARN or alias. It needs kms:GetPublicKey and
// kms:Sign on it.
func KMSSigner(ctx context.Context, cfg aws.Config, id string) (Signer, error) {
	if a, err := arn.Parse(id); err == nil && a.Region != "" {
		cfg = cfg.Copy()
		cfg.Region = a.Region
	}
	client := kms.NewFromConfig(cfg)
	out, err := client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &id})
	if err != nil {
		return nil, fmt.Errorf("signing.kms_key %q: %w: allow kms:GetPublicKey and kms:Sign on it", id, err)
	}
	public, err := x509.ParsePKIXPublicKey(out.PublicKey)
	if err == nil {
		_, err = NewKey(public)
	}
	if err != nil {
		return nil, fmt.Errorf("signing.kms_key %q: %w", id, err)
	}
	return &kmsKey{client: client, id: id, public: public}, nil
}

func (k *kmsKey) Public() crypto.PublicKey { return k.public }

// maxRaw is the longest message that KMS hashes by itself; of a longer one it is given the digest.
const maxRaw = 4096

func (k *kmsKey) Sign(ctx context.Context, message []byte) ([]byte, error) {
	in := &kms.SignInput{KeyId: &k.id, Message: message, MessageType: types.MessageTypeRaw, SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256}
	if len(message) > maxRaw {
		sum := sha256.Sum256(message)
		in.Message, in.MessageType = sum[:], types.MessageTypeDigest
	}
	out, err := k.client.Sign(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", k.id, err)
	}
	return out.Signature, nil
}
