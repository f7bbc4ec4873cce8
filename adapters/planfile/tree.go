package planfile

import "go.yaml.in/yaml/v3"

func isTree(root *yaml.Node) bool { return false }
