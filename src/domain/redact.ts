/**
 * The text with every secret, as it is and as it looks in a URL, replaced; providers echo keys in their error texts.
 * The longest first: a secret that is part of another one must not leave the rest of it standing.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
