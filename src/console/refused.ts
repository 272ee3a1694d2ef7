/** Why a request of the page is not done: the status of the answer, and lines for the user. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly status: 400 | 404 | 409 | 413 | 422 | 500,
    readonly problems: readonly string[],
  ) {
    super(problems.join("\n"));
  }
}
