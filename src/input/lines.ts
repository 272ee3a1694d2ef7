/** The lines of a text, for turning offsets into places that people and editors understand. */
export class Lines {
  /** The offset at which each line starts. */
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  /** Line and column, both from 1, of an offset in UTF-16 code units. */
  position(offset: number): { line: number; col: number } {
    let low = 0;
    for (let high = this.starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, col: offset - this.starts[low]! + 1 };
  }
}
