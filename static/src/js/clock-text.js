// A text of the server with {time} in it, told now: 14:03, in the language of the page.
export function withTime(text) {
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  return text.replace("{time}", time);
}
