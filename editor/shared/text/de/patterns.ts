/** Deutsch: sentences with blanks, by their English text. A blank `{why}` or `{what}` holds a sentence of its own, `{count}` a number. */

/** How a program ended, inside of a sentence. */
const HOW: Readonly<Record<string, string>> = { 'broken off': 'abgebrochen', stopped: 'gestoppt', interrupted: 'unterbrochen', cancelled: 'abgebrochen' }

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const BLANK = /\{(\w+)\}/
/** Those that are filled with a number only. */
const NUMBERS: ReadonlySet<string> = new Set(['count', 'done', 'total', 'line', 'waiting'])

export type Sayer = (english: string) => string | undefined

/**
 * @param sentences German by English, both with their blanks
 * @param inner says what stands in a blank `{why}` or `{what}`; this sayer is asked first
 * @returns says a sentence in German, undefined where it is none of these
 */
export function sayerOf(sentences: Readonly<Record<string, string>>, inner: Sayer = () => undefined): Sayer {
  // the most words first: a sentence with fewer blanks and more text of its own is meant
  const patterns = Object.entries(sentences)
    .toSorted(([a], [b]) => b.replaceAll(/\{\w+\}/g, '').length - a.replaceAll(/\{\w+\}/g, '').length)
    .map(([english, german]) => {
      const names: string[] = []
      const source = english
        .split(/(\{\w+\})/)
        .map((part) => {
          const name = BLANK.exec(part)?.[1]
          if (name === undefined) return escaped(part)
          names.push(name)
          return NUMBERS.has(name) ? '([\\d.,]+)' : '(.+?)'
        })
        .join('')
      return { pattern: new RegExp(`^${source}$`, 's'), names, german }
    })
  const filled = (name: string, words: string): string => {
    if (name === 'how') return HOW[words] ?? words
    return name === 'why' || name === 'what' ? (say(words) ?? inner(words) ?? words) : words
  }
  const say: Sayer = (english) => {
    for (const { pattern, names, german } of patterns) {
      const found = pattern.exec(english)
      if (!found) continue
      const blanks = new Map(names.map((name, index) => [name, filled(name, found[index + 1] ?? '')]))
      return german.replaceAll(/\{(\w+)\}/g, (_, name: string) => blanks.get(name) ?? '')
    }
    return undefined
  }
  return say
}
