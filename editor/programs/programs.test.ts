import { describe, expect, it } from 'vitest'
import { createProgramReport, readProgram } from '../../nodes/motion/gcode/index.ts'
import type { MachineView, Program } from '../../server/api/machines.ts'
import fc from '../../test/property.ts'
import { readAddress, writeAddress } from './address.ts'
import { objectionTo } from './list/uploads.ts'
import { anyMachine, modelKey, modelOf } from './model.ts'
import { byName } from './use-library.ts'
import { paint } from './view/paint.ts'
import { newName, readHeightMap, type TransformDraft, transformOf } from './view/transform-draft.ts'

const program = (name: string, revision: number, uploadedAt: string, facts: Partial<Program> = {}): Program => ({
  id: `${name}-${revision}`,
  name,
  revision,
  sha256: '',
  bytes: 1,
  lines: 1,
  uploadedBy: 'anna',
  uploadedAt,
  ...facts,
})

describe('the library', () => {
  it('puts the revisions of a name together, newest first', () => {
    const found = byName([program('a.nc', 1, '2026-01-01'), program('b.nc', 1, '2026-01-02'), program('a.nc', 2, '2026-01-03')], '')
    expect(found.map(({ name, newest, older }) => [name, newest.revision, older.length])).toEqual([
      ['a.nc', 2, 1],
      ['b.nc', 1, 0],
    ])
  })

  it('finds by every word, also by who uploaded and what it was made from', () => {
    const list = [
      program('plate.nc', 1, '2026-01-01', { origin: { programId: 'x', name: 'raw.nc', revision: 1, text: 'moved by 10, 0, 0 mm' } }),
      program('ring.nc', 1, '2026-01-02'),
    ]
    expect(byName(list, 'ANNA moved').map(({ name }) => name)).toEqual(['plate.nc'])
  })

  it('sends nothing that is plainly no program', async () => {
    expect(await objectionTo(new Blob(['G0 X1\n']))).toBeUndefined()
    expect(await objectionTo(new Blob([]))).toBe('empty')
    expect(await objectionTo(new Blob([Uint8Array.of(80, 75, 3, 4, 0)]))).toBe('not-text')
    expect(await objectionTo({ size: 3_000_000_000 } as Blob)).toBe('too-large')
  })
})

describe('the address of a program', () => {
  it('holds program, machine and line', () => {
    expect(readAddress(writeAddress({ programId: 'prog_1', machineId: 'mill-1', line: 20 }))).toMatchObject({
      programId: 'prog_1',
      machineId: 'mill-1',
      line: 20,
    })
    expect(writeAddress({ programId: 'prog_1', machineId: undefined, line: undefined })).toBe('prog_1')
  })

  it('names a program that was broken off by its content', () => {
    expect(readAddress('resume?machine=m&sha256=ab&line=7')).toMatchObject({ programId: 'resume', sha256: 'ab', line: 7, machineId: 'm' })
    expect(readAddress('x?line=nonsense').line).toBeUndefined()
  })
})

