import { expect, test } from 'vitest'
import { CODE_REASONS, FINDINGS, type FindingCode, finding } from '../../../server/api/findings.ts'
import { designerFindings as de } from '../../shared/text/de/designer-findings.ts'
import { designerFindings as en } from '../../shared/text/en/designer-findings.ts'
import { findingWords, refusalWords } from './finding-words.ts'

test('a finding is said in the language of the page, from its code and what stands in it', () => {
  const { code, params, sentence } = finding('moves-unattended', { by: 'clock-every', every: '60', trigger: 'each minute' })
  const message = `"Mill" (cw-jog) ${sentence}`
  expect(findingWords(en, { message, code, params })).toContain('the clock, every 60 s ("each minute") leads to it')
  expect(findingWords(de, { message, code, params })).toContain('die Uhr, alle 60 s, („each minute“) führt dorthin')
})

test('what this page does not know is said as the server says it, without the name that stands beside it', () => {
  expect(findingWords(de, { message: '"Mill" (cw-jog) does something new.', code: 'from-the-future' })).toBe('does something new.')
  expect(findingWords(de, { message: 'Nothing to say about a node.' })).toBe('Nothing to say about a node.')
  expect(findingWords(de, { message: 'x', code: 'constructor' })).toBe('x')
})

const blanks = {
  id: '«id»',
  property: '«property»',
  wanted: 'tab',
  target: '«target»',
  type: '«type»',
  used: '«used»',
  text: '«text»',
  by: 'clock-every',
  every: '«every»',
  of: 'quality-characteristic',
  does: 'takes',
  part: '«part»',
  revision: '«revision»',
}
const more = { trigger: '«trigger»', machine: '«machine»', auth: '«auth»', name: '«name»', count: 3, behind: 4, gates: ['«gates»'] }

test.each(Object.keys(FINDINGS) as FindingCode[])('%s: German says it too, and with the same facts', (code) => {
  for (const why of Object.keys(CODE_REASONS)) {
    const params = { ...blanks, ...more, why } as never
    const [english, german] = [FINDINGS[code](params), de.findings[code](params)]
    expect(german).not.toBe(english)
    const facts = (sentence: string) => new Set(sentence.match(/«\w+»/g))
    expect(facts(german)).toEqual(facts(english))
  }
})

test('a refusal is said by its code; one without words here as the server says it', () => {
  const moving = { code: 'machine-moving', message: 'Mill 1 moves now.', details: { machine: 'Mill 1', isMoving: true } }
  expect(refusalWords(de, moving)).toContain('Mill 1 bewegt sich gerade')
  const failed = { code: 'deploy-failed', message: '…', details: { reason: 'port 80 is taken.', isRestored: true } }
  expect(refusalWords(de, failed)).toBe('Die Abläufe konnten nicht gestartet werden: port 80 is taken. Die vorigen Abläufe laufen wieder.')
  expect(refusalWords(de, { code: 'node-type-not-allowed', message: '…', details: { problems: [{}, {}] } })).toContain('2 Änderungen')
  expect(refusalWords(de, { code: 'strange', message: 'As it is.' })).toBe('As it is.')
})
