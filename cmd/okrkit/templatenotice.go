package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/papers"
)

// kindNotice is no paper: it is what okrkit tells people.
const kindNotice = "notice"

// noticesFolder is where the texts of notices lie among what a host lays over.
const noticesFolder = "notices"

// notice shows every kind of notice in a language.
func (c templateCommand) notice(a *app) error {
	switch {
	case len(c.Files) > 0:
		return errors.New("notice: it is filled by what happens, not from a plan: okrkit simulate --transcript shows who would get which")
	case c.Host != "" || len(c.Look) > 0 || c.Team != "" || c.Cycle != "" || c.Sheet != "" || papers.Format(c.Format) != papers.Markdown:
		return errors.New("notice: it is plain text about examples: only --language and --templates change it")
	}
	tongues, err := c.tongues()
	if err != nil {
		return err
	}
	if _, _, err := papers.Shipped().Speaks(c.Language); err != nil {
		return fmt.Errorf("--language: %w", err)
	}
	for n, m := range cadence.Specimens() {
		m.Language = c.Language
		text, err := tongues.Text(m)
		if err != nil {
			return fmt.Errorf("--templates %s: %s: %w", c.Templates, m.Kind, err)
		}
		if n == 0 && !strings.EqualFold(primary(c.Language), primary(text.Language)) {
			fmt.Fprintf(a.err, "okrkit: --language %s: there are no words for it, so this is said in %s; there are %s, and --templates may add to them\n", oneLine(c.Language), text.Language, strings.Join(cadence.Languages(), ", "))
		}
		kind := m.Kind
		if len(m.Items) > 1 {
			kind = "several in one"
		}
		fmt.Fprintf(a.out, "[%s]\n%s\n\n%s\n", kind, clean(text.Title), clean(text.Body))
		if link := m.Link(); link != "" {
			fmt.Fprintf(a.out, "%s: %s\n", clean(text.Open), link)
		}
		fmt.Fprintln(a.out)
	}
	return nil
}

// primary is the language of a tag without its variety.
func primary(tag string) string {
	first, _, _ := strings.Cut(tag, "-")
	return first
}

// tongues are the texts of notices, with the host's over the shipped ones.
func (c templateCommand) tongues() (cadence.Tongues, error) {
	host, err := c.folder()
	if err != nil || host == nil {
		return cadence.Tongues{}, err
	}
	notices, err := fs.Sub(host, noticesFolder)
	if err != nil {
		return nil, err
	}
	tongues, err := cadence.LoadTongues(notices)
	if err != nil {
		return nil, fmt.Errorf("--templates %s: %s: %w", c.Templates, noticesFolder, err)
	}
	return tongues, nil
}
