/** Files on their way to the library: two at a time, with progress, each to be given up, each with its own words when it is refused. */
import { type Program, uploadProgram } from '../../../server/api/machines.ts'
import { toSignIn, urlOf } from '../../shared/api.ts'

export type Upload = { id: number; name: string; bytes: number } & (
  | { state: 'waiting' }
  | { state: 'sending'; share: number }
  | { state: 'done'; program: Program; isNew: boolean }
  | { state: 'refused'; reason: 'empty' | 'too-large' | 'not-text' | 'folder' | 'unreachable'; message?: never }
  | { state: 'refused'; reason: 'server'; message: string }
  | { state: 'given-up' }
)

const AT_ONCE = 2
export const MOST_BYTES = uploadProgram.maxBodyBytes ?? 2_000_000_000
/** So much of a file is looked at before it is sent. */
const LOOK_BYTES = 65_536

/**
 * What is plainly no program is not sent at all.
 * @returns why, or nothing
 */
export async function objectionTo(file: Blob): Promise<'empty' | 'too-large' | 'not-text' | 'folder' | undefined> {
  if (file.size === 0) return 'empty'
  if (file.size > MOST_BYTES) return 'too-large'
  try {
    const bytes = new Uint8Array(await file.slice(0, LOOK_BYTES).arrayBuffer())
    return bytes.includes(0) ? 'not-text' : undefined
  } catch {
    // browsers give folders as files that cannot be read
    return 'folder'
  }
}

/** The queue of uploads of a page. */
export class Uploads {
  #list: readonly Upload[] = []
  readonly #files = new Map<number, File>()
  readonly #requests = new Map<number, XMLHttpRequest>()
  readonly #watchers = new Set<() => void>()
  readonly #known: () => ReadonlySet<string>
  readonly #onDone: () => void
  #lastId = 0

  /** @param options.known ids of the programs there are, to tell new ones from those that were there */
  constructor(options: { known: () => ReadonlySet<string>; onDone: () => void }) {
    this.#known = options.known
    this.#onDone = options.onDone
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
  list = (): readonly Upload[] => this.#list

  add(files: Iterable<File>): void {
    for (const file of files) {
      this.#lastId += 1
      const id = this.#lastId
      this.#list = [...this.#list, { id, name: file.name, bytes: file.size, state: 'waiting' }]
      void objectionTo(file).then((reason) => {
        if (reason) this.#become(id, { state: 'refused', reason })
        else this.#files.set(id, file)
        this.#next()
      })
    }
    this.#tell()
  }

  giveUp(id: number): void {
    this.#become(id, { state: 'given-up' })
    this.#requests.get(id)?.abort()
    this.#next()
  }

  /** Takes away what has ended. */
  clear(): void {
    this.#list = this.#list.filter(({ state }) => state === 'waiting' || state === 'sending')
    this.#tell()
  }

  #next(): void {
    while (this.#requests.size < AT_ONCE) {
      const upload = this.#list.find(({ id, state }) => state === 'waiting' && this.#files.has(id))
      if (!upload) return
      this.#send(upload)
    }
  }

  // fetch() tells nothing of how much has gone out
  #send({ id, name }: Upload): void {
    const file = this.#files.get(id)
    if (!file) return
    this.#files.delete(id)
    this.#become(id, { state: 'sending', share: 0 })
    const request = new XMLHttpRequest()
    this.#requests.set(id, request)
    const before = this.#known()
    request.open('POST', urlOf(uploadProgram.path, { query: { name } }))
    request.setRequestHeader('x-cellwright', '1')
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => this.#become(id, { state: 'sending', share: total ? loaded / total : 0 })
    request.onload = () => {
      if (request.status === 401) return toSignIn()
      const body: unknown = request.response
      if (request.status < 300) {
        const program = body as Program
        this.#become(id, { state: 'done', program, isNew: !before.has(program.id) })
        this.#onDone()
      } else this.#become(id, { state: 'refused', reason: 'server', message: messageOf(body, request.status) })
    }
    request.onerror = () => this.#become(id, { state: 'refused', reason: 'unreachable' })
    request.onloadend = () => {
      this.#requests.delete(id)
      this.#next()
    }
    request.send(file)
  }

  #become(id: number, facts: Partial<Upload>): void {
    this.#list = this.#list.map((upload) => (upload.id === id && upload.state !== 'given-up' ? ({ ...upload, ...facts } as Upload) : upload))
    this.#tell()
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher()
  }
}

function messageOf(body: unknown, status: number): string {
  const { detail, title } = (typeof body === 'object' && body !== null ? body : {}) as { detail?: unknown; title?: unknown }
  return String(detail ?? title ?? `The server answered ${status}.`)
}
