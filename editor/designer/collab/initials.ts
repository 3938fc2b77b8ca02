/** A person as two letters and one of a few patterns: never told apart by colour alone, the letters and the name are there too. */

export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0] ?? '') : [...name.trim()].slice(0, 2)
  return letters.join('').toUpperCase() || '?'
}

const TONES = 6
/** The same for a person everywhere. */
export function toneOf(userId: string): number {
  let sum = 0
  for (const letter of userId) sum = (sum * 31 + letter.charCodeAt(0)) % 9973
  return sum % TONES
}
