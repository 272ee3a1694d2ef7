/**
 * A list that grows. All lists keep their items in one class of array, so the module has the code for it once, where the
 * compiler's own `Array` has it for each type, and more of it.
 */
export class List<T> {
  length: i32 = 0;
  private items: StaticArray<Object | null>;

  constructor(capacity: i32 = 4) {
    this.items = new StaticArray<Object | null>(max(capacity, 4));
  }

  push(item: T): void {
    if (this.length == this.items.length) {
      const grown = new StaticArray<Object | null>(2 * this.length);
      memory.copy(
        changetype<usize>(grown),
        changetype<usize>(this.items),
        <usize>this.length * sizeof<usize>(),
      );
      this.items = grown;
    }
    unchecked((this.items[this.length++] = changetype<Object>(item)));
  }

  /** The item at an index below the length: no check in the release build. */
  @operator("[]")
  at(index: i32): T {
    assert(<u32>index < <u32>this.length);
    return changetype<T>(unchecked(this.items[index]));
  }
}
