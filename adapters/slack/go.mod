module github.com/okrkit/okrkit/adapters/slack

go 1.26.0

require (
	github.com/okrkit/okrkit v0.0.0
	github.com/slack-go/slack v0.35.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/gorilla/websocket v1.5.3 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace github.com/okrkit/okrkit => ../..
