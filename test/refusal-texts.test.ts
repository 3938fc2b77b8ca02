/** Every refusal that has German is one that something refuses with: a code that was renamed is noticed. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { germanNodeState, knownNodeStates } from '../editor/shared/text/de/node-states.ts'
import { germanRefusal, refusalCodes } from '../editor/shared/text/de/refusals.ts'
import { germanSummary, knownRunParts } from '../editor/shared/text/de/run-words.ts'
import { germanSentence, knownSentences } from '../editor/shared/text/de/sentences.ts'

const ROOT = join(import.meta.dirname, '..')
const sources = ['adapters', 'base', 'nodes', 'server', 'editor/shared']
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('text/de/'))

it('knows no code that nothing is refused with', () => {
  const said = new Set(sources.flatMap((name) => [...readFileSync(join(ROOT, name), 'utf8').matchAll(/'([a-z0-9-]+)'/g)].map(([, word]) => word)))
  expect(refusalCodes.filter((code) => !said.has(code))).toEqual([])
})

it('says the facts that stand in the English alone behind the German, and nothing of a code that it does not know', () => {
  expect(germanRefusal('job-ended', {}, 'The job has ended already: failed.')).toBe('Dieser Auftrag ist schon beendet.')
  expect(germanRefusal('machine-cannot', {}, 'Mill cannot run it.')).toMatch(/^Diese Maschine kann .+ \(Mill cannot run it\.\)$/)
  expect(germanRefusal('no-such-code', {}, 'No.')).toBeUndefined()
})

it('knows no sentence that nothing says: every piece of it between its blanks stands in a source', () => {
  const all = sources.map((name) => readFileSync(join(ROOT, name), 'utf8')).join('\n')
  const pieces = (sentence: string) =>
    sentence
      .split(/\{\w+\}/)
      .map((piece) => piece.trim())
      .filter((piece) => /\p{L}{3}.* .*\p{L}{3}/u.test(piece))
  expect([...knownSentences, ...knownRunParts, ...knownNodeStates].filter((sentence) => pieces(sentence).some((piece) => !all.includes(piece)))).toEqual([])
})

it('says a sentence with its blanks in German, the one with the most words of its own, and leaves what it does not know', () => {
  expect(germanSentence('It was waiting when plate.nc on Mill 1 was broken off. Look at the machine, then start it again.')).toBe(
    'Er wartete, als plate.nc auf Mill 1 abgebrochen wurde. Nach der Maschine sehen, dann noch einmal starten.',
  )
  expect(germanSentence('Conditions, row 2: Than, or equal to is missing.')).toBe('Conditions, Zeile 2: Than, or equal to fehlt.')
  expect(germanSentence('The door of Mill 1 is open.')).toBe('Die Tür von Mill 1 ist offen.')
  expect(germanSentence('Something else.')).toBe('Something else.')
})

it('says what a run came to in German, part by part, with the reasons inside of it', () => {
  expect(germanSummary('Button "Cut part" pressed by Ann; program pocket.nc ran 640 lines on Mill 1; bore 12.01 mm in tolerance; confirmed')).toBe(
    'Taste „Cut part“ gedrückt von Ann; Programm pocket.nc: 640 Zeilen auf Mill 1 gelaufen; bore 12.01 mm in der Toleranz; confirmed',
  )
  expect(germanSummary('Started by "Every hour"; 3 steps; failed: Mill 1 is not connected.')).toBe(
    'Gestartet von „Every hour“; 3 Schritte; fehlgeschlagen: Mill 1 ist nicht verbunden.',
  )
})

it('says the states of nodes in German, and what stands inside of them', () => {
  expect(germanNodeState('3 since 14:05: until 16:00:00')).toBe('3 seit 14:05: bis 16:00:00')
  expect(germanNodeState('waiting until it is idle')).toBe('wartet, bis sie bereit ist')
  expect(germanNodeState('plate.nc: line 12 of 640')).toBe('plate.nc: Zeile 12 von 640')
  expect(germanNodeState('42.01 mm')).toBe('42.01 mm')
})
