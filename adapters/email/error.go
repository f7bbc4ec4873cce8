package email

import (
	"errors"
	"fmt"
)

// What is wrong with a notice, for errors.Is. Both are permanent.
var (
	// ErrNoAddress says that the address book has no e-mail address of the person.
	ErrNoAddress = errors.New("email: the address book has no e-mail address of the person")
	// ErrAddress says that an address cannot be used. The address itself, being
	// personal, is not part of the message.
	ErrAddress = errors.New("email: not a usable e-mail address")
)

// ReplyError is a refusal by the SMTP server. It leaves out the server's words,
// which may repeat addresses and secrets.
type ReplyError struct {
	Doing    string // what was being done, such as "sending SMTP RCPT TO command"
	Code     int    // of three digits, such as 550
	Enhanced string // RFC 3463, such as 5.1.1; "" if the server gave none
}

func (e *ReplyError) Error() string {
	if e.Enhanced != "" {
		return fmt.Sprintf("email: %s: the server answers %d %s", e.Doing, e.Code, e.Enhanced)
	}
	return fmt.Sprintf("email: %s: the server answers %d", e.Doing, e.Code)
}
