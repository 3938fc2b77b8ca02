/**
 * Reads a program beside the page: fetches its bytes, keeps them, interprets them for a machine, and hands over the drawing, then
 * the report. Works in slices, so that a newer wish takes the place of an older one at once.
 */
import {
  createProgramReport,
  createToolpath,
  type MachineModel,
  type ProgramFacts,
  type ProgramListener,
  readProgram,
} from '../../../nodes/motion/gcode/index.ts'
import { buffersOf, drawn } from './draw.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { StoredProgram } from './stored-program.ts'

const SLICE_BYTES = 512 * 1024
/** So long it reads before it looks for messages. */
const SLICE_MS = 20
/** News of how far it is, at most so often. */
const TELL_EVERY_MS = 100

const scope = globalThis as unknown as {
  postMessage: (message: FromWorker, transfer?: Transferable[]) => void
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null
}

let program = new StoredProgram()
let source: { url: string; bytes: number } | undefined
let isLoaded = false
/** The read that is wanted; another one ends the one at work. */
let wanted: { id: number; model: MachineModel } | undefined
let isReading = false

const tell = (message: FromWorker, transfer: Transferable[] = []) => scope.postMessage(message, transfer)

let toldAt = 0
function progress(what: 'load' | 'read', share: number): void {
  const now = performance.now()
  if (now - toldAt < TELL_EVERY_MS) return
  toldAt = now
  tell({ type: 'progress', what, share: Math.min(1, share) })
}

/** Lets messages in. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

class Refused extends Error {}

/** The bytes of the file, piece by piece. @throws Refused when the server says no */
async function* fetched({ url }: { url: string }): AsyncGenerator<Uint8Array> {
  const response = await fetch(url, { credentials: 'same-origin', headers: { 'x-cellwright': '1' } })
  if (!response.ok || !response.body) {
    const problem = (await response.json().catch(() => undefined)) as { detail?: string } | undefined
    throw new Refused(problem?.detail ?? `The server answered ${response.status}.`)
  }
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

function failed(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  tell({ type: 'failed', code: error instanceof Refused ? 'refused' : error instanceof TypeError ? 'unreachable' : 'broken', message })
}

async function open(where: { url: string; bytes: number }): Promise<void> {
  source = where
  program = new StoredProgram()
  isLoaded = false
  try {
    for await (const piece of fetched(where)) {
      program.add(piece)
      progress('load', program.bytes / Math.max(1, where.bytes))
    }
    isLoaded = true
    tell({ type: 'opened', lines: program.lines, isKept: program.isKept })
    void readWanted()
  } catch (error) {
    failed(error)
  }
}

/** The kept bytes in slices; of a file that is too large to keep, the server's bytes once more. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  if (!program.isKept) {
    if (source) yield* fetched(source)
    return
  }
  for (const piece of program.pieces) {
    for (let at = 0; at < piece.length; at += SLICE_BYTES) yield piece.subarray(at, at + SLICE_BYTES)
  }
}

/**
 * One pass over the program.
 * @returns what is known at its end; nothing when something else is wanted meanwhile
 */
async function pass(id: number, model: MachineModel, listener: ProgramListener): Promise<ProgramFacts | undefined> {
  const reader = readProgram(model, listener)
  let read = 0
  let restAt = performance.now() + SLICE_MS
  for await (const piece of pieces()) {
    reader.add(piece)
    read += piece.length
    progress('read', read / Math.max(1, program.bytes))
    if (performance.now() < restAt) continue
    await breathe()
    restAt = performance.now() + SLICE_MS
    if (wanted?.id !== id) return undefined
  }
  return reader.end()
}

async function readWanted(): Promise<void> {
  if (!isLoaded || isReading) return
  isReading = true
  try {
    while (wanted) {
      const { id, model } = wanted
      const toolpath = createToolpath(model)
      if (!(await pass(id, model, toolpath.listener))) continue
      const path = drawn(toolpath.end())
      tell({ type: 'path', id, path }, buffersOf(path))
      const report = createProgramReport(model)
      const facts = await pass(id, model, report.listener)
      if (!facts) continue
      tell({ type: 'report', id, report: report.finish(facts), timeline: report.timeline.bySourceLine })
      if (wanted?.id === id) wanted = undefined
    }
  } catch (error) {
    wanted = undefined
    failed(error)
  } finally {
    isReading = false
  }
}

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case 'open':
      void open(data)
      return
    case 'read':
      wanted = { id: data.id, model: data.model }
      void readWanted()
      return
    case 'lines':
      tell({ type: 'lines', id: data.id, from: data.from, lines: program.isKept ? program.text(data.from, data.count) : [] })
      return
    default:
      data satisfies never
  }
}
