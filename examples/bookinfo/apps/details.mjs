/** The details of a book: `GET /details/<id>`. */
import { notFound, reply, startApp } from "./http.mjs";

startApp("details", ({ path }) => {
  const id = /^\/details\/(\d+)$/.exec(path)?.[1];
  if (!id) return notFound();
  return reply({
    id: Number(id),
    author: "William Shakespeare",
    year: 1595,
    type: "paperback",
    pages: 200,
    publisher: "PublisherA",
    language: "English",
    "ISBN-10": "1234567890",
    "ISBN-13": "123-1234567890",
  });
});
