import { expect, test } from 'vitest'
import { checkLine } from './index.ts'
import { modelWith } from './test/read.ts'

const model = modelWith({ envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] }, workOffsetsMm: [[100, 50, -10]] })

test('a good line: what goes out, where it leads, and nothing that only matters in a program', () => {
  const check = checkLine(model, 'g0 x10 (over there)')
  expect(check).toMatchObject({ findings: [], output: ['G0X10'], positionMm: [110, 0, 0, 0, 0, 0] })
  expect(check.moves).toEqual([{ kind: 'rapid', fromMm: [0, 0, 0, 0, 0, 0], toMm: [110, 0, 0, 0, 0, 0] }])
  expect(checkLine(model, 'G91').modal.isIncremental).toBe(true)
})

test('a bad line: the reason with its column, and nothing to send', () => {
  expect(checkLine(model, 'G1 X10')).toMatchObject({ findings: [{ severity: 'error', code: 'feed-missing', line: 1, column: 4 }], output: [] })
  expect(checkLine(model, 'G0 X301').findings).toMatchObject([{ code: 'outside-envelope' }])
  expect(checkLine(model, '$H').findings).toMatchObject([{ code: 'line-refused' }])
})

test('leaves the model as it was', () => {
  const before = structuredClone({ modal: model.modal, offsets: model.workOffsetsMm })
  checkLine(model, 'G91 G55 X1')
  checkLine(model, 'G10 L2 P1 X5')
  expect({ modal: model.modal, offsets: model.workOffsetsMm }).toEqual(before)
})
