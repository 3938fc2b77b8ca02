import { describe, expect, it } from 'vitest'
import { EXAMPLE_CSV, readCsv } from './from-csv.ts'

const linesOf = (content: string) => {
  const read = readCsv(content)
  if ('problem' in read) throw new Error(read.problem)
  return read.lines
}

describe('a list of characteristics as CSV', () => {
  it('reads its own example whole', () => {
    const lines = linesOf(EXAMPLE_CSV)
    expect(lines.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined])
    expect(lines[0]?.definition).toMatchObject({ name: 'Bore diameter', part: 'A-1001', lower: 10, upper: 10.015, chart: { kind: 'xbar-r', subgroupSize: 5 } })
    expect(lines[2]?.definition).toMatchObject({ nominal: null, upper: 4, unit: '', chart: { kind: 'c' } })
  })

  it('takes semicolons, decimal commas, German names and deviations', () => {
    const [line] = linesOf('\uFEFFMerkmal;Nennmaß;Plus;Minus\r\n"Länge; außen";48,5;0,1;-0,05\r\n')
    expect(line?.definition).toMatchObject({ name: 'Länge; außen', nominal: 48.5, upper: 48.6, lower: 48.45 })
  })

  it('says by line what is wrong, and reads the others', () => {
    const lines = linesOf('name,nominal,lower,upper,chart,subgroup\na,ten,,,,\nb,1,2,1,,\nc,1,,,pie,\n,1,,,,\n\nd,1,,,xbar-r,1\ne,,,,,\nf,1,,,,\n')
    expect(lines.map(({ line, problem }) => [line, problem?.code])).toEqual([
      [2, 'number'],
      [3, 'reversed'],
      [4, 'kind'],
      [5, 'noName'],
      [7, 'subgroup'],
      [8, 'nominal'],
      [9, undefined],
    ])
  })

  it('refuses a file without a column of names or without lines', () => {
    expect(readCsv('')).toEqual({ problem: 'empty' })
    expect(readCsv('name,nominal\n')).toEqual({ problem: 'empty' })
    expect(readCsv('1,2,3\n4,5,6\n')).toEqual({ problem: 'noColumns' })
  })
})
