import { Document, isScalar, Scalar, visit } from "yaml";

/** A name that needs no quotes as a key: as the fields of messages are called. E0 would be a number to YAML 1.1. */
const NAME = /^[A-Za-z]{2}[A-Za-z0-9_]*$/;
/** Words that YAML 1.1 reads as something else than texts, also as keys. */
const NOT_TEXT = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Lists of scalars up to this length stand on one line. */
const SHORT = 60;

/**
 * Writes YAML for Envoy, which reads plain scalars as YAML 1.1 does: `n`, `on` and `1.10` would be no texts. Every
 * text is therefore quoted, or a block when it has several lines; so is every key that is no simple name.
 */
export function toYaml(value: unknown, comment: string): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(position, node) {
      if (typeof node.value !== "string") return;
      if (position === "key" && NAME.test(node.value) && !NOT_TEXT.test(node.value)) return;
      node.type = node.value.includes("\n") ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
    Collection(_, node) {
      const texts = node.items.map((item) => (isScalar(item) ? String(item.value) : undefined));
      if (texts.length > 0 && !texts.includes(undefined) && texts.join(", ").length <= SHORT)
        node.flow = true;
    },
  });
  document.commentBefore = ` ${comment}`;
  return document.toString({ lineWidth: 0, blockQuote: "literal", flowCollectionPadding: false });
}
