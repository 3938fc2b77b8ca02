/**
 * A value for a JSON column. Arrays must go as text (node-postgres would make a PostgreSQL array of
 * them), and what jsonb cannot hold, the character U+0000 and halves of surrogate pairs, becomes U+FFFD.
 * @throws TypeError for what JSON cannot say (undefined, functions, cycles)
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('undefined has no JSON')
  // JSON.stringify escapes lone halves only. Only an unescaped one counts: the backslashes before it are even in number
  return /\\u(?:0000|d)/.test(text) ? text.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\\ufffd') : text
}
