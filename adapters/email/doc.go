// Package email is the adapter that sends messages to people as e-mail. It takes
// notices only and has no use for other events:
//
//	mail, err := email.New("smtp.example.com:587", "OKRs <okr@example.com>", book,
//		email.Client(gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(user), gomail.WithPassword(password)))
//	router.Add(mail, adapters.Notices())
//
// Where a person is reached, the host's [adapters.AddressBook] says. A message
// has a plain text and an HTML form, both from templates that the host may
// replace ([TextTemplate], [HTMLTemplate]); [Adapter.Preview] shows one without
// sending it. All of it is in the language of the notice, which brings along what the
// button and the footer say; the adapter has no words of its own.
//
// # Once, as far as SMTP can
//
// Each notice goes over a connection of its own. SMTP cannot tell a message that
// was sent twice from two messages: if the connection breaks between the last
// line and the server's answer, the notice is tried again. It then is the same
// message with the same Message-ID, made of the event's id, by which mail
// clients fold repeats.
//
// # What comes back
//
// A server that cannot be reached, and one that does not let us in, are tried
// again, for no notice is at fault; so is an answer 4xx. An answer 5xx to the
// notice itself is permanent, and so is a person without a usable address.
// Errors hold the server's code and not its words, which repeat addresses and,
// from some servers, what was sent to log in.
package email
