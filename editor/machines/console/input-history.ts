/** The lines a person has sent from the console, newest last, kept in this browser. */
const KEY = 'cellwright-console'
const MOST = 200

export function readHistory(): string[] {
  try {
    const lines: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(lines) ? lines.filter((line): line is string => typeof line === 'string').slice(-MOST) : []
  } catch {
    // no storage, or written by something else: begin anew
    return []
  }
}

/** @returns the history with the line at its end, once */
export function withLine(history: readonly string[], line: string): string[] {
  const lines = [...history.filter((old) => old !== line), line].slice(-MOST)
  try {
    localStorage.setItem(KEY, JSON.stringify(lines))
  } catch {
    // storage may be forbidden: the history then lasts as long as the page
  }
  return lines
}
