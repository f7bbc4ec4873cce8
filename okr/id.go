package okr

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// TenantID names one customer of the host. It is the host's own name for it.
type TenantID string

// maxIDBytes bounds every id, the host's and ours.
const maxIDBytes = 200

func (t TenantID) check() error {
	if p := badID(string(t)); p != "" {
		return fmt.Errorf("%w: %q %s", ErrTenant, clip(string(t)), p)
	}
	return nil
}

// ID names a row within its tenant. People and teams keep the host's ids;
// everything else gets one from [Config.NewID].
type ID string

// badID says what is wrong with an id, or "".
func badID(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > maxIDBytes:
		return fmt.Sprintf("is longer than %d bytes", maxIDBytes)
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "holds a control character"
	case strings.TrimSpace(s) != s:
		return "begins or ends with a space"
	}
	return ""
}

// clip shortens a value for an error message.
func clip(s string) string {
	const most = 80
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}

// Kind is what sort of thing a [Ref] names.
type Kind string

// The kinds. Those marked as aggregates have a version and an order of events of
// their own; the others live within the aggregate that they concern.
const (
	KindTenant     Kind = "tenant"     // aggregate: what the tenant as a whole decided, such as the packs in force
	KindCycle      Kind = "cycle"      // aggregate
	KindPerson     Kind = "person"     // aggregate
	KindTeam       Kind = "team"       // aggregate
	KindObjective  Kind = "objective"  // aggregate
	KindKeyResult  Kind = "key_result" // aggregate
	KindNotice     Kind = "notice"     // aggregate
	KindKPI        Kind = "kpi"        // aggregate, an item
	KindWaiver     Kind = "waiver"     // aggregate, an item
	KindComment    Kind = "comment"    // aggregate, an item
	KindDecision   Kind = "decision"   // aggregate, an item
	KindDeferral   Kind = "deferral"   // aggregate, an item
	KindSession    Kind = "session"    // aggregate, an item
	KindReview     Kind = "review"     // aggregate, an item
	KindGrant      Kind = "grant"      // aggregate, an item
	KindDependency Kind = "dependency" // aggregate, an item
	KindReport     Kind = "report"     // aggregate, an item: a report by a rhythm
	KindPolicy     Kind = "policy"     // aggregate, an item: how the tenant keeps its rhythm; there is one
	KindReset      Kind = "reset"      // aggregate, an item
	KindReading    Kind = "reading"    // within its key result
	KindCheckIn    Kind = "checkin"    // within its key result
	KindBlocker    Kind = "blocker"    // within its key result
	KindSource     Kind = "source"     // within its key result
	KindStanding   Kind = "standing"   // within its subject
	KindPack       Kind = "pack"       // within the tenant
	KindOwner      Kind = "owner"      // a person seen as an owner; rules speak of it
)

// Ref names one thing of a tenant.
type Ref struct {
	Kind Kind `json:"kind"`
	ID   ID   `json:"id"`
}

// String is kind/id.
func (r Ref) String() string { return string(r.Kind) + "/" + string(r.ID) }

// CompareRefs orders by kind, then by id.
func CompareRefs(a, b Ref) int {
	if c := strings.Compare(string(a.Kind), string(b.Kind)); c != 0 {
		return c
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

// NewIDs returns a generator of version 7 UUIDs (RFC 9562) that is safe for
// concurrent use. Its ids ascend even within one millisecond and when the clock
// goes back. A nil clock is the wall clock; nil randomness is crypto/rand.
func NewIDs(clock func() time.Time, random io.Reader) func() string {
	if clock == nil {
		clock = time.Now //nolint:forbidigo // this is where the clock is injected
	}
	if random == nil {
		random = rand.Reader
	}
	var (
		mu   sync.Mutex
		last uint64 // 48 bits of milliseconds and 12 bits of counter
	)
	return func() string {
		var b [16]byte
		if _, err := io.ReadFull(random, b[8:]); err != nil {
			// crypto/rand never fails on supported systems; an injected source
			// that runs dry would otherwise repeat ids.
			panic(fmt.Sprintf("okr: no randomness for an id: %v", err)) //nolint:forbidigo // an id that repeats is worse
		}
		mu.Lock()
		now := uint64(clock().UnixMilli()) << 12
		if now <= last {
			now = last + 1
		}
		last = now
		mu.Unlock()
		// 48 bits of time, the version nibble, 12 bits of counter.
		binary.BigEndian.PutUint64(b[:8], now&^0xfff<<4|0x7000|now&0xfff)
		b[8] = b[8]&0x3f | 0x80
		var s [36]byte
		hex.Encode(s[0:8], b[0:4])
		s[8] = '-'
		hex.Encode(s[9:13], b[4:6])
		s[13] = '-'
		hex.Encode(s[14:18], b[6:8])
		s[18] = '-'
		hex.Encode(s[19:23], b[8:10])
		s[23] = '-'
		hex.Encode(s[24:36], b[10:16])
		return string(s[:])
	}
}
