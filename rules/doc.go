// Package rules turns text that an admin wrote into a checked program, and a
// program into results. It knows YAML and CEL and nothing of what is judged:
// a host declares its objects in a [Schema].
package rules
