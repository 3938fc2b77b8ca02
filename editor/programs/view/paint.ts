/** Cuts a line of G-code into words for its colours. Reads nothing into it: that is the engine's work. */

export type Paint = 'comment' | 'motion' | 'code' | 'axis' | 'number' | 'plain'

const PIECES = /(\([^)]*\)?|;.*$|%.*$)|([GgMmTt]\s*[\d.]+)|([A-Za-z]\s*[-+]?\s*[\d.]+)|([^(;%A-Za-z]+|[A-Za-z]+)/g

/** Longer lines are shown plain: nobody reads them, and colours would cost time. */
const LONGEST = 400

export function paint(line: string): [Paint, string, number][] {
  if (line.length > LONGEST) return [['plain', line, 0]]
  const parts: [Paint, string, number][] = []
  for (const match of line.matchAll(PIECES)) {
    const [whole, comment, code, word] = match
    const kind: Paint =
      comment !== undefined ? 'comment' : code !== undefined ? (/^[Gg]\s*0*[0-3]$/.test(code) ? 'motion' : 'code') : word !== undefined ? kindOf(word) : 'plain'
    parts.push([kind, whole, match.index])
  }
  return parts
}

function kindOf(word: string): Paint {
  return /^[XYZABCIJKRUVWxyzabcijkruvw]/.test(word) ? 'axis' : 'number'
}
