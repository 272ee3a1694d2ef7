/** The stars that each reviewer gave: `GET /ratings/<id>`. */
import { notFound, reply, startApp } from "./http.mjs";

startApp("ratings", ({ path }) => {
  const id = /^\/ratings\/(\d+)$/.exec(path)?.[1];
  return id ? reply({ id: Number(id), ratings: { Reviewer1: 5, Reviewer2: 4 } }) : notFound();
});
