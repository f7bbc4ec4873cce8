package bench

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// protoFile declares the rows as messages, with the rules as options of the
// message: those spelt as regular expressions, for it takes no functions.
func protoFile(t testing.TB) protoreflect.FileDescriptor {
	t.Helper()
	const (
		text     = descriptorpb.FieldDescriptorProto_TYPE_STRING
		number   = descriptorpb.FieldDescriptorProto_TYPE_DOUBLE
		instant  = ".google.protobuf.Timestamp"
		span     = ".google.protobuf.Duration"
		optional = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
		repeated = descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	)
	message := func(name string, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
		for i, f := range fields {
			f.Number = proto.Int32(int32(i + 1))
		}
		return &descriptorpb.DescriptorProto{Name: proto.String(name), Field: fields}
	}
	scalar := func(name string, t descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{Name: proto.String(name), Type: t.Enum(), Label: optional.Enum()}
	}
	of := func(name, typ string) *descriptorpb.FieldDescriptorProto {
		f := scalar(name, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE)
		f.TypeName = proto.String(typ)
		return f
	}
	listOf := func(name, typ string) *descriptorpb.FieldDescriptorProto {
		f := of(name, typ)
		f.Label = repeated.Enum()
		return f
	}
	kr := message("KeyResult", scalar("title", text), of("owner", ".bench.Person"), of("source", ".bench.Source"),
		scalar("baseline", number), scalar("target", number), of("due", instant), of("objective", ".bench.Objective"),
		scalar("confidence", number), of("last_checkin", instant), of("cadence", span), of("cycle", ".bench.Cycle"))
	constraints := &validate.MessageRules{}
	for i, check := range checks(byRegex, true) {
		check = strings.ReplaceAll(strings.ReplaceAll(check, "kr.", "this."), "cycle.", "this.cycle.")
		constraints.Cel = append(constraints.Cel, &validate.Rule{Id: proto.String(fmt.Sprint(i)), Message: proto.String("no"), Expression: proto.String(check)})
	}
	kr.Options = &descriptorpb.MessageOptions{}
	proto.SetExtension(kr.Options, validate.E_Message, constraints)
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("bench.proto"), Package: proto.String("bench"), Syntax: proto.String("proto3"),
		Dependency: []string{"google/protobuf/timestamp.proto", "google/protobuf/duration.proto", "buf/validate/validate.proto"},
		MessageType: []*descriptorpb.DescriptorProto{
			kr, message("Person", scalar("name", text), scalar("kind", text)), message("Source", scalar("where", text), of("last", instant)),
			message("Cycle", of("start", instant), of("end", instant)), message("Objective", listOf("key_results", ".bench.Row"), of("team", ".bench.Team")),
			message("Team", listOf("objectives", ".bench.Row")), message("Row", scalar("title", text)),
		},
	}, protoregistry.GlobalFiles)
	require.NoError(t, err)
	return file
}

// byProtovalidate validates messages that were built beforehand.
func byProtovalidate(t testing.TB, krs []*keyResult, _ spelling) engine {
	t.Helper()
	file := protoFile(t)
	desc := func(name string) protoreflect.MessageDescriptor {
		return file.Messages().ByName(protoreflect.Name(name))
	}
	v, err := protovalidate.New(protovalidate.WithMessageDescriptors(desc("KeyResult")), protovalidate.WithDisableLazy(),
		protovalidate.WithNowFunc(func() *timestamppb.Timestamp { return timestamppb.New(now) }))
	require.NoError(t, err)
	msgs := make([]proto.Message, len(krs))
	for i, k := range krs {
		msgs[i] = protoMessage(desc, k)
	}
	return engine{"protovalidate", func(i int) uint16 {
		mask := uint16(1<<twelve - 1)
		err := v.Validate(msgs[i])
		var broken *protovalidate.ValidationError
		switch {
		case errors.As(err, &broken):
			for _, b := range broken.Violations {
				id := b.Proto.GetRuleId()
				n := id[0] - '0'
				if len(id) > 1 {
					n = n*10 + id[1] - '0'
				}
				mask &^= 1 << n
			}
		case err != nil:
			t.Fatal(err)
		}
		return mask
	}}
}

func protoMessage(desc func(string) protoreflect.MessageDescriptor, k *keyResult) proto.Message {
	set := func(m *dynamicpb.Message, name string, v protoreflect.Value) {
		m.Set(m.Descriptor().Fields().ByName(protoreflect.Name(name)), v)
	}
	make1 := func(typ string, fields map[string]any) *dynamicpb.Message {
		m := dynamicpb.NewMessage(desc(typ))
		for name, v := range fields {
			switch v := v.(type) {
			case proto.Message:
				set(m, name, protoreflect.ValueOfMessage(v.ProtoReflect()))
			case int: // that many rows
				f := m.Descriptor().Fields().ByName(protoreflect.Name(name))
				l := m.Mutable(f).List()
				for range v {
					l.Append(protoreflect.ValueOfMessage(dynamicpb.NewMessage(f.Message())))
				}
			default:
				set(m, name, protoreflect.ValueOf(v))
			}
		}
		return m
	}
	fields := map[string]any{
		"title": k.Title, "baseline": k.Baseline, "target": k.Target, "confidence": k.Confidence,
		"due": timestamppb.New(k.Due), "last_checkin": timestamppb.New(k.LastCheckIn), "cadence": durationpb.New(k.Cadence),
		"cycle": make1("Cycle", map[string]any{"start": timestamppb.New(quarter.Start), "end": timestamppb.New(quarter.End)}),
		"objective": make1("Objective", map[string]any{
			"key_results": len(k.Objective.KeyResults), "team": make1("Team", map[string]any{"objectives": len(k.Objective.Team.Objectives)}),
		}),
	}
	if k.Owner != nil {
		fields["owner"] = make1("Person", map[string]any{"name": k.Owner.Name, "kind": k.Owner.Kind})
	}
	if k.Source != nil {
		fields["source"] = make1("Source", map[string]any{"where": k.Source.Where, "last": timestamppb.New(k.Source.Last)})
	}
	return make1("KeyResult", fields)
}
