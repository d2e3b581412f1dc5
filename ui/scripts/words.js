/* Words that scripts show; they stand translated on the body as data-word-… */
export function word(name, values = {}) {
  const text = document.body.dataset["word" + name[0].toUpperCase() + name.slice(1)] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
