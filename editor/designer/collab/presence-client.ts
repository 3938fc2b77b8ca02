/** Tells the others what this window looks at and works on, and knows what they told. One for the page. */
import { leavePresence, PRESENCE_EVERY_MS, PRESENCE_MAX_CHANGED, type Present, tellPresence } from '../../../server/api/together.ts'
import { ApiError, call, urlOf } from '../../shared/api.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import type { Workspace } from '../workspace.ts'

const GATHER_MS = 400
const MOST_SELECTED = 100

export class PresenceClient {
  readonly client = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  readonly #workspace: Workspace
  readonly #host: DesignerHost
  readonly #listeners = new Set<() => void>()
  #people: readonly Present[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #beat: ReturnType<typeof setInterval> | undefined
  #ends: (() => void)[] = []

  constructor(host: DesignerHost) {
    this.#host = host
    this.#workspace = host.workspace
  }

  /** Everybody else, other windows of this person too. The same array until something changes. */
  get people(): readonly Present[] {
    return this.#people
  }

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  heard(everybody: readonly Present[]): void {
    this.#people = everybody.filter(({ client }) => client !== this.client)
    for (const listener of [...this.#listeners]) listener()
  }

  start(): void {
    for (const event of ['model', 'place', 'selection'] as const) this.#ends.push(this.#workspace.on(event, () => this.touch()))
    this.#ends.push(this.#host.onEdited(() => this.touch()))
    this.#beat = setInterval(() => void this.#tell(), PRESENCE_EVERY_MS)
    this.touch()
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end()
    clearTimeout(this.#timer)
    clearInterval(this.#beat)
    this.leave()
  }

  /** The page goes: no answer will be read. */
  leave(): void {
    void fetch(urlOf(leavePresence.path, { params: { client: this.client } }), {
      method: 'DELETE',
      keepalive: true,
      credentials: 'same-origin',
      headers: { 'x-cellwright': '1' },
    }).catch(() => undefined)
  }

  /** Something that the others see has changed. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, GATHER_MS)
  }

  async #tell(): Promise<void> {
    const { model, place, selection } = this.#workspace
    const { dirty } = model
    const editing = this.#host.edited
    const isId = (id: string) => id !== '' && id.length <= 100 && !id.includes('\0')
    try {
      await call(tellPresence, {
        params: { client: this.client },
        body: {
          ...(place === undefined ? {} : { place }),
          ...(editing === undefined || !isId(editing) ? {} : { editing }),
          nodes: [...selection].filter(isId).slice(0, MOST_SELECTED),
          changed: [...dirty].filter(isId).slice(0, PRESENCE_MAX_CHANGED),
          changes: dirty.size,
        },
      })
    } catch (error) {
      // the next beat tells again; the banner for a lost line says the rest
      if (!(error instanceof ApiError)) throw error
    }
  }
}
