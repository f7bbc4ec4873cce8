package okr

// Actor is who takes a decision. The host says who it is; the ledger keeps it.
type Actor struct {
	ID   ID        `json:"id"`
	Kind ActorKind `json:"kind"`
}

// ActorKind tells a person's decision from a program's.
type ActorKind string

// The kinds of actor.
const (
	ActorPerson     ActorKind = "person"
	ActorAutomation ActorKind = "automation" // a part of okrkit or of the host that acts on time
	ActorService    ActorKind = "service"    // another system, such as a source that delivers readings
)

// Someone is the person with the host's id.
func Someone(id ID) Actor { return Actor{ID: id, Kind: ActorPerson} }

// Automation is the part of the program with the name.
func Automation(name string) Actor { return Actor{ID: ID(name), Kind: ActorAutomation} }

// Service is the other system with the name.
func Service(name string) Actor { return Actor{ID: ID(name), Kind: ActorService} }

func (a Actor) check() error {
	if a.ID == "" {
		return ErrNoActor
	}
	if p := badID(string(a.ID)); p != "" {
		return invalid("actor.id", string(a.ID), "it %s: name the person or program that acts", p)
	}
	switch a.Kind {
	case ActorPerson, ActorAutomation, ActorService:
		return nil
	}
	return invalid("actor.kind", string(a.Kind), "use okr.Someone, okr.Automation or okr.Service")
}
