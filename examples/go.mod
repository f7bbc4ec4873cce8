module github.com/okrkit/okrkit/examples

go 1.26.0

require github.com/okrkit/okrkit v0.0.0
require github.com/okrkit/okrkit/store/sqlite v0.0.0
require github.com/okrkit/okrkit/adapters/nats v0.0.0
require github.com/okrkit/okrkit/adapters/nats/embedded v0.0.0

replace github.com/okrkit/okrkit => ..
replace github.com/okrkit/okrkit/store/sqlite => ../store/sqlite
replace github.com/okrkit/okrkit/adapters/nats => ../adapters/nats
replace github.com/okrkit/okrkit/adapters/nats/embedded => ../adapters/nats/embedded
