/** What the pages and the worker that reads programs say to each other. */
import type { MachineModel, TimelineData, Toolpath, ToolpathChunk } from '../../../nodes/motion/gcode/index.ts'
import type { ProgramReport } from '../../../server/api/motion.ts'

/** A chunk with what the graphics card needs besides: made in the worker, so that the page never waits for it. */
export interface DrawnChunk extends ToolpathChunk {
  /** Pairs of vertices of cutting, arc and probing segments, and of rapids. */
  feeds: Uint16Array
  rapids: Uint16Array
  /** Way along the chunk to each vertex, mm: for dashes. */
  distances: Float32Array
}
export interface DrawnLevel {
  segments: number
  chunks: DrawnChunk[]
}
export interface DrawnPath extends Omit<Toolpath, 'levels'> {
  levels: DrawnLevel[]
}

export type ToWorker =
  | { type: 'open'; url: string; bytes: number }
  /** Reads the program for a machine; a later one takes the place of an earlier one. */
  | { type: 'read'; id: number; model: MachineModel }
  | { type: 'lines'; id: number; from: number; count: number }

export type FromWorker =
  | { type: 'progress'; what: 'load' | 'read'; share: number }
  /** All bytes are here. `isKept` false: the file is larger than a browser should keep, its lines come from the server. */
  | { type: 'opened'; lines: number; isKept: boolean }
  /** First the picture, then what takes longer: times and findings. */
  | { type: 'path'; id: number; path: DrawnPath }
  | { type: 'report'; id: number; report: ProgramReport; timeline: TimelineData }
  | { type: 'lines'; id: number; from: number; lines: string[] }
  | { type: 'failed'; code: 'unreachable' | 'refused' | 'broken'; message: string }
