import { parseAllDocuments, type Document, type ScalarTag } from "yaml";
import { JsonSyntaxError, readJson } from "../../input/json.ts";
import { Lines } from "../../input/lines.ts";
import type { Problem } from "../../input/problem.ts";
import { fieldsOf, itemsOf } from "./object.ts";

/** What a file holds: the values of its documents, those of a List one by one. */
export interface Documents {
  values: unknown[];
  problems: Problem[];
}

/** kubectl reads YAML 1.1, where these words are booleans. */
const WORDS: ScalarTag[] = [
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: /^(?:[yY]|yes|Yes|YES|on|On|ON)$/,
    resolve: () => true,
  },
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: /^(?:[nN]|no|No|NO|off|Off|OFF)$/,
    resolve: () => false,
  },
];

/** Reads what `kubectl get -o yaml` (or json) prints, or what people write for `kubectl apply`. */
export function readDocuments(text: string, file: string): Documents {
  const { values, problems } = /^\s*[{[]/.test(text) ? fromJson(text, file) : fromYaml(text, file);
  return { values: values.flatMap(unlist), problems };
}

function fromJson(text: string, file: string): Documents {
  try {
    return { values: [JSON.parse(text) as unknown], problems: [] };
  } catch {
    // YAML's flow style looks like JSON. Of what is neither, our own reader says where it goes wrong.
    const yaml = fromYaml(text, file);
    return yaml.problems.length === 0 ? yaml : { values: [], problems: jsonProblems(text, file) };
  }
}

function jsonProblems(text: string, file: string): Problem[] {
  try {
    readJson(text);
    return [{ file, path: "(root)", message: "not JSON" }];
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return [{ file, path: "(root)", message: error.message, ...new Lines(text).position(error.at) }];
  }
}

function fromYaml(text: string, file: string): Documents {
  const documents = parseAllDocuments(text, {
    prettyErrors: false,
    merge: true,
    customTags: (tags) => [...WORDS, ...tags],
  });
  if ("empty" in documents) return { values: [], problems: [] };
  const lines = new Lines(text);
  const problems = documents.flatMap(({ errors }) =>
    errors.map(({ message, pos }) => ({
      file,
      path: "(root)",
      message: `not YAML: ${message}`,
      ...lines.position(pos[0]),
    })),
  );
  if (problems.length > 0) return { values: [], problems };
  try {
    return { values: documents.map((document: Document) => document.toJS() as unknown), problems };
  } catch (error) {
    return {
      values: [],
      problems: [{ file, path: "(root)", message: `not YAML: ${(error as Error).message}` }],
    };
  }
}

/** The items of a List (`kind: List`, `ServiceList`, ...), nothing of an empty document. */
function unlist(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, items } = fieldsOf(value);
  if (typeof kind !== "string" || !kind.endsWith("List")) return [value];
  // In a typed list the items leave out what its own kind says.
  const item = kind.slice(0, -"List".length);
  return itemsOf(items).map((one) => (item === "" ? one : { kind: item, ...fieldsOf(one) }));
}
