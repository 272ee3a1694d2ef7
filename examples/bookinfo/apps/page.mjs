/** The HTML of the product page. */

const sorry = (what) =>
  `<p class="sorry">Sorry, product ${what} are currently unavailable for this book.</p>`;

/** `details` and `reviews` as those services sent them; undefined when they did not answer. */
export function renderPage({ product, details, reviews, cluster, user }) {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simple Bookstore App</title>
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<header><strong>BookInfo Sample</strong> <span>productpage in ${escape(cluster)}</span> ${renderLogin(user)}</header>
<main>
<h1>${escape(product.title)}</h1>
<p>${product.descriptionHtml}</p>
<section id="details"><h2>Book Details</h2>
${details ? renderDetails(details) : sorry("details")}
</section>
<section id="reviews"><h2>Book Reviews</h2>
${reviews ? renderReviews(reviews) : sorry("reviews")}
</section>
</main>
</body>
</html>
`;
}

function renderLogin(user) {
  if (user) return `<span>${escape(user)} (<a href="/logout">sign out</a>)</span>`;
  return `<form method="post" action="/login"><input name="username" placeholder="User name" required><button>Sign in</button></form>`;
}

function renderDetails(details) {
  const rows = Object.entries(details).filter(([name]) => name !== "id");
  return `<dl>${rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join("")}</dl>`;
}

function renderReviews({ reviews, podname, clustername }) {
  const quotes = reviews.map(
    ({ reviewer, text, rating }) =>
      `<blockquote><p>${escape(text)}</p><footer>${escape(reviewer)} ${renderRating(rating)}</footer></blockquote>`,
  );
  return `${quotes.join("\n")}
<p class="from">Reviews served by: <b>${escape(podname)}</b> in <b>${escape(clustername)}</b></p>`;
}

function renderRating(rating) {
  if (!rating) return "";
  if (rating.error) return `<i>${escape(rating.error)}</i>`;
  const stars = "★".repeat(rating.stars) + "☆".repeat(5 - rating.stars);
  return `<span class="stars" style="color: ${escape(rating.color)}">${stars}</span>`;
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export const style = `body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #222; }
header { display: flex; gap: 1.5em; align-items: center; padding: .7em 1.5em; background: #222; color: #fff; }
header a { color: #fff; }
header > :last-child { margin-left: auto; }
main { max-width: 60em; margin: 0 auto; padding: 1em 1.5em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1.5em; }
dt { font-weight: 600; text-transform: capitalize; }
dd { margin: 0; }
blockquote { margin: 1em 0; padding: .1em 1em; border-left: 4px solid #ccc; }
.stars { font-size: 1.3em; letter-spacing: .1em; }
.sorry { padding: .7em 1em; background: #fde8e8; color: #8a1f1f; }
.from { color: #666; }
`;
