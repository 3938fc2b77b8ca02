/** Makes a toolpath ready for the graphics card: which segments are cuts, which rapids, and how far along the path each vertex is. */
import { segmentIndex, type Toolpath, type ToolpathChunk } from '../../../nodes/motion/gcode/index.ts'
import type { DrawnChunk, DrawnPath } from './messages.ts'

export function drawn(path: Toolpath): DrawnPath {
  return { ...path, levels: path.levels.map(({ segments, chunks }) => ({ segments, chunks: chunks.map(drawnChunk) })) }
}

function drawnChunk(chunk: ToolpathChunk): DrawnChunk {
  const { count, positions } = chunk
  const distances = new Float32Array(count)
  for (let i = 1; i < count; i += 1) {
    const dx = (positions[3 * i] as number) - (positions[3 * i - 3] as number)
    const dy = (positions[3 * i + 1] as number) - (positions[3 * i - 2] as number)
    const dz = (positions[3 * i + 2] as number) - (positions[3 * i - 1] as number)
    distances[i] = (distances[i - 1] as number) + Math.sqrt(dx * dx + dy * dy + dz * dz)
  }
  return { ...chunk, distances, feeds: segmentIndex(chunk, ['feed', 'arc', 'probe']), rapids: segmentIndex(chunk, ['rapid']) }
}

/** What goes to the page without being copied. */
export function buffersOf({ levels }: DrawnPath): ArrayBuffer[] {
  return levels.flatMap(({ chunks }) =>
    chunks.flatMap((chunk) =>
      [chunk.positions, chunk.lines, chunk.kinds, chunk.feeds, chunk.rapids, chunk.distances].map(({ buffer }) => buffer as ArrayBuffer),
    ),
  )
}
