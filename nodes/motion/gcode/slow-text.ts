/** A line for the slow reader: lower case, without spaces and comments, with the column of every character. */
import type { Block } from './block.ts'
import { Refusal } from './findings.ts'
import { commentEnd, strangeCharacter } from './scan.ts'

export interface SlowText {
  text: string
  /** 1-based column of each character, and one behind the last. */
  columns: number[]
}

/** @throws Refusal for what cannot stand in a line */
export function slowText(block: Block): SlowText {
  const { bytes, start, end } = block
  let text = ''
  const columns: number[] = []
  let i = start
  for (; i < end; i += 1) {
    const c = bytes[i] as number
    if (c === 32 || c === 9) continue
    if (c === 59) break
    if (c === 40) {
      const from = i
      const close = commentEnd(bytes, i)
      i = close < 0 ? end : close
      if (i === end) throw new Refusal(from - start + 1, 'comment-open', 'A comment begins here and never ends. Close it with ")".')
      continue
    }
    if (c === 41) throw new Refusal(i - start + 1, 'comment-open', 'A comment ends here that never began.')
    if (c === 47 && text === '') continue
    if (c <= 32 || c > 125 || c === 63 || c === 33 || c === 36) throw new Refusal(i - start + 1, 'line-refused', strangeCharacter(c))
    text += String.fromCharCode(c >= 65 && c <= 90 ? c + 32 : c)
    columns.push(i - start + 1)
  }
  columns.push(i - start + 1)
  return { text, columns }
}
