/**
 * A value for a JSON column. Arrays must go as text (node-postgres would make a PostgreSQL array of
 * them), and the character U+0000, which jsonb cannot hold, becomes U+FFFD.
 * @throws TypeError for what JSON cannot say (undefined, functions, cycles)
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('undefined has no JSON')
  // only an unescaped \u0000: the backslashes before it are even in number
  return text.includes('\\u0000') ? text.replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd') : text
}
