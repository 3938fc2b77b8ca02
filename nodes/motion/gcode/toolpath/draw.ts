/** Questions a drawing asks of a toolpath. */
import { SEGMENT_KINDS, type SegmentKind, type Toolpath, type ToolpathChunk, type ToolpathLevel } from './contract.ts'

const JUMP = SEGMENT_KINDS.indexOf('jump')

/**
 * Pairs of vertex numbers for the segments of some kinds: an index buffer for `LineSegments` over the chunk's positions.
 * In the order of the program, so that a draw range shows a part of it.
 */
export function segmentIndex(chunk: ToolpathChunk, kinds: readonly SegmentKind[]): Uint16Array {
  const isWanted = SEGMENT_KINDS.map((kind) => kinds.includes(kind))
  let count = 0
  for (let i = 1; i < chunk.count; i += 1) if (isWanted[chunk.kinds[i] as number]) count += 1
  const index = new Uint16Array(2 * count)
  let at = 0
  for (let i = 1; i < chunk.count; i += 1) {
    if (!isWanted[chunk.kinds[i] as number]) continue
    index[at++] = i - 1
    index[at++] = i
  }
  return index
}

/**
 * How many vertices of each chunk are reached when a source line is done. In a program with loops or subprograms
 * (`isTopDown` false) it is the last time the line runs.
 */
export function verticesDone(path: Pick<Toolpath, 'isTopDown'>, level: ToolpathLevel, line: number): number[] {
  const { chunks } = level
  if (path.isTopDown) return chunks.map((chunk) => countUpTo(chunk, line))
  let last = -1
  chunks.forEach((chunk, index) => {
    if (chunk.lines.lastIndexOf(line) >= 0) last = index
  })
  return chunks.map((chunk, index) => (index < last ? chunk.count : index > last ? 0 : chunk.lines.lastIndexOf(line) + 1))
}

/** The segments of one source line: in each chunk the vertex before the first and the last one; nothing where there are none. */
export function segmentsOfLine(level: ToolpathLevel, line: number): { chunk: number; from: number; to: number }[] {
  return level.chunks.flatMap((chunk, index) => {
    const runs: { chunk: number; from: number; to: number }[] = []
    for (let at = chunk.lines.indexOf(line, 1); at > 0 && at < chunk.count; at = chunk.lines.indexOf(line, at + 1)) {
      let to = at
      while (to + 1 < chunk.count && chunk.lines[to + 1] === line) to += 1
      const from = chunk.kinds[at] === JUMP ? at : at - 1
      if (to > from) runs.push({ chunk: index, from, to })
      at = to
    }
    return runs
  })
}

/** The buffers to transfer with `postMessage(path, transferables(path))`. */
export function transferables(path: Toolpath): ArrayBuffer[] {
  return path.levels.flatMap((level) =>
    level.chunks.flatMap((chunk) => [chunk.positions.buffer, chunk.lines.buffer, chunk.kinds.buffer].map((buffer) => buffer as ArrayBuffer)),
  )
}

/** Vertices whose line is at most this one, where lines only go up. */
function countUpTo(chunk: ToolpathChunk, line: number): number {
  let low = 0
  let high = chunk.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((chunk.lines[middle] as number) <= line) low = middle + 1
    else high = middle
  }
  return low
}
