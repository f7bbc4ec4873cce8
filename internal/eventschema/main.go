package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: eventschema FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "eventschema:", err)
		os.Exit(1)
	}
}

// schemas is where the schemas lie in the folder of documents.
const schemas = "schema/events"

// contracts are all files by their path in the folder of documents.
func contracts() (map[string][]byte, error) {
	s, err := readSource()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range s.events {
		schema, err := s.schema(e)
		if err != nil {
			return nil, err
		}
		if files[schemas+"/"+fileOf(e.name)], err = encoded(schema); err != nil {
			return nil, err
		}
	}
	files["asyncapi.yaml"], err = s.asyncAPI()
	return files, err
}

// write writes them, and removes the schemas of types that there are no more.
func write(folder string) error {
	files, err := contracts()
	if err != nil {
		return err
	}
	old, err := stale(folder, files)
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(folder, schemas), 0o755); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// stale are the schemas that lie in the folder and are not among the files.
func stale(folder string, files map[string][]byte) ([]string, error) {
	there, err := filepath.Glob(filepath.Join(folder, schemas, "*"))
	if err != nil {
		return nil, err
	}
	for i, p := range there {
		there[i] = schemas + "/" + filepath.Base(p)
	}
	return slices.DeleteFunc(there, func(p string) bool { return files[p] != nil }), nil
}
