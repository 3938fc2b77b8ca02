import { expect, test } from 'vitest'
import { dialectFor } from './index.ts'
import { lines, read } from './test/read.ts'

test('the length of a line, the number of axes and work offsets', () => {
  expect(dialectFor('grbl')).toMatchObject({ maxLineLength: 79, axisCount: 3, workOffsetCount: 6 })
  expect(dialectFor('grblhal', { axisCount: 5, maxLineLength: 100 })).toMatchObject({ maxLineLength: 100, axisCount: 5, workOffsetCount: 9 })
  expect(dialectFor('fluidnc', { maxLineLength: 1000 }).maxLineLength).toBe(254)
  expect(dialectFor('linuxcnc', { axisCount: 9 }).axisCount).toBe(6)
})

test('Grbl has mist only in builds with M', () => {
  expect(read('M7').errors).toEqual(['code-unknown'])
  expect(read('M7', { dialect: dialectFor('grbl', { optionLetters: 'VM' }) }).errors).toEqual([])
})

test('M6 goes out where the controller changes tools, and is taken out elsewhere', () => {
  expect(read('M6 T1').output).toEqual(['T1'])
  expect(read('M6 T1', { dialect: dialectFor('grbl', { changesTools: true }) })).toMatchObject({ output: ['M6T1'], facts: { isExpanded: false } })
  expect(read('M6 T1', { dialect: dialectFor('fluidnc', { changesTools: false }) }).output).toEqual(['T1'])
})

test.each([
  ['grbl', ['G59.1', 'G98', 'G43 H1', 'M61 Q1', 'G90.1', 'G95', 'G7', 'M62 P1', 'G92.2'], ['G59.1', 'G43 H1', 'M61 Q1', 'G95', 'G7', 'M62 P1', 'G92.2']],
  ['grblhal', ['G59.1', 'G98', 'M48', 'M53 P1', 'M60', 'G95', 'M7'], ['G95']],
  ['fluidnc', ['G59.1', 'M61 Q1', 'M62 P1', 'M67 E0 Q50', 'M48'], ['G59.1', 'M48']],
  [
    'linuxcnc',
    ['G59.3', 'G98', 'M61 Q1', 'G90.1', 'G95', 'G92.2', 'G61.1', 'G64 P0.1', 'M66 P0 L3 Q1', 'M19 R90', 'G87', 'G50', 'M70', 'M100'],
    ['G87', 'G50', 'M70', 'M100'],
  ],
] as const)('%s takes what it has, and refuses the rest', (dialect, tried, refused) => {
  expect(tried.filter((line) => read(line, { dialect }).errors.length > 0)).toEqual(refused)
})

test('every code of every dialect is one that the engine follows', () => {
  for (const id of ['grbl', 'grblhal', 'fluidnc', 'linuxcnc'] as const) {
    const dialect = dialectFor(id, { optionLetters: 'M', changesTools: true })
    for (const [letter, codes] of [
      ['G', dialect.gCodes],
      ['M', dialect.mCodes],
    ] as const) {
      for (const tenths of codes) {
        const { errors } = read(lines('G21 F100', `${letter}${tenths / 10}`), { dialect, toolTableMm: new Map([[0, [0, 0, 1]]]) })
        expect(errors, `${id} ${letter}${tenths / 10}`).not.toContain('code-unknown')
      }
    }
  }
})

test('G43 only where grblHAL has a tool table, and for tools whose length is known', () => {
  const dialect = dialectFor('grblhal', { hasToolTable: true })
  const toolTableMm = new Map([[2, [0, 0, 30]]])
  expect(read('G43 H2', { dialect: 'grblhal', toolTableMm }).errors).toEqual(['code-unknown'])
  expect(read(lines('G21 G43 H2', 'G0 Z0'), { dialect, toolTableMm }).path).toEqual(['rapid 0 0 30'])
  expect(read('G43 H3', { dialect, toolTableMm }).errors).toEqual(['tool-length-unknown'])
})
