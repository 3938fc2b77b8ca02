import { describe, expect, it } from 'vitest'
import { createToolpath, readProgram } from '../../../nodes/motion/gcode/index.ts'
import { anyMachine } from '../model.ts'
import { drawn } from '../worker/draw.ts'
import { lengthOf, lineAt, nearestLine, pairsDone, placeOfLine, pointAt, segmentsAt, vertexAt } from './place.ts'

function pathOf(program: string) {
  const model = anyMachine()
  const toolpath = createToolpath(model)
  const reader = readProgram(model, toolpath.listener)
  reader.add(new TextEncoder().encode(program))
  reader.end()
  return drawn(toolpath.end())
}

const path = pathOf('G21 G90\nG0 X10 Y0\n(nothing)\nG1 X10 Y10 F300\nG1 X0 Y10\nM30\n')
const [level] = path.levels

describe('places along a path', () => {
  it('lead from a line to the place where it is done, and back', () => {
    const place = placeOfLine(path, 4)
    expect(lineAt(level!, place)).toBe(4)
    expect(pointAt(level!, place)).toEqual([10, 10, 0])
  })

  it('take a line without a move for the move before it', () => {
    expect(lineAt(level!, placeOfLine(path, 3))).toBe(2)
    expect(placeOfLine(path, 6)).toBe(lengthOf(level!))
  })

  it('end at the end', () => {
    expect(pointAt(level!, 10_000)).toEqual([0, 10, 0])
    expect(vertexAt({ segments: 0, chunks: [] }, 1)).toBeUndefined()
  })

  it('give the segments of one line as pairs of points', () => {
    expect([...segmentsAt(level!, 5)]).toEqual([10, 10, 0, 0, 10, 0])
    expect(segmentsAt(level!, 3)).toHaveLength(0)
  })

  it('find the line under a finger, and none beside the path', () => {
    const project = (x: number, y: number): [number, number] => [x * 10, y * 10]
    expect(nearestLine(level!, [98, 50], 9, project)).toBe(4)
    expect(nearestLine(level!, [50, 50], 9, project)).toBeUndefined()
  })

  it('tell rapids from cuts, each pair whole', () => {
    const [chunk] = level!.chunks
    expect(chunk!.rapids).toHaveLength(2)
    expect(chunk!.feeds).toHaveLength(4)
    expect(pairsDone(chunk!.feeds, chunk!.count)).toBe(4)
    expect(pairsDone(chunk!.feeds, chunk!.count - 1)).toBe(2)
    expect(pairsDone(chunk!.feeds, 0)).toBe(0)
  })

  it('measure the way along the path for dashes', () => {
    const [chunk] = level!.chunks
    expect(chunk!.distances.at(-1)).toBeCloseTo(30, 3)
  })
})
