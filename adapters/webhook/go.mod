module github.com/okrkit/okrkit/adapters/webhook

go 1.26.0

require (
	code.dny.dev/ssrf v0.3.0
	github.com/okrkit/okrkit v0.0.0
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.6 // indirect

replace github.com/okrkit/okrkit => ../..