describe('the machine a program is read for in the browser', () => {
  const machine = {
    id: 'm',
    envelopeMm: { min: [0, 0, -10], max: [100, 100, 10] },
    guarding: { keepOut: [{ id: 'vice', name: 'Vice', min: [40, 0, -10], max: [60, 10, 0], isActive: true }] },
    state: {
      isStanding: true,
      machinePositionMm: [0, 0, 0],
      modal: ['G54', 'G21', 'G90'],
      offsetsMm: { G54: [10, 0, 0], TLO: [2] },
      abilities: { dialect: 'grbl', axes: ['X', 'Y', 'Z'], maxRateMmPerMin: [], accelerationMmPerS2: [] },
    },
  } as unknown as MachineView
  const findings = (text: string, model = modelOf(machine)) => {
    const report = createProgramReport(model)
    const reader = readProgram(model, report.listener)
    reader.add(new TextEncoder().encode(text))
    return report.finish(reader.end())
  }

  it('has its limits, its offsets and its keep-out boxes', () => {
    expect(findings('G0 X80 Y20\nM30\n').isRunnable).toBe(true)
    expect(findings('G0 X95 Y20\nM30\n')).toMatchObject({
      isRunnable: false,
      findings: expect.arrayContaining([expect.objectContaining({ code: 'outside-envelope', line: 1 })]),
    })
    expect(findings('G0 X40 Y5 Z-5\nM30\n').isRunnable).toBe(false)
    expect(modelOf(machine).toolLengthMm).toEqual([0, 0, 2, 0, 0, 0])
  })

  it('has no limits when there is no machine', () => {
    expect(findings('G0 X9000\nG81 X1 Y1 Z-1 R1 F100\nM30\n', anyMachine()).isRunnable).toBe(true)
  })

  it('means the same drawing while only feed, spindle or, in motion, the place change', () => {
    const other = (state: object) => modelKey({ ...machine, state: { ...machine.state, ...state } } as MachineView)
    expect(other({ modal: ['G54', 'G21', 'G90', 'F100', 'S1'] })).toBe(modelKey(machine))
    expect(other({ offsetsMm: { G54: [11, 0, 0] } })).not.toBe(modelKey(machine))
    const moving = { isStanding: false }
    expect(other({ ...moving, machinePositionMm: [5, 0, 0] })).toBe(other({ ...moving, machinePositionMm: [6, 0, 0] }))
  })
})

describe('the code', () => {
  it('is shown with every character it has', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }).filter((text) => !/[\r\n\u2028\u2029]/.test(text)),
        (text) => {
          expect(
            paint(text)
              .map(([, part]) => part)
              .join(''),
          ).toBe(text)
        },
      ),
    )
  })

  it('is coloured by kind of word', () => {
    expect(paint('G1X-1.5 F300 M3 (G0)').map(([kind, part]) => [kind, part.trim()])).toEqual([
      ['motion', 'G1'],
      ['axis', 'X-1.5'],
      ['plain', ''],
      ['number', 'F300'],
      ['plain', ''],
      ['code', 'M3'],
      ['plain', ''],
      ['comment', '(G0)'],
    ])
  })
})

describe('a transform', () => {
  const draft: TransformDraft = {
    kind: 'offset',
    by: [0, 0, 0],
    angle: 90,
    about: [0, 0, 0],
    axis: 'X',
    at: 0,
    factor: [1, 1, 1],
    tolerance: 0.005,
    dropsWords: true,
    mergesLines: true,
    fitsArcs: false,
    map: undefined,
    mapName: '',
  }

  it('is not offered while it would change nothing or a number is missing', () => {
    expect(transformOf(draft)).toBeUndefined()
    expect(transformOf({ ...draft, by: [1, '', 0] })).toBeUndefined()
    expect(transformOf({ ...draft, by: [1, 0, 0] })).toEqual({ kind: 'offset', byMm: [1, 0, 0] })
    expect(transformOf({ ...draft, kind: 'rotate', angle: 360 })).toBeUndefined()
    expect(transformOf({ ...draft, kind: 'scale' })).toBeUndefined()
    expect(transformOf({ ...draft, kind: 'level' })).toBeUndefined()
  })

  it('names its result so that the old one stays', () => {
    expect(newName('plate.nc', 'rotate')).toBe('plate-turned.nc')
    expect(newName('plate', 'level')).toBe('plate-levelled')
  })

  it('takes a height map alone or out of the result of probing', () => {
    const map = { minMm: [0, 0], maxMm: [10, 10], columns: 2, rows: 2, heightsMm: [0, 0.1, 0, 0.1] }
    expect(readHeightMap(JSON.stringify(map))).toEqual(map)
    expect(readHeightMap(JSON.stringify({ text: 'done', probe: { cycle: 'height-map', heightMap: map } }))).toEqual(map)
    expect(() => readHeightMap(JSON.stringify({ ...map, rows: 3 }))).toThrow()
    expect(() => readHeightMap('{}')).toThrow()
  })
})
