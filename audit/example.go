package audit

import "time"

// examples are valid objects of each type, which the tests of packs lay their
// `given` over: every starter rule passes on them.
var examples = map[string]map[string]any{
	"tenant": {"id": "acme"},
	"cycle": {
		"id": "cycle-1", "key": "2026-Q4", "name": "Q4 2026", "phase": "active",
		"start": time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), "end": time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC),
		"first_day": "2026-10-01", "last_day": "2026-12-31", "days": 92, "days_left": 55, "elapsed": 36.0 / 91,
		"first": false, "own_bands": false, "open": 3, "without_rhythm": 0, "cadence": map[string]any{},
	},
	"team":  {"id": "sales", "name": "Sales", "cadence": map[string]any{}},
	"owner": {"id": "mara", "name": "Mara Lind", "active": true, "kind": "human", "team": map[string]any{}},
	"objective": {
		"id": "objective-1", "key": "trials", "title": "Companies that try us stay", "state": "active",
		"committed": false, "rank": 1, "owner": map[string]any{}, "owner_text": "", "team": map[string]any{},
		"progress": 0.5, "expected": 36.0 / 91, "gap": 36.0/91 - 0.5, "ratio": 0.5 * 91 / 36, "coverage": 1.0, "vouched": 1.0, "vote": "on_track", "spoken": 1.0, "status": "on_track",
	},
	"key_result": {
		"id": "kr-1", "key": "paying", "title": "Raise the share of trial accounts that pay from 12 % to 18 %",
		"definition": "Accounts that paid within 30 days of their trial, over all trials that began 30 days earlier",
		"rationale":  "Trials are our only source of new business", "state": "active", "guardrail": false, "met_at_start": false,
		"kind": "increase", "unit": "%", "direction": "up", "baseline": 12.0, "target": 18.0, "decidable": true, "weight": 1.0,
		"original": map[string]any{},
		"current":  15.0, "current_at": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC),
		"raw": 0.5, "progress": 0.5, "expected": 36.0 / 91, "gap": 36.0/91 - 0.5, "ratio": 0.5 * 91 / 36,
		"hit": false, "travels": true, "fresh": true, "status": "on_track", "stated": "on_track", "confidence": 7.0, "first_confidence": 5.0,
		"due": time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), "due_day": "2026-12-31", "days_left": 55, "own_due": false,
		"activated":    time.Date(2026, 9, 28, 8, 0, 0, 0, time.UTC),
		"last_checkin": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC), "days_quiet": 1,
		"owner": map[string]any{}, "owner_text": "", "owner_reads_as": "nobody", "owner_has_access": true, "rhythm_missing": false,
		"source": map[string]any{}, "cadence": map[string]any{}, "objective": map[string]any{},
	},
	"checkin": {
		"id": "checkin-1", "at": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC), "recorded": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC),
		"author": "mara", "elapsed": 35.0 / 91, "value": 15.0, "confidence": 7.0, "stated": "on_track", "note": "Two large accounts converted.",
	},
	"source": {
		"kind": "sql", "manual": false, "where": "Billing dashboard, conversions", "interval": "24h", "often": "daily",
		"access": []any{"mara"}, "state": "live", "last": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC), "key_result": map[string]any{},
	},
	"cadence": {"interval": "168h", "days": 7, "grace": "24h", "text": "weekly"},
	"reading": {
		"id": "reading-1", "raw": 0.5,
		"at": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC), "recorded": time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC),
		"value": 15.0, "source": "sql",
	},
	"blocker": {
		"kind": "dependency", "text": "The billing export is late", "open": true,
		"opened": time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), "days_open": 4, "owner": map[string]any{},
	},
	"initiative": {"title": "Offer help in the first week of a trial", "done": false, "owner": "mara"},
	"original": {"title": "Raise the share of trial accounts that pay from 12 % to 18 %", "kind": "increase", "baseline": 12.0, "target": 18.0, "due_day": "2026-12-31",
		"same_metric": true, "same_due": true, "progress": 0.5, "hit": false},
}
