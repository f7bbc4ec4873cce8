module github.com/okrkit/okrkit/cmd/okrkit

go 1.26.0

require github.com/okrkit/okrkit v0.0.0

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
)

replace github.com/okrkit/okrkit => ../..
