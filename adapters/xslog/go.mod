module github.com/okrkit/okrkit/adapters/xslog

go 1.26.0

require (
	github.com/okrkit/okrkit v0.0.0
	github.com/stretchr/testify v1.12.1
	// The x/exp that the root brings along already, and no newer one: a host
	// that still logs through it is not moved further than it must.
	golang.org/x/exp v0.0.0-20240823005443-9b4947da3948
)

require go.yaml.in/yaml/v3 v3.0.6 // indirect

replace github.com/okrkit/okrkit => ../..
