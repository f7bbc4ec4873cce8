package webhook

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// metadata are addresses within public ranges at which clouds answer only to
// their own machines; the other ones lie in ranges that are not public.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("168.63.129.16/32"), // Azure
}

// guard decides to which addresses a connection may be opened.
type guard struct {
	ports   []uint16
	address *ssrf.Guardian
}

func newGuard(allow []netip.Prefix, ports []uint16) (*guard, error) {
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		switch {
		case !p.IsValid(), p.Addr().Is4In6():
			return nil, invalid("allow", p.String(), "give a prefix such as 10.20.0.0/16 or fd00:1234::/32; addresses of IPv4 in their own notation")
		case p.Addr().Is4():
			v4 = append(v4, p)
		default:
			v6 = append(v6, p)
		}
	}
	return &guard{ports: ports, address: ssrf.New(
		ssrf.WithPorts(ports...),
		ssrf.WithAllowedV4Prefixes(v4...),
		ssrf.WithAllowedV6Prefixes(v6...),
		ssrf.WithDeniedV4Prefixes(metadata...),
	)}, nil
}

// control is called for every connection, with the address that it is opened to.
func (g *guard) control(network, address string, c syscall.RawConn) error {
	if g.address.Safe(network, address, c) != nil {
		return ErrForbidden
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil || !g.safe(to.Addr()) {
		return ErrForbidden
	}
	return nil
}

// safe says whether the address may be called. One of NAT64 leads on to the IPv4
// address in its last four bytes, so that one must be safe as well.
func (g *guard) safe(ip netip.Addr) bool {
	ip = ip.Unmap()
	if g.address.SafeAddr(ip) != nil {
		return false
	}
	if ssrf.IPv6NAT64Prefix.Contains(ip) {
		b := ip.As16()
		return g.address.SafeAddr(netip.AddrFrom4([4]byte(b[12:]))) == nil
	}
	return true
}

func (g *guard) client(t *tls.Config, r *net.Resolver) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: g.control, Resolver: r}
	// A connection of HTTP/2 that has just answered does not count as idle, and
	// would outlive Close.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        t,
			TLSHandshakeTimeout:    10 * time.Second,
			Protocols:              &protocols,
			DisableCompression:     true,
			IdleConnTimeout:        90 * time.Second,
			MaxIdleConnsPerHost:    16,
			MaxResponseHeaderBytes: maxHeader,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readURL refuses early what would be refused at each connection, and what was
// surely not meant.
func (g *guard) readURL(raw string, plain bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, invalid("url", "(not shown)", "it cannot be read; it has the form https://host/path")
	}
	shown := u.Scheme + "://" + u.Host
	bad := func(remedy string) (*url.URL, error) { return nil, invalid("url", shown, remedy) }
	if u.User != nil {
		return bad("leave user name and password out; the far side verifies the signature")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !plain) {
		if u.Scheme == "http" {
			return bad("use https, or the option PlainHTTP")
		}
		return bad("it begins with https://")
	}
	host := u.Hostname()
	if host == "" || u.Opaque != "" {
		return bad("it names a host")
	}
	port, ok := portOf(u)
	if !ok {
		return bad("the port is a number from 1 to 65535")
	}
	if !slices.Contains(g.ports, port) {
		return bad("the port is not one that may be called; see the option Ports")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if !g.safe(ip) {
			return bad("this address may not be called; see the option Allow")
		}
	} else if looksLikeIPv4(host) {
		return bad("write the address as four decimal numbers, or use a name")
	}
	return u, nil
}

func portOf(u *url.URL) (uint16, bool) {
	switch s := u.Port(); {
	case s != "":
		n, err := strconv.ParseUint(s, 10, 16)
		return uint16(n), err == nil && n > 0
	case u.Scheme == "http":
		return 80, true
	}
	return 443, true
}

// looksLikeIPv4 says whether a resolver could read the host as an address in an
// old notation: 2130706433, 0x7f.1, 0177.0.0.1. No top-level domain is a number.
func looksLikeIPv4(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}
