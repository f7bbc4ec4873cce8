module github.com/okrkit/okrkit/adapters/xslog

go 1.26.0

require github.com/okrkit/okrkit v0.0.0

replace github.com/okrkit/okrkit => ../..
