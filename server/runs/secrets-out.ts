/** Takes secrets that the gateway knows by their value (passwords and keys of connections) out of kept messages and words. */
import type { RunRecord } from './run-record.ts'

/** Shorter ones would be found in everything. */
const SHORTEST = 6
const HIDDEN = '••••'

export type Redact = (json: string) => { json: string; isChanged: boolean }

/** The words that came with a run: errors of its steps, and how it ended. */
export function redactWords(record: RunRecord, redact: Redact): void {
  for (const hop of record.detail) if (hop.error !== undefined) hop.error = redact(hop.error).json
  if (record.endText !== undefined) record.endText = redact(record.endText).json
  record.hasWords = false
}

/**
 * @param values the secrets in force now; asked at each batch
 * @returns a function that takes JSON text (or plain text) and gives it without them
 */
export function redactor(values: readonly string[]): Redact {
  // as they stand inside of JSON, and longest first, since one may be part of another
  const found = [...new Set(values.filter((value) => value.length >= SHORTEST).flatMap((value) => [JSON.stringify(value).slice(1, -1), value]))]
  found.sort((a, b) => b.length - a.length)
  return (json) => {
    let text = json
    for (const secret of found) if (text.includes(secret)) text = text.replaceAll(secret, HIDDEN)
    return { json: text, isChanged: text !== json }
  }
}
