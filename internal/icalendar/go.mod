module github.com/okrkit/okrkit/internal/icalendar

go 1.26.0

require (
	github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392
	github.com/okrkit/okrkit v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/teambition/rrule-go v1.8.2 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace github.com/okrkit/okrkit => ../..
