/** A program that is being read by its worker: how far it is, what came of it, and its lines. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { MachineModel, TimelineData } from '../../../nodes/motion/gcode/index.ts'
import { getProgramText, type Program } from '../../../server/api/machines.ts'
import { getProgramFile, type ProgramReport } from '../../../server/api/motion.ts'
import { call, urlOf } from '../../shared/api.ts'
import type { DrawnPath, FromWorker, ToWorker } from './messages.ts'

/** Lines are fetched in pieces of so many. */
const PAGE = 200
/** So many pieces are kept. */
const MOST_PAGES = 60

/** The lines of a program, as far as they are here; asks for those that are not. */
export class LineStore {
  #pages = new Map<number, string[]>()
  #asked = new Set<number>()
  #watchers = new Set<() => void>()
  #version = 0
  readonly #fetch: (from: number, count: number) => Promise<string[]>

  constructor(fetch: (from: number, count: number) => Promise<string[]>) {
    this.#fetch = fetch
  }

  /** The text of a 1-based line; undefined while it is on its way. */
  line(number: number): string | undefined {
    return this.#pages.get(Math.floor((number - 1) / PAGE))?.[(number - 1) % PAGE]
  }

  /** Makes sure that these lines come. */
  want(from: number, to: number): void {
    for (let page = Math.floor(Math.max(0, from - 1) / PAGE); page <= Math.floor(Math.max(0, to - 1) / PAGE); page += 1) {
      if (this.#pages.has(page) || this.#asked.has(page)) continue
      this.#asked.add(page)
      this.#fetch(page * PAGE + 1, PAGE).then(
        (lines) => {
          this.#asked.delete(page)
          this.#pages.set(page, lines)
          const [oldest] = this.#pages.keys()
          if (this.#pages.size > MOST_PAGES && oldest !== undefined) this.#pages.delete(oldest)
          this.#version += 1
          for (const watcher of this.#watchers) watcher()
        },
        // asked again when it is wanted again
        () => this.#asked.delete(page),
      )
    }
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
  version = (): number => this.#version
}

export function useLines(store: LineStore): LineStore {
  useSyncExternalStore(store.watch, store.version)
  return store
}

/** How far the worker is; of its own, so that news of it renders nothing else. */
export class Progress {
  #now: { what: 'load' | 'read'; share: number } | undefined = { what: 'load', share: 0 }
  readonly #watchers = new Set<() => void>()
  set(now: { what: 'load' | 'read'; share: number } | undefined): void {
    this.#now = now
    for (const watcher of this.#watchers) watcher()
  }
  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
  /** Undefined when nothing is being done. */
  now = () => this.#now
}

export interface ReadProgram {
  progress: Progress
  /** Of the machine asked for last; an older one stays until then. */
  path: DrawnPath | undefined
  report: ProgramReport | undefined
  timeline: TimelineData | undefined
  lines: LineStore
  totalLines: number
  error: string | undefined
}

/**
 * Opens a program in a worker of its own and reads it for a machine, anew whenever `key` changes.
 * @param model undefined while it is not known yet for which machine
 */
export function useProgram(program: Program, model: MachineModel | undefined, key: string): ReadProgram {
  const worker = useRef<Worker>(undefined)
  const lastId = useRef(0)
  const [progress] = useState(() => new Progress())
  const [path, setPath] = useState<DrawnPath>()
  const [known, setKnown] = useState<{ report: ProgramReport; timeline: TimelineData }>()
  const [totalLines, setTotalLines] = useState(program.lines)
  const [error, setError] = useState<string>()
  const [lines, setLines] = useState(() => new LineStore(async () => []))
  const { id: programId, bytes } = program

  useEffect(() => {
    const made = new Worker(new URL('./program.worker.ts', import.meta.url), { type: 'module' })
    const waiting = new Map<number, (lines: string[]) => void>()
    const send = (message: ToWorker) => made.postMessage(message)
    let isKept = true
    let opened: () => void = () => {}
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve
    })
    const fail = (message: string) => {
      setError(message)
      progress.set(undefined)
    }
    worker.current = made
    made.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      switch (data.type) {
        case 'progress':
          progress.set({ what: data.what, share: data.share })
          return
        case 'opened':
          isKept = data.isKept
          setTotalLines(data.lines)
          progress.set({ what: 'read', share: 0 })
          opened()
          return
        case 'path':
          setPath(data.path)
          return
        case 'report':
          setKnown(data)
          if (data.id === lastId.current) progress.set(undefined)
          return
        case 'lines':
          waiting.get(data.id)?.(data.lines)
          waiting.delete(data.id)
          return
        case 'failed':
          fail(data.message)
          return
        default:
          data satisfies never
      }
    }
    made.onerror = (event) => fail(event.message || 'The worker that reads programs failed.')
    let lineId = 0
    setLines(
      new LineStore(async (from, count) => {
        await isOpen
        if (!isKept) return (await call(getProgramText, { params: { programId }, query: { from, count } })).lines
        lineId += 1
        const id = lineId
        return new Promise((resolve) => {
          waiting.set(id, resolve)
          send({ type: 'lines', id, from, count })
        })
      }),
    )
    setPath(undefined)
    setKnown(undefined)
    setError(undefined)
    progress.set({ what: 'load', share: 0 })
    send({ type: 'open', url: urlOf(getProgramFile.path, { params: { programId } }), bytes })
    return () => {
      made.terminate()
      worker.current = undefined
    }
  }, [programId, bytes, progress])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says whether the model means another picture; the program a new worker
  useEffect(() => {
    if (!model) return
    lastId.current += 1
    worker.current?.postMessage({ type: 'read', id: lastId.current, model } satisfies ToWorker)
  }, [key, model === undefined, programId])

  return { progress, path, report: known?.report, timeline: known?.timeline, lines, totalLines, error }
}
