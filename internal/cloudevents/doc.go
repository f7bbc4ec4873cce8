// Package cloudevents has no code: its tests hold okrkit's event encoding against
// the CloudEvents SDK. It is a module of its own, so that the SDK enters nobody's
// build.
package cloudevents
