package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

const (
	variable = "OKRKIT_POSTGRES_DSN"
	noSkip   = "OKRKIT_NO_SKIP"
	// patience bounds how long a server may take to start or to end.
	patience = 30 * time.Second
)

// Server is what a package's tests share. Its zero value is ready: the server
// starts when the first test asks for it.
type Server struct {
	once sync.Once
	dsn  string
	err  error
	stop func() error
}

// errNone says that there is no server to be had.
var errNone = errors.New("no PostgreSQL server is installed: apt-get install postgresql, or set " + variable)

// Run runs a package's tests and ends the server after them. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(server.Run(m)) }
func (s *Server) Run(m *testing.M) int {
	code := m.Run()
	if s.stop != nil {
		if err := s.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			return max(code, 1)
		}
	}
	return code
}

// DSN is the connection string of the server, as a user that may create
// databases. Where there is none it skips the test, or fails it.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	s.once.Do(func() {
		if s.dsn = os.Getenv(variable); s.dsn == "" {
			s.err = s.start()
		}
	})
	switch {
	case s.err == nil:
	case errors.Is(s.err, errNone) && os.Getenv(noSkip) != "1":
		t.Skipf("pgtest: %v", s.err)
	default:
		t.Fatalf("pgtest: %v", s.err)
	}
	return s.dsn
}

// programs is the folder of the newest server that is installed.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("postgres"); err == nil && len(found) == 0 {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			found = append(found, target)
		}
	}
	if len(found) == 0 {
		return "", errNone
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 elsewhere
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func (s *Server) start() (err error) {
	bin, err := programs()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "okrkit-pg-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	as, err := owner(dir)
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	// The default collation is not bytewise, as in most installations, so that a
	// column that forgets its own shows.
	if err := run(as, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
		"--locale-provider=icu", "--icu-locale=en-US"); err != nil {
		return err
	}
	// The server ends when its standard input does, so that it does not outlive
	// tests that are killed.
	args := append(as, "/bin/sh", "-c", `"$0" "$@" </dev/null & pid=$!; read -r _; kill -INT $pid; wait $pid`,
		filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=on", "-c", "max_connections=100")
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // programs of the server's own folder; it lives as long as the tests
	cmd.Dir = dir
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = patience
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.stop = func() error {
		return errors.Join(end(cmd, in), os.RemoveAll(dir))
	}
	s.dsn = "host=" + dir + " user=postgres dbname=postgres sslmode=disable"
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if err = run(nil, filepath.Join(bin, "pg_isready"), "-q", "-h", dir); err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			stop := s.stop
			s.stop = nil
			return fmt.Errorf("the server does not answer: %w", errors.Join(err, end(cmd, in), stop(), errors.New(log.String())))
		}
	}
}

func end(cmd *exec.Cmd, in io.Closer) error {
	if cmd.ProcessState != nil {
		return nil
	}
	err := in.Close()
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it was told to end; how it does says nothing
		close(done)
	}()
	select {
	case <-done:
		return err
	case <-time.After(patience):
		return errors.Join(err, cmd.Process.Kill())
	}
}

// owner makes the folder one that the server may use, and says as whom to run it:
// it refuses to run as root.
func owner(dir string) (as []string, err error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("the server does not run as root, and there is no user postgres: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return []string{"runuser", "-u", "postgres", "--"}, os.Chown(dir, uid, gid)
}

func run(as []string, name string, args ...string) error {
	all := append(slices.Clone(as), append([]string{name}, args...)...)
	cmd := exec.Command(all[0], all[1:]...) //nolint:noctx // programs of the server's own folder, which end by themselves
	cmd.Dir = os.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
	}
	return nil
}
