package webhook_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/webhook"
	"github.com/okrkit/okrkit/okr"
)

// inside are addresses that no webhook may reach unless it is allowed by name.
var inside = []string{
	"127.0.0.1", "127.0.0.53", "127.255.255.254", "0.0.0.0", "0.1.2.3",
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
	"100.64.0.1", "100.100.100.200", "169.254.169.254", "169.254.170.2", "192.0.0.192", "168.63.129.16",
	"192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
	"64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::10.0.0.1",
	"2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1",
	"fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "5f00::1",
}

func literal(ip string) string {
	if strings.Contains(ip, ":") {
		return "[" + ip + "]"
	}
	return ip
}

// names is a DNS server over which a name's owner has full power.
type names struct {
	mu     sync.Mutex
	answer map[string][][]netip.Addr // by name; the last one is repeated
}

// look is what the name resolves to now. Both families are asked for at once;
// the question for IPv4 moves on to the next turn.
func (n *names) look(name string, ipv4 bool) (found []netip.Addr, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	turns, known := n.answer[name]
	if !known {
		return nil, false
	}
	for _, ip := range turns[0] {
		if ip.Is4() == ipv4 {
			found = append(found, ip)
		}
	}
	if ipv4 && len(turns) > 1 {
		n.answer[name] = turns[1:]
	}
	return found, true
}

