/**
 * The reviews of a book: `GET /reviews/<id>`. VERSION `v1` has no stars; `v2` asks ratings for them and has
 * them in black.
 */
import { cluster, getJson, notFound, reply, startApp } from "./http.mjs";

const { VERSION = "v1" } = process.env;

const texts = {
  Reviewer1: "An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!",
  Reviewer2:
    "Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.",
};

startApp(`reviews-${VERSION}`, async ({ path }) => {
  const id = /^\/reviews\/(\d+)$/.exec(path)?.[1];
  if (!id) return notFound();
  const ratingOf = VERSION === "v1" ? () => ({}) : await stars(id);
  const reviews = Object.entries(texts).map(([reviewer, text]) => ({
    reviewer,
    text,
    ...ratingOf(reviewer),
  }));
  return reply({ id, podname: `reviews-${VERSION}`, clustername: cluster, reviews });
});

async function stars(id) {
  try {
    const { ratings } = await getJson("ratings", `/ratings/${id}`, 1000);
    return (reviewer) => ({ rating: { stars: ratings[reviewer], color: "black" } });
  } catch (error) {
    console.error(`ratings: ${error.message}`);
    return () => ({ rating: { error: "Ratings service is currently unavailable" } });
  }
}
