package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"istio.io/istio/pkg/test/util/yml"
)

// Source is YAML that a user would hand to kubectl apply.
type Source struct {
	documents []string
	err       error
}

// YAML is a string with one or more documents.
func YAML(text string) Source { return Source{documents: yml.SplitString(text)} }

// Path is a file, or a folder of which every .yaml and .yml file is taken, at any depth and in the order of
// their names.
func Path(path string) Source {
	var files []string
	err := filepath.WalkDir(path, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)) {
			files = append(files, name)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no .yaml or .yml file", path)
	}
	s := Source{err: err}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return Source{err: err}
		}
		s.documents = append(s.documents, yml.SplitString(string(text))...)
	}
	return s
}

// Replace replaces every occurrence of a text, as an editor would.
func (s Source) Replace(old, new string) Source {
	out := Source{err: s.err}
	for _, d := range s.documents {
		out.documents = append(out.documents, strings.ReplaceAll(d, old, new))
	}
	return out
}

// Number puts a number after each occurrence of a word, so that what was one name is several.
func (s Source) Number(word string) Source {
	out, n := Source{err: s.err}, 0
	for _, d := range s.documents {
		parts := strings.Split(d, word)
		for i := range parts[1:] {
			n++
			parts[i] += fmt.Sprint(word, n)
		}
		out.documents = append(out.documents, strings.Join(parts, ""))
	}
	return out
}

// Documents are the source's, one by one.
func (s Source) Documents() []string { return s.documents }

// Only is the documents of one kind.
func (s Source) Only(kind string) Source {
	out := Source{err: s.err}
	for _, d := range s.documents {
		if strings.Contains(d, "\nkind: "+kind+"\n") {
			out.documents = append(out.documents, d)
		}
	}
	return out
}