// resolver looks names up at the server, over UDP.
func (n *names) resolver(t testing.TB) *net.Resolver {
	t.Helper()
	pc, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	var done sync.WaitGroup
	t.Cleanup(func() { _ = pc.Close(); done.Wait() })
	done.Go(func() {
		buf := make([]byte, 1500)
		for {
			k, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = pc.WriteTo(n.reply(buf[:k]), from)
		}
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

// reply answers one question, after RFC 1035 section 4.
func (n *names) reply(q []byte) []byte {
	var labels []string
	at := 12
	for q[at] != 0 {
		labels = append(labels, string(q[at+1:at+1+int(q[at])]))
		at += 1 + int(q[at])
	}
	kind := binary.BigEndian.Uint16(q[at+1:])
	found, known := n.look(strings.Join(labels, "."), kind == typeA)
	if kind != typeA && kind != typeAAAA {
		found = nil
	}
	out := []byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, byte(len(found)), 0, 0, 0, 0}
	if !known {
		out[3] |= 3 // NXDOMAIN
	}
	out = append(out, q[12:at+5]...)
	for _, ip := range found {
		out = append(out, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(ip.BitLen()/8))
		out = append(out, ip.AsSlice()...)
	}
	return out
}

const typeA, typeAAAA = 1, 28

func TestAddressesInsideAreRefusedInURLs(t *testing.T) {
	for _, ip := range inside {
		for _, u := range []string{"https://" + literal(ip) + "/" + token, "https://" + literal(ip) + ":443"} {
			_, err := webhook.New(webhook.Endpoint{Name: "w", URL: u, Secrets: []string{secretA}})
			require.ErrorIs(t, err, okr.ErrInvalid, u)
			requireDiscreet(t, err)
		}
	}
	for _, host := range []string{
		"2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "0", "0x", "127.0.0.1.",
		"127.0.0.1%2e", "127.000.000.001", "10.0.0.1.", "4294967295", "1.2.3.4.5", "0X7F.1", "a.0x7f",
		"[fe80::1%25eth0]", "[::1%25lo]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::]",
	} {
		_, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://" + host + "/", Secrets: []string{secretA}})
		require.ErrorIs(t, err, okr.ErrInvalid, host)
	}
}

// The address counts, not the name: each of them hides behind one here.
func TestNamesThatLeadInsideAreRefused(t *testing.T) {
	n := &names{answer: map[string][][]netip.Addr{}}
	r := n.resolver(t)
	for i, s := range inside {
		ip := netip.MustParseAddr(s)
		name := fmt.Sprintf("h%d.example.com", i)
		n.mu.Lock()
		n.answer[name] = [][]netip.Addr{{ip}}
		n.mu.Unlock()
		a, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://" + name + "/" + token, Secrets: []string{secretA}}, webhook.Resolver(r))
		require.NoError(t, err)
		err = a.Deliver(t.Context(), delivery(1))
		require.ErrorIs(t, err, webhook.ErrForbidden, s)
		require.True(t, adapters.IsPermanent(err), s)
		requireDiscreet(t, err)
		require.NotContains(t, err.Error(), s, "what a name inside resolves to is not told")
	}
}

// Whatever a resolver or net/http makes of a host, the server at this machine's
// loopback is not reached.
func TestLoopbackIsNotReachedByAnyName(t *testing.T) {
	trap := newPlain(t, "127.0.0.1:0", nil)
	port := trap.port(t)
	for _, host := range []string{
		"localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "[::1]", "[::]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "%6c%6f%63alhost", "127.0.0.1%00.example.com",
		"example.com@127.0.0.1", "127.0.0.1#@example.com", `127.0.0.1\@example.com`, "example.com:443@127.0.0.1",
	} {
		for _, scheme := range []string{"http", "https", "HTTP", "//http", "gopher", "file", "unix"} {
			a, err := webhook.New(webhook.Endpoint{Name: "w", URL: fmt.Sprintf("%s://%s:%d/", scheme, host, port), Secrets: []string{secretA}},
				webhook.PlainHTTP(), webhook.Ports(port))
			if err == nil {
				ctx, cancel := context.WithCancel(t.Context())
				err = a.Deliver(ctx, delivery(1))
				cancel()
			}
			require.Error(t, err, host)
		}
	}
	require.Empty(t, trap.requests())
}

func TestNameThatChangesItsAddressIsRefused(t *testing.T) {
	trap := newPlain(t, "127.0.0.1:0", nil)
	port := trap.port(t)
	open := newPlain(t, fmt.Sprintf("127.0.0.2:%d", port), status(http.StatusNoContent, "Connection", "close"))
	good, bad := netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")
	n := &names{answer: map[string][][]netip.Addr{"rebind.example.com": {{good}, {bad}}, "both.example.com": {{bad, good}}, "down.example.com": {{good}}}}
	r := n.resolver(t)
	to := func(host string) *webhook.Adapter {
		a, err := webhook.New(webhook.Endpoint{Name: "w", URL: fmt.Sprintf("http://%s:%d/", host, port), Secrets: []string{secretA}},
			webhook.PlainHTTP(), webhook.Ports(port), webhook.Resolver(r), webhook.Allow(netip.MustParsePrefix("127.0.0.2/32")))
		require.NoError(t, err)
		t.Cleanup(a.Close)
		return a
	}
	a := to("rebind.example.com")
	require.NoError(t, a.Deliver(t.Context(), delivery(1)))
	a.Close()
	require.ErrorIs(t, a.Deliver(t.Context(), delivery(2)), webhook.ErrForbidden)
	require.Len(t, open.requests(), 1)

	require.NoError(t, to("both.example.com").Deliver(t.Context(), delivery(3)), "the one that may be called is called")
	require.Len(t, open.requests(), 2)
	require.Empty(t, trap.requests())

	open.Server.Close()
	err := to("down.example.com").Deliver(t.Context(), delivery(4))
	require.False(t, adapters.IsPermanent(err))
	requireDiscreet(t, err)
	require.NotContains(t, err.Error(), "127.0.0.", "nor what a name resolves to when the server is down")

	err = to("nowhere.example.com").Deliver(t.Context(), delivery(4))
	requireDiscreet(t, err)
	require.False(t, adapters.IsPermanent(err), "names come back")
	require.NotContains(t, err.Error(), "127.0.0.1", "nor which name server was asked")
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	trap := newPlain(t, "127.0.0.1:0", nil)
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{trap.URL, "/elsewhere", "http://169.254.169.254/latest/meta-data/", "//" + trap.Listener.Addr().String()} {
			f := newFarSide(t, status(code, "Location", location))
			err := f.adapter(t, webhook.Ports(trap.port(t), 80)).Deliver(t.Context(), delivery(1))
			require.True(t, adapters.IsPermanent(err), "%v", err)
			require.ErrorContains(t, err, "redirect")
			require.Len(t, f.requests(), 1)
		}
	}
	require.Empty(t, trap.requests())
}

// proxied counts what reaches the proxy that the environment of all these tests
// names; net/http reads the environment once for a process.
var proxied atomic.Int32

func TestMain(m *testing.M) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	for _, v := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		os.Setenv(v, proxy.URL)
	}
	os.Exit(m.Run())
}

