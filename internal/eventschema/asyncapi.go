package main

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
)

// The parts of an AsyncAPI 3 document that say what okrkit sends.
type (
	asyncAPI struct {
		AsyncAPI           string               `yaml:"asyncapi"`
		Info               asyncInfo            `yaml:"info"`
		DefaultContentType string               `yaml:"defaultContentType"`
		Servers            map[string]server    `yaml:"servers"`
		Channels           map[string]channel   `yaml:"channels"`
		Operations         map[string]operation `yaml:"operations"`
		Components         components           `yaml:"components"`
	}
	asyncInfo struct {
		Title       string `yaml:"title"`
		Version     string `yaml:"version"`
		Description string `yaml:"description"`
	}
	server struct {
		Host        string `yaml:"host"`
		Protocol    string `yaml:"protocol"`
		Description string `yaml:"description"`
	}
	channel struct {
		Address    string               `yaml:"address"`
		Parameters map[string]reference `yaml:"parameters"`
		Messages   map[string]reference `yaml:"messages"`
	}
	operation struct {
		Action   string      `yaml:"action"`
		Channel  reference   `yaml:"channel"`
		Messages []reference `yaml:"messages"`
	}
	reference struct {
		Ref string `yaml:"$ref"`
	}
	components struct {
		Messages      map[string]message      `yaml:"messages"`
		Parameters    map[string]parameter    `yaml:"parameters"`
		MessageTraits map[string]messageTrait `yaml:"messageTraits"`
	}
	message struct {
		Name    string      `yaml:"name"`
		Title   string      `yaml:"title"`
		Summary string      `yaml:"summary,omitempty"`
		Payload multiFormat `yaml:"payload"`
		Tags    []tag       `yaml:"tags"`
		Traits  []reference `yaml:"traits"`
	}
	tag struct {
		Name string `yaml:"name"`
	}
	multiFormat struct {
		Format string    `yaml:"schemaFormat"`
		Schema reference `yaml:"schema"`
	}
	parameter struct {
		Description string   `yaml:"description"`
		Examples    []string `yaml:"examples"`
	}
	messageTrait struct {
		ContentType string      `yaml:"contentType"`
		Headers     headers     `yaml:"headers"`
		Correlation correlation `yaml:"correlationId"`
	}
	correlation struct {
		Description string `yaml:"description"`
		Location    string `yaml:"location"`
	}
	headers struct {
		Type       string            `yaml:"type"`
		Required   []string          `yaml:"required"`
		Properties map[string]header `yaml:"properties"`
	}
	header struct {
		Type        string `yaml:"type"`
		Description string `yaml:"description"`
	}
)

const about = `What okrkit tells: one CloudEvents 1.0 JSON object per event, on NATS JetStream
(stream OKR unless the host names another) under okr.v1.<tenant>.<entity>.<verb>.

Delivery is at least once; the id tells repetitions. Events of one subject come in
the order of their sequence. Types and fields are added within v1 and never taken
away: pass over what you do not know. A number that is unknown is null or absent,
never 0. No notes, comments or addresses are on the wire, and what concerns a private
objective says private and holds no title, number or status, with one exception:
notice.ready is a message to one person, and says what they may read, private titles
and the words of rules among it. Let nobody subscribe to it but what delivers it.
`

func (s *source) asyncAPI() ([]byte, error) {
	doc := asyncAPI{
		AsyncAPI:           "3.0.0",
		Info:               asyncInfo{Title: "okrkit events", Version: "1.0.0", Description: about},
		DefaultContentType: "application/cloudevents+json",
		Servers: map[string]server{"nats": {
			Host: "localhost:4222", Protocol: "nats", Description: "The host's NATS server, or the one in its process.",
		}},
		Channels:   map[string]channel{},
		Operations: map[string]operation{},
		Components: components{
			Messages: map[string]message{},
			Parameters: map[string]parameter{"tenant": {
				Description: "The tenant's id as a token of the subject: letters, digits, - and _ stand for themselves, every other byte is %XX.",
				Examples:    []string{"acme", "acme%2Eexample"},
			}},
			MessageTraits: map[string]messageTrait{"cloudevent": {
				ContentType: "application/cloudevents+json",
				Headers: headers{
					Type: "object", Required: []string{"Nats-Msg-Id", "content-type"},
					Properties: map[string]header{
						"Nats-Msg-Id":  {"string", "The event's id, by which JetStream drops what is published again."},
						"content-type": {"string", "application/cloudevents+json"},
					},
				},
				Correlation: correlation{"The event's id.", "$message.payload#/id"},
			}},
		},
	}
	for _, e := range s.events {
		name := short(e.name)
		typ, err := payload(e.name)
		if err != nil {
			return nil, err
		}
		summary := e.comment
		if summary == "" {
			summary = s.docs[typ.PkgPath()+"."+typ.Name()]
		}
		entity, _, _ := strings.Cut(name, ".")
		doc.Channels[name] = channel{
			Address:    okr.EventPrefix + "{tenant}." + name,
			Parameters: map[string]reference{"tenant": {"#/components/parameters/tenant"}},
			Messages:   map[string]reference{"event": {"#/components/messages/" + name}},
		}
		doc.Operations["send-"+name] = operation{
			Action: "send", Channel: reference{"#/channels/" + name}, Messages: []reference{{"#/channels/" + name + "/messages/event"}},
		}
		doc.Components.Messages[name] = message{
			Name: e.name, Title: name, Summary: summary, Tags: []tag{{entity}},
			Payload: multiFormat{"application/schema+json;version=draft-07", reference{"./" + schemas + "/" + fileOf(e.name)}},
			Traits:  []reference{{"#/components/messageTraits/cloudevent"}},
		}
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
