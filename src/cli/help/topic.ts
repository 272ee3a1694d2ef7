/** Something to learn about. */
export interface Topic {
  title: string;
  /** Lines of at most 80 characters; what is indented by four is an example, in YAML or for a shell ("$"). */
  text: string;
}