// A proxy would open the connection instead of us, to wherever it is told.
func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	n := &names{answer: map[string][][]netip.Addr{"in.example.com": {{netip.MustParseAddr("10.0.0.1")}}}}
	at, err := netip.ParseAddrPort(strings.TrimPrefix(os.Getenv("HTTP_PROXY"), "http://"))
	require.NoError(t, err)
	for _, scheme := range []string{"http", "https"} {
		a, err := webhook.New(webhook.Endpoint{Name: "w", URL: fmt.Sprintf("%s://in.example.com:%d/", scheme, at.Port()), Secrets: []string{secretA}},
			webhook.PlainHTTP(), webhook.Ports(at.Port()), webhook.Allow(loopback...), webhook.Resolver(n.resolver(t)))
		require.NoError(t, err)
		require.ErrorIs(t, a.Deliver(t.Context(), delivery(1)), webhook.ErrForbidden)
	}
	require.Zero(t, proxied.Load())
}

func TestAllow(t *testing.T) {
	nat64 := netip.MustParsePrefix("64:ff9b::/96")
	for _, c := range []struct {
		ip    string
		allow string
		ok    bool
	}{
		{"10.20.1.1", "10.20.0.0/16", true},
		{"10.21.1.1", "10.20.0.0/16", false},
		{"fd00:1234::1", "fd00:1234::/32", true},
		{"fd00:1235::1", "fd00:1234::/32", false},
		{"127.0.0.1", "10.20.0.0/16", false},
		{"64:ff9b::8.8.8.8", nat64.String(), true},
		{"64:ff9b::127.0.0.1", nat64.String(), false},
		{"64:ff9b::169.254.169.254", nat64.String(), false},
		{"8.8.8.8", "10.20.0.0/16", true},
		{"2606:4700::1111", "10.20.0.0/16", true},
	} {
		_, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://" + literal(c.ip), Secrets: []string{secretA}}, webhook.Allow(netip.MustParsePrefix(c.allow)))
		require.Equal(t, c.ok, err == nil, "%s with %s: %v", c.ip, c.allow, err)
	}
	for _, p := range []netip.Prefix{{}, netip.PrefixFrom(netip.MustParseAddr("::ffff:10.0.0.0"), 104)} {
		_, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://example.com", Secrets: []string{secretA}}, webhook.Allow(p))
		require.ErrorIs(t, err, okr.ErrInvalid)
	}
}

func TestURLs(t *testing.T) {
	for u, ok := range map[string]bool{
		"https://hooks.example.com":                      true,
		"https://hooks.example.com:443/a?b=c":            true,
		"HTTPS://Hooks.Example.Com/":                     true,
		"https://bücher.example/":                        true,
		"https://8.8.8.8/":                               true,
		"http://hooks.example.com/":                      false,
		"https://hooks.example.com:8443/":                false,
		"https://hooks.example.com:22/":                  false,
		"https://hooks.example.com:0/":                   false,
		"https://hooks.example.com:65979/":               false,
		"https://hooks.example.com:https/":               false,
		"https://kim:pathtoken4711@hooks.example/":       false,
		"https:///path":                                  false,
		"https://:443/":                                  false,
		"https:hooks.example.com":                        false,
		"hooks.example.com":                              false,
		"":                                               false,
		"ftp://hooks.example.com/":                       false,
		"https://hooks.example.com/\r\nX: pathtoken4711": false,
		"https://[::1/pathtoken4711":                     false,
	} {
		_, err := webhook.New(webhook.Endpoint{Name: "w", URL: u, Secrets: []string{secretA}})
		if ok {
			require.NoError(t, err, u)
			continue
		}
		require.ErrorIs(t, err, okr.ErrInvalid, u)
		requireDiscreet(t, err)
	}
	for _, name := range []string{"", "a\nb", "\xff", strings.Repeat("x", 101)} {
		_, err := webhook.New(webhook.Endpoint{Name: name, URL: "https://example.com", Secrets: []string{secretA}})
		require.ErrorIs(t, err, okr.ErrInvalid, "%q", name)
	}
	_, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://example.com", Secrets: []string{secretA}}, webhook.Timeout(-1))
	require.ErrorIs(t, err, okr.ErrInvalid)
}

func FuzzNew(f *testing.F) {
	for _, s := range append([]string{"https://example.com/", "https://2130706433", "https://[::1%25lo]:443/", "https://a:b@c", "https://０x7f.1/"}, inside...) {
		f.Add(s, secretA)
		f.Add("https://"+literal(s), "whsec_")
	}
	f.Fuzz(func(t *testing.T, u, secret string) {
		a, err := webhook.New(webhook.Endpoint{Name: "w", URL: u, Secrets: []string{secret}})
		if err != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			return
		}
		require.True(t, strings.HasPrefix(strings.ToLower(u), "https://"), u)
		require.NotContains(t, fmt.Sprintf("%+v", a), strings.TrimPrefix(secret, "whsec_"))
		require.Equal(t, "w", a.Name())
	})
}
