/** Several hosts on one database, as the other parts of a gateway see them. README.md says what is promised. */

/** Carries messages between hosts that live now: whoever is not there does not hear them later. */
export interface Bus {
  /** Tells all other hosts; lost where it cannot be sent, without an error. */
  tell(subject: string, body: unknown): void
  on(subject: string, listener: (body: unknown, from: string) => void): void
  /**
   * Asks one host and waits for its answer.
   * @throws what the other side threw; OperationalError `host-unreachable` when it was not sent for certain, `host-silent` when
   * nobody answered in time: it may have been done all the same
   */
  ask(host: string, subject: string, body: unknown, options: { timeoutMs: number }): Promise<unknown>
  /** Answers what other hosts ask; one answer a subject. */
  answer(subject: string, handler: (body: unknown, from: string) => unknown): void
  close(): Promise<void>
}

/** A host as its last sign of life says; ages by the database's clock. */
export interface Host {
  name: string
  version: string | undefined
  /** Where its own pages are. */
  url: string | undefined
  startedAt: Date | undefined
  seenAt: Date
  silentMs: number
  /** `ended`: in good order. `silent`: it has said nothing for so long that it counts as gone. */
  state: 'living' | 'silent' | 'ended'
  clockOffMs: number
  /** Number of the deployment that its flow runtime runs. */
  deployment: number | undefined
}

export interface Hosts {
  /** This host's name. */
  readonly name: string
  readonly bus: Bus
  /** Other hosts live that messages are for. */
  readonly hasOthers: boolean
  /** As known since the last beat. */
  list(): readonly Host[]
  /** Undefined: never heard of. */
  find(name: string): Host | undefined
  /** Silent or ended: what only it could do waits. False while this cannot be judged, and for this host. */
  isGone(name: string): boolean
  /** This host does what one host at a time does: holds connections, lets nodes begin that begin by themselves. */
  readonly leads: boolean
  /** Who leads, as known since the last beat. */
  readonly leader: string | undefined
  /** Told at each change, and once in {@link start}. */
  onLead(listener: (leads: boolean) => void): void
  /** Told at every beat that the database took. */
  onBeat(listener: () => void): void
  /** Told of hosts that are found gone, each once. */
  onGone(listener: (name: string) => void): void
}

const never: Bus = {
  tell: () => {},
  on: () => {},
  ask: () => Promise.reject(new Error('there is no other host to ask')),
  answer: () => {},
  close: async () => {},
}

/** The only host there is. */
export const aloneHost = (name = 'here'): Hosts => ({
  name,
  bus: never,
  hasOthers: false,
  list: () => [],
  find: () => undefined,
  isGone: () => false,
  leads: true,
  leader: name,
  onLead: (listener) => listener(true),
  onBeat: () => {},
  onGone: () => {},
})
