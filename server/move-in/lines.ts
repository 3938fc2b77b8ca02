/** Lines of the report. */
import { LINE_LEVELS, LINES, type LineBlanks, type LineCode, type MoveInLine } from '../api/index.ts'

/** Lists in a sentence get no longer than this. */
const MOST_NAMED = 12

export function line<C extends LineCode>(code: C, blanks: LineBlanks[C]): MoveInLine {
  const params = Object.fromEntries(
    Object.entries(blanks).map(([key, value]) => [
      key,
      Array.isArray(value) && value.length > MOST_NAMED ? [...value.slice(0, MOST_NAMED), `+${value.length - MOST_NAMED}`] : value,
    ]),
  ) as MoveInLine['params']
  const words = LINES[code](params as never as LineBlanks[C])
  return { level: LINE_LEVELS[code], code, params, ...words }
}
