/** The words of the section, and of what the server reports. */

import type { MoveInLine } from '../../../server/api/move-in.ts'
import { LINES, type LineWords, lineWords } from '../../../server/api/move-in-lines.ts'
import { moveIn as de } from '../../shared/text/de/move-in.ts'
import { moveInLines as german } from '../../shared/text/de/move-in-lines.ts'
import { moveIn as en } from '../../shared/text/en/move-in.ts'
import { catalogue, useLanguage } from '../../shared/text/index.ts'

export const useMoveInText = catalogue(en, de)

/** What a line says, in the page's language; in the server's words where this page does not know it. */
export function useLineWords(): (line: MoveInLine) => LineWords {
  const sentences = useLanguage() === 'de' ? german : LINES
  return (line) => lineWords(sentences, line) ?? line
}
