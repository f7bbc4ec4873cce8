package ical

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// Feed says whose feed it is.
type Feed okr.Ref

// PersonFeed is the feed of a person.
func PersonFeed(id okr.ID) Feed { return Feed{Kind: okr.KindPerson, ID: id} }

// TeamFeed is the feed of a team.
func TeamFeed(id okr.ID) Feed { return Feed{Kind: okr.KindTeam, ID: id} }

func (f Feed) String() string { return okr.Ref(f).String() }

var encoding = base64.RawURLEncoding.Strict()

// Token is the secret part of the link to a feed, fit for a path. It ends when its key
// is no longer among the secrets, or the feed's revision is another.
func (f *Feeds) Token(ctx context.Context, tenant okr.TenantID, feed Feed) (string, error) {
	named, err := f.named(ctx, tenant, feed)
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString([]byte(string(tenant)+"\x00"+feed.String())) + "." + encoding.EncodeToString(seal(f.config.Secrets[0], named)), nil
}

// named is what the token's seal is over.
func (f *Feeds) named(ctx context.Context, tenant okr.TenantID, feed Feed) (string, error) {
	revision := ""
	if f.config.Revision != nil {
		var err error
		if revision, err = f.config.Revision(ctx, tenant, feed); err != nil {
			return "", err
		}
	}
	return strings.Join([]string{"okrkit ical 1", string(tenant), feed.String(), revision}, "\x00"), nil
}

func seal(secret []byte, named string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(named))
	return h.Sum(nil)
}

// open is whose feed the token opens; whatever is not right is okr.ErrNotFound.
func (f *Feeds) open(ctx context.Context, token string) (okr.TenantID, Feed, error) {
	name, mark, _ := strings.Cut(token, ".")
	of, err := encoding.DecodeString(name)
	given, err2 := encoding.DecodeString(mark)
	tenant, ref, cut := strings.Cut(string(of), "\x00")
	kind, id, cut2 := strings.Cut(ref, "/")
	if err != nil || err2 != nil || !cut || !cut2 {
		return "", Feed{}, okr.ErrNotFound
	}
	feed := Feed{Kind: okr.Kind(kind), ID: okr.ID(id)}
	named, err := f.named(ctx, okr.TenantID(tenant), feed)
	if err != nil {
		return "", Feed{}, err
	}
	// All are tried, so that the time does not tell which one it was.
	sealed := false
	for _, secret := range f.config.Secrets {
		if hmac.Equal(given, seal(secret, named)) {
			sealed = true
		}
	}
	if !sealed {
		return "", Feed{}, okr.ErrNotFound
	}
	return okr.TenantID(tenant), feed, nil
}
