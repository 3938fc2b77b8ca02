/** A line of a program with its layout: which word stands where, so that one can be changed and all others stay as they were. */

export interface SourceWord {
  /** Upper case. */
  letter: string
  value: number
  /** The number as written. */
  number: string
  /** Of the word in the line, end exclusive. */
  start: number
  end: number
}

export interface SourceLine {
  /** Without its line end, one character a byte. */
  text: string
  words: SourceWord[]
  hasComment: boolean
  isBlockDelete: boolean
  /** `%` */
  isTapeMark: boolean
  /** Holds something that is no word, comment or space. */
  isStrange: boolean
}

/** The number behind a letter, from the letter's place on. */
const NUMBER = /[ \t]*([-+]?[ \t]*(?:\d+\.?\d*|\.\d+))/y
const CHECKSUM = /\*[ \t]*\d+/y

export function parseSourceLine(text: string): SourceLine {
  const line: SourceLine = { text, words: [], hasComment: false, isBlockDelete: false, isTapeMark: false, isStrange: false }
  // a byte order mark, read as three characters
  let i = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0
  while (i < text.length) {
    const code = text.charCodeAt(i)
    if (code === 32 || code === 9) i += 1
    else if (isLetter(code)) i = addWord(line, i)
    else if (code === 40 || code === 59) {
      line.hasComment = true
      const end = code === 40 ? text.indexOf(')', i) : -1
      i = end < 0 ? text.length : end + 1
    } else i = addSign(line, i, text[i] as string)
  }
  return line
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

/** @returns where the word ends */
function addWord(line: SourceLine, start: number): number {
  NUMBER.lastIndex = start + 1
  const number = NUMBER.exec(line.text)?.[1]
  if (number === undefined) {
    line.isStrange = true
    return start + 1
  }
  const value = Number(number)
  line.words.push({
    letter: (line.text[start] as string).toUpperCase(),
    value: Number.isNaN(value) ? Number(number.replaceAll(/[ \t]/g, '')) : value,
    number,
    start,
    end: NUMBER.lastIndex,
  })
  return NUMBER.lastIndex
}

/** @returns where what stands at `at` ends */
function addSign(line: SourceLine, at: number, sign: string): number {
  if (sign === '%') line.isTapeMark = true
  else if (sign === '/' && line.words.length === 0) line.isBlockDelete = true
  else {
    CHECKSUM.lastIndex = at
    if (CHECKSUM.test(line.text)) return CHECKSUM.lastIndex
    line.isStrange = true
  }
  return at + 1
}

/** Codes of one letter in the line, as tenths. */
export function codesOf(line: SourceLine, letter: 'G' | 'M'): number[] {
  return line.words.filter((word) => word.letter === letter).map((word) => Math.round(word.value * 10))
}

/** What becomes of a word: another text, or nothing at all. */
export type WordEdit = string | null

/**
 * The line with some words changed, some taken out with the space before them, and some put in.
 * @param options.edits by index of the word
 * @param options.added words to put in, by the index of the word they come behind (-1: before the first)
 */
export function editLine(line: SourceLine, options: { edits: ReadonlyMap<number, WordEdit>; added?: ReadonlyMap<number, readonly string[]> }): string {
  const { edits, added = new Map<number, readonly string[]>() } = options
  if (edits.size === 0 && added.size === 0) return line.text
  const gap = isSpaced(line) ? ' ' : ''
  const { text, words } = line
  let at = words[0]?.start ?? endOfWords(line)
  let made = text.slice(0, at)
  const put = (word: string) => {
    made += /[ \t/]$|^$/.test(made) ? word : gap + word
  }
  for (const word of added.get(-1) ?? []) put(word)
  words.forEach((word, index) => {
    const edit = edits.get(index)
    // a comment between two words stays where it is
    const between = text.slice(at, word.start)
    at = word.end
    const shown = edit === undefined ? text.slice(word.start, word.end) : edit
    if (between.trim() !== '') made += shown === null ? between.trimEnd() : between
    if (shown !== null) {
      if (between.trim() === '' && between !== '' && !/[ \t/]$|^$/.test(made)) made += between
      else if (between === '' && gap !== '' && added.get(index - 1) !== undefined) made += gap
      made += shown
    }
    for (const more of added.get(index) ?? []) put(more)
  })
  // a checksum holds for the line as it was
  const rest = text.slice(at).replace(/^([^(;]*?)[ \t]*\*[ \t]*\d+/, '$1')
  return (words.length === 0 && added.size > 0 && rest !== '' ? `${made}${gap}${rest}` : made + rest).trimEnd()
}

/** Whether words are set apart by spaces. */
export function isSpaced(line: SourceLine): boolean {
  const [first, second] = line.words
  return first !== undefined && (second === undefined ? / /.test(line.text.trim()) || line.words.length === 1 : second.start > first.end)
}

function endOfWords(line: SourceLine): number {
  const comment = line.text.search(/[(;*]/)
  return comment < 0 ? line.text.length : comment
}

/**
 * A number as it is written: at most so many decimals, no more zeros than wanted, never an exponent.
 * @param like the number it stands for: as many decimals as that has, where they are zeros
 */
export function numberText(value: number, decimals: number, like?: string): string {
  const wanted = Math.min(like === undefined ? 0 : decimalsOf(like), decimals)
  let text = value.toFixed(decimals)
  if (decimals > 0) {
    let end = text.length
    const shortest = text.indexOf('.') + 1 + wanted
    while (end > shortest && text[end - 1] === '0') end -= 1
    text = text.slice(0, end)
    if (text.endsWith('.') && !(like?.includes('.') && wanted === 0)) text = text.slice(0, -1)
  }
  return /^-0*\.?0*$/.test(text) ? text.slice(1) : text
}

function decimalsOf(number: string): number {
  const point = number.indexOf('.')
  return point < 0 ? 0 : number.trimEnd().length - point - 1
}
