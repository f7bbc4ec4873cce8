package webhook

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	secretPrefix = "whsec_"
	// What Standard Webhooks asks of a secret, in bytes.
	minSecret, maxSecret = 24, 64
	// maxSecrets bounds the signature header.
	maxSecrets = 10
)

// NewSecret makes a secret of 32 bytes from random, which is crypto/rand.Reader
// outside of tests: "whsec_" and the bytes in base64.
func NewSecret(random io.Reader) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return "", fmt.Errorf("webhook: new secret: %w", err)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(key[:]), nil
}

// Rotate replaces the secrets: attempts from now on are signed by all of these,
// and by no other. With an error, which matches [okr.ErrInvalid], nothing has
// changed.
func (a *Adapter) Rotate(secrets ...string) error {
	if len(secrets) == 0 || len(secrets) > maxSecrets {
		return invalid("secrets", fmt.Sprintf("%d secrets", len(secrets)), fmt.Sprintf("give 1 to %d, the newest first", maxSecrets))
	}
	signers := make([]*standardwebhooks.Webhook, 0, len(secrets))
	for i, s := range secrets {
		field := fmt.Sprintf("secrets[%d]", i)
		encoded, ok := strings.CutPrefix(s, secretPrefix)
		key, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if !ok || err != nil || strings.ContainsAny(encoded, "\r\n") {
			// The value stays out of the error, as does base64's own, which quotes it.
			return invalid(field, "(not shown)", "a secret is whsec_ and its bytes in base64, as NewSecret makes it")
		}
		if len(key) < minSecret || len(key) > maxSecret {
			return invalid(field, fmt.Sprintf("%d bytes (not shown)", len(key)), fmt.Sprintf("a secret has %d to %d random bytes", minSecret, maxSecret))
		}
		signer, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return invalid(field, "(not shown)", "a secret is whsec_ and its bytes in base64, as NewSecret makes it")
		}
		signers = append(signers, signer)
	}
	a.signers.Store(&signers)
	return nil
}

// sign is one signature for each current secret, with spaces between.
func (a *Adapter) sign(id string, at time.Time, body []byte) (string, error) {
	var all []string
	for _, s := range *a.signers.Load() {
		one, err := s.Sign(id, at, body)
		if err != nil {
			return "", err
		}
		all = append(all, one)
	}
	return strings.Join(all, " "), nil
}
