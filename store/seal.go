package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Link is the hash of a seal: hex SHA-256 over the seal before, "" for the first,
// and the hash of the ledger row that it seals.
func Link(before, entry string) string {
	h := sha256.New()
	// Both are of one length or empty, so nothing can be moved between them.
	fmt.Fprintf(h, "okr.seal.v1\n%s\n%s\n", before, entry)
	return hex.EncodeToString(h.Sum(nil))
}

// Later is the later of two instants. The marks of a chain never go back, whatever
// the clocks do that they come from.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// NoCut says that there is no cut at or before the instant.
func NoCut(at time.Time) error {
	return &okr.NotFoundError{Ref: okr.Ref{Kind: "cut", ID: okr.ID(at.UTC().Format(time.RFC3339Nano))}}
}

// Verification is what reading a tenant's whole ledger has shown.
type Verification struct {
	Tenant   okr.TenantID
	Entries  int64  // ledger rows
	Sealed   int64  // position of the last seal, 0 for none
	Head     string // hash of the last seal: kept somewhere else, it shows later whether the end was cut off
	Unsealed int64  // rows that wait for the sealer
	Erased   int64  // words whose text was removed
	Fault    *Fault // nil: everything is as it was written
}

// Fault is the first thing that is not as it was written.
type Fault struct {
	Aggregate okr.Ref // zero if a seal is at fault that has no row
	Seq       int64
	Position  int64 // of the seal; 0 if the row itself is at fault
	Event     string
	Reason    string
}

func (f *Fault) String() string {
	if f.Position > 0 {
		return fmt.Sprintf("seal %d (event %s): %s", f.Position, f.Event, f.Reason)
	}
	return fmt.Sprintf("%s, number %d (event %s): %s", f.Aggregate, f.Seq, f.Event, f.Reason)
}

// String says "sealed up to …, … not yet", or names the first fault.
func (v Verification) String() string {
	if v.Fault != nil {
		return v.Fault.String()
	}
	return fmt.Sprintf("sealed up to %d, %d not yet", v.Sealed, v.Unsealed)
}

// Auditor checks a ledger that is told to it row by row.
type Auditor struct {
	v     Verification
	last  okr.Ref
	seq   int64
	words map[string]bool
}

// NewAuditor checks the ledger of a tenant.
func NewAuditor(t okr.TenantID) *Auditor {
	return &Auditor{v: Verification{Tenant: t}, words: map[string]bool{}}
}

func (a *Auditor) fault(f Fault) {
	if a.v.Fault == nil {
		a.v.Fault = &f
	}
}

// Row checks a row against its own hash and its place in its aggregate, and its
// words against what the row committed to. Rows come by aggregate, then sequence
// number; find answers for the words that [Words] names.
func (a *Auditor) Row(e okr.Entry, find func(id string) (okr.Word, bool)) {
	a.v.Entries++
	if e.Aggregate != a.last {
		a.last, a.seq = e.Aggregate, 0
	}
	a.seq++
	switch {
	case e.Seq != a.seq:
		a.fault(Fault{Aggregate: e.Aggregate, Seq: a.seq, Event: e.ID, Reason: fmt.Sprintf("is missing: number %d follows number %d", e.Seq, a.seq-1)})
		a.seq = e.Seq
	case e.Sum() != e.Hash:
		a.fault(Fault{Aggregate: e.Aggregate, Seq: e.Seq, Event: e.ID, Reason: "the row is not what was hashed when it was written"})
	}
	for _, part := range [][]byte{e.Data, e.State} {
		for _, m := range reference.FindAllSubmatch(part, -1) {
			id := string(m[1])
			switch w, ok := find(id); {
			case !ok || len(w.Salt) == 0:
				if !a.words[id] {
					a.words[id] = true
					a.v.Erased++
				}
			case w.MAC() != string(m[2]):
				a.fault(Fault{Aggregate: e.Aggregate, Seq: e.Seq, Event: e.ID, Reason: "word " + id + " is not what the row committed to"})
			}
		}
	}
}

// Seal checks a seal against the one before and against the row that it seals,
// whose hash is "" if there is no such row. Seals come by position.
func (a *Auditor) Seal(position int64, event, hash, entry string) {
	want := Link(a.v.Head, entry)
	switch {
	case position != a.v.Sealed+1:
		a.fault(Fault{Position: a.v.Sealed + 1, Event: event, Reason: fmt.Sprintf("is missing: seal %d follows seal %d", position, a.v.Sealed)})
	case entry == "":
		a.fault(Fault{Position: position, Event: event, Reason: "the row that it sealed is gone"})
	case hash != want:
		a.fault(Fault{Position: position, Event: event, Reason: "it does not follow from the seal before and the row that it seals"})
	}
	a.v.Sealed, a.v.Head = position, hash
}

// Done is the result, when so many rows wait for the sealer.
func (a *Auditor) Done(unsealed int64) Verification {
	a.v.Unsealed = unsealed
	if got := a.v.Sealed + unsealed; got != a.v.Entries {
		a.fault(Fault{Reason: fmt.Sprintf("the ledger has %d rows, but %d are sealed or wait for it", a.v.Entries, got)})
	}
	return a.v
}
