/** What the console's input offers while one types: codes and commands that begin so. Their meanings are in the catalogue. */

/** Controller commands stand alone on a line; codes may follow each other. */
export const COMMANDS = ['$$', '$#', '$G', '$I', '$N', '$X', '$H', '$J='] as const
export const CODES = [
  'G0',
  'G1',
  'G2',
  'G3',
  'G4',
  'G10',
  'G17',
  'G18',
  'G19',
  'G20',
  'G21',
  'G28',
  'G28.1',
  'G30',
  'G30.1',
  'G38.2',
  'G38.3',
  'G38.4',
  'G38.5',
  'G40',
  'G43',
  'G43.1',
  'G49',
  'G53',
  'G54',
  'G55',
  'G56',
  'G57',
  'G58',
  'G59',
  'G59.1',
  'G59.2',
  'G59.3',
  'G61',
  'G73',
  'G80',
  'G81',
  'G82',
  'G83',
  'G85',
  'G86',
  'G89',
  'G90',
  'G91',
  'G91.1',
  'G92',
  'G92.1',
  'G93',
  'G94',
  'G98',
  'G99',
  'M0',
  'M1',
  'M2',
  'M3',
  'M4',
  'M5',
  'M6',
  'M7',
  'M8',
  'M9',
  'M30',
] as const
export type Command = (typeof COMMANDS)[number]
export type Code = (typeof CODES)[number]

/** The word that is being typed at the end of the line. */
function lastWord(line: string): string {
  return /(\$[^\s]*|[A-Za-z][0-9.]*)$/.exec(line)?.[0] ?? ''
}

/** At most `most` of them; none when what is typed is one already and nothing longer begins so. */
export function completionsOf(line: string, most = 6): (Command | Code)[] {
  const word = lastWord(line).toUpperCase()
  if (word === '') return []
  const isStart = line.trim().toUpperCase() === word
  const pool: readonly (Command | Code)[] = word.startsWith('$') ? (isStart ? COMMANDS : []) : CODES
  const found = pool.filter((one) => one.startsWith(word))
  return found.length === 1 && found[0] === word ? [] : found.slice(0, most)
}

/** The line with its last word made whole. */
export function completed(line: string, word: Command | Code): string {
  const typed = lastWord(line)
  return line.slice(0, line.length - typed.length) + word + (word.endsWith('=') || word.startsWith('$') ? '' : ' ')
}

/** The codes a line is made of, in their order: to say what it means. */
export function wordsIn(line: string): (Command | Code)[] {
  const plain = line.toUpperCase().replace(/\([^)]*\)|;.*$/g, '')
  const command = COMMANDS.find((one) => plain.trim() === one || (one.endsWith('=') && plain.trim().startsWith(one)))
  if (command) return [command]
  return [...plain.matchAll(/([GM])\s*0*(\d+(?:\.\d)?)/g)].flatMap(([, letter, number]) => CODES.find((one) => one === `${letter}${number}`) ?? [])
}
