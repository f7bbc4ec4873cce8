package embedded

import _ "github.com/nats-io/nats-server/v2/server"
import _ "github.com/nats-io/nats.go"
import _ "github.com/gofrs/flock"
