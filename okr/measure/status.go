package measure

// Status is what was computed of a key result or an objective, as opposed to
// what a person stated. The set is open at the end.
type Status string

// The statuses.
const (
	Unknown  Status = "unknown"   // there is nothing to tell it from
	Pending  Status = "pending"   // nothing is expected yet
	OnTrack  Status = "on_track"  //
	AtRisk   Status = "at_risk"   //
	OffTrack Status = "off_track" //
	Stale    Status = "stale"     // the newest reading is older than the source's interval allows
	Hit      Status = "hit"       // closed, and the target was reached
	Missed   Status = "missed"    // closed, and it was not
)

// Bands are the distances behind expected progress, in shares of the way in
// [0,1], that separate the statuses: up to AtRisk is on track, up to OffTrack is
// at risk, beyond is off track.
type Bands struct{ AtRisk, OffTrack float64 }

// DefaultBands are 10 and 25 percentage points behind: 0 points would turn half
// of every honest board amber.
func DefaultBands() Bands { return Bands{AtRisk: 0.10, OffTrack: 0.25} }

// slack absorbs the last bits of a subtraction, so that ten points behind is ten
// points behind, whichever way the two numbers were computed.
const slack = 1e-9

// Of is the status for a gap, as a share of the way.
func (b Bands) Of(gap Number) Status {
	g, ok := gap.Value()
	switch {
	case !ok:
		return Unknown
	case g <= b.AtRisk+slack:
		return OnTrack
	case g <= b.OffTrack+slack:
		return AtRisk
	}
	return OffTrack
}
